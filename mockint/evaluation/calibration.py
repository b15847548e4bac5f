"""Does confidence mean something: how often verdicts are right, against how sure the grader was of them.

Pure functions on (confidence 0..1, whether the verdict is right).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True)
class ReliabilityBin:
    """The verdicts with a confidence above `low` and up to `high`; those of 0 are in the first bin. All shares 0..1."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def reliability(verdicts: Iterable[tuple[float, bool]], *, bins: int = BINS) -> list[ReliabilityBin]:
    """The bins that hold anything, from unsure to sure."""
    inside: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in verdicts:
        inside[_bin(confidence, bins)].append((confidence, right))
    return [
        ReliabilityBin(
            low=place / bins,
            high=(place + 1) / bins,
            n=len(group),
            confidence=math.fsum(confidence for confidence, _ in group) / len(group),
            right=sum(right for _, right in group) / len(group),
        )
        for place, group in sorted(inside.items())
    ]


def _bin(confidence: float, bins: int) -> int:
    """Rounded first: .7 * 10 is a hair above 7."""
    return min(bins - 1, max(0, math.ceil(round(confidence * bins, 6)) - 1))


def expected_calibration_error(table: Sequence[ReliabilityBin]) -> float:
    """sum over the bins of n / N * |share right - mean confidence|, 0..1; nan when there is nothing.

    Naeini, Cooper and Hauskrecht, AAAI 2015; with bins open below, as in Guo et al., ICML 2017, section 2.
    """
    total = sum(one.n for one in table)
    if not total:
        return math.nan
    return math.fsum(one.n * abs(one.right - one.confidence) for one in table) / total
