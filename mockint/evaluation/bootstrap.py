"""How sure a figure is: the percentile bootstrap over questions, since answers to one question are not independent.

A figure is computed from *units*: the rows, or the sums over the rows, of one question. A resample draws as many units
with replacement. A figure that is not defined (one class only, nothing varies) is `nan`, never a made-up 0.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
FEW_QUESTIONS = 8
"""Below this many questions, resampling them says nothing: answers are resampled instead."""


@dataclass(frozen=True)
class Figure:
    """A figure, its 95 % interval, and how many things (answers, criteria, questions) it is taken over."""

    value: float
    low: float = math.nan
    high: float = math.nan
    n: int = 0


def grouped(rows: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """The rows of each key together, keys in order of first sight."""
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.values())


def resampling_units(rows: Sequence[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """The rows by question; each row on its own when there are fewer than FEW_QUESTIONS questions."""
    groups = grouped(rows, key)
    return groups if len(groups) >= FEW_QUESTIONS else [[row] for row in rows]


def interval(
    units: Sequence[T], figure: Callable[[Sequence[T]], float], *, resamples: int, seed: int = 0
) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the figure. Same seed, same interval, on every machine."""
    if len(units) < 2:
        return math.nan, math.nan
    drawn = random.Random(seed)
    values = (figure(drawn.choices(units, k=len(units))) for _ in range(resamples))
    ordered = sorted(value for value in values if not math.isnan(value))
    if not ordered:
        return math.nan, math.nan
    return _quantile(ordered, 0.025), _quantile(ordered, 0.975)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Bootstrap:
    """How many times to draw, and the seed of the draws."""

    resamples: int
    seed: int

    def figure(self, units: Sequence[T], figure: Callable[[Sequence[T]], float], n: int) -> Figure:
        value = figure(units) if units else math.nan
        if math.isnan(value):
            return Figure(math.nan, n=n)
        low, high = interval(units, figure, resamples=self.resamples, seed=self.seed)
        return Figure(value, low, high, n)


def share_figure(rows: Sequence[tuple[Hashable, bool]], *, resamples: int, seed: int = 0) -> Figure:
    """The share of yes over (question, yes or no)."""
    groups = resampling_units(rows, lambda row: row[0])
    units = [(sum(yes for _, yes in group), len(group)) for group in groups]
    return Bootstrap(resamples, seed).figure(
        units, lambda drawn: sum(yes for yes, _ in drawn) / sum(n for _, n in drawn), len(rows)
    )
