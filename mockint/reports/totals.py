"""Counts of attempts, the facts of a session, and the arithmetic of means that every table shares."""

from __future__ import annotations

from mockint.grading.grade import PASS
from mockint.history import Session
from mockint.history.overview import Tally
from mockint.reports.shapes import SessionFacts, Totals


def totals_of(tally: Tally, *, questions: int) -> Totals:
    """questions: how many different ones were asked."""
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
        score=mean(tally.total, tally.graded),
        passed=tally.passed,
        pass_mark=PASS,
        seconds=seconds_of(tally.seconds),
        over=tally.over,
        over_seconds=seconds_of(tally.over_seconds),
        hints=tally.hints,
    )


def session_totals(session: Session) -> Totals:
    """Counted over the attempts of one session."""
    outcomes = [attempt.outcome for attempt in session.attempts]
    scores = [attempt.grade.score for attempt in session.answered if attempt.grade]
    over = [attempt.over_seconds for attempt in session.attempts if attempt.over_seconds > 0]
    provisional = [one for one in session.answered if one.grade and session.is_provisional(one)]
    return totals_of(
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


def session_facts(session: Session) -> SessionFacts:
    """When, how and by whom a session was graded; times in seconds."""
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
        spent_seconds=seconds_of(session.spent_seconds),
        over_seconds=seconds_of(session.over_seconds),
        score=session.score,
    )


def mean(total: float, count: int) -> float | None:
    """None for a mean of nothing.

    Sums of scores have six digits; what lies beyond comes of the order in which they were added.
    """
    return min(1.0, round(round(total, 6) / count, 6)) if count else None


def seconds_of(value: float) -> float:
    """To a thousandth, and never below 0: an imported history may hold times of a clock that jumped."""
    return max(0.0, round(value, 3))
