"""Scores over time, in as many points as can be drawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mockint.history.overview import SessionTally
from mockint.reports.trend import MOST_POINTS, trend


def sessions(count: int, *, days_apart: float) -> list[SessionTally]:
    start = date(2026, 1, 5)  # a Monday
    return [
        SessionTally(f"s{n}", f"{start + timedelta(days=int(n * days_apart))}T19:00:00.000+00:00", 2, 1.0)
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("count", "days_apart", "grain", "points", "last"),
    [
        (60, 1, "session", 60, "2026-03-05T19:00:00.000+00:00"),
        (100, 0.5, "day", 50, "2026-02-23"),
        (100, 1, "week", 15, "2026-04-13"),
        (600, 1, "month", 20, "2027-08-01"),
        (4000, 1, "month", 132, "2036-12-01"),
    ],
)
def test_the_grain_is_the_finest_that_can_be_drawn(
    count: int, days_apart: float, grain: str, points: int, last: str
) -> None:
    found = trend(sessions(count, days_apart=days_apart))

    assert (found.grain, len(found.points), found.points[-1].start) == (grain, points, last)
    assert sum(point.sessions for point in found.points) == count
    assert all(point.score == 0.5 for point in found.points)


def test_the_session_reported_on_is_marked_also_inside_a_day() -> None:
    many = sessions(2 * MOST_POINTS, days_apart=0.5)

    found = trend(many, current="s7")

    assert [point.start for point in found.points if point.current] == ["2026-01-08"]
    assert not any(point.current for point in trend(many).points)
