"""History -> Report. Nothing here decides how a report looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mockint.grading.grade import Grade
from mockint.history import Attempt, History, Part, Session
from mockint.history.overview import session_scores
from mockint.question import KeyPoint, Lang, Topic
from mockint.reports.calibration import calibration, tallied
from mockint.reports.comparison import comparison_of
from mockint.reports.latest import beliefs_in, heat_of, latest_in, missed_of, quotes_of
from mockint.reports.progress import progress_of
from mockint.reports.shapes import Answer, AnswerPart, AnswerSpan, PointMark, Report
from mockint.reports.topics import topic_name
from mockint.reports.totals import seconds_of, session_facts, session_totals
from mockint.reports.trend import MOST_POINTS, trend


def session_report(
    history: History,
    id: str,
    *,
    compare: str | None = None,
    lang: Lang | None = None,
    topics: Sequence[Topic] = (),
    now: datetime | None = None,
) -> Report:
    """One session. compare: an earlier one to set it against. lang: the session's own unless given.

    topics: of the bank, for their names and order. Raises UsageError for a session that is not in the history.
    """
    session = history.session(id)
    in_lang = lang or session.lang
    latest = latest_in(session)
    graded = [attempt for attempt in session.answered if attempt.grade]
    return Report(
        kind="session",
        lang=in_lang,
        made_at=_stamp(now),
        since=None,
        session=session_facts(session),
        totals=session_totals(session),
        trend=trend(session_scores(history, until=id, limit=MOST_POINTS), current=id),
        heat=heat_of(latest, topics, in_lang),
        questions=[],
        missed=missed_of(latest, in_lang),
        beliefs=[belief for one in latest for belief in beliefs_in(one.question, one.grades[0], in_lang)],
        answers=[_answer(session, attempt, topics, in_lang) for attempt in session.attempts],
        calibration=calibration(
            [
                tallied(attempt.confidence, attempt.grade.score)
                for attempt in graded
                if attempt.confidence is not None and attempt.grade
            ]
        ),
        comparison=comparison_of(history, session, compare, topics, in_lang) if compare else None,
    )


def progress_report(
    history: History,
    *,
    since: str = "",
    lang: Lang = "en",
    topics: Sequence[Topic] = (),
    keep_sums: bool = True,
    now: datetime | None = None,
) -> Report:
    """All practice in sessions that began at `since` (UTC, ISO 8601) or later. keep_sums: see `progress_of`."""
    progress = progress_of(history, since=since, lang=lang, topics=topics, keep_sums=keep_sums)
    return Report(
        kind="progress",
        lang=lang,
        made_at=_stamp(now),
        since=since or None,
        session=None,
        totals=progress.totals,
        trend=progress.trend,
        heat=progress.heat,
        questions=progress.questions,
        missed=progress.missed,
        beliefs=progress.beliefs,
        answers=[],
        calibration=progress.calibration,
        comparison=None,
    )


def _stamp(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")


def _measured(part: Part) -> float | None:
    return None if part.seconds is None else seconds_of(part.seconds)


def _answer(session: Session, attempt: Attempt, topics: Sequence[Topic], lang: Lang) -> Answer:
    question, grade = attempt.question, attempt.grade
    return Answer(
        place=attempt.place,
        question=question.id,
        topic=question.topic,
        topic_name=topic_name(question.topic, topics, lang),
        level=question.level,
        kind=question.kind,
        minutes=question.minutes,
        outcome=attempt.outcome,
        score=grade.score if grade else None,
        provisional=grade is not None and session.is_provisional(attempt),
        grader=grade.grader if grade else None,
        capped_by=grade.capped_by if grade else [],
        seconds=_measured(attempt.parts[0]) if attempt.parts else None,
        over_seconds=seconds_of(attempt.over_seconds),
        hints=attempt.hints,
        confidence=attempt.confidence,
        code=question.code.source if question.code else None,
        parts=[_part(part, grade) for part in attempt.parts],
        points=[_point_mark(point, grade, lang) for point in question.key_points] if attempt.outcome else [],
        beliefs=beliefs_in(question, grade.marks, lang) if grade else [],
    )


def _part(part: Part, grade: Grade | None) -> AnswerPart:
    spans = [
        AnswerSpan(start=piece.start, end=piece.end, criterion=mark.criterion, verdict=mark.verdict)
        for mark in (grade.marks if grade else [])
        for piece in mark.evidence
        if piece.part == part.part
    ]
    return AnswerPart(
        part=part.part,
        prompt=part.prompt,
        outcome=part.outcome,
        answer=part.answer,
        spans=sorted(spans, key=lambda span: (span.start, span.end)),
        seconds=_measured(part),
        hints=part.hints,
        confidence=part.confidence,
    )


def _point_mark(point: KeyPoint, grade: Grade | None, lang: Lang) -> PointMark:
    mark = next((mark for mark in grade.marks if mark.criterion == point.id), None) if grade else None
    return PointMark(
        criterion=point.id,
        text=point.text.in_(lang),
        must=point.must,
        weight=point.weight,
        verdict=mark.verdict if mark else None,  # type: ignore[arg-type]
        reason=mark.reason if mark else "",
        code=mark.code if mark else None,
        said=quotes_of(mark) if mark else [],
    )
