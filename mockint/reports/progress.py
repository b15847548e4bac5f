"""All practice so far as one value, for a report and for the pages alike. Nothing here decides how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockint.grading.grade import PASS
from mockint.history import History
from mockint.history.overview import QuestionTally, overview
from mockint.question import Lang, Topic
from mockint.reports.calibration import calibration
from mockint.reports.latest import LatestMarks, beliefs_in, heat_of, missed_of, point_marks
from mockint.reports.shapes import (
    Calibration,
    HeatRow,
    MissedPoint,
    PointStanding,
    QuestionRow,
    StatedBelief,
    Totals,
    Trend,
)
from mockint.reports.topics import in_topic_order
from mockint.reports.totals import totals_of
from mockint.reports.trend import trend


@dataclass(frozen=True)
class Progress:
    """questions: those with a graded attempt, in the order of their topics.

    missed: the key points that the latest attempts did not meet, the one to learn first at the head.
    """

    totals: Totals
    trend: Trend
    heat: list[HeatRow]
    questions: list[QuestionRow]
    missed: list[MissedPoint]
    beliefs: list[StatedBelief]
    calibration: Calibration | None


def progress_of(
    history: History, *, since: str = "", lang: Lang, topics: Sequence[Topic] = (), keep_sums: bool = True
) -> Progress:
    """Of sessions that began at `since` (UTC, ISO 8601) or later, its texts in `lang`.

    topics: of the bank, for their names and order. keep_sums: whether the history may keep what was added up, so that
    the next time is faster.
    """
    seen = overview(history, pass_mark=PASS, since=since, keep_sums=keep_sums)
    latest = [LatestMarks(tally.question, tally.grades) for tally in seen.questions]
    return Progress(
        totals=totals_of(seen.tally, questions=len(seen.questions)),
        trend=trend(seen.sessions, seen.days),
        heat=heat_of(latest, topics, lang),
        questions=in_topic_order([_question_row(tally) for tally in seen.questions], topics),
        missed=missed_of(latest, lang),
        beliefs=[belief for one in latest for belief in beliefs_in(one.question, one.grades[0], lang)],
        calibration=calibration(seen.confidences),
    )


def _question_row(tally: QuestionTally) -> QuestionRow:
    question = tally.question
    return QuestionRow(
        question=question.id,
        topic=question.topic,
        level=question.level,
        attempts=tally.attempts,
        first=tally.first,
        last=tally.last,
        last_at=tally.last_at,
        points=[
            PointStanding(criterion=point.id, verdict=mark.verdict)  # type: ignore[arg-type]
            for point, mark in point_marks(question, tally.grades[0])
        ],
    )


def weakest_first(rows: Sequence[QuestionRow]) -> list[QuestionRow]:
    """By the latest score, the lowest first."""
    return sorted(rows, key=lambda row: row.last if row.last is not None else 1.0)
