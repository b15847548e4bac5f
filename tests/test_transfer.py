"""One's history leaves as a file, comes back the same, and can be forgotten without a trace."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockint.cli import main
from mockint.errors import UsageError
from mockint.history import History, LLMUse, Selection
from mockint.interview import Ask, Interview, Services
from mockint.question import Text
from mockint.schedule import standings
from tests.one_question import WordGrader, plan, question

SECRET = "一段只有我知道的回答 about states 🙂"


def practise(history: History, *, answer: str = SECRET, count: int = 2) -> str:
    """A session with follow-ups, hints, a draft that was left and everything else that a history can hold."""
    interview = Interview.begin(
        history,
        plan(
            *(question(id=f"q{n}") for n in range(count)),
            lang="zh",
            seed=3,
            follow_ups=1,
            limit_seconds=600,
            profile="mine",
            selection=Selection(topics={"distributed": 2}, levels=(1, 4)),
            whys=[Text(en="due", zh="到期"), *[None] * (count - 1)],
        ),
        Services(WordGrader()),
    )
    for _ in range(2):
        step = interview.step()
        if isinstance(step, Ask):
            interview.draft(step, "something else", seconds=1, writer="another")
            interview.save(step, answer, seconds=2.5, confidence=0.25)
        elif step:
            interview.grade(step)
    return interview.session_id


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path))
    return tmp_path / "history.sqlite3"


def exported(path: Path) -> list[str]:
    with History(path) as history:
        return list(history.export())


def test_what_is_exported_and_imported_is_exported_the_same(path: Path, tmp_path: Path) -> None:
    with History(path) as history:
        first, second = practise(history), practise(history, answer="")
        before = [history.session(id) for id in (first, second)]
    lines = exported(path)

    with History(tmp_path / "other.sqlite3") as other:
        added = other.import_(lines, "x.jsonl")
        assert (added.sessions, added.attempts) == (2, 2)
        assert list(other.export()) == lines
        assert [other.session(id) for id in (first, second)] == before
        assert other.drafts(1, 0)[0].text == "something else"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(min_size=1))
def test_any_words_survive_the_round_trip(answer: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    with History(folder / "a.sqlite3") as one, History(folder / "b.sqlite3") as other:
        practise(one, answer=answer)
        other.import_(list(one.export()), "x")
        assert list(other.export()) == list(one.export())


def test_importing_twice_adds_nothing(path: Path) -> None:
    with History(path) as history:
        practise(history)
        lines = list(history.export())
        assert history.import_(lines, "x") == (0, 0, 0)
        assert list(history.export()) == lines


def test_what_was_done_elsewhere_is_added_and_what_is_here_stays(path: Path, tmp_path: Path) -> None:
    with History(path) as history:
        id = practise(history, count=2)
    lines = exported(path)
    with History(tmp_path / "laptop.sqlite3") as laptop:
        laptop.import_(lines, "x")
        interview = Interview(laptop, id, Services(WordGrader()))
        while step := interview.step():
            if isinstance(step, Ask):
                interview.save(step, f"said on the laptop {step.attempt.place}")
            else:
                interview.grade(step)
        later = list(laptop.export())
    with History(path) as history:
        added = history.import_(later, "laptop.jsonl")
        session = history.session(id)

    assert added.attempts == 1
    assert session.attempts[0].parts[0].answer == SECRET
    assert session.attempts[1].parts[0].answer == "said on the laptop 1"
    assert session.ended_at


def test_another_session_of_the_same_id_keeps_both_and_only_once(path: Path) -> None:
    with History(path) as history:
        id = practise(history)
        other = [line.replace('"started_at":"2', '"started_at":"1') for line in history.export()]
        history.import_(other, "x")
        history.import_(other, "x")
        assert len(history.ids()) == 2
        assert id in history.ids()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"x\.jsonl:3: not a line"),
        ('{"what": 1}', r"x\.jsonl:3: not a line"),
        ('{"session": {"id": "20260101-aaaa"}}', r"x\.jsonl:3: not a line"),
        ('{"question": "abc", "content": {"id": "zero"}}', "not the one of its hash"),
    ],
)
def test_a_faulty_file_is_refused_whole_and_by_its_line(path: Path, tmp_path: Path, line: str, message: str) -> None:
    with History(path) as history:
        practise(history)
    lines = exported(path)
    with History(tmp_path / "other.sqlite3") as other:
        with pytest.raises(UsageError, match=message):
            other.import_([*lines[:2], line], "x.jsonl")
        assert other.ids() == []


def test_a_session_that_could_not_be_read_again_is_refused(path: Path, tmp_path: Path) -> None:
    with History(path) as history:
        practise(history)
    lines = [line.replace('"verdict":"met"', '"verdict":"superb"') for line in exported(path)]
    with History(tmp_path / "other.sqlite3") as other:
        with pytest.raises(UsageError, match="superb"):
            other.import_(lines, "x.jsonl")
        assert other.ids() == []


def test_a_newer_format_asks_for_an_upgrade(path: Path) -> None:
    with History(path) as history, pytest.raises(UsageError, match="upgrade mockint"):
        history.import_(['{"mockint_history": 99}'], "x.jsonl")


def test_forgetting_leaves_no_trace_in_the_file_and_touches_nothing_else(path: Path) -> None:
    with History(path) as history:
        kept, gone = practise(history, answer="keep this"), practise(history)
        standings(history)
        assert history.forget([gone]) == 1
        assert history.ids() == [kept]
        assert history.session(kept).attempts[0].parts[0].answer == "keep this"
        assert standings(history).keys() == {"q0"}
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert SECRET.encode() not in on_disk
    assert b"keep this" in on_disk


def test_forget_asks_and_means_only_what_was_named(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with History(path) as history:
        first, second = practise(history), practise(history)
    assert main(["forget"]) == 2
    assert "name what to forget" in capsys.readouterr().err
    assert main(["forget", first]) == 2
    assert "add --yes" in capsys.readouterr().err
    assert main(["forget", "--before", "2020-01-01", "--yes"]) == 0
    assert "nothing to forget" in capsys.readouterr().out
    assert main(["forget", first, "--yes"]) == 0
    with History(path) as history:
        assert history.ids() == [second]
    assert main(["forget", "--question", "q1", "--yes"]) == 0
    with History(path) as history:
        assert history.ids() == []


def test_export_and_import_by_command(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with History(path) as history:
        practise(history)
    out = tmp_path / "mine.jsonl"
    assert main(["export", str(out)]) == 0
    assert main(["export"]) == 0
    assert out.read_text(encoding="utf-8") == capsys.readouterr().out
    assert json.loads(out.read_text(encoding="utf-8").splitlines()[0]) == {"mockint_history": 1}

    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "new"))
    assert main(["import-history", str(out)]) == 0
    assert "new: 1 sessions, 1 attempts, 1 grades" in capsys.readouterr().out
    assert main(["import-history", str(tmp_path / "none.jsonl")]) == 2


def test_a_full_disk_leaves_no_half_export(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History(path) as history:
        practise(history)
    out = tmp_path / "mine.jsonl"
    out.write_text("the copy of last week", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", _no_space)

    assert main(["export", str(out)]) != 0
    assert out.read_text(encoding="utf-8") == "the copy of last week"
    assert not (tmp_path / "mine.jsonl.part").exists()


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_marks_exported_before_they_had_codes_get_them_on_the_way_in(path: Path, tmp_path: Path) -> None:
    with History(path) as history:
        id = practise(history)
        lines = list(history.export())
    *rest, last = lines
    session = json.loads(last)
    marks = session["session"]["attempts"][0]["grades"][0]["marks"]
    for mark in marks:
        del mark["code"]
    marks[0]["reason"], marks[1]["reason"] = "Your answer does not say this.", "An LLM's own words."

    with History(tmp_path / "other.sqlite3") as other:
        other.import_([*rest, json.dumps(session)], "old.jsonl")
        found = other.session(id).attempts[0].grades[0].grade.marks
    assert [(mark.reason, mark.code) for mark in found[:2]] == [
        ("Your answer does not say this.", "not_said"),
        ("An LLM's own words.", None),
    ]


@pytest.mark.parametrize(("asked_for", "provisional"), [("openai:gpt-5/1", True), ("offline/3", False)])
def test_a_grade_exported_before_grades_said_so_is_provisional_by_the_names(
    path: Path, tmp_path: Path, asked_for: str, provisional: bool
) -> None:
    with History(path) as history:
        id = practise(history)
        *rest, last = list(history.export())
    session = json.loads(last)
    session["session"]["grader"] = asked_for
    for attempt in session["session"]["attempts"]:
        for grade in attempt["grades"]:
            grade["grader"] = "offline/1"
            del grade["provisional"]

    with History(tmp_path / "other.sqlite3") as other:
        other.import_([*rest, json.dumps(session)], "old.jsonl")
        assert {kept.provisional for kept in other.session(id).attempts[0].grades} == {provisional}


def test_a_code_is_exported_and_imported_with_its_mark(path: Path, tmp_path: Path) -> None:
    with History(path) as history:
        id = practise(history)
        history.keep_debrief(id, "Strong on states.")
        history.add_llm_use(id, LLMUse(requests=3, tokens=150, dollars=0.25))
        attempt = history.session(id).attempts[0]
        coded = [mark.model_copy(update={"code": "half"}) for mark in attempt.grades[0].grade.marks]
        grade = attempt.grades[0].grade.model_copy(update={"marks": coded})
        history.add_grade(attempt.id, grade, parts=2, question=attempt.question)
        lines = list(history.export())

    with History(tmp_path / "other.sqlite3") as other:
        other.import_(lines, "mine.jsonl")
        assert other.session(id).attempts[0].grades[-1].grade == grade
        assert other.session(id).llm_use == LLMUse(requests=3, tokens=150, dollars=0.25)
        assert list(other.export()) == lines


def test_an_export_of_the_first_schema_imports(path: Path, tmp_path: Path) -> None:
    data = Path(__file__).parent / "data" / "history-m001.sql"
    old = tmp_path / "old.sqlite3"
    with sqlite3.connect(old) as db:
        db.executescript(data.read_text(encoding="utf-8"))
    db.close()
    lines = exported(old)
    with History(path) as history:
        assert history.import_(lines, "old.jsonl").sessions >= 1
        assert list(history.export()) == lines
