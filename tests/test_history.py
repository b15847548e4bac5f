"""What the history keeps, and that nothing takes it away."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import get_args

import pytest

from mockint.errors import ServiceError, UsageError
from mockint.grading.grade import Evidence, Grade, Mark, grade_of
from mockint.history import MIGRATIONS, History, LLMUse, Selection, history_path
from mockint.history.migrations import CODES_OF_SENTENCES
from mockint.history.overview import overview
from mockint.phrases import ReasonCode
from mockint.question import Text
from tests.one_question import WordGrader, plan, question

DATA = Path(__file__).parent / "data"


def graded(answer: str) -> Grade:
    zero = question()
    return grade_of(zero, WordGrader().mark(zero, answer), grader="word/1")


def begin(history: History, *, count: int = 1) -> str:
    questions = [question(id=f"q{number}") for number in range(count)]
    return history.begin_session(plan(*questions, seed=7, follow_ups=1), grader="word/1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "history.sqlite3"


def test_a_reopened_history_gives_back_what_was_kept(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "What does ZeRO shard?")
        assert history.save_answer(1, 0, "切分 states，然后…\n第二行 🙂", outcome="answered", seconds=12.5)
        history.add_grade(1, graded("states"), parts=1, question=question(id="q0"))
        history.ask_follow_up(1, 1, "What is left whole?", 1)
        history.close_attempt(1)
        history.end_session(id)
        before = history.session(id)

    with History(path) as history:
        after = history.session(id)

    assert after == before
    attempt = after.attempts[0]
    assert attempt.question == question(id="q0")
    assert [part.answer for part in attempt.parts] == ["切分 states，然后…\n第二行 🙂", ""]
    assert attempt.grade == graded("states")
    assert after.ended_at
    assert after.score == pytest.approx(2 / 6)


def test_an_answer_cannot_be_overwritten(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "?")
        assert history.save_answer(1, 0, "first", outcome="answered", seconds=1)

        assert not history.save_answer(1, 0, "second", outcome="answered", seconds=1)
        assert history.session(id).attempts[0].parts[0].answer == "first"


def test_asking_again_keeps_what_was_asked_first(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "first words")
        history.ask(id, 0, "other words")

        attempts = history.session(id).attempts
    assert [part.prompt for attempt in attempts for part in attempt.parts] == ["first words"]


def test_every_grade_is_kept_and_the_latest_of_the_most_parts_counts(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "?")
        history.save_answer(1, 0, "states", outcome="answered", seconds=None)
        for answer, parts in (("states", 1), ("states weights", 2), ("weights", 2), ("", 1)):
            history.add_grade(1, graded(answer), parts=parts, question=question(id="q0"))

        attempt = history.session(id).attempts[0]
    assert [kept.parts for kept in attempt.grades] == [1, 2, 2, 1]
    assert attempt.grade == graded("weights")


def test_every_field_of_a_mark_is_kept(path: Path) -> None:
    mark = Mark(
        criterion="states",
        verdict="partial",
        confidence=0.25,
        strength=0.4,
        evidence=[Evidence(start=3, end=5, quote="状态", part=2), Evidence(start=0, end=1, quote='"')],
        reason="Half of it.",
        code="half",
    )
    assert set(mark.model_fields_set) == set(Mark.model_fields)
    rest = [m for m in graded("").marks if m.criterion != "states"]
    grade = Grade(marks=[*rest, mark], score=0.5, capped_by=["states"], grader="word/1")
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "?")
        history.add_grade(1, grade, parts=1, question=question(id="q0"))

        assert history.session(id).attempts[0].grade == grade


def test_an_attempt_without_a_grade_has_no_score(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "?")
        history.save_answer(1, 0, "states", outcome="answered", seconds=None)

        session = history.session(id)
    assert session.score is None
    assert session.as_json()["attempts"][0]["score"] is None


def test_an_old_answer_keeps_the_question_as_it_was_asked(path: Path) -> None:
    with History(path) as history:
        old = history.begin_session(plan(), grader="word/1")
        changed = question(prompt={"en": "New words?", "zh": "新的问法？"})
        new = history.begin_session(plan(changed), grader="word/1")

        assert history.session(old).plan.questions == [question()]
        assert history.session(new).plan.questions == [changed]


def test_only_sessions_in_which_something_was_handed_in_are_listed_newest_first(path: Path) -> None:
    clock = datetime(2026, 5, 1, tzinfo=UTC)
    with History(path, now=lambda: clock) as history:
        ids = [begin(history) for _ in range(3)]
        for number, id in enumerate(ids[:2], 1):
            history.ask(id, 0, "?")
            history.save_answer(number, 0, "", outcome="skipped", seconds=None)
        clock -= timedelta(days=400)

        assert [session.id for session in history.sessions(limit=9)] == [ids[1], ids[0]]
        assert [session.id for session in history.sessions(limit=1)] == [ids[1]]
        assert history.find("last") == ids[1]


def test_a_session_is_found_by_a_part_of_its_id(path: Path) -> None:
    with History(path, now=lambda: datetime(2026, 5, 1, tzinfo=UTC)) as history:
        first, second = begin(history), begin(history)

        assert first.startswith("20260501-")
        assert history.find(first) == first
        assert history.find(second[-4:]) == second
        with pytest.raises(UsageError, match="2 sessions match '20260501'"):
            history.find("20260501")
        with pytest.raises(UsageError, match="unknown session 'zzzz'"):
            history.find("zzzz")
        with pytest.raises(UsageError, match="no session is kept yet"):
            history.find("last")


def _fill(path: Path, number: int) -> str:
    with History(path) as history:
        id = begin(history, count=5)
        for place in range(5):
            history.ask(id, place, "?")
            attempt = history.session(id).attempts[place]
            history.save_answer(attempt.id, 0, f"{number} states", outcome="answered", seconds=1)
            history.add_grade(attempt.id, graded("states"), parts=1, question=attempt.question)
    return id


def test_two_processes_that_start_at_once_share_one_history(path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        ids = list(pool.map(_fill, [path] * 8, range(8)))

    with History(path) as history:
        for number, id in enumerate(ids):
            answers = [part.answer for attempt in history.session(id).attempts for part in attempt.parts]
            assert answers == [f"{number} states"] * 5
            assert history.session(id).score == pytest.approx(2 / 6)


def test_a_writer_waits_for_another(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        script = (
            f"import sqlite3, sys\ndb = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
            "db.execute('BEGIN IMMEDIATE')\nprint('locked', flush=True)\nsys.stdin.read(1)\ndb.execute('COMMIT')"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        assert history.session(id).attempts == []
        other.communicate("x")
        history.ask(id, 0, "?")
        assert len(history.session(id).attempts) == 1


def test_an_answer_survives_kill_9_right_after_it_was_saved(path: Path) -> None:
    script = f"""
import os, signal, pathlib
from mockint.history import History
from tests.one_question import plan
history = History(pathlib.Path({str(path)!r}))
id = history.begin_session(plan(), grader="word/1")
history.ask(id, 0, "?")
history.save_answer(1, 0, "不能丢", outcome="answered", seconds=1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=DATA.parent.parent, check=False)
    assert done.returncode == -signal.SIGKILL

    with History(path) as history:
        assert history.sessions(limit=1)[0].attempts[0].parts[0].answer == "不能丢"


@pytest.mark.parametrize("applied", range(len(MIGRATIONS) + 1))
def test_every_earlier_schema_is_brought_up_to_date(path: Path, applied: int) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)")
        for migration in MIGRATIONS[:applied]:
            migration(db)
            db.execute("INSERT INTO migrations VALUES (?, 'then')", (migration.__name__,))
    db.close()

    with History(path) as history:
        assert history.session(begin(history)).plan.seed == 7
    with sqlite3.connect(path) as db:
        names = [name for (name,) in db.execute("SELECT name FROM migrations ORDER BY rowid")]
    db.close()
    assert names == [migration.__name__ for migration in MIGRATIONS]


def test_a_history_written_by_the_first_release_opens_with_all_it_held(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript((DATA / "history-m001.sql").read_text(encoding="utf-8"))
    db.close()

    with History(path) as history:
        (session,) = history.sessions(limit=9)
    assert session.id == "20260501-abcd"
    assert [part.answer for part in session.attempts[0].parts] == ["It shards the states 状态", "weights too"]
    assert session.score == pytest.approx(5 / 6)
    assert session.attempts[0].grade is not None
    assert session.attempts[0].grade.mark("weights").evidence[0].part == 1


@pytest.mark.parametrize(("asked_for", "provisional"), [("openai:gpt-5/1", True), ("offline/3", False)])
def test_a_grade_kept_before_grades_said_so_is_provisional_by_the_names(
    path: Path, asked_for: str, provisional: bool
) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript((DATA / "history-m001.sql").read_text(encoding="utf-8"))
        db.execute("UPDATE sessions SET grader = ?", (asked_for,))
        db.execute("UPDATE grades SET grader = 'offline/1'")
    db.close()

    with History(path) as history:
        (session,) = history.sessions(limit=9)
    assert session.is_provisional(session.attempts[0]) is provisional


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Your answer does not say this.", "not_said"),
        ("You say the opposite of the point.", "opposite"),
        ("没有作答。", "no_answer"),
        ("You name the states, not the weights. (2 of 3 votes)", None),
        ("", None),
    ],
)
def test_a_sentence_kept_before_marks_had_codes_gets_the_code_that_it_stands_for(
    path: Path, sentence: str, code: str | None
) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript((DATA / "history-m001.sql").read_text(encoding="utf-8"))
        db.execute("UPDATE marks SET reason = ? WHERE criterion = 'gradients'", (sentence,))
    db.close()

    with History(path) as history:
        grade = history.sessions(limit=1)[0].attempts[0].grade
        (tally,) = overview(history, pass_mark=0.7).questions
    assert grade is not None
    assert (grade.mark("gradients").reason, grade.mark("gradients").code) == (sentence, code)
    assert next(mark.code for mark in tally.grades[0] if mark.criterion == "gradients") == code


def test_the_codes_given_to_old_sentences_are_codes_of_today() -> None:
    assert set(CODES_OF_SENTENCES.values()) <= set(get_args(ReasonCode))


def test_a_history_of_a_newer_mockint_is_left_alone(path: Path) -> None:
    History(path).close()
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO migrations VALUES ('m999_future', 'later')")
    db.close()

    with pytest.raises(UsageError, match=r"newer mockint \(m999_future\): upgrade mockint"):
        History(path)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History(path) as history:
        id = begin(history)

    def m999_broken(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE marks")
        db.execute("CREATE TABLE sessions (id TEXT)")

    with monkeypatch.context() as patch:
        patch.setattr("mockint.history.migrations.MIGRATIONS", (*MIGRATIONS, m999_broken))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            History(path)
    with History(path) as history:
        assert history.session(id).attempts == []
        history.ask(id, 0, "?")
        history.add_grade(1, graded("states"), parts=1, question=question(id="q0"))


def test_a_file_that_is_no_history_is_refused_with_the_next_step(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("my diary " * 200)

    with pytest.raises(UsageError, match=r"not readable as SQLite .*: move the file away"):
        History(path)
    assert path.read_text() == "my diary " * 200


def test_a_full_disk_is_said_and_what_was_saved_stays(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.ask(id, 0, "?")
        history._db.execute("PRAGMA max_page_count = 1")

        with pytest.raises(ServiceError, match=r"disk is full.*make room"):
            history.save_answer(1, 0, "long " * 100_000, outcome="answered", seconds=None)
        history._db.execute("PRAGMA max_page_count = 100000")
        assert history.save_answer(1, 0, "short", outcome="answered", seconds=None)


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="point MOCKINT_HOME at a folder you own"):
        History(tmp_path / "file" / "history.sqlite3")


def test_only_the_owner_can_read_the_history(path: Path) -> None:
    old = os.umask(0o022)
    try:
        History(path).close()
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_mockint_home_overrides_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("MOCKINT_HOME", raising=False)
    assert history_path() == tmp_path / "data" / "mockint" / "history.sqlite3"

    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    assert history_path() == tmp_path / "home" / "history.sqlite3"


def answered(history: History, *answers: str) -> None:
    """One session, a question an answer: q0, q1, ..."""
    id = begin(history, count=len(answers))
    for place, answer in enumerate(answers):
        history.ask(id, place, "?")
        attempt = history.session(id).attempts[place].id
        history.save_answer(attempt, 0, answer, outcome="answered", seconds=3, confidence=0.5)
        history.add_grade(attempt, graded(answer), parts=1, question=question(id=f"q{place}"))


def test_results_are_one_row_an_attempt_by_the_grade_that_counts(path: Path) -> None:
    with History(path) as history:
        answered(history, "states", "weights")
        history.add_grade(1, graded("states weights gradients"), parts=2, question=question(id="q0"))

        rows = history.results()
        assert [(row.question, row.topic, row.level, row.score, row.confidence) for row in rows] == [
            ("q0", "distributed", 3, 1.0, 0.5),
            ("q1", "distributed", 3, 0.5, 0.5),
        ]
        assert [row.question for row in history.results(since_grade=2)] == ["q0"]
        assert history.results(since_grade=3) == []


def test_key_points_are_told_of_every_attempt_or_only_of_the_latest(path: Path) -> None:
    with History(path) as history:
        answered(history, "states")
        answered(history, "weights")

        def met(*, latest: bool) -> list[tuple[int, str]]:
            rows = history.key_point_results(latest=latest)
            return [(row.attempt, row.criterion) for row in rows if row.verdict == "met"]

        assert met(latest=False) == [(1, "states"), (2, "weights")]
        assert met(latest=True) == [(2, "weights")]


def test_a_session_tells_how_it_was_meant(path: Path) -> None:
    selection = Selection(topics={"distributed": 2.0}, levels=(2, 4))
    why = Text(en="due", zh="到期")
    with History(path) as history:
        wanted = plan(
            lang="zh",
            seed=7,
            follow_ups=1,
            mode="exam",
            limit_seconds=600,
            profile="Inference engineer",
            count=3,
            selection=selection,
            whys=[why],
        )
        session = history.session(history.begin_session(wanted, grader="word/1"))
    assert session.plan == wanted
    assert session.total == 3


def test_what_an_llm_said_and_used_is_kept_with_its_session(path: Path) -> None:
    with History(path) as history:
        id = begin(history)
        history.add_llm_use(id, LLMUse(requests=1, tokens=100))
        history.add_llm_use(id, LLMUse(requests=2, tokens=50, dollars=0.25))
        history.keep_debrief(id, "Strong on states.")
        session = history.session(id)

    assert session.llm_use == LLMUse(requests=3, tokens=150, dollars=0.25)
    assert session.debrief == "Strong on states."


def test_versions_that_differed_only_in_their_wordings_become_one(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript((DATA / "history-m001.sql").read_text(encoding="utf-8"))
        (text,) = db.execute("SELECT content FROM questions").fetchone()
        content = json.loads(text)
        content["key_points"][0]["accept"] = [[["another", "wording"]]]
        db.execute("INSERT INTO questions VALUES ('f00', 'zero', ?)", (json.dumps(content),))
        db.execute("UPDATE grades SET content_hash = 'f00' WHERE id = (SELECT MAX(id) FROM grades)")
    db.close()

    with History(path) as history:
        (session,) = history.sessions(limit=9)

    (attempt,) = session.attempts
    assert attempt.content_hash == attempt.question.content_hash()
    assert {kept.content_hash for kept in attempt.grades} == {attempt.content_hash}
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT COUNT(*) FROM questions").fetchone() == (1,)
    db.close()


def test_a_session_that_was_read_before_shows_what_another_process_did_since(path: Path) -> None:
    with History(path) as history, History(path) as other:
        id = begin(history)
        history.ask(id, 0, "?")
        assert history.session(id).attempts[0].outcome is None

        other.save_answer(1, 0, "states", outcome="answered", seconds=1)
        assert history.session(id).attempts[0].parts[0].answer == "states"
        other.add_grade(1, graded("states"), parts=1, question=question(id="q0"))
        assert history.session(id).attempts[0].grade == graded("states")
        other.add_grade(1, graded("gradients"), parts=1, question=question(id="q0"))
        assert history.session(id).attempts[0].grade == graded("gradients")
        other.close_attempt(1)
        assert history.session(id).attempts[0].closed_at
