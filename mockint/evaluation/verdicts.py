"""Agreement on verdicts: confusion table, Cohen's kappa (1960), precision and recall of each verdict."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mockint.evaluation.bootstrap import Bootstrap, Figure, resampling_units

Confusion = Mapping[tuple[str, str], int]
"""(what the person said, what the grader said) -> how often."""


def kappa(*families: Confusion) -> float:
    """Cohen's kappa. 1 when all agree, also when there is only one class; nan when there is nothing.

    More than one table: criteria that can never be confused with each other (key points and misconceptions). Chance
    agreement is then taken within each family, for the classes of the other would make the figure look better.
    """
    total = sum(sum(table.values()) for table in families)
    if not total:
        return math.nan
    agreed = sum(count for table in families for (gold, said), count in table.items() if gold == said)
    chance = sum(_chance(table) for table in families)
    if total - chance <= 1e-9:
        return 1.0
    return (agreed - chance) / (total - chance)


def _chance(table: Confusion) -> float:
    """How many agreements two people would have by chance, with these margins."""
    gold, said = _margins(table)
    total = sum(gold.values())
    return sum(count * said[name] for name, count in gold.items()) / total if total else 0.0


def _margins(table: Confusion) -> tuple[Counter[str], Counter[str]]:
    gold: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for (theirs, ours), count in table.items():
        gold[theirs] += count
        said[ours] += count
    return gold, said


@dataclass(frozen=True)
class VerdictFigures:
    """precision: of those the grader gave, how many the person gave. recall: the other way. n: given by the person."""

    precision: float
    recall: float
    n: int


def by_verdict(table: Confusion) -> dict[str, VerdictFigures]:
    gold, said = _margins(table)
    return {
        name: VerdictFigures(
            precision=_share(table.get((name, name), 0), said[name]),
            recall=_share(table.get((name, name), 0), gold[name]),
            n=gold[name],
        )
        for name in sorted({*gold, *said})
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def kappa_figure(pairs: Sequence[tuple[Hashable, str, str, str]], *, resamples: int, seed: int = 0) -> Figure:
    """Kappa over (question, family, the person's verdict, the grader's), chance taken within each family."""
    groups = resampling_units(pairs, lambda pair: pair[0])
    tables = [_by_family(group) for group in groups]
    return Bootstrap(resamples, seed).figure(tables, _pooled_kappa, len(pairs))


_Families = Mapping[str, Counter[tuple[str, str]]]


def _by_family(pairs: Iterable[tuple[Hashable, str, str, str]]) -> _Families:
    families: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for _, family, gold, said in pairs:
        families[family][gold, said] += 1
    return families


def _pooled_kappa(units: Sequence[_Families]) -> float:
    pooled: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for unit in units:
        for family, table in unit.items():
            for cell, count in table.items():
                pooled[family][cell] += count
    return kappa(*pooled.values())
