"""What was asked, answered and graded, in one SQLite file that outlives crashes, upgrades and two terminals at once.

    sessions    one sitting: language, grader asked for, seed
    plan        the questions that a session means to ask, in order
    attempts    one answer to one question, open until its last follow-up is settled
    parts       the answer (part 0) and the follow-ups (1..n): what was asked, and what was said, saved before grading
    grades      a grade of an attempt; one more after every part and every regrade, none ever replaced
    marks       the verdicts of a grade, the evidence as JSON
    questions   every version of a question that was asked, by content hash

Decisions. A question is kept as it was asked, so that an old answer can be read, resumed and graded again after the
bank has moved on. What state a session is in is never stored but read from its rows, so a crash between two writes
leaves nothing to mend. Every write is one transaction that takes the write lock first (BEGIN IMMEDIATE) and is on disk
when the call returns (synchronous=FULL). The order of sessions is that of their numbers: a clock may jump.

The schema grows by appending a function to MIGRATIONS; the names of those applied are kept in the table `migrations`.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from mockint.errors import ServiceError, UsageError
from mockint.grading.grade import Grade, Mark
from mockint.question import Frozen, Lang, Question

Outcome = Literal["answered", "dont-know", "skipped"]
BUSY_SECONDS = 10.0
_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Part(Frozen):
    """What was asked and what was said. `outcome` is None until it was handed in.

    part: 0 for the answer, n for the nth follow-up. follow_up: its place in the question's list, None for the answer.
    seconds: time spent answering, by a clock that does not jump. hints: taken before it was.
    Times are UTC, ISO 8601.
    """

    part: int
    prompt: str
    follow_up: int | None
    asked_at: str
    answer: str = ""
    outcome: Outcome | None = None
    submitted_at: str | None = None
    seconds: float | None = None
    hints: int = 0


class KeptGrade(Frozen):
    """A grade as it was given. parts: how many it had seen. content_hash: by which version of the question."""

    grade: Grade
    parts: int
    content_hash: str
    graded_at: str


class Attempt(Frozen):
    id: int
    place: int
    question: Question
    content_hash: str
    closed_at: str | None
    parts: list[Part]
    grades: list[KeptGrade]

    @property
    def grade(self) -> Grade | None:
        """The grade that counts: the latest of those that saw the most parts. None while ungraded: that is no zero."""
        latest_first = reversed(self.grades)
        kept = max(latest_first, key=lambda kept: kept.parts, default=None)
        return kept.grade if kept else None

    @property
    def graded_parts(self) -> int:
        return max((kept.parts for kept in self.grades), default=0)

    @property
    def submitted(self) -> list[Part]:
        return [part for part in self.parts if part.outcome is not None]

    @property
    def hints(self) -> int:
        """Taken so far, over all parts."""
        return sum(part.hints for part in self.parts)

    @property
    def outcome(self) -> Outcome | None:
        """What became of the question itself; None while it waits for an answer."""
        return self.parts[0].outcome if self.parts else None

    def as_json(self) -> dict[str, Any]:
        """For a program to read: everything but the question's text."""
        return {
            "place": self.place,
            "question": self.question.id,
            "topic": self.question.topic,
            "level": self.question.level,
            "content_hash": self.content_hash,
            "outcome": self.outcome,
            "score": self.grade.score if self.grade else None,
            "closed_at": self.closed_at,
            "parts": [part.model_dump(mode="json") for part in self.parts],
            "grades": [
                {"graded_at": kept.graded_at, "parts": kept.parts, "content_hash": kept.content_hash}
                | kept.grade.model_dump(mode="json")
                for kept in self.grades
            ],
        }


class Session(Frozen):
    """One sitting. `plan` names the questions to ask in order; `attempts` those that were asked so far."""

    id: str
    started_at: str
    ended_at: str | None
    lang: Lang
    grader: str
    seed: int
    follow_ups: int
    plan: list[Question]
    attempts: list[Attempt]

    @property
    def answered(self) -> list[Attempt]:
        """Attempts that have a grade or wait for one: answered, or "don't know", but not skipped."""
        return [attempt for attempt in self.attempts if attempt.outcome in ("answered", "dont-know")]

    def is_provisional(self, attempt: Attempt) -> bool:
        """Its grade is missing, or was given by the offline grader in place of the LLM that failed."""
        if attempt not in self.answered:
            return False
        if attempt.grade is None or attempt.graded_parts < len(attempt.submitted):
            return True
        return attempt.grade.grader.startswith("offline/") and not self.grader.startswith("offline/")

    @property
    def score(self) -> float | None:
        """The mean over the graded attempts; None when there is none."""
        scores = [attempt.grade.score for attempt in self.answered if attempt.grade]
        return sum(scores) / len(scores) if scores else None

    def as_json(self) -> dict[str, Any]:
        return {
            **self.model_dump(mode="json", exclude={"plan", "attempts"}),
            "score": self.score,
            "plan": [question.id for question in self.plan],
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }


def history_path() -> Path:
    """MOCKINT_HOME/history.sqlite3, or the same in the user's data folder."""
    if home := os.environ.get("MOCKINT_HOME"):
        return Path(home).expanduser() / "history.sqlite3"
    from platformdirs import user_data_path

    return user_data_path("mockint", appauthor=False) / "history.sqlite3"


class History:
    """The open file. Use it in one thread, as a context manager.

    Every method raises ServiceError when the disk is full or another process holds the file for long, and UsageError
    when the file is no history or was written by a newer mockint.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._now = now
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            self._db.row_factory = sqlite3.Row
        try:
            with self._translated():
                self._db.execute("PRAGMA foreign_keys = ON")
                self._db.execute("PRAGMA synchronous = FULL")
                _use_wal(self._db)
            self._migrate()
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def begin_session(
        self, questions: Sequence[Question], *, lang: Lang, grader: str, seed: int, follow_ups: int
    ) -> str:
        """Keep the plan of a new session; returns its id, `YYYYMMDD-xxxx`."""
        with self._write() as db:
            started = self._stamp()
            id = _free_id(db, started)
            number = db.execute(
                "INSERT INTO sessions (id, started_at, lang, grader, seed, follow_ups) VALUES (?, ?, ?, ?, ?, ?)",
                (id, started, lang, grader, seed, follow_ups),
            ).lastrowid
            for place, question in enumerate(questions):
                db.execute(
                    "INSERT INTO plan (session, place, content_hash) VALUES (?, ?, ?)",
                    (number, place, _keep_question(db, question)),
                )
        return id

    def ask(self, session: str, place: int, prompt: str) -> None:
        """Open the attempt at this place of the plan. Asking what is already asked changes nothing."""
        with self._write() as db:
            planned = db.execute(
                "SELECT session, content_hash FROM plan JOIN sessions ON number = session WHERE id = ? AND place = ?",
                (session, place),
            ).fetchone()
            opened = db.execute(
                "INSERT INTO attempts (session, place, content_hash) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (planned["session"], place, planned["content_hash"]),
            )
            if opened.rowcount == 1 and opened.lastrowid:
                self._add_part(db, opened.lastrowid, 0, prompt, None)

    def ask_follow_up(self, attempt: int, part: int, prompt: str, follow_up: int | None) -> None:
        """Keep that the nth follow-up was asked, and with which words. Asking it again changes nothing."""
        with self._write() as db:
            self._add_part(db, attempt, part, prompt, follow_up)

    def save_answer(self, attempt: int, part: int, answer: str, *, outcome: Outcome, seconds: float | None) -> bool:
        """On disk when this returns. False when the part already holds an answer, which stays (a second tab)."""
        with self._write() as db:
            done = db.execute(
                "UPDATE parts SET answer = ?, outcome = ?, submitted_at = ?, seconds = ? "
                "WHERE attempt = ? AND part = ? AND outcome IS NULL",
                (answer, outcome, self._stamp(), seconds, attempt, part),
            )
        return done.rowcount == 1

    def take_hint(self, attempt: int, part: int) -> None:
        """Keep that one more hint was taken, before it is shown."""
        with self._write() as db:
            db.execute(
                "UPDATE parts SET hints = hints + 1 WHERE attempt = ? AND part = ? AND outcome IS NULL", (attempt, part)
            )

    def add_grade(self, attempt: int, grade: Grade, *, parts: int, question: Question) -> None:
        """Add one more grade; earlier ones stay. `question` is the version that it was graded by."""
        with self._write() as db:
            content_hash = _keep_question(db, question)
            id = db.execute(
                "INSERT INTO grades (attempt, grader, content_hash, parts, score, capped_by, graded_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (attempt, grade.grader, content_hash, parts, grade.score, _json(grade.capped_by), self._stamp()),
            ).lastrowid
            db.executemany(
                "INSERT INTO marks (grade, place, criterion, verdict, confidence, strength, reason, evidence) "
                "VALUES (:grade, :place, :criterion, :verdict, :confidence, :strength, :reason, :evidence)",
                [
                    mark.model_dump() | {"grade": id, "place": place, "evidence": _json(mark.model_dump()["evidence"])}
                    for place, mark in enumerate(grade.marks)
                ],
            )

    def close_attempt(self, attempt: int) -> None:
        with self._write() as db:
            db.execute("UPDATE attempts SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (self._stamp(), attempt))

    def end_session(self, session: str) -> None:
        with self._write() as db:
            db.execute("UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (self._stamp(), session))

    def session(self, id: str) -> Session:
        """Raises UsageError for an id that is not exactly one of the history's."""
        with self._read() as db:
            row = db.execute("SELECT * FROM sessions WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise UsageError(f"unknown session {id!r}: 'mockint history' lists them")
            return self._session(db, row, {})

    def find(self, text: str) -> str:
        """`last`, a whole id, or a part of one that no other has -> the id. Raises UsageError."""
        if text == "last":
            if recent := self.sessions(limit=1):
                return recent[0].id
            raise UsageError("no session is kept yet: 'mockint interview' starts one")
        with self._read() as db:
            found = [
                row["id"]
                for row in db.execute(
                    "SELECT id FROM sessions WHERE instr(id, ?) > 0 ORDER BY number DESC", (text.lower(),)
                )
            ]
        if text in found or len(found) == 1:
            return text if text in found else str(found[0])
        if not found:
            raise UsageError(f"unknown session {text!r}: 'mockint history' lists them")
        shown = ", ".join(found[:5])
        raise UsageError(f"{len(found)} sessions match {text!r} ({shown}): give more of the id")

    def sessions(self, *, limit: int) -> tuple[Session, ...]:
        """The latest sessions in which something was handed in, newest first."""
        with self._read() as db:
            rows = db.execute(
                "SELECT * FROM sessions WHERE EXISTS (SELECT 1 FROM attempts JOIN parts ON parts.attempt = attempts.id "
                "WHERE attempts.session = sessions.number AND parts.outcome IS NOT NULL) "
                "ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()
            known: dict[str, Question] = {}
            return tuple(self._session(db, row, known) for row in rows)

    def _session(self, db: sqlite3.Connection, row: sqlite3.Row, known: dict[str, Question]) -> Session:
        number = row["number"]
        plan = db.execute("SELECT content_hash FROM plan WHERE session = ? ORDER BY place", (number,)).fetchall()
        attempts = db.execute("SELECT * FROM attempts WHERE session = ? ORDER BY place", (number,)).fetchall()
        return Session(
            **{key: row[key] for key in ("id", "started_at", "ended_at", "lang", "grader", "seed", "follow_ups")},
            plan=[_question(db, planned["content_hash"], known) for planned in plan],
            attempts=[_attempt(db, attempt, known) for attempt in attempts],
        )

    def _add_part(self, db: sqlite3.Connection, attempt: int, part: int, prompt: str, follow_up: int | None) -> None:
        db.execute(
            "INSERT INTO parts (attempt, part, prompt, follow_up, asked_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (attempt, part, prompt, follow_up, self._stamp()),
        )

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="milliseconds")

    def _migrate(self) -> None:
        with self._write() as db:
            # IF NOT EXISTS takes part in the transaction, so two first starts at once migrate once.
            db.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)")
            applied = {row["name"] for row in db.execute("SELECT name FROM migrations")}
            if unknown := applied - {migration.__name__ for migration in MIGRATIONS}:
                raise UsageError(
                    f"the history {str(self.path)!r} was written by a newer mockint ({', '.join(sorted(unknown))}): "
                    "upgrade mockint, or point MOCKINT_HOME at another folder"
                )
            for migration in MIGRATIONS:
                if migration.__name__ not in applied:
                    migration(db)
                    db.execute("INSERT INTO migrations VALUES (?, ?)", (migration.__name__, self._stamp()))

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """One consistent look, whatever another process writes meanwhile."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._translated():
            self._db.execute(begin)
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        where = f"the history {str(self.path)!r}"
        try:
            yield
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise  # a fault in our SQL is a bug
            if "locked" in str(fault):
                advice = "another mockint is busy with it; try again in a moment"
            else:
                advice = "make room, check that you may write there, or point MOCKINT_HOME at another folder"
            raise ServiceError(f"{where} could not be used ({fault}): {advice}") from fault
        except sqlite3.DatabaseError as fault:
            if isinstance(fault, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InternalError)):
                raise
            move = "move the file away, or point MOCKINT_HOME at another folder"
            raise UsageError(f"{where} is not readable as SQLite ({fault}): {move}") from fault
        except OSError as fault:
            raise UsageError(
                f"{where} cannot be opened ({fault.strerror}): point MOCKINT_HOME at a folder you own"
            ) from fault


def _use_wal(db: sqlite3.Connection) -> None:
    """Readers then never wait for a writer. Turning it on needs the file alone and ignores the busy timeout."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.005, 0.05))


def _free_id(db: sqlite3.Connection, started: str) -> str:
    day = started[:10].replace("-", "")
    while True:
        id = f"{day}-{''.join(random.SystemRandom().choices(_ID_LETTERS, k=4))}"
        if db.execute("SELECT 1 FROM sessions WHERE id = ?", (id,)).fetchone() is None:
            return id


def _keep_question(db: sqlite3.Connection, question: Question) -> str:
    hash = question.content_hash()
    content = _json(question.model_dump(mode="json", exclude={"samples"}))
    db.execute("INSERT INTO questions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (hash, question.id, content))
    return hash


def _question(db: sqlite3.Connection, hash: str, known: dict[str, Question]) -> Question:
    if hash not in known:
        row = db.execute("SELECT content FROM questions WHERE content_hash = ?", (hash,)).fetchone()
        known[hash] = Question.model_validate_json(row["content"])
    return known[hash]


def _attempt(db: sqlite3.Connection, row: sqlite3.Row, known: dict[str, Question]) -> Attempt:
    parts = db.execute("SELECT * FROM parts WHERE attempt = ? ORDER BY part", (row["id"],)).fetchall()
    grades = db.execute("SELECT * FROM grades WHERE attempt = ? ORDER BY id", (row["id"],)).fetchall()
    return Attempt(
        id=row["id"],
        place=row["place"],
        question=_question(db, row["content_hash"], known),
        content_hash=row["content_hash"],
        closed_at=row["closed_at"],
        parts=[Part(**{key: part[key] for key in Part.model_fields}) for part in parts],
        grades=[_kept_grade(db, grade) for grade in grades],
    )


def _kept_grade(db: sqlite3.Connection, row: sqlite3.Row) -> KeptGrade:
    marks = db.execute("SELECT * FROM marks WHERE grade = ? ORDER BY place", (row["id"],)).fetchall()
    grade = Grade(
        marks=[Mark(**_columns(mark, Mark, evidence=json.loads(mark["evidence"]))) for mark in marks],
        score=row["score"],
        capped_by=json.loads(row["capped_by"]),
        grader=row["grader"],
    )
    return KeptGrade(grade=grade, **{key: row[key] for key in ("parts", "content_hash", "graded_at")})


def _columns(row: sqlite3.Row, shape: type[Frozen], **instead: Any) -> Mapping[str, Any]:
    return {key: row[key] for key in shape.model_fields if key not in instead} | instead


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def m001_sessions(db: sqlite3.Connection) -> None:
    for statement in (
        "CREATE TABLE questions (content_hash TEXT PRIMARY KEY, id TEXT NOT NULL, content TEXT NOT NULL)",
        """CREATE TABLE sessions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            started_at TEXT NOT NULL,
            ended_at TEXT,
            lang TEXT NOT NULL,
            grader TEXT NOT NULL,
            seed INTEGER NOT NULL,
            follow_ups INTEGER NOT NULL
        )""",
        """CREATE TABLE plan (
            session INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            PRIMARY KEY (session, place)
        ) WITHOUT ROWID""",
        """CREATE TABLE attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            closed_at TEXT,
            UNIQUE (session, place)
        )""",
        """CREATE TABLE parts (
            attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
            part INTEGER NOT NULL CHECK (part >= 0),
            prompt TEXT NOT NULL,
            follow_up INTEGER,
            asked_at TEXT NOT NULL,
            answer TEXT NOT NULL DEFAULT '',
            outcome TEXT CHECK (outcome IN ('answered', 'dont-know', 'skipped')),
            submitted_at TEXT,
            seconds REAL,
            PRIMARY KEY (attempt, part)
        ) WITHOUT ROWID""",
        """CREATE TABLE grades (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
            grader TEXT NOT NULL,
            content_hash TEXT NOT NULL REFERENCES questions (content_hash),
            parts INTEGER NOT NULL CHECK (parts >= 1),
            score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
            capped_by TEXT NOT NULL,
            graded_at TEXT NOT NULL
        )""",
        """CREATE TABLE marks (
            grade INTEGER NOT NULL REFERENCES grades (id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            criterion TEXT NOT NULL,
            verdict TEXT NOT NULL,
            confidence REAL NOT NULL,
            strength REAL,
            reason TEXT NOT NULL,
            evidence TEXT NOT NULL,
            PRIMARY KEY (grade, criterion)
        ) WITHOUT ROWID""",
        "CREATE INDEX grades_of_attempt ON grades (attempt)",
        "CREATE INDEX attempts_of_question ON attempts (content_hash)",
        "CREATE INDEX questions_by_id ON questions (id)",
    ):
        db.execute(statement)


def m002_hints(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE parts ADD COLUMN hints INTEGER NOT NULL DEFAULT 0")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m001_sessions, m002_hints)
