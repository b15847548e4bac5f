"""Whatever happens, and at whatever moment: no word is lost, and nothing counts twice.

A crash before every single statement of a session, a disk that fills up at every write, kill -9 at any moment, two
programs at once on one session, and a clock that jumps.
"""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mockint.errors import ServiceError, UsageError
from mockint.history import History
from mockint.interview import Ask, Interview, Services
from mockint.schedule import standings
from tests.one_question import WordGrader, plan, question

ANSWERS = {"q0": "states", "q1": "gradients and states", "q2": ""}
Fault = Callable[[], BaseException]


class Crash(BaseException):
    """The program is gone. No handler of ours may catch it."""


class Failing:
    """A connection whose nth statement fails, and with it all after it when the program is gone."""

    def __init__(self, db: sqlite3.Connection, *, at: int, fault: Fault, writes_only: bool) -> None:
        self._db, self._left, self._fault, self._writes_only = db, at, fault, writes_only
        self.reached = False

    def _count(self, statement: str) -> None:
        if self._writes_only and not statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE", "COMMIT")):
            return
        self._left -= 1
        if self._left < 0 and not (self._writes_only and self.reached):
            self.reached = True
            raise self._fault()

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        self._count(statement)
        return self._db.execute(statement, *values)

    def executemany(self, statement: str, *values: Any) -> sqlite3.Cursor:
        self._count(statement)
        return self._db.executemany(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def hold(history: History, session: str, entered: list[tuple[int, int, str]]) -> None:
    """The rest of a session. `entered` notes each part once it was saved."""
    interview = Interview(history, session, Services(WordGrader()))
    while step := interview.step():
        if not isinstance(step, Ask):
            interview.grade(step)
            continue
        answer = ANSWERS[step.question.id]
        interview.draft(step, answer[:3], seconds=1, writer="w")
        interview.save(step, answer, seconds=2, writer="w")
        entered.append((step.attempt.place, step.part.part, answer))


def begin(history: History) -> str:
    questions = [question(id=id) for id in ANSWERS]
    return history.begin_session(plan(*questions, follow_ups=1), grader="word/1")


def state(history: History, session: str) -> list[tuple[str, list[str], int, float]]:
    kept = history.session(session)
    return [
        (one.question.id, [part.answer for part in one.parts], len(one.grades), one.grade.score if one.grade else -1)
        for one in kept.attempts
    ]


def undisturbed(folder: Path) -> list[tuple[str, list[str], int, float]]:
    with History(folder / "undisturbed.sqlite3") as history:
        session = begin(history)
        hold(history, session, [])
        return state(history, session)


@pytest.mark.slow
def test_a_crash_before_any_statement_loses_nothing_and_the_session_ends_as_if_there_was_none(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)
    for at in range(10_000):
        path = tmp_path / f"{at}.sqlite3"
        with History(path) as history:
            session = begin(history)
            entered: list[tuple[int, int, str]] = []
            failing = Failing(history._db, at=at, fault=Crash, writes_only=False)
            history._db = failing  # type: ignore[assignment]
            with contextlib.suppress(Crash):
                hold(history, session, entered)
            history._db = failing._db
        with History(path) as history:
            parts = [(a.place, p.part, p.answer) for a in history.session(session).attempts for p in a.parts]
            assert set(entered) <= set(parts), f"crash before statement {at}"
            hold(history, session, [])
            assert state(history, session) == expected, f"crash before statement {at}"
            assert len(history.results()) == len(ANSWERS)
        if not failing.reached:
            assert at > 100
            return


def test_a_disk_that_is_full_for_a_moment_is_said_and_the_same_step_can_be_taken_again(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)

    def full() -> sqlite3.OperationalError:
        fault = sqlite3.OperationalError("database or disk is full")
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL
        return fault

    writes = count_of_writes(tmp_path)
    assert writes > 30
    for at in range(writes + 1):
        with History(tmp_path / f"{at}.sqlite3") as history:
            session = begin(history)
            failing = Failing(history._db, at=at, fault=full, writes_only=True)
            history._db = failing  # type: ignore[assignment]
            with pytest.raises(ServiceError, match="make room") if at < writes else contextlib.nullcontext():
                hold(history, session, [])
            history._db = failing._db  # there is room again
            hold(history, session, [])
            assert failing.reached == (at < writes)
            assert state(history, session) == expected, f"write {at} failed"


def count_of_writes(folder: Path) -> int:
    with History(folder / "counted.sqlite3") as history:
        session = begin(history)
        counting = Failing(history._db, at=10**6, fault=Crash, writes_only=True)
        history._db = counting  # type: ignore[assignment]
        hold(history, session, [])
        history._db = counting._db
    return 10**6 - counting._left


CHILD = """
import sys
from pathlib import Path
from mockint.history import History
from tests import test_faults

class Told(list):
    def append(self, entered):
        print(*entered[:2], flush=True)

with History(Path(sys.argv[1])) as history:
    print("ready", flush=True)
    test_faults.hold(history, sys.argv[2], Told())
    print("over", flush=True)
"""


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_nothing_that_was_entered(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)
    chance = random.Random(7)
    for number in range(12):
        path = tmp_path / f"{number}.sqlite3"
        with History(path) as history:
            session = begin(history)
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), session], stdout=subprocess.PIPE, text=True)
        assert child.stdout
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        told = [line.split() for line in child.stdout.read().splitlines() if line != "over"]
        child.wait()
        child.stdout.close()
        with History(path) as history:
            kept = {
                (attempt.place, part.part)
                for attempt in history.session(session).attempts
                for part in attempt.parts
                if part.outcome
            }
            assert {(int(place), int(part)) for place, part in told} <= kept
            hold(history, session, [])
            assert state(history, session) == expected


@pytest.mark.slow
def test_two_programs_on_one_session_answer_everything_once(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    with History(path) as history:
        session = begin(history)
    script = CHILD.replace("test_faults.hold(", "test_faults.hold_beside_another(")
    both = [subprocess.Popen([sys.executable, "-c", script, str(path), session]) for _ in range(2)]
    assert [child.wait(timeout=60) for child in both] == [0, 0]
    with History(path) as history:
        kept = history.session(session)
        assert [attempt.question.id for attempt in kept.attempts] == list(ANSWERS)
        assert all(part.outcome for attempt in kept.attempts for part in attempt.parts)
        assert len(history.results()) == len(ANSWERS)
        assert kept.ended_at


def hold_beside_another(history: History, session: str, entered: list[tuple[int, int, str]]) -> None:
    """As `hold`, and what the other one was faster with is left to it."""
    while history.session(session).ended_at is None:
        try:
            hold(history, session, entered)
        except UsageError:
            assert history.session(session).answered, "refused, and nobody had answered"


def test_a_clock_that_jumps_changes_neither_order_nor_time_spent(tmp_path: Path) -> None:
    start = datetime(2026, 5, 1, 18, tzinfo=UTC)
    chance = random.Random(3)
    with History(
        tmp_path / "history.sqlite3", now=lambda: start + timedelta(days=chance.uniform(-4000, 4000))
    ) as history:
        sessions = [begin(history) for _ in range(6)]
        for session in sessions:
            hold(history, session, [])

        assert [one.id for one in history.sessions(limit=9)] == sessions[::-1]
        assert {one.spent_seconds for one in history.sessions(limit=9)} == {10.0}
        assert [row.attempt for row in history.results()] == list(range(1, 19))
        assert standings(history)["q0"].reviews == 6
