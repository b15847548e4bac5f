"""What the latest grades of questions say: which key points are met by topic and level, missed, or wrongly believed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mockint.grading.grade import CREDIT, Mark
from mockint.history import Session
from mockint.history.overview import LOOKED_AT
from mockint.question import KeyPoint, Lang, Question, Topic
from mockint.reports.shapes import Cell, HeatRow, MissedPoint, StatedBelief
from mockint.reports.topics import in_topic_order, topic_name
from mockint.reports.totals import mean

LEVELS = (1, 2, 3, 4, 5)


class LatestMarks(NamedTuple):
    """The marks of a question's latest grades, the newest first; at least one."""

    question: Question
    grades: list[list[Mark]]


def latest_in(session: Session) -> list[LatestMarks]:
    """A question that was asked twice stands where the later attempt left it."""
    latest: dict[str, LatestMarks] = {}
    for attempt in session.answered:
        if attempt.grade:
            latest[attempt.question.id] = LatestMarks(attempt.question, [attempt.grade.marks])
    return list(latest.values())


def heat_of(latest: Iterable[LatestMarks], topics: Sequence[Topic], lang: Lang) -> list[HeatRow]:
    """A row a topic, in the bank's order."""
    by_topic: dict[str, list[LatestMarks]] = {}
    for one in latest:
        by_topic.setdefault(one.question.topic, []).append(one)
    rows = []
    for topic, inside in by_topic.items():
        cells = [_cell(level, [one for one in inside if one.question.level == level]) for level in LEVELS]
        met, of = sum(cell.met for cell in cells), sum(cell.of for cell in cells)
        rows.append(HeatRow(topic=topic, name=topic_name(topic, topics, lang), cells=cells, share=mean(met, of)))
    return in_topic_order(rows, topics)


def levels_in(heat: Sequence[HeatRow]) -> list[int]:
    """The levels that some topic has a question of."""
    return [level for level in LEVELS if any(row.cells[level - 1].questions for row in heat)]


def _cell(level: int, latest: Sequence[LatestMarks]) -> Cell:
    verdicts = [mark.verdict for one in latest for _, mark in point_marks(one.question, one.grades[0])]
    met = sum(max(0.0, CREDIT[verdict]) for verdict in verdicts)
    return Cell(level=level, questions=len(latest), met=met, of=len(verdicts), share=mean(met, len(verdicts)))


def missed_of(latest: Iterable[LatestMarks], lang: Lang) -> list[MissedPoint]:
    """The must-haves first, then those missed again and again, then the weightier."""
    points = [
        _missed_point(one, point, mark, lang)
        for one in latest
        for point, mark in point_marks(one.question, one.grades[0])
        if mark.verdict != "met"
    ]
    return sorted(points, key=lambda missed: (not missed.must, -missed.missed, -missed.weight))


def _missed_point(one: LatestMarks, point: KeyPoint, mark: Mark, lang: Lang) -> MissedPoint:
    looked_at = [{mark.criterion: mark.verdict for mark in marks} for marks in one.grades[:LOOKED_AT]]
    verdicts = [marks[point.id] for marks in looked_at if point.id in marks]
    return MissedPoint(
        question=one.question.id,
        topic=one.question.topic,
        level=one.question.level,
        criterion=point.id,
        text=point.text.in_(lang),
        must=point.must,
        weight=point.weight,
        verdict=mark.verdict,  # type: ignore[arg-type]
        missed=sum(verdict != "met" for verdict in verdicts),
        looked_at=len(verdicts),
        said=quotes_of(mark),
    )


def beliefs_in(question: Question, marks: Iterable[Mark], lang: Lang) -> list[StatedBelief]:
    """The misconceptions that the marks of one grade say were stated."""
    stated = {mark.criterion: mark for mark in marks if mark.verdict == "stated"}
    return [
        StatedBelief(
            question=question.id,
            topic=question.topic,
            criterion=wrong.id,
            text=wrong.text.in_(lang),
            correction=wrong.correction.in_(lang) if wrong.correction else None,
            said=quotes_of(stated[wrong.id]),
        )
        for wrong in question.misconceptions
        if wrong.id in stated
    ]


def point_marks(question: Question, marks: Iterable[Mark]) -> list[tuple[KeyPoint, Mark]]:
    """The key points with their marks; without those that an older version of the question did not have."""
    by_id = {mark.criterion: mark for mark in marks}
    return [(point, by_id[point.id]) for point in question.key_points if point.id in by_id]


def quotes_of(mark: Mark) -> list[str]:
    """The words of the answer that a mark stands on."""
    return [piece.quote for piece in mark.evidence]
