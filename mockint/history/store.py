"""History: the open SQLite file, and every read and write of it."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, Self

from mockint.errors import ServiceError, UsageError
from mockint.grading.grade import Grade, Mark
from mockint.history import migrations, transfer
from mockint.history.shapes import (
    Attempt,
    Draft,
    KeptGrade,
    KeyPointResult,
    LLMUse,
    Outcome,
    Part,
    Plan,
    Result,
    Selection,
    Session,
)
from mockint.question import Frozen, Question, Text

BUSY_SECONDS = 10.0
_TURN = threading.RLock()
_SESSION_COLUMNS = ("id", "started_at", "ended_at", "grader", "debrief")
_PLAN_COLUMNS = ("lang", "seed", "follow_ups", "mode", "limit_seconds", "profile", "count")
_MOST_KNOWN = 1000
_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def history_path() -> Path:
    """MOCKINT_HOME/history.sqlite3, or the same in the user's data folder."""
    if home := os.environ.get("MOCKINT_HOME"):
        return Path(home).expanduser() / "history.sqlite3"
    from platformdirs import user_data_path

    return user_data_path("mockint", appauthor=False) / "history.sqlite3"


@dataclass(frozen=True)
class _Known:
    """Values that were read before: making one anew takes a millisecond. A question is found by its content hash, an
    attempt by all of its rows and those of its parts and grades (marks never change)."""

    questions: dict[str, Question] = field(default_factory=dict)
    attempts: dict[tuple[Any, ...], Attempt] = field(default_factory=dict)


class History:
    """The open file. Use it in one thread, as a context manager.

    Every method raises ServiceError when the disk is full or another process holds the file for long, and UsageError
    when the file is no history or was written by a newer mockint.
    """

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self._now = now
        self._known = _Known()
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

    def now(self) -> datetime:
        """By the clock that its times are kept by."""
        return self._now().astimezone(UTC)

    def close(self) -> None:
        self._db.close()

    def begin_session(self, plan: Plan, *, grader: str) -> str:
        """Keep a new session; returns its id, `YYYYMMDD-xxxx`. grader: the name of the one that is asked for."""
        columns = {name: getattr(plan, name) for name in _PLAN_COLUMNS} | {
            "grader": grader,
            "selection": plan.selection.model_dump_json() if plan.selection else None,
        }
        with self._write() as db:
            started = self._stamp()
            columns |= {"id": _free_id(db, started), "started_at": started}
            names = ", ".join(columns)
            values = ", ".join(f":{name}" for name in columns)
            number = db.execute(f"INSERT INTO sessions ({names}) VALUES ({values})", columns).lastrowid
            for place, (question, why) in enumerate(zip_longest(plan.questions, plan.whys)):
                _plan(db, number, place, question, why)
        return str(columns["id"])

    def plan_next(self, session: str, place: int, question: Question, why: Text | None) -> None:
        """Add a question to the end of a growing plan. A place that is planned already stays as it is."""
        with self._write() as db:
            number = db.execute("SELECT number FROM sessions WHERE id = ?", (session,)).fetchone()["number"]
            _plan(db, number, place, question, why)

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

    def save_answer(
        self,
        attempt: int,
        part: int,
        answer: str,
        *,
        outcome: Outcome,
        seconds: float | None,
        confidence: float | None = None,
        writer: str = "",
    ) -> bool:
        """On disk when this returns. False when the part already holds an answer, which stays (a second tab).

        Words that come too late are kept as the writer's draft. The writer's draft of a kept answer is done with, and
        so is anybody's that says nothing else; what another window holds beyond that stays.
        """
        with self._write() as db:
            done = db.execute(
                "UPDATE parts SET answer = ?, outcome = ?, submitted_at = ?, seconds = ?, confidence = ? "
                "WHERE attempt = ? AND part = ? AND outcome IS NULL",
                (answer, outcome, self._stamp(), seconds, confidence, attempt, part),
            )
            kept = done.rowcount == 1
            if kept:
                db.execute(
                    "DELETE FROM drafts WHERE attempt = ? AND part = ? AND (writer = ? OR instr(?, text) > 0)",
                    (attempt, part, writer, answer),
                )
            elif answer.strip():
                self._keep_draft(db, attempt, part, answer, writer, seconds or 0.0)
        return kept

    def save_draft(self, attempt: int, part: int, text: str, *, writer: str, seconds: float) -> None:
        """Keep what was typed so far in one window; it replaces only that window's own draft. No text: no draft."""
        with self._write() as db:
            if text:
                self._keep_draft(db, attempt, part, text, writer, seconds)
            else:
                db.execute("DELETE FROM drafts WHERE attempt = ? AND part = ? AND writer = ?", (attempt, part, writer))

    def drafts(self, attempt: int, part: int) -> tuple[Draft, ...]:
        """What was typed and not handed in, the newest first."""
        with self.read() as db:
            rows = db.execute(
                "SELECT writer, text, seconds, saved_at FROM drafts WHERE attempt = ? AND part = ? "
                "ORDER BY saved_at DESC, writer",
                (attempt, part),
            )
            return tuple(Draft(**dict(row)) for row in rows)

    def _keep_draft(
        self, db: sqlite3.Connection, attempt: int, part: int, text: str, writer: str, seconds: float
    ) -> None:
        db.execute(
            "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?)",
            (attempt, part, writer, text, seconds, self._stamp()),
        )

    def take_hint(self, attempt: int, part: int) -> None:
        """Keep that one more hint was taken, before it is shown."""
        with self._write() as db:
            db.execute(
                "UPDATE parts SET hints = hints + 1 WHERE attempt = ? AND part = ? AND outcome IS NULL", (attempt, part)
            )

    def add_grade(
        self, attempt: int, grade: Grade, *, parts: int, question: Question, provisional: bool = False
    ) -> None:
        """Add one more grade; earlier ones stay. question: the version that it was graded by."""
        with self._write() as db:
            content_hash = _keep_question(db, question)
            id = db.execute(
                "INSERT INTO grades (attempt, grader, content_hash, parts, score, capped_by, graded_at, provisional) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(attempt, grade.grader, content_hash, parts, grade.score),
                    *(_json(grade.capped_by), self._stamp(), provisional),
                ),
            ).lastrowid
            db.executemany(
                "INSERT INTO marks (grade, place, criterion, verdict, confidence, strength, reason, code, evidence) "
                "VALUES (:grade, :place, :criterion, :verdict, :confidence, :strength, :reason, :code, :evidence)",
                [
                    mark.model_dump() | {"grade": id, "place": place, "evidence": _json(mark.model_dump()["evidence"])}
                    for place, mark in enumerate(grade.marks)
                ],
            )

    def close_attempt(self, attempt: int) -> None:
        """Nothing more is asked about it. Closing it again changes nothing."""
        with self._write() as db:
            db.execute("UPDATE attempts SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (self._stamp(), attempt))

    def end_session(self, session: str) -> None:
        """Nothing more is asked in it. Ending it again changes nothing."""
        with self._write() as db:
            db.execute("UPDATE sessions SET ended_at = ? WHERE id = ? AND ended_at IS NULL", (self._stamp(), session))

    def keep_debrief(self, session: str, text: str) -> None:
        """What an LLM said at the end; one that is said later replaces it."""
        with self._write() as db:
            db.execute("UPDATE sessions SET debrief = ? WHERE id = ?", (text, session))

    def add_llm_use(self, session: str, use: LLMUse) -> None:
        """Count what an LLM used for the session on top of what was counted before."""
        with self._write() as db:
            row = db.execute("SELECT llm_use FROM sessions WHERE id = ?", (session,)).fetchone()
            before = LLMUse.model_validate_json(row["llm_use"]) if row["llm_use"] else LLMUse()
            total = (before + use).model_dump_json()
            db.execute("UPDATE sessions SET llm_use = ? WHERE id = ?", (total, session))

    def session(self, id: str) -> Session:
        """Raises UsageError for an id that is not exactly one of the history's."""
        with self.read() as db:
            row = db.execute("SELECT * FROM sessions WHERE id = ?", (id,)).fetchone()
            if row is None:
                raise UsageError(f"unknown session {id!r}: 'mockint history' lists them")
            return self._session(db, row, self._known)

    def find(self, text: str) -> str:
        """`last`, a whole id, or a part of one that no other has -> the id. Raises UsageError."""
        if text == "last":
            if recent := self.sessions(limit=1):
                return recent[0].id
            raise UsageError("no session is kept yet: 'mockint interview' starts one")
        with self.read() as db:
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
        with self.read() as db:
            rows = db.execute(
                "SELECT * FROM sessions WHERE EXISTS (SELECT 1 FROM attempts JOIN parts ON parts.attempt = attempts.id "
                "WHERE attempts.session = sessions.number AND parts.outcome IS NOT NULL) "
                "ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()
            return tuple(self._session(db, row, self._known) for row in rows)

    def open_sessions(self, *, limit: int) -> tuple[Session, ...]:
        """Sessions that were neither finished nor left before a word was typed, newest first."""
        with self.read() as db:
            rows = db.execute(
                "SELECT * FROM sessions WHERE ended_at IS NULL AND EXISTS ("
                " SELECT 1 FROM attempts JOIN parts ON parts.attempt = attempts.id LEFT JOIN drafts"
                "  ON drafts.attempt = parts.attempt AND drafts.part = parts.part"
                " WHERE attempts.session = sessions.number AND (parts.outcome IS NOT NULL OR drafts.text <> '')) "
                "ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()
            return tuple(self._session(db, row, self._known) for row in rows)

    def results(self, *, since_grade: int = 0) -> list[Result]:
        """Every graded attempt in the order of their ids; of those graded after `since_grade` when it is given."""
        with self.read() as db:
            about = _about_questions(db)
            rows = db.execute(
                "WITH counting AS (SELECT attempt, score, id, MAX(parts * (1 << 40) + id) FROM grades"
                " GROUP BY attempt HAVING MAX(id) > ?) "
                "SELECT attempts.id, sessions.id, attempts.content_hash, parts.submitted_at, counting.score,"
                " parts.seconds, parts.confidence, counting.id "
                "FROM counting JOIN attempts ON attempts.id = counting.attempt "
                "JOIN sessions ON sessions.number = attempts.session "
                "JOIN parts ON parts.attempt = attempts.id AND parts.part = 0 "
                "WHERE parts.submitted_at IS NOT NULL ORDER BY attempts.id",
                (since_grade,),
            )
            return [Result(row[0], row[1], *about[row[2]], *tuple(row)[3:]) for row in rows]

    def key_point_results(self, *, latest: bool = False) -> list[KeyPointResult]:
        """Every mark of every counting grade; with `latest` only of each question's last graded attempt."""
        with self.read() as db:
            about = _about_questions(db)
            counting = (
                "SELECT attempt, id, MAX(parts * (1 << 40) + id) AS rank FROM grades GROUP BY attempt"
                if not latest
                else "SELECT attempt, grade AS id, MAX(attempt) FROM (SELECT grades.attempt, grades.id AS grade, "
                "attempts.content_hash, MAX(parts * (1 << 40) + grades.id) FROM grades JOIN attempts "
                "ON attempts.id = grades.attempt GROUP BY grades.attempt) JOIN questions USING (content_hash) "
                "GROUP BY questions.id"
            )
            rows = db.execute(
                f"WITH counting AS ({counting}) "
                "SELECT counting.attempt, attempts.content_hash, marks.criterion, marks.verdict, parts.submitted_at "
                "FROM counting JOIN marks ON marks.grade = counting.id JOIN attempts ON attempts.id = counting.attempt "
                "JOIN parts ON parts.attempt = counting.attempt AND parts.part = 0 "
                "ORDER BY counting.attempt, marks.place"
            )
            return [KeyPointResult(row[0], about[row[1]][0], *tuple(row)[2:]) for row in rows]

    def export(self) -> Iterator[str]:
        """All that is kept, as JSON lines; see `transfer`."""
        with self.read() as db:
            yield from transfer.lines_of(db)

    def import_(self, lines: Iterable[str], path: str) -> transfer.Imported:
        """Adds what an export holds and this history does not. All or nothing. Raises UsageError with file and line."""
        with self._write() as db:
            known = _Known()

            def read(id: str) -> Session:
                row = db.execute("SELECT * FROM sessions WHERE id = ?", (id,)).fetchone()
                return self._session(db, row, known)

            return transfer.read_into(db, lines, path, free_id=lambda started: _free_id(db, started), read=read)

    def forget(self, sessions: Collection[str]) -> int:
        """Take these sessions and every word in them off the disk; returns how many there were.

        Afterwards the file holds no trace of them: deleted rows are overwritten and the file is written anew.
        """
        with self._translated():
            self._db.execute("PRAGMA secure_delete = ON")
        with self._write() as db:
            gone = sum(db.execute("DELETE FROM sessions WHERE id = ?", (id,)).rowcount for id in sessions)
            db.execute("DELETE FROM caches")
            db.execute(
                "DELETE FROM questions WHERE content_hash NOT IN (SELECT content_hash FROM plan UNION "
                "SELECT content_hash FROM attempts UNION SELECT content_hash FROM grades)"
            )
        with self._translated():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def ids(self, *, before: str | None = None, question: str | None = None) -> list[str]:
        """Of all sessions, or those that started before a time (ISO 8601, UTC), or that asked a question."""
        with self.read() as db:
            rows = db.execute(
                "SELECT id FROM sessions WHERE (? IS NULL OR started_at < ?) AND (? IS NULL OR number IN "
                "(SELECT session FROM plan JOIN questions USING (content_hash) WHERE questions.id = ?)) "
                "ORDER BY number",
                (before, before, question, question),
            )
            return [row["id"] for row in rows]

    def cached(self, name: str) -> str | None:
        """What was kept to save computing it again, if anything."""
        with self.read() as db:
            row = db.execute("SELECT content FROM caches WHERE name = ?", (name,)).fetchone()
            return str(row["content"]) if row else None

    def cache(self, name: str, content: str) -> None:
        """Keep a text that saves computing it again; `forget` empties all of them."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO caches VALUES (?, ?)", (name, content))

    def _session(self, db: sqlite3.Connection, row: sqlite3.Row, known: _Known) -> Session:
        number = row["number"]
        planned = db.execute(
            "SELECT content_hash, why FROM plan WHERE session = ? ORDER BY place", (number,)
        ).fetchall()
        attempts = db.execute("SELECT * FROM attempts WHERE session = ? ORDER BY place", (number,)).fetchall()
        parts = _of_attempts(db, "parts", number, order="part")
        grades = _of_attempts(db, "grades", number, order="grades.id")
        return Session(
            **{key: row[key] for key in _SESSION_COLUMNS},
            plan=Plan(
                **{key: row[key] for key in _PLAN_COLUMNS},
                questions=[_question(db, one["content_hash"], known) for one in planned],
                whys=[Text.model_validate_json(one["why"]) if one["why"] else None for one in planned],
                selection=Selection.model_validate_json(row["selection"]) if row["selection"] else None,
            ),
            llm_use=LLMUse.model_validate_json(row["llm_use"]) if row["llm_use"] else None,
            attempts=[
                _attempt(db, attempt, parts.get(attempt["id"], ()), grades.get(attempt["id"], ()), known)
                for attempt in attempts
            ],
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
            if unknown := applied - {migration.__name__ for migration in migrations.MIGRATIONS}:
                raise UsageError(
                    f"the history {str(self.path)!r} was written by a newer mockint ({', '.join(sorted(unknown))}): "
                    "upgrade mockint, or point MOCKINT_HOME at another folder"
                )
            for migration in migrations.MIGRATIONS:
                if migration.__name__ not in applied:
                    migration(db)
                    db.execute("INSERT INTO migrations VALUES (?, ?)", (migration.__name__, self._stamp()))

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """Threads of this process wait for their turn; SQLite alone would have them sleep and try again."""
        with _TURN, self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
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


def _plan(db: sqlite3.Connection, session: int | None, place: int, question: Question, why: Text | None) -> None:
    db.execute(
        "INSERT INTO plan (session, place, content_hash, why) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (session, place, _keep_question(db, question), why.model_dump_json() if why else None),
    )


def _about_questions(db: sqlite3.Connection) -> dict[str, tuple[str, str, int]]:
    """(id, topic, level) of every kept version of a question, by its content hash."""
    rows = db.execute(
        "SELECT content_hash, id, json_extract(content, '$.topic'), json_extract(content, '$.level') FROM questions"
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _keep_question(db: sqlite3.Connection, question: Question) -> str:
    hash = question.content_hash()
    content = _json(question.content())
    db.execute("INSERT INTO questions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (hash, question.id, content))
    return hash


def _question(db: sqlite3.Connection, hash: str, known: _Known) -> Question:
    if hash not in known.questions:
        row = db.execute("SELECT content FROM questions WHERE content_hash = ?", (hash,)).fetchone()
        known.questions[hash] = Question.model_validate_json(row["content"])
    return known.questions[hash]


def _of_attempts(
    db: sqlite3.Connection, table: Literal["parts", "grades"], session: int, *, order: str
) -> dict[int, list[sqlite3.Row]]:
    """The rows that belong to the attempts of a session, by attempt."""
    rows = db.execute(
        f"SELECT {table}.* FROM attempts JOIN {table} ON attempt = attempts.id WHERE session = ? "
        f"ORDER BY attempt, {order}",
        (session,),
    )
    return {attempt: list(own) for attempt, own in groupby(rows, key=itemgetter("attempt"))}


def _attempt(
    db: sqlite3.Connection, row: sqlite3.Row, parts: Sequence[sqlite3.Row], grades: Sequence[sqlite3.Row], known: _Known
) -> Attempt:
    key = (tuple(row), tuple(map(tuple, parts)), tuple(map(tuple, grades)))
    if key not in known.attempts:
        if len(known.attempts) >= _MOST_KNOWN:
            known.attempts.clear()
        known.attempts[key] = _read_attempt(db, row, parts, grades, known)
    return known.attempts[key]


def _read_attempt(
    db: sqlite3.Connection, row: sqlite3.Row, parts: Sequence[sqlite3.Row], grades: Sequence[sqlite3.Row], known: _Known
) -> Attempt:
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
    return KeptGrade(grade=grade, **{key: row[key] for key in ("parts", "content_hash", "graded_at", "provisional")})


def _columns(row: sqlite3.Row, shape: type[Frozen], **instead: Any) -> Mapping[str, Any]:
    return {key: row[key] for key in shape.model_fields if key not in instead} | instead


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
