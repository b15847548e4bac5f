"""History -> Report. Nothing here decides how a report looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from mockint.errors import UsageError
from mockint.grading.grade import CREDIT, PASS, Grade, Mark
from mockint.history import Attempt, History, Part, Session
from mockint.history.overview import LOOKED_AT, QuestionTally, Tally, overview, session_scores
from mockint.question import KeyPoint, Lang, Question, Topic
from mockint.reports.calibration import calibration, tallied
from mockint.reports.shapes import (
    Answer,
    AnswerPart,
    Cell,
    ChangedPoint,
    ComparedQuestion,
    ComparedTopic,
    Comparison,
    HeatRow,
    MissedPoint,
    PointMark,
    PointStanding,
    QuestionRow,
    Report,
    SessionFacts,
    Span,
    StatedBelief,
    Totals,
)
from mockint.reports.trend import MOST_POINTS, trend

LEVELS = (1, 2, 3, 4, 5)
Item = TypeVar("Item")


class _Standing(NamedTuple):
    """Where a question stands: the marks of its latest grades, the newest first."""

    question: Question
    grades: list[list[Mark]]


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
    standings = _standings_in(session)
    graded = [attempt for attempt in session.answered if attempt.grade]
    return Report(
        kind="session",
        lang=in_lang,
        made_at=_stamp(now),
        since=None,
        session=_facts(session),
        totals=_totals_of(session),
        trend=trend(session_scores(history, until=id, limit=MOST_POINTS), current=id),
        heat=_heat(standings, topics, in_lang),
        questions=[],
        missed=_missed(standings, in_lang),
        beliefs=[belief for one in standings for belief in _beliefs(one.question, one.grades[0], in_lang)],
        answers=[_answer(session, attempt, topics, in_lang) for attempt in session.attempts],
        calibration=calibration(
            [
                tallied(attempt.confidence, attempt.grade.score)
                for attempt in graded
                if attempt.confidence is not None and attempt.grade
            ]
        ),
        comparison=_comparison(history, session, compare, topics, in_lang) if compare else None,
    )


def progress_report(
    history: History,
    *,
    since: str = "",
    lang: Lang = "en",
    topics: Sequence[Topic] = (),
    now: datetime | None = None,
) -> Report:
    """All practice in sessions that began at `since` (UTC, ISO 8601) or later."""
    seen = overview(history, pass_mark=PASS, since=since)
    standings = [_Standing(tally.question, tally.grades) for tally in seen.questions]
    return Report(
        kind="progress",
        lang=lang,
        made_at=_stamp(now),
        since=since or None,
        session=None,
        totals=_totals(seen.tally, questions=len(seen.questions)),
        trend=trend(seen.sessions, seen.days),
        heat=_heat(standings, topics, lang),
        questions=_in_topics([_question_row(tally) for tally in seen.questions], topics),
        missed=_missed(standings, lang),
        beliefs=[belief for one in standings for belief in _beliefs(one.question, one.grades[0], lang)],
        answers=[],
        calibration=calibration(seen.confidences),
        comparison=None,
    )


def _stamp(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")


def _facts(session: Session) -> SessionFacts:
    return SessionFacts(
        id=session.id,
        started_at=session.started_at,
        ended_at=session.ended_at,
        lang=session.lang,
        grader=session.grader,
        mode=session.mode,
        profile=session.plan.profile,
        planned=session.total,
        limit_seconds=session.plan.limit_seconds,
        spent_seconds=_seconds(session.spent_seconds),
        over_seconds=_seconds(session.over_seconds),
        score=session.score,
    )


def _totals_of(session: Session) -> Totals:
    outcomes = [attempt.outcome for attempt in session.attempts]
    scores = [attempt.grade.score for attempt in session.answered if attempt.grade]
    over = [attempt.over_seconds for attempt in session.attempts if attempt.over_seconds > 0]
    provisional = [one for one in session.answered if one.grade and session.is_provisional(one)]
    return _totals(
        Tally(
            sessions=1,
            answered=outcomes.count("answered"),
            dont_know=outcomes.count("dont-know"),
            skipped=outcomes.count("skipped"),
            open=outcomes.count(None),
            graded=len(scores),
            provisional=len(provisional),
            total=sum(scores),
            passed=sum(score >= PASS for score in scores),
            seconds=session.spent_seconds,
            over=len(over),
            over_seconds=sum(over),
            hints=sum(attempt.hints for attempt in session.attempts),
        ),
        questions=len({attempt.question.id for attempt in session.attempts}),
    )


def _totals(tally: Tally, *, questions: int) -> Totals:
    return Totals(
        sessions=tally.sessions,
        questions=questions,
        asked=tally.answered + tally.dont_know + tally.skipped + tally.open,
        answered=tally.answered,
        dont_know=tally.dont_know,
        skipped=tally.skipped,
        open=tally.open,
        graded=tally.graded,
        ungraded=max(0, tally.answered + tally.dont_know - tally.graded),
        provisional=tally.provisional,
        score=_mean(tally.total, tally.graded),
        passed=tally.passed,
        pass_mark=PASS,
        seconds=_seconds(tally.seconds),
        over=tally.over,
        over_seconds=_seconds(tally.over_seconds),
        hints=tally.hints,
    )


def _mean(total: float, count: int) -> float | None:
    """Sums of scores have six digits; what lies beyond comes of the order in which they were added."""
    return min(1.0, round(round(total, 6) / count, 6)) if count else None


def _seconds(value: float) -> float:
    """An imported history may hold times of a clock that jumped."""
    return max(0.0, round(value, 3))


def _measured(part: Part) -> float | None:
    return None if part.seconds is None else _seconds(part.seconds)


def _standings_in(session: Session) -> list[_Standing]:
    """A question that was asked twice stands where the later attempt left it."""
    latest: dict[str, _Standing] = {}
    for attempt in session.answered:
        if attempt.grade:
            latest[attempt.question.id] = _Standing(attempt.question, [attempt.grade.marks])
    return list(latest.values())


def _heat(standings: Iterable[_Standing], topics: Sequence[Topic], lang: Lang) -> list[HeatRow]:
    by_topic: dict[str, list[_Standing]] = {}
    for standing in standings:
        by_topic.setdefault(standing.question.topic, []).append(standing)
    rows = []
    for topic, inside in by_topic.items():
        cells = [_cell(level, [one for one in inside if one.question.level == level]) for level in LEVELS]
        met, of = sum(cell.met for cell in cells), sum(cell.of for cell in cells)
        rows.append(HeatRow(topic=topic, name=_name(topic, topics, lang), cells=cells, share=_mean(met, of)))
    return _in_topics(rows, topics)


def _cell(level: int, standings: Sequence[_Standing]) -> Cell:
    verdicts = [mark.verdict for one in standings for _, mark in _point_marks(one.question, one.grades[0])]
    met = sum(max(0.0, CREDIT[verdict]) for verdict in verdicts)
    return Cell(level=level, questions=len(standings), met=met, of=len(verdicts), share=_mean(met, len(verdicts)))


def _in_topics(rows: list[Item], topics: Sequence[Topic]) -> list[Item]:
    """In the bank's order of topics; rows of a topic that the bank no longer has come last, as they came."""
    order = {topic.id: place for place, topic in enumerate(topics)}
    return sorted(rows, key=lambda row: order.get(row.topic, len(order)))  # type: ignore[attr-defined]


def _name(topic: str, topics: Sequence[Topic], lang: Lang) -> str:
    return next((one.name.in_(lang) for one in topics if one.id == topic), topic)


def _point_marks(question: Question, marks: Iterable[Mark]) -> list[tuple[KeyPoint, Mark]]:
    by_id = {mark.criterion: mark for mark in marks}
    return [(point, by_id[point.id]) for point in question.key_points if point.id in by_id]


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
            for point, mark in _point_marks(question, tally.grades[0])
        ],
    )


def _missed(standings: Iterable[_Standing], lang: Lang) -> list[MissedPoint]:
    """The must-haves first, then those missed again and again, then the weightier."""
    points = [
        _missed_point(one, point, mark, lang)
        for one in standings
        for point, mark in _point_marks(one.question, one.grades[0])
        if mark.verdict != "met"
    ]
    return sorted(points, key=lambda missed: (not missed.must, -missed.missed, -missed.weight))


def _missed_point(standing: _Standing, point: KeyPoint, mark: Mark, lang: Lang) -> MissedPoint:
    looked_at = [{mark.criterion: mark.verdict for mark in marks} for marks in standing.grades[:LOOKED_AT]]
    verdicts = [marks[point.id] for marks in looked_at if point.id in marks]
    return MissedPoint(
        question=standing.question.id,
        topic=standing.question.topic,
        level=standing.question.level,
        criterion=point.id,
        text=point.text.in_(lang),
        must=point.must,
        weight=point.weight,
        verdict=mark.verdict,  # type: ignore[arg-type]
        missed=sum(verdict != "met" for verdict in verdicts),
        looked_at=len(verdicts),
        said=_said(mark),
    )


def _beliefs(question: Question, marks: Iterable[Mark], lang: Lang) -> list[StatedBelief]:
    stated = {mark.criterion: mark for mark in marks if mark.verdict == "stated"}
    return [
        StatedBelief(
            question=question.id,
            topic=question.topic,
            criterion=wrong.id,
            text=wrong.text.in_(lang),
            correction=wrong.correction.in_(lang) if wrong.correction else None,
            said=_said(stated[wrong.id]),
        )
        for wrong in question.misconceptions
        if wrong.id in stated
    ]


def _said(mark: Mark) -> list[str]:
    return [piece.quote for piece in mark.evidence]


def _answer(session: Session, attempt: Attempt, topics: Sequence[Topic], lang: Lang) -> Answer:
    question, grade = attempt.question, attempt.grade
    return Answer(
        place=attempt.place,
        question=question.id,
        topic=question.topic,
        topic_name=_name(question.topic, topics, lang),
        level=question.level,
        kind=question.kind,
        minutes=question.minutes,
        outcome=attempt.outcome,
        score=grade.score if grade else None,
        provisional=grade is not None and session.is_provisional(attempt),
        grader=grade.grader if grade else None,
        capped_by=grade.capped_by if grade else [],
        seconds=_measured(attempt.parts[0]) if attempt.parts else None,
        over_seconds=_seconds(attempt.over_seconds),
        hints=attempt.hints,
        confidence=attempt.confidence,
        code=question.code.source if question.code else None,
        parts=[_part(part, grade) for part in attempt.parts],
        points=[_point_mark(point, grade, lang) for point in question.key_points] if attempt.outcome else [],
        beliefs=_beliefs(question, grade.marks, lang) if grade else [],
    )


def _part(part: Part, grade: Grade | None) -> AnswerPart:
    spans = [
        Span(start=piece.start, end=piece.end, criterion=mark.criterion, verdict=mark.verdict)
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
        said=_said(mark) if mark else [],
    )


def _comparison(history: History, session: Session, other_id: str, topics: Sequence[Topic], lang: Lang) -> Comparison:
    if other_id == session.id:
        raise UsageError(f"the session {other_id!r} cannot be compared with itself: give another one")
    other = history.session(other_id)
    before, after = ({one.question.id: one for one in each.answered} for each in (other, session))
    return Comparison(
        session=_facts(other),
        before=_totals_of(other),
        topics=_compared_topics(other, session, topics, lang),
        questions=[_compared(before[id], after[id], lang) for id in after if id in before],
        only_before=[id for id in before if id not in after],
        only_after=[id for id in after if id not in before],
    )


def _compared_topics(before: Session, after: Session, topics: Sequence[Topic], lang: Lang) -> list[ComparedTopic]:
    old, new = _topic_scores(before), _topic_scores(after)
    rows = [
        ComparedTopic(topic=topic, name=_name(topic, topics, lang), before=old.get(topic), after=new.get(topic))
        for topic in dict.fromkeys((*new, *old))
    ]
    return _in_topics(rows, topics)


def _topic_scores(session: Session) -> Mapping[str, float | None]:
    scores: dict[str, list[float]] = {}
    for attempt in session.answered:
        if attempt.grade:
            scores.setdefault(attempt.question.topic, []).append(attempt.grade.score)
    return {topic: _mean(sum(each), len(each)) for topic, each in scores.items()}


def _compared(before: Attempt, after: Attempt, lang: Lang) -> ComparedQuestion:
    old, new = (
        {mark.criterion: mark.verdict for mark in one.grade.marks} if one.grade else {} for one in (before, after)
    )
    return ComparedQuestion(
        question=after.question.id,
        topic=after.question.topic,
        before=before.grade.score if before.grade else None,
        after=after.grade.score if after.grade else None,
        changed=[
            ChangedPoint(
                criterion=criterion.id,
                text=criterion.text.in_(lang),
                before=old.get(criterion.id),
                after=new.get(criterion.id),
            )
            for criterion in after.question.criteria
            if old.get(criterion.id) != new.get(criterion.id)
        ],
    )
