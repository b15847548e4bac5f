"""Agreement on scores: Pearson r pooled and within questions, mean error, RMSE before and after calibration, QWK."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from mockint.evaluation.bootstrap import Bootstrap, Figure, grouped, resampling_units

BINS = 5
MIN_ANSWERS = 5
"""A question takes part in the within-question r from this many answers on."""
_CONSTANT = 1e-9


def pearson(predicted: Sequence[float], gold: Sequence[float]) -> float:
    """nan when either does not vary."""
    if len(gold) < 2:
        return math.nan
    mean_p, mean_g = math.fsum(predicted) / len(predicted), math.fsum(gold) / len(gold)
    spp = math.fsum((p - mean_p) ** 2 for p in predicted)
    sgg = math.fsum((g - mean_g) ** 2 for g in gold)
    if math.sqrt(spp / len(gold)) < _CONSTANT or math.sqrt(sgg / len(gold)) < _CONSTANT:
        return math.nan
    spg = math.fsum((p - mean_p) * (g - mean_g) for p, g in zip(predicted, gold, strict=True))
    return spg / math.sqrt(spp * sgg)


@dataclass(frozen=True)
class Scored:
    """One answer: the question it belongs to, the grader's score and the person's, both 0..1."""

    question: Hashable
    predicted: float
    gold: float


def within_question(rows: Sequence[Scored]) -> list[float]:
    """Pearson r of every question with at least MIN_ANSWERS answers on which the person's scores differ.

    A grader that gives all of them the same score has ranked nothing: that question counts 0.
    """
    found = []
    for group in grouped(rows, lambda row: row.question):
        if len(group) < MIN_ANSWERS or not _varies([row.gold for row in group]):
            continue
        r = pearson([row.predicted for row in group], [row.gold for row in group])
        found.append(0.0 if math.isnan(r) else r)
    return found


def _varies(values: Sequence[float]) -> bool:
    return max(values) - min(values) > _CONSTANT


@dataclass(frozen=True)
class _Moments:
    """What one question adds to the pooled figures; p and g are taken from the means of the whole set."""

    n: int
    p: float
    g: float
    pp: float
    gg: float
    pg: float
    squares: float
    distance: float
    bins: Counter[tuple[int, int]]


def _sums(group: Sequence[Scored], mean_p: float, mean_g: float) -> _Moments:
    pairs = [(row.predicted - mean_p, row.gold - mean_g) for row in group]
    return _Moments(
        n=len(group),
        p=math.fsum(p for p, _ in pairs),
        g=math.fsum(g for _, g in pairs),
        pp=math.fsum(p * p for p, _ in pairs),
        gg=math.fsum(g * g for _, g in pairs),
        pg=math.fsum(p * g for p, g in pairs),
        squares=math.fsum((_unit(row.predicted) - row.gold) ** 2 for row in group),
        distance=math.fsum(abs(_unit(row.predicted) - row.gold) for row in group),
        bins=Counter((_bin(row.gold), _bin(_unit(row.predicted))) for row in group),
    )


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def _bin(value: float) -> int:
    return min(BINS - 1, max(0, math.floor(value * (BINS - 1) + 0.5)))


def _pooled_r(units: Sequence[_Moments]) -> float:
    n, p, g, pp, gg, pg = _moments(units)
    var_p, var_g = pp - p * p / n, gg - g * g / n
    if var_p / n < _CONSTANT**2 or var_g / n < _CONSTANT**2:
        return math.nan
    return (pg - p * g / n) / math.sqrt(var_p * var_g)


def _moments(units: Sequence[_Moments]) -> tuple[int, float, float, float, float, float]:
    return (
        sum(unit.n for unit in units),
        sum(unit.p for unit in units),
        sum(unit.g for unit in units),
        sum(unit.pp for unit in units),
        sum(unit.gg for unit in units),
        sum(unit.pg for unit in units),
    )


def _rmse(units: Sequence[_Moments]) -> float:
    return math.sqrt(sum(unit.squares for unit in units) / sum(unit.n for unit in units))


def _mean_distance(units: Sequence[_Moments]) -> float:
    return sum(unit.distance for unit in units) / sum(unit.n for unit in units)


def _qwk(units: Sequence[_Moments]) -> float:
    table: Counter[tuple[int, int]] = Counter()
    for unit in units:
        for cell, count in unit.bins.items():
            table[cell] += count
    return quadratic_kappa(table)


def quadratic_kappa(table: Mapping[tuple[int, int], int]) -> float:
    """Kappa with quadratic weights over (the person's bin, the grader's bin); nan when all stand in one bin."""
    gold: Counter[int] = Counter()
    said: Counter[int] = Counter()
    for (theirs, ours), count in table.items():
        gold[theirs] += count
        said[ours] += count
    total = sum(gold.values())
    seen = sum(count * (theirs - ours) ** 2 for (theirs, ours), count in table.items())
    chance = sum(a * b * (i - j) ** 2 for i, a in gold.items() for j, b in said.items()) / total if total else 0.0
    return 1 - seen / chance if chance > 0 else math.nan


def calibrated_rmse(rows: Sequence[Scored]) -> float:
    """RMSE after the best straight line from the grader's score to the person's, clipped to 0..1.

    The line is fitted on these same answers, so this is the floor of what a new scale could reach, not a forecast.
    """
    predicted, gold = [row.predicted for row in rows], [row.gold for row in rows]
    slope, offset = _line(predicted, gold)
    return math.sqrt(
        math.fsum((_unit(slope * p + offset) - g) ** 2 for p, g in zip(predicted, gold, strict=True)) / len(rows)
    )


def _line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    mean_x, mean_y = math.fsum(x) / len(x), math.fsum(y) / len(y)
    sxx = math.fsum((value - mean_x) ** 2 for value in x)
    if math.sqrt(sxx / len(x)) < _CONSTANT:
        return 0.0, mean_y
    slope = math.fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sxx
    return slope, mean_y - slope * mean_x


def score_figures(rows: Sequence[Scored], *, resamples: int, seed: int = 0) -> dict[str, Figure]:
    """r, within_r, rmse, rmse_calibrated and qwk of the answers. Empty for no answers."""
    if not rows:
        return {}
    n, groups = len(rows), resampling_units(rows, lambda row: row.question)
    sums = _sums_of(rows, groups)
    within = within_question(rows)
    draw = Bootstrap(resamples, seed)
    return {
        "r": draw.figure(sums, _pooled_r, n),
        "within_r": draw.figure(within, _mean, len(within)),
        "rmse": draw.figure(sums, _rmse, n),
        "rmse_calibrated": draw.figure(groups, lambda drawn: calibrated_rmse([r for g in drawn for r in g]), n),
        "qwk": draw.figure(sums, _qwk, n),
    }


def r_and_error(rows: Sequence[Scored], *, resamples: int, seed: int = 0) -> tuple[Figure, Figure]:
    """Pearson r over all answers, and the mean absolute difference of the two scores."""
    sums = _sums_of(rows, resampling_units(rows, lambda row: row.question)) if rows else []
    draw = Bootstrap(resamples, seed)
    return draw.figure(sums, _pooled_r, len(rows)), draw.figure(sums, _mean_distance, len(rows))


def _sums_of(rows: Sequence[Scored], groups: Sequence[Sequence[Scored]]) -> list[_Moments]:
    mean_p, mean_g = _mean([row.predicted for row in rows]), _mean([row.gold for row in rows])
    return [_sums(group, mean_p, mean_g) for group in groups]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
