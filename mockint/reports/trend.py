"""Scores over time, in as many points as can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from mockint.history.overview import SessionTally
from mockint.reports.shapes import Grain, Trend, TrendPoint

MOST_POINTS = 60


def trend(sessions: Sequence[SessionTally], *, current: str | None = None) -> Trend:
    """By session while there are few, else by day, week or month (of UTC). current: the session reported on."""
    if len(sessions) <= MOST_POINTS:
        return Trend(grain="session", points=[_point(one.started_at, [one], current) for one in sessions])
    groupings = [(grain, _grouped(sessions, start)) for grain, start in _GRAINS]
    grain, grouped = next((each for each in groupings if len(each[1]) <= MOST_POINTS), groupings[-1])
    return Trend(grain=grain, points=[_point(start, inside, current) for start, inside in sorted(grouped.items())])


def _day(stamp: str) -> str:
    return stamp[:10]


def _week(stamp: str) -> str:
    day = date.fromisoformat(stamp[:10])
    return (day - timedelta(days=day.weekday())).isoformat()


def _month(stamp: str) -> str:
    return f"{stamp[:7]}-01"


_GRAINS: tuple[tuple[Grain, Callable[[str], str]], ...] = (("day", _day), ("week", _week), ("month", _month))


def _grouped(sessions: Sequence[SessionTally], start: Callable[[str], str]) -> dict[str, list[SessionTally]]:
    grouped: dict[str, list[SessionTally]] = {}
    starts: dict[str, str] = {}
    for one in sessions:
        day = one.started_at[:10]
        if day not in starts:
            starts[day] = start(day)
        grouped.setdefault(starts[day], []).append(one)
    return grouped


def _point(start: str, inside: Sequence[SessionTally], current: str | None) -> TrendPoint:
    graded = sum(one.graded for one in inside)
    only = inside[0].session if len(inside) == 1 else None
    return TrendPoint(
        start=start,
        session=only,
        sessions=len(inside),
        graded=graded,
        score=round(sum(one.total for one in inside) / graded, 6) if graded else None,
        current=current is not None and any(one.session == current for one in inside),
    )
