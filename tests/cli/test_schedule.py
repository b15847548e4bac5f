"""`mockint due` and `mockint plan`, as a person and a script read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mockint.bank import default_bank
from mockint.cli import main
from mockint.grading.grade import grade_of
from mockint.history import History
from tests.one_question import WordGrader, plan, question, write_bank


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    root = tmp_path / "bank"
    write_bank(root, [question(id=f"q{n}", minutes=4) for n in range(4)])
    return str(root)


def answered(tmp_path: Path, id: str, answer: str, *, days_ago: float) -> None:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    with History(tmp_path / "home" / "history.sqlite3", now=lambda: at) as history:
        asked = question(id=id)
        session = history.begin_session(plan(asked), grader="word/1")
        history.ask(session, 0, "?")
        attempt = history.session(session).attempts[0].id
        history.save_answer(attempt, 0, answer, outcome="answered", seconds=1)
        grade = grade_of(asked, WordGrader().mark(asked, answer), grader="word/1")
        history.add_grade(attempt, grade, parts=1, question=asked)


def test_what_is_due_stands_first_and_the_rest_says_when(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(tmp_path, "q0", "states gradients weights", days_ago=1)
    answered(tmp_path, "q1", "nothing", days_ago=9.5)

    assert main(["due", "--bank", bank]) == 0

    shown = capsys.readouterr().out
    assert shown.index("q1") < shown.index("q0")
    assert "due" in next(line for line in shown.splitlines() if "q1" in line)
    assert "in " in next(line for line in shown.splitlines() if "q0" in line)
    assert "1 due, 1 later, 2 never asked." in shown


def test_due_in_chinese_and_for_a_program(bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answered(tmp_path, "q1", "nothing", days_ago=9.5)
    assert main(["due", "--bank", bank, "--lang", "zh"]) == 0
    assert "到期 1 题，之后 0 题，还没问过 3 题" in capsys.readouterr().out

    assert main(["due", "--bank", bank, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["due"], told["new"]) == (1, 3)
    assert [(row["question"], row["due"], row["reviews"]) for row in told["questions"]] == [("q1", True, 1)]


def test_a_plan_fills_the_days_up_to_the_interview(bank: str, capsys: pytest.CaptureFixture[str]) -> None:
    until = (datetime.now().astimezone() + timedelta(days=4)).date()

    assert main(["plan", "--until", str(until), "--minutes", "12", "--bank", bank, "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert len(told["days"]) == 4
    new = [one["question"] for day in told["days"] for one in day["questions"] if one["kind"] == "new"]
    assert sorted(new) == ["q0", "q1", "q2", "q3"]
    assert all(day["minutes"] <= 12 for day in told["days"])


def test_a_plan_in_a_terminal_says_what_does_not_fit(bank: str, capsys: pytest.CaptureFixture[str]) -> None:
    until = (datetime.now().astimezone() + timedelta(days=2)).date()

    assert main(["plan", "--until", str(until), "--minutes", "6", "--bank", bank]) == 0

    shown = capsys.readouterr().out
    assert "+ q" in shown
    assert "do not fit" in shown


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["plan", "--until", "soon"], "unusable date 'soon': write it as in"),
        (["plan", "--until", "2020-01-01"], "is not in the future"),
        (["due", "--role", "astronaut"], "unknown role 'astronaut'"),
        (["due", "--topic", "cooking"], "unknown topic 'cooking'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    args: list[str], message: str, bank: str, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = ["--bank", str(default_bank())] if "--role" in args else ["--bank", bank]
    assert main([*args, *extra]) == 2
    assert message in capsys.readouterr().err
