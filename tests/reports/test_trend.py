"""Scores over time, in as many points as can be drawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mockint.history.overview import DayTally, SessionTally
from mockint.reports.trend import trend


def sessions(count: int) -> list[SessionTally]:
    return [SessionTally(f"s{n}", f"2026-01-05T19:00:{n:02}.000+00:00", 2, 1.0) for n in range(count)]


def days(count: int) -> list[DayTally]:
    start = date(2026, 1, 5)  # a Monday
    return [DayTally((start + timedelta(days=n)).isoformat(), 2, 4, 2.0) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "grain", "points", "last"),
    [
        (1, "day", 1, "2026-01-05"),
        (60, "day", 60, "2026-03-05"),
        (61, "week", 9, "2026-03-02"),
        (600, "month", 20, "2027-08-01"),
        (4000, "month", 132, "2036-12-01"),
    ],
)
def test_the_grain_is_the_finest_that_can_be_drawn(count: int, grain: str, points: int, last: str) -> None:
    found = trend([], days(count))

    assert (found.grain, len(found.points), found.points[-1].start) == (grain, points, last)
    assert sum(point.sessions for point in found.points) == 2 * count
    assert all(point.score == 0.5 for point in found.points)


def test_few_sessions_are_told_apart_and_the_one_reported_on_is_marked() -> None:
    found = trend(sessions(9), days(1), current="s7")

    assert (found.grain, len(found.points)) == ("session", 9)
    assert [point.session for point in found.points if point.current] == ["s7"]


def test_nothing_graded_is_no_trend() -> None:
    assert trend([], []).points == []
