"""Everything measured on one set, as one value: the figures, the tables behind them, and what to read first."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mockint.evaluation.bootstrap import Figure, share_figure
from mockint.evaluation.calibration import ReliabilityBin, expected_calibration_error, reliability
from mockint.evaluation.ranking import Ranked, ranking_figures
from mockint.evaluation.records import Record
from mockint.evaluation.run import GradedRecord, UngradedRecord
from mockint.evaluation.samples import family_of
from mockint.evaluation.scores import MIN_ANSWERS, Scored, r_and_error, score_figures
from mockint.evaluation.verdicts import (
    Family,
    LabelledVerdict,
    VerdictFigures,
    by_verdict,
    confusions,
    coverage,
    kappa_figure,
)

METRICS: Mapping[str, str] = {
    "r": "Pearson r of the scores, all answers together",
    "within_r": f"mean Pearson r within a question of {MIN_ANSWERS} answers or more",
    "rmse": "root mean square error of the scores (lower is better)",
    "rmse_calibrated": "the same after the best straight line (lower is better)",
    "qwk": "quadratic weighted kappa of the scores in 5 bins",
    "auc": "the chance that a correct answer scores above another",
    "ap": "average precision of correct answers",
    "kappa": "Cohen's kappa of the verdicts on all criteria",
    "kappa.points": "the same on key points",
    "kappa.misconceptions": "the same on misconceptions",
    "score.r": "Pearson r of the share of key points that answers make",
    "score.error": "mean absolute difference of that share (lower is better)",
    "calibration": "expected calibration error of confidence (lower is better)",
    "calibration.points": "the same on key points (lower is better)",
    "calibration.misconceptions": "the same on misconceptions (lower is better)",
    "point_auc": "the chance that a key point that was made is found stronger than one that was not",
    "point_ap": "average precision of key points that were made",
    "in_band": "share of answers whose score lies in its band; in_band.CATEGORY for one category",
    "cpu_ms": "mean CPU time per answer in milliseconds (lower is better)",
}
LOWER_IS_BETTER = frozenset(
    "rmse rmse_calibrated score.error calibration calibration.points calibration.misconceptions cpu_ms".split()
)
_FAMILIES: Mapping[Family, str] = {"key point": "points", "misconception": "misconceptions"}
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

    outcome: GradedRecord
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
    tables: Mapping[Family, Counter[tuple[str, str]]]
    by_verdict: Mapping[Family, Mapping[str, VerdictFigures]]
    reliability: Mapping[Family, Sequence[ReliabilityBin]]
    by_label: Mapping[str, Figure]
    bands: Mapping[str, Band]
    worst: Sequence[Worst]
    ungraded: Sequence[UngradedRecord] = field(default_factory=tuple)


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
    found |= verdict_metrics({_family(record, id) for record in rows for id in record.verdicts})
    if len({verdict for record in rows if record.binary for verdict in record.verdicts.values()}) == 2:
        found |= {"point_auc", "point_ap"}
    for record in rows:
        if record.band:
            found |= {"in_band"} | ({f"in_band.{record.category}"} if record.category else set())
    return found


def verdict_metrics(families: Collection[Family]) -> set[str]:
    """Those that verdicts on these families of criteria give."""
    kinds = ["", *(f".{_FAMILIES[family]}" for family in families)] if families else []
    found = {f"{metric}{kind}" for metric in ("kappa", "calibration") for kind in kinds}
    return found | {"score.r", "score.error"} if "key point" in families else found


def report_on(
    name: str, outcomes: Sequence[GradedRecord | UngradedRecord], *, resamples: int = 500, seed: int = 0, worst: int = 5
) -> SetReport:
    """The report on one set. Records that could not be graded are counted apart and take part in no figure."""
    graded = [outcome for outcome in outcomes if isinstance(outcome, GradedRecord)]
    labelled = list(_labelled(graded))
    tables = confusions(labelled)
    bands = _bands(graded)
    figures = _figures(graded, labelled, resamples=resamples, seed=seed)
    figures |= {f"in_band.{name}": Figure(band.inside / band.n, n=band.n) for name, band in bands.items() if name}
    return SetReport(
        name=name,
        answers=len(graded),
        questions=len({outcome.record.question_id for outcome in graded}),
        figures=figures,
        tables=tables,
        by_verdict={family: by_verdict(table) for family, table in tables.items()},
        reliability=reliability_tables(labelled),
        by_label=_by_label(graded),
        bands=bands,
        worst=sorted(_disagreements(graded), key=lambda w: -w.distance)[:worst],
        ungraded=[outcome for outcome in outcomes if isinstance(outcome, UngradedRecord)],
    )


def verdict_figures(labelled: Sequence[LabelledVerdict], *, resamples: int = 500, seed: int = 0) -> dict[str, Figure]:
    """What verdicts alone tell, by the names of METRICS; key points and misconceptions together and apart.

    The calibration error has no interval: drawing again adds noise that it counts as error, so one would sit too high.
    """
    of_family = {name: [one for one in labelled if one.family == family] for family, name in _FAMILIES.items()}
    chosen = {"": labelled} | {f".{name}": rows for name, rows in of_family.items()}
    present = {name: rows for name, rows in chosen.items() if rows}
    figures = {f"kappa{name}": kappa_figure(rows, resamples=resamples, seed=seed) for name, rows in present.items()}
    if scores := coverage(labelled):
        figures["score.r"], figures["score.error"] = r_and_error(scores, resamples=resamples, seed=seed)
    return figures | {f"calibration{name}": _calibration(rows) for name, rows in present.items()}


def reliability_tables(labelled: Iterable[LabelledVerdict]) -> dict[Family, list[ReliabilityBin]]:
    """For key points and misconceptions apart: how often a verdict of some confidence is right."""
    of_family: defaultdict[Family, list[tuple[float, bool]]] = defaultdict(list)
    for one in labelled:
        of_family[one.family].append((one.confidence, one.gold == one.said))
    return {family: reliability(rows) for family, rows in of_family.items()}


def _calibration(labelled: Sequence[LabelledVerdict]) -> Figure:
    table = reliability((one.confidence, one.gold == one.said) for one in labelled)
    return Figure(expected_calibration_error(table), n=len(labelled))


def _figures(
    graded: Sequence[GradedRecord], labelled: Sequence[LabelledVerdict], *, resamples: int, seed: int
) -> dict[str, Figure]:
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
    figures |= verdict_figures(labelled, resamples=resamples, seed=seed)
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


def _family(record: Record, criterion: str) -> Family:
    return family_of(record.questions[0], criterion)


def _labelled(graded: Iterable[GradedRecord]) -> Iterator[LabelledVerdict]:
    """Where people said yes or no, partial counts as yes."""
    for outcome in graded:
        record = outcome.record
        marks = {mark.criterion: mark for mark in outcome.marks}
        for id, gold in record.verdicts.items():
            said: str = marks[id].verdict
            if record.binary:
                said = "met" if said in ("met", "partial") else "missing"
            confidence = marks[id].confidence
            yield LabelledVerdict(record.question_id, record.answer_id, _family(record, id), gold, said, confidence)


def _ranked_points(graded: Iterable[GradedRecord]) -> Iterator[Ranked]:
    for outcome in graded:
        if not outcome.record.binary:
            continue
        for point, strength in zip(outcome.question.key_points, outcome.strengths, strict=True):
            if gold := outcome.record.verdicts.get(point.id):
                yield Ranked(outcome.record.question_id, strength, gold == "met")


def _by_label(graded: Iterable[GradedRecord]) -> dict[str, Figure]:
    """The mean score of each label: an answer that contradicts should not score above one that is merely wrong."""
    scores: defaultdict[str, list[float]] = defaultdict(list)
    for outcome in graded:
        if outcome.record.label:
            scores[outcome.record.label].append(outcome.score)
    return {label: Figure(math.fsum(found) / len(found), n=len(found)) for label, found in sorted(scores.items())}


def _bands(graded: Iterable[GradedRecord]) -> dict[str, Band]:
    groups: defaultdict[str, list[GradedRecord]] = defaultdict(list)
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


def _outside(outcome: GradedRecord) -> float:
    """How far the score lies outside the band; 0 inside."""
    low, high = outcome.record.band or (0.0, 1.0)
    return max(low - outcome.score, outcome.score - high, 0.0)


def _disagreements(graded: Iterable[GradedRecord]) -> Iterator[Worst]:
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


def _worst_point(outcome: GradedRecord) -> Iterator[Worst]:
    off = [
        (abs(strength - (outcome.record.verdicts[point.id] == "met")), strength, point)
        for point, strength in zip(outcome.question.key_points, outcome.strengths, strict=True)
        if point.id in outcome.record.verdicts
    ]
    distance, strength, point = max(off, key=lambda one: one[0])
    expected = f"{outcome.record.verdicts[point.id]}: {point.text.en}"
    yield Worst(outcome, distance, f"strength {strength:.2f}", expected)
