"""Confidence against result: the Brier score, and a small table that says where it comes from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from mockint.history.overview import ConfidenceTally
from mockint.reports.shapes import Bin, Calibration

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def tallied(confidence: float, score: float) -> ConfidenceTally:
    """One attempt."""
    return ConfidenceTally(confidence, 1, score, score * score, (confidence - score) ** 2)


def calibration(tallies: Sequence[ConfidenceTally]) -> Calibration | None:
    """None when no confidence was given before a graded attempt."""
    count = sum(tally.graded for tally in tallies)
    if not count:
        return None
    confidence = _sum(tally.confidence * tally.graded for tally in tallies) / count
    score = _sum(tally.total for tally in tallies) / count
    bins = [_bin(tallies, low, high) for low, high in itertools.pairwise(EDGES)]
    return Calibration(
        count=count,
        brier=_share(_sum(tally.missed for tally in tallies) / count),
        baseline=_share(_sum(tally.squares for tally in tallies) / count - score * score),
        bias=round(confidence - score, 6),
        confidence=_share(confidence),
        score=_share(score),
        bins=[one for one in bins if one is not None],
    )


def _bin(tallies: Sequence[ConfidenceTally], low: float, high: float) -> Bin | None:
    inside = [tally for tally in tallies if low <= tally.confidence < high or tally.confidence == high == EDGES[-1]]
    count = sum(tally.graded for tally in inside)
    if not count:
        return None
    confidence = _sum(tally.confidence * tally.graded for tally in inside) / count
    score = _sum(tally.total for tally in inside) / count
    return Bin(low=low, high=high, count=count, confidence=_share(confidence), score=_share(score))


def _sum(values: Iterable[float]) -> float:
    """Whatever the order in which they are added, and were added before."""
    return round(math.fsum(values), 9)


def _share(value: float) -> float:
    """Rounded, and back inside 0..1 when sums of floats left it by a hair."""
    return min(1.0, max(0.0, round(value, 6)))
