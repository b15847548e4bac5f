"""Standings -> a plan for every day until the interview.

Each day reviews what will be due, the least known first, and takes on new questions, in turn by topic and easier ones
first, so that all are met before the last day; that day only repeats what is weakest. The plan supposes that every
answer is a good one: after a bad one, make it anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from mockint.errors import UsageError
from mockint.history import Selection
from mockint.question import Question
from mockint.schedule.replay import Standing, answered_well

MOST_DAYS = 366
VERDICT_MINUTES = 2
"""To read the verdict and what was missed."""


@dataclass(frozen=True)
class Item:
    question: Question
    kind: Literal["review", "new"]

    @property
    def minutes(self) -> int:
        """Meant to be spent on it, with reading the verdict."""
        return self.question.minutes + VERDICT_MINUTES


@dataclass(frozen=True)
class Day:
    on: date
    items: tuple[Item, ...]

    @property
    def minutes(self) -> int:
        """Meant to be spent on it, with reading the verdict."""
        return sum(item.minutes for item in self.items)


@dataclass(frozen=True)
class Calendar:
    """left_out: new questions for which there is no time. enough_minutes: a day that would fit them too."""

    days: tuple[Day, ...]
    left_out: tuple[Question, ...]
    enough_minutes: int


def plan_days(
    questions: Sequence[Question],
    known: Mapping[str, Standing],
    *,
    first: date,
    last: date,
    minutes: int,
    zone: tzinfo,
    selection: Selection | None = None,
) -> Calendar:
    """From the first to the last day, both included. minutes: a day. Raises UsageError for dates that make no plan."""
    if last < first:
        raise UsageError(f"the date {last} has passed: give one from {first} on")
    if (last - first).days >= MOST_DAYS:
        raise UsageError(f"the date {last} is more than a year away: plan to a nearer one")
    by_id = {question.id: question for question in questions}
    states = {id: standing for id, standing in known.items() if id in by_id}
    new = _in_turn([question for question in questions if question.id not in states], selection or Selection())
    days = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        to_last = (last - on).days
        reviews = [Item(by_id[one.question], "review") for one in _due(states, _end_of(on, zone), final=not to_last)]
        day = Day(on, tuple(_fill(reviews, [Item(question, "new") for question in new], minutes, to_last, number)))
        taken = {item.question.id for item in day.items}
        new = [question for question in new if question.id not in taken]
        for item in day.items:
            states[item.question.id] = answered_well(item.question, states.get(item.question.id), _end_of(on, zone))
        days.append(day)
    return Calendar(tuple(days), tuple(new), _enough(days, new))


def _fill(reviews: list[Item], new: list[Item], minutes: int, to_last: int, number: int) -> list[Item]:
    """What is due first, but new questions keep the share of the day that gets all of them asked in time."""
    share = sum(item.minutes for item in new) / to_last if to_last else 0.0
    for_new = min(share, minutes / 2 if reviews else minutes)
    chosen: list[Item] = []
    spent = 0
    for item in reviews:
        if spent + item.minutes <= minutes - for_new or not chosen:
            chosen.append(item)
            spent += item.minutes
    if to_last or not number:  # nothing new on the last day, unless it is the only one
        before = spent
        for item in new:
            if spent + item.minutes > minutes and chosen:
                break
            if spent - before >= share and to_last:
                break
            chosen.append(item)
            spent += item.minutes
    return chosen


def _due(states: Mapping[str, Standing], at: datetime, *, final: bool) -> list[Standing]:
    """What is due by then, the least known first; on the final day the weakest of all."""
    asked = [one for one in states.values() if final or one.due_at <= at]
    return sorted(asked, key=lambda one: (one.recall(at) * (0.5 + one.last_score / 2), one.question))


def _in_turn(questions: Sequence[Question], selection: Selection) -> list[Question]:
    """A question of each topic in turn, more often where the weight is greater; easier ones first."""
    by_topic: dict[str, list[Question]] = defaultdict(list)
    for question in sorted(questions, key=lambda question: question.level):
        by_topic[question.topic].append(question)
    weights = {topic: selection.topics.get(topic, 1.0) for topic in by_topic}
    turns = [
        ((place + 0.5) / weights[topic], question)
        for topic, several in by_topic.items()
        for place, question in enumerate(several)
    ]
    return [question for _, question in sorted(turns, key=lambda turn: turn[0])]


def _end_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(23, 59), zone)


def _enough(days: Sequence[Day], left: Sequence[Question]) -> int:
    """Minutes a day, rounded up to five, in which what is left out would fit as well."""
    wanted = sum(day.minutes for day in days) + sum(Item(question, "new").minutes for question in left)
    return -(-wanted // (5 * max(1, len(days) - 1))) * 5
