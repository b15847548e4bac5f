"""Standings are what the history says, however often and in whatever pieces it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mockint.grading.grade import Grade, grade_of
from mockint.history import History, Result
from mockint.schedule import standings
from mockint.schedule.replay import CACHE, replay, reviewed
from tests.one_question import WordGrader, plan, question

START = datetime(2026, 5, 1, 18, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(tmp_path: Path, clock: Clock) -> Iterator[History]:
    with History(tmp_path / "history.sqlite3", now=clock) as opened:
        yield opened


def graded(id: str, answer: str) -> Grade:
    asked = question(id=id)
    return grade_of(asked, WordGrader().mark(asked, answer), grader="word/1")


def attempt(history: History, id: str, answer: str) -> int:
    session = history.begin_session(plan(question(id=id)), grader="word/1")
    history.ask(session, 0, "?")
    opened = history.session(session).attempts[0].id
    history.save_answer(opened, 0, answer, outcome="answered", seconds=1)
    history.add_grade(opened, graded(id, answer), parts=1, question=question(id=id))
    return opened


def test_a_good_answer_is_due_later_than_a_bad_one(history: History) -> None:
    attempt(history, "good", "states gradients weights")
    attempt(history, "bad", "nothing of it")

    known = standings(history)

    assert known["good"].due_at > known["bad"].due_at > START
    assert known["good"].recall(START) > known["good"].recall(START + timedelta(days=60))


def test_reading_piece_by_piece_gives_what_reading_all_at_once_gives(history: History, clock: Clock) -> None:
    for answer in ("states", "states weights", "states gradients weights", "layers"):
        attempt(history, "zero", answer)
        standings(history)
        clock.now += timedelta(days=3)
    piecewise = standings(history)

    history.cache(CACHE, '{"through_grade":0,"standings":{}}')

    assert standings(history) == piecewise == replay(history.results())
    assert piecewise["zero"].reviews == 4


def test_a_regraded_attempt_is_replayed_with_its_new_grade(history: History, clock: Clock) -> None:
    first = attempt(history, "zero", "nothing")
    clock.now += timedelta(days=2)
    attempt(history, "zero", "states")
    before = standings(history)

    history.add_grade(first, graded("zero", "states gradients weights"), parts=1, question=question(id="zero"))

    after = standings(history)
    assert after["zero"].reviews == 2
    assert after["zero"].stability > before["zero"].stability


def test_a_clock_that_was_set_back_counts_as_standing_still() -> None:
    def row(number: int, at: datetime) -> Result:
        return Result(number, "s", "zero", "distributed", 3, at.isoformat(), 0.8, None, None, number)

    jumped = replay([row(1, START), row(2, START - timedelta(days=400))])

    assert jumped == replay([row(1, START), row(2, START)])


def test_attempts_of_long_ago_no_longer_count_and_every_attempt_is_counted() -> None:
    def rows(old_score: float) -> list[Result]:
        scores = [old_score] * 200 + [0.9, 0.3, 0.75, 0.6, 1.0] * 20
        days = [START + timedelta(days=3 * n) for n in range(len(scores))]
        return [
            Result(n, "s", "zero", "distributed", 3, at.isoformat(), score, None, None, n)
            for n, (at, score) in enumerate(zip(days, scores, strict=True), 1)
        ]

    good, bad = replay(rows(1.0))["zero"], replay(rows(0.0))["zero"]

    assert good == bad
    assert good.reviews == 300
    whole = None
    for row in rows(0.0):
        whole = reviewed(whole, row)
    assert whole is not None
    assert abs((whole.due_at - good.due_at).days) <= 1
