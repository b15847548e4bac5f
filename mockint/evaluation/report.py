"""Everything measured on one set, as one value: the figures, the tables behind them, and what to read first."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mockint.evaluation.bootstrap import Figure, share_figure
from mockint.evaluation.ranking import Ranked, ranking_figures
from mockint.evaluation.records import Record
from mockint.evaluation.run import Outcome, Ungraded
from mockint.evaluation.scores import MIN_ANSWERS, Scored, score_figures
from mockint.evaluation.verdicts import VerdictFigures, by_verdict, kappa_figure
from mockint.question import KeyPoint

METRICS: Mapping[str, str] = {
    "r": "Pearson r of the scores, all answers together",
    "within_r": f"mean Pearson r within a question of {MIN_ANSWERS} answers or more",
    "rmse": "root mean square error of the scores (lower is better)",
    "rmse_calibrated": "the same after the best straight line (lower is better)",
    "qwk": "quadratic weighted kappa of the scores in 5 bins",
    "auc": "the chance that a correct answer scores above another",
    "ap": "average precision of correct answers",
    "kappa": "Cohen's kappa of the verdicts on all criteria",
    "kappa_key_points": "the same on key points",
    "kappa_misconceptions": "the same on misconceptions",
    "point_auc": "the chance that a key point that was made is found stronger than one that was not",
    "point_ap": "average precision of key points that were made",
    "in_band": "share of answers whose score lies in its band; in_band.CATEGORY for one category",
    "cpu_ms": "mean CPU time per answer in milliseconds (lower is better)",
}
LOWER_IS_BETTER = frozenset({"rmse", "rmse_calibrated", "cpu_ms"})
_FAMILY_METRIC = {"key point": "kappa_key_points", "misconception": "kappa_misconceptions"}
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Band:
    """One category of answers with a band: how many, how many inside, their mean score."""

    n: int
    inside: int
    mean: float


@dataclass(frozen=True)
class Worst:
    """A disagreement to read: how far off, and what both sides say."""

    outcome: Outcome
    distance: float
    said: str
    expected: str


@dataclass(frozen=True)
class SetReport:
    """figures: by metric name, those of METRICS that the set has gold for; `in_band.CATEGORY` beside them."""

    name: str
    answers: int
    questions: int
    figures: Mapping[str, Figure]
    tables: Mapping[str, Counter[tuple[str, str]]]
    by_verdict: Mapping[str, Mapping[str, VerdictFigures]]
    by_label: Mapping[str, Figure]
    bands: Mapping[str, Band]
    worst: Sequence[Worst]
    ungraded: Sequence[Ungraded] = field(default_factory=tuple)


def metrics_of(records: Iterable[Record]) -> set[str]:
    """The metrics that the gold of these records can give, known before anything is graded."""
    rows = list(records)
    found = {"cpu_ms"} if rows else set()
    scored = [record for record in rows if record.score is not None]
    if scored:
        found |= {"r", "rmse", "rmse_calibrated", "qwk"}
        by_question: defaultdict[str, list[float | None]] = defaultdict(list)
        for record in scored:
            by_question[record.question_id].append(record.score)
        if any(len(scores) >= MIN_ANSWERS and len(set(scores)) > 1 for scores in by_question.values()):
            found.add("within_r")
    if len(set(_positives(rows).values())) == 2:
        found |= {"auc", "ap"}
    for record in rows:
        for id in record.verdicts:
            found |= {"kappa", _FAMILY_METRIC[_family(record, id)]}
    if len({verdict for record in rows if record.binary for verdict in record.verdicts.values()}) == 2:
        found |= {"point_auc", "point_ap"}
    for record in rows:
        if record.band:
            found |= {"in_band"} | ({f"in_band.{record.category}"} if record.category else set())
    return found


def report_on(
    name: str, outcomes: Sequence[Outcome | Ungraded], *, resamples: int = 500, seed: int = 0, worst: int = 5
) -> SetReport:
    """The report on one set. Records that could not be graded are counted apart and take part in no figure."""
    graded = [outcome for outcome in outcomes if isinstance(outcome, Outcome)]
    pairs = list(_verdict_pairs(graded))
    tables: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for _, family, gold, said in pairs:
        tables[family][gold, said] += 1
    bands = _bands(graded)
    figures = _figures(graded, pairs, resamples=resamples, seed=seed)
    figures |= {f"in_band.{name}": Figure(band.inside / band.n, n=band.n) for name, band in bands.items() if name}
    return SetReport(
        name=name,
        answers=len(graded),
        questions=len({outcome.record.question_id for outcome in graded}),
        figures=figures,
        tables=dict(tables),
        by_verdict={family: by_verdict(table) for family, table in tables.items()},
        by_label=_by_label(graded),
        bands=bands,
        worst=sorted(_disagreements(graded), key=lambda w: -w.distance)[:worst],
        ungraded=[outcome for outcome in outcomes if isinstance(outcome, Ungraded)],
    )


_Pair = tuple[Hashable, str, str, str]


def _figures(graded: Sequence[Outcome], pairs: Sequence[_Pair], *, resamples: int, seed: int) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    scored = [Scored(o.record.question_id, o.score, o.record.score) for o in graded if o.record.score is not None]
    figures |= score_figures(scored, resamples=resamples, seed=seed)
    positives = _positives(o.record for o in graded)
    if len(set(positives.values())) == 2:
        ranked = [
            Ranked(o.record.question_id, o.score, positives[o.record.answer_id])
            for o in graded
            if o.record.answer_id in positives
        ]
        figures |= ranking_figures(ranked, resamples=resamples, seed=seed)
    if pairs:
        figures["kappa"] = kappa_figure(pairs, resamples=resamples, seed=seed)
    for family, metric in _FAMILY_METRIC.items():
        if chosen := [pair for pair in pairs if pair[1] == family]:
            figures[metric] = kappa_figure(chosen, resamples=resamples, seed=seed)
    points = ranking_figures(list(_ranked_points(graded)), resamples=resamples, seed=seed)
    figures |= {f"point_{name}": figure for name, figure in points.items()}
    banded = [(o.record.question_id, _outside(o) <= _TOLERANCE) for o in graded if o.record.band]
    if banded:
        figures["in_band"] = share_figure(banded, resamples=resamples, seed=seed)
    if graded:
        figures["cpu_ms"] = Figure(1000 * sum(o.cpu_seconds for o in graded) / len(graded), n=len(graded))
    return figures


def _positives(records: Iterable[Record]) -> dict[str, bool]:
    """Which answers count as correct: by a SemEval label, or where every score is 0 or 1. Empty when neither holds."""
    rows = [record for record in records if record.score is not None and not record.from_verdicts]
    labels = {record.label for record in rows}
    if rows and labels <= {"correct", "incorrect", "contradictory"}:
        return {record.answer_id: record.label == "correct" for record in rows}
    if all(record.score in (0, 1) for record in rows):
        return {record.answer_id: record.score == 1 for record in rows}
    return {}


def _family(record: Record, criterion: str) -> str:
    found = record.questions[0].criterion(criterion)
    return "key point" if isinstance(found, KeyPoint) else "misconception"


def _verdict_pairs(graded: Iterable[Outcome]) -> Iterator[_Pair]:
    """(question, family, people's verdict, the grader's). Where people said yes or no, partial counts as yes."""
    for outcome in graded:
        record = outcome.record
        said = {mark.criterion: mark.verdict for mark in outcome.marks}
        for id, gold in record.verdicts.items():
            ours: str = said[id]
            if record.binary:
                ours = "met" if ours in ("met", "partial") else "missing"
            yield record.question_id, _family(record, id), gold, ours


def _ranked_points(graded: Iterable[Outcome]) -> Iterator[Ranked]:
    for outcome in graded:
        if not outcome.record.binary:
            continue
        for point, strength in zip(outcome.question.key_points, outcome.strengths, strict=True):
            if gold := outcome.record.verdicts.get(point.id):
                yield Ranked(outcome.record.question_id, strength, gold == "met")


def _by_label(graded: Iterable[Outcome]) -> dict[str, Figure]:
    """The mean score of each label: an answer that contradicts should not score above one that is merely wrong."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for outcome in graded:
        if outcome.record.label:
            scores[outcome.record.label].append(outcome.score)
    return {label: Figure(math.fsum(found) / len(found), n=len(found)) for label, found in sorted(scores.items())}


def _bands(graded: Iterable[Outcome]) -> dict[str, Band]:
    groups: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in graded:
        if outcome.record.band:
            groups[outcome.record.category].append(outcome)
    return {
        category: Band(
            n=len(group),
            inside=sum(_outside(outcome) <= _TOLERANCE for outcome in group),
            mean=math.fsum(outcome.score for outcome in group) / len(group),
        )
        for category, group in groups.items()
    }


def _outside(outcome: Outcome) -> float:
    """How far the score lies outside the band; 0 inside."""
    low, high = outcome.record.band or (0.0, 1.0)
    return max(low - outcome.score, outcome.score - high, 0.0)


def _disagreements(graded: Iterable[Outcome]) -> Iterator[Worst]:
    """One per answer: outside its band, far from its score, or else the key point that is furthest off."""
    for outcome in graded:
        record = outcome.record
        if record.band:
            if _outside(outcome) > _TOLERANCE:
                expected = f"{record.band[0]:.2f} to {record.band[1]:.2f}"
                yield Worst(outcome, _outside(outcome), f"{outcome.score:.2f}", expected)
        elif record.binary and record.verdicts:
            yield from _worst_point(outcome)
        elif record.score is not None and (off := abs(outcome.score - record.score)) > _TOLERANCE:
            yield Worst(outcome, off, f"{outcome.score:.2f}", f"{record.score:.2f}")


def _worst_point(outcome: Outcome) -> Iterator[Worst]:
    off = [
        (abs(strength - (outcome.record.verdicts[point.id] == "met")), strength, point)
        for point, strength in zip(outcome.question.key_points, outcome.strengths, strict=True)
        if point.id in outcome.record.verdicts
    ]
    distance, strength, point = max(off, key=lambda one: one[0])
    expected = f"{outcome.record.verdicts[point.id]}: {point.text.en}"
    yield Worst(outcome, distance, f"strength {strength:.2f}", expected)
