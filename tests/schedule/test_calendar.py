"""The plan to the day of the interview."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mockint.errors import UsageError
from mockint.history import Result, Selection
from mockint.question import Question
from mockint.schedule import Calendar, Standing, plan_days
from mockint.schedule.replay import replay
from tests.one_question import question

FIRST = date(2026, 5, 1)


def bank(count: int, **changes: object) -> list[Question]:
    return [question(id=f"q{n:02}", minutes=4, **changes) for n in range(count)]


def planned(
    questions: list[Question], *, days: int, minutes: int, known: dict[str, Standing] | None = None
) -> Calendar:
    last = FIRST + timedelta(days=days - 1)
    return plan_days(questions, known or {}, first=FIRST, last=last, minutes=minutes, zone=UTC)


def test_every_new_question_is_met_before_the_last_day() -> None:
    plan = planned(bank(12), days=7, minutes=30)

    new = [[item.question.id for item in day.items if item.kind == "new"] for day in plan.days]
    assert sorted(id for day in new for id in day) == [f"q{n:02}" for n in range(12)]
    assert new[-1] == []
    assert plan.left_out == ()
    assert plan.days[-1].items


def test_no_day_is_longer_than_it_may_be() -> None:
    plan = planned(bank(30), days=10, minutes=20)

    assert max(day.minutes for day in plan.days) <= 20
    assert [day.on for day in plan.days] == [FIRST + timedelta(days=n) for n in range(10)]


def test_what_does_not_fit_is_named_with_the_minutes_that_would_do() -> None:
    plan = planned(bank(30), days=3, minutes=12)

    assert len(plan.left_out) == 26
    assert plan.enough_minutes > 12
    assert not planned(bank(30), days=3, minutes=plan.enough_minutes).left_out


def test_what_is_due_is_reviewed_and_the_least_known_first() -> None:
    def row(n: int, id: str, score: float, days: int) -> Result:
        at = datetime(2026, 5, 1, 9, tzinfo=UTC) - timedelta(days=days)
        return Result(n, "s", id, "distributed", 3, at.isoformat(), score, None, None, n)

    known = replay([row(1, "q00", 0.8, 90), row(2, "q01", 0.3, 20), row(3, "q02", 1.0, 1)])
    plan = planned(bank(3), days=2, minutes=60, known=known)

    assert [item.question.id for item in plan.days[0].items] == ["q01", "q00"]
    assert {item.kind for item in plan.days[0].items} == {"review"}
    assert "q02" in [item.question.id for item in plan.days[1].items]


def test_heavier_topics_come_more_often() -> None:
    several = [question(id=f"{topic}{n}", topic=topic, minutes=4) for topic in ("a", "b") for n in range(12)]
    plan = plan_days(
        several,
        {},
        first=FIRST,
        last=FIRST + timedelta(days=3),
        minutes=24,
        zone=UTC,
        selection=Selection(topics={"a": 3, "b": 1}),
    )
    topics = [item.question.topic for item in plan.days[0].items]
    assert topics.count("a") > topics.count("b") > 0


def test_dates_that_make_no_plan_are_refused() -> None:
    with pytest.raises(UsageError, match="has passed"):
        planned(bank(1), days=0, minutes=30)
    with pytest.raises(UsageError, match="more than a year"):
        planned(bank(1), days=400, minutes=30)
