"""Agreement on verdicts: confusion table, Cohen's kappa (1960), precision and recall of each verdict, coverage."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from mockint.evaluation.bootstrap import Bootstrap, Figure, grouped, resampling_units
from mockint.evaluation.scores import Scored

Family = Literal["key point", "misconception"]
"""The two have different verdicts, so they are never confused."""
WORTH: Mapping[str, float] = {"met": 1.0, "partial": 0.5, "missing": 0.0, "contradicted": 0.0}
"""Of a key point, how much was said. A share cannot be negative, so what is contradicted costs nothing here."""

Confusion = Mapping[tuple[str, str], int]
"""(what the person said, what the grader said) -> how often."""


@dataclass(frozen=True, slots=True)
class LabelledVerdict:
    """One criterion of one answer: what the person said, what the grader said, and how sure the grader was, 0..1."""

    question: Hashable
    answer: Hashable
    family: Family
    gold: str
    said: str
    confidence: float


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
    """Precision, recall and number of each verdict, from a confusion table."""
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


def confusions(labelled: Iterable[LabelledVerdict]) -> dict[Family, Counter[tuple[str, str]]]:
    """(label, verdict) -> how often, for key points and misconceptions apart."""
    families: defaultdict[Family, Counter[tuple[str, str]]] = defaultdict(Counter)
    for one in labelled:
        families[one.family][one.gold, one.said] += 1
    return dict(families)


def kappa_figure(labelled: Sequence[LabelledVerdict], *, resamples: int, seed: int = 0) -> Figure:
    """Kappa with chance taken within each family."""
    groups = resampling_units(labelled, lambda one: one.question)
    return Bootstrap(resamples, seed).figure([confusions(group) for group in groups], _pooled_kappa, len(labelled))


def coverage(labelled: Iterable[LabelledVerdict]) -> list[Scored]:
    """Of each answer, how much of its labelled key points it says: the mean WORTH of the verdicts, theirs and ours.

    The plainest score that verdicts give, without weights, caps and misconceptions: it tells how good verdicts are, not
    how a question weighs them.
    """
    points = [one for one in labelled if one.family == "key point"]
    return [
        Scored(
            question=answer[0].question,
            predicted=math.fsum(WORTH[one.said] for one in answer) / len(answer),
            gold=math.fsum(WORTH[one.gold] for one in answer) / len(answer),
        )
        for answer in grouped(points, lambda one: (one.question, one.answer))
    ]


_Families = Mapping[Family, Counter[tuple[str, str]]]


def _pooled_kappa(units: Sequence[_Families]) -> float:
    pooled: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for unit in units:
        for family, table in unit.items():
            for cell, count in table.items():
                pooled[family][cell] += count
    return kappa(*pooled.values())
