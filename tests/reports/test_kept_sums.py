"""The sums of ended sessions are kept; whatever happens after, a report says what it would say without them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mockint.history import History, overview
from mockint.reports import Report, progress_report
from tests.one_question import question
from tests.reports.practice import CACHE, NOW, TOPICS, ZERO, Practice, practice


@pytest.fixture(autouse=True)
def keeps_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "_WORTH_KEEPING", 1)


def report(history: History) -> Report:
    return progress_report(history, topics=TOPICS, now=NOW)


def emptied(home: Path) -> None:
    with sqlite3.connect(home / "history.sqlite3") as db:
        db.execute("DELETE FROM caches")
    db.close()


def kept(home: Path) -> int:
    with sqlite3.connect(home / "history.sqlite3") as db:
        (count,) = db.execute("SELECT COUNT(*) FROM caches WHERE name LIKE 'overview/%'").fetchone()
    db.close()
    return int(count)


def evening(held: Practice, said: str, *, ends: bool = True) -> None:
    held.begin(ZERO, CACHE)
    held.answer(0, said, confidence=0.4, hints=1)
    held.answer(1, "recent", confidence=0.7, seconds=500)
    if ends:
        held.history.end_session(held.session)


def more_practice(held: Practice) -> None:
    evening(held, "states, not weights")


def an_open_session_goes_on(held: Practice) -> None:
    held.session = held.opened  # type: ignore[attr-defined]
    held.answer(0, "states")


def a_regrade(held: Practice) -> None:
    held.session = held.ended  # type: ignore[attr-defined]
    held.grade(0, by="other/2")


def a_forgotten_session(held: Practice) -> None:
    held.history.forget([held.ended])  # type: ignore[attr-defined]


def a_new_version(held: Practice) -> None:
    held.begin(question(prompt={"en": "What, then?", "zh": "那么？"}))
    held.answer(0, "gradients")
    held.history.end_session(held.session)


def nothing(held: Practice) -> None:
    pass


@pytest.mark.parametrize(
    "happens", [nothing, more_practice, an_open_session_goes_on, a_regrade, a_forgotten_session, a_new_version]
)
def test_a_report_from_kept_sums_says_the_same(home: Path, happens) -> None:  # type: ignore[no-untyped-def]
    with practice(home) as held:
        evening(held, "states and gradients")
        held.ended = held.session  # type: ignore[attr-defined]
        held.opened = held.begin(ZERO, CACHE)  # type: ignore[attr-defined]
        evening(held, "layers")
        report(held.history)
        assert kept(home) == 1
        happens(held)

        from_kept = report(held.history)
        emptied(home)
        anew = report(held.history)

    assert from_kept == anew


def test_what_is_kept_is_what_is_read(home: Path) -> None:
    with practice(home) as held:
        evening(held, "states")
        report(held.history)
        held.history._db.execute("UPDATE caches SET content = replace(content, '\"zero\"', '\"other\"')")
        held.begin(ZERO)
        held.answer(0, "states")

        rows = [(row.question, row.attempts) for row in report(held.history).questions]

    assert sorted(rows) == [("cache", 1), ("zero", 1), ("zero", 1)]  # the forged one is believed, and not counted anew


def test_a_part_of_the_history_is_never_taken_from_what_is_kept(home: Path) -> None:
    with practice(home) as held:
        evening(held, "states")
        evening(held, "layers")
        report(held.history)

        late = progress_report(held.history, since="2026-03-04", now=NOW)

    assert (late.totals.sessions, late.totals.asked) == (1, 2)
