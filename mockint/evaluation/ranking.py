"""How well strengths rank the yes above the no: AUC (Mann-Whitney, ties count half) and average precision.

Average precision takes ties together, as scikit-learn does: with many equal strengths, one that follows the order of
the file would measure the file.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from mockint.evaluation.bootstrap import Bootstrap, Figure, resampling_units


@dataclass(frozen=True)
class Ranked:
    """One thing with a yes or no from a person, and the grader's strength for yes."""

    question: Hashable
    strength: float
    positive: bool


def ranking_figures(rows: Sequence[Ranked], *, resamples: int, seed: int = 0) -> dict[str, Figure]:
    """auc: the chance that a yes is ranked above a no (ties count half). ap: average precision."""
    if not rows:
        return {}
    place = {strength: rank for rank, strength in enumerate(sorted({row.strength for row in rows}))}
    groups = resampling_units(rows, lambda row: row.question)
    units = [[(place[row.strength], row.positive) for row in group] for group in groups]
    draw = Bootstrap(resamples, seed)
    size = len(place)
    return {
        "auc": draw.figure(units, lambda drawn: _auc(drawn, size), len(rows)),
        "ap": draw.figure(units, lambda drawn: _average_precision(drawn, size), len(rows)),
    }


_Units = Sequence[Sequence[tuple[int, bool]]]


def _by_rank(units: _Units, size: int) -> tuple[list[int], list[int]]:
    """How many yes and how many no stand on each rank, lowest first."""
    yes, no = [0] * size, [0] * size
    for unit in units:
        for rank, positive in unit:
            (yes if positive else no)[rank] += 1
    return yes, no


def _auc(units: _Units, size: int) -> float:
    yes, no = _by_rank(units, size)
    below = won = 0.0
    for positives, negatives in zip(yes, no, strict=True):
        won += positives * (below + negatives / 2)
        below += negatives
    positives = sum(yes)
    return won / (positives * below) if positives and below else math.nan


def _average_precision(units: _Units, size: int) -> float:
    yes, no = _by_rank(units, size)
    found = seen = 0
    total = 0.0
    for positives, negatives in zip(reversed(yes), reversed(no), strict=True):
        found += positives
        seen += positives + negatives
        if positives:
            total += positives * found / seen
    return total / found if found else math.nan
