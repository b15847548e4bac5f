"""Scores over time, in as many points as can be drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from mockint.history.overview import FEW_SESSIONS, DayTally, SessionTally
from mockint.reports.shapes import Grain, Trend, TrendPoint
from mockint.reports.totals import mean

MOST_POINTS = FEW_SESSIONS


def trend(sessions: Sequence[SessionTally], days: Sequence[DayTally] = (), *, current: str | None = None) -> Trend:
    """By session while there are few, else by day, week or month (of UTC).

    sessions: none when they are too many to be told apart. current: the session reported on.
    """
    if sessions or not days:
        return Trend(grain="session", points=[_session(one, current) for one in sessions])
    groupings = ((grain, _grouped(days, start)) for grain, start in _GRAINS)
    grain, points = next(each for each in groupings if len(each[1]) <= MOST_POINTS or each[0] == "month")
    return Trend(grain=grain, points=points)


def _day(day: str) -> str:
    return day


def _week(day: str) -> str:
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _month(day: str) -> str:
    return f"{day[:7]}-01"


_GRAINS: tuple[tuple[Grain, Callable[[str], str]], ...] = (("day", _day), ("week", _week), ("month", _month))


def _grouped(days: Iterable[DayTally], start: Callable[[str], str]) -> list[TrendPoint]:
    grouped: dict[str, list[DayTally]] = {}
    for one in days:
        grouped.setdefault(start(one.day), []).append(one)
    return [_point(first, inside) for first, inside in sorted(grouped.items())]


def _point(start: str, inside: Sequence[DayTally]) -> TrendPoint:
    graded = sum(one.graded for one in inside)
    return TrendPoint(
        start=start,
        session=None,
        sessions=sum(one.sessions for one in inside),
        graded=graded,
        score=mean(sum(one.total for one in inside), graded),
    )


def _session(one: SessionTally, current: str | None) -> TrendPoint:
    return TrendPoint(
        start=one.started_at,
        session=one.session,
        sessions=1,
        graded=one.graded,
        score=mean(one.total, one.graded),
        current=one.session == current,
    )
