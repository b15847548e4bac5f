"""The whole history as JSON lines, and back; nothing is lost on the way, and nothing that is there is replaced.

    {"mockint_history": 1}
    {"question": HASH, "content": {...}}
    {"session": {..., "plan": [...], "attempts": [{..., "parts": [...], "drafts": [...], "grades": [...]}]}}

A line names only what lines before it hold. Sessions are told apart by their id and start. Into a history that has a
session already goes what it lacks: an answer to what is unanswered there, later attempts, other grades.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mockint.errors import UsageError
from mockint.history.migrations import CODES_OF_SENTENCES, hash_of, stood_in, without_wordings

FORMAT = 1
Row = dict[str, Any]

_SESSION = (
    *("id", "started_at", "ended_at", "lang", "grader", "seed", "follow_ups"),
    *("mode", "limit_seconds", "profile", "count", "selection", "debrief", "llm_use"),
)
_SESSION_JSON = ("selection", "llm_use")
_PART = (
    *("part", "prompt", "follow_up", "asked_at", "answer", "outcome", "submitted_at", "seconds", "hints"),
    "confidence",
)
_DRAFT = ("part", "writer", "text", "seconds", "saved_at")
_GRADE = ("grader", "content_hash", "parts", "score", "capped_by", "graded_at", "provisional")
_MARK = ("criterion", "verdict", "confidence", "strength", "reason", "code", "evidence")


class Imported(NamedTuple):
    """How much was new."""

    sessions: int
    attempts: int
    grades: int


def lines_of(db: sqlite3.Connection) -> Iterator[str]:
    """The file's lines, without line ends. The same history gives the same lines."""
    yield _dump({"mockint_history": FORMAT})
    for row in db.execute("SELECT content_hash, content FROM questions ORDER BY id, content_hash"):
        yield _dump({"question": row["content_hash"], "content": json.loads(row["content"])})
    for row in db.execute("SELECT * FROM sessions ORDER BY number"):
        yield _dump({"session": _session(db, row)})


def read_into(
    db: sqlite3.Connection,
    lines: Iterable[str],
    path: str,
    *,
    free_id: Callable[[str], str],
    read: Callable[[str], object],
) -> Imported:
    """Within the caller's transaction. Raises UsageError with the file and line of what cannot be read: then nothing
    was imported. free_id: a session id for this start that is not taken. read: the session of this id, as it will be
    read later; a ValueError refuses it."""
    sessions = attempts = grades = 0
    renamed: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if number == 1:
                _check_head(value)
            elif "question" in value:
                renamed[value["question"]] = _add_question(db, value["question"], value["content"])
            else:
                id, *added = _add_session(db, _renamed(value["session"], renamed), free_id)
                read(id)
                sessions, attempts, grades = sessions + added[0], attempts + added[1], grades + added[2]
        except (KeyError, TypeError, ValueError, AttributeError, sqlite3.IntegrityError) as fault:
            why = f"{type(fault).__name__}: {fault}"
            raise UsageError(
                f"{path}:{number}: not a line of an exported history ({why}); nothing was imported: "
                "export it again with 'mockint export'"
            ) from fault
    return Imported(sessions, attempts, grades)


def _check_head(value: Row) -> None:
    if value["mockint_history"] != FORMAT:
        raise ValueError(f"format {value['mockint_history']} is newer than {FORMAT}, upgrade mockint")


def _session(db: sqlite3.Connection, row: sqlite3.Row) -> Row:
    plan = db.execute("SELECT content_hash, why FROM plan WHERE session = ? ORDER BY place", (row["number"],))
    attempts = db.execute("SELECT * FROM attempts WHERE session = ? ORDER BY place", (row["number"],)).fetchall()
    return {
        **_picked(row, _SESSION, as_json=_SESSION_JSON),
        "plan": [_picked(planned, ("content_hash", "why"), as_json=("why",)) for planned in plan],
        "attempts": [_attempt(db, attempt) for attempt in attempts],
    }


def _attempt(db: sqlite3.Connection, row: sqlite3.Row) -> Row:
    parts = db.execute("SELECT * FROM parts WHERE attempt = ? ORDER BY part", (row["id"],))
    drafts = db.execute("SELECT * FROM drafts WHERE attempt = ? ORDER BY part, writer", (row["id"],))
    grades = db.execute("SELECT * FROM grades WHERE attempt = ? ORDER BY id", (row["id"],)).fetchall()
    return {
        **_picked(row, ("place", "content_hash", "closed_at")),
        "parts": [_picked(part, _PART) for part in parts],
        "drafts": [_picked(draft, _DRAFT) for draft in drafts],
        "grades": [_grade(db, grade) for grade in grades],
    }


def _grade(db: sqlite3.Connection, row: sqlite3.Row) -> Row:
    marks = db.execute("SELECT * FROM marks WHERE grade = ? ORDER BY place", (row["id"],))
    return {
        **_picked(row, _GRADE, as_json=("capped_by",)),
        "marks": [_picked(mark, _MARK, as_json=("evidence",)) for mark in marks],
    }


def _add_question(db: sqlite3.Connection, content_hash: str, content: Row) -> str:
    """The hash that it is kept under: another one for a question that was exported with its wordings."""
    if hash_of(content) != content_hash:
        raise ValueError(f"the question {content['id']!r} is not the one of its hash")
    plain = without_wordings(content)
    kept = hash_of(plain)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    db.execute("INSERT INTO questions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (kept, content["id"], text))
    return kept


def _renamed(value: Any, renamed: Mapping[str, str]) -> Any:
    """The session with every content hash as it is kept here."""
    if isinstance(value, dict):
        return {
            key: renamed.get(inner, inner) if key == "content_hash" else _renamed(inner, renamed)
            for key, inner in value.items()
        }
    return [_renamed(inner, renamed) for inner in value] if isinstance(value, list) else value


def _add_session(db: sqlite3.Connection, session: Row, free_id: Callable[[str], str]) -> tuple[str, int, int, int]:
    known = db.execute("SELECT number, started_at FROM sessions WHERE id = ?", (session["id"],)).fetchone()
    new = known is None or known["started_at"] != session["started_at"]
    if new:
        if known is not None:
            twin = db.execute("SELECT id FROM sessions WHERE started_at = ?", (session["started_at"],)).fetchone()
            if twin is not None:
                return (twin["id"], 0, 0, 0)  # imported before under another id
            session = {**session, "id": free_id(session["started_at"])}
        number = _insert(db, "sessions", _values(session, _SESSION, as_json=_SESSION_JSON))
    else:
        number = known["number"]
        if session["ended_at"]:
            db.execute(
                "UPDATE sessions SET ended_at = ? WHERE number = ? AND ended_at IS NULL", (session["ended_at"], number)
            )
    for place, planned in enumerate(session["plan"]):
        values = {"session": number, "place": place, **_values(planned, ("content_hash", "why"), as_json=("why",))}
        _insert(db, "plan", values, or_ignore=True)
    attempts = grades = 0
    for attempt in session["attempts"]:
        added, more = _add_attempt(db, number, attempt, asked_for=session["grader"])
        attempts, grades = attempts + added, grades + more
    return (session["id"], int(new), attempts, grades)


def _add_attempt(db: sqlite3.Connection, session: int, attempt: Row, *, asked_for: str) -> tuple[int, int]:
    place = (session, attempt["place"])
    known = db.execute("SELECT id FROM attempts WHERE session = ? AND place = ?", place).fetchone()
    if known is None:
        id = _insert(db, "attempts", {"session": session, **_values(attempt, ("place", "content_hash", "closed_at"))})
    else:
        id = known["id"]
        if attempt["closed_at"]:
            db.execute(
                "UPDATE attempts SET closed_at = ? WHERE id = ? AND closed_at IS NULL", (attempt["closed_at"], id)
            )
    for part in attempt["parts"]:
        values = {"attempt": id, **_values(part, _PART)}
        if part["outcome"] is not None:
            db.execute("DELETE FROM parts WHERE attempt = ? AND part = ? AND outcome IS NULL", (id, part["part"]))
        _insert(db, "parts", values, or_ignore=True)
    for draft in attempt["drafts"]:
        _insert(db, "drafts", {"attempt": id, **_values(draft, _DRAFT)}, or_ignore=True)
    grades = 0
    for grade in attempt["grades"]:
        kept = ("grader", "parts", "graded_at", "score")
        same = db.execute(
            "SELECT 1 FROM grades WHERE attempt = ? AND grader = ? AND parts = ? AND graded_at = ? AND score = ?",
            (id, *(grade[key] for key in kept)),
        ).fetchone()
        if same is None:
            _add_grade(db, id, {"provisional": int(stood_in(grade["grader"], asked_for)), **grade})
            grades += 1
    return (int(known is None), grades)


def _add_grade(db: sqlite3.Connection, attempt: int, grade: Row) -> None:
    id = _insert(db, "grades", {"attempt": attempt, **_values(grade, _GRADE, as_json=("capped_by",))})
    for place, mark in enumerate(grade["marks"]):
        before_codes = {"code": CODES_OF_SENTENCES.get(mark["reason"])}
        values = before_codes | _values(mark, _MARK, as_json=("evidence",))
        _insert(db, "marks", {"grade": id, "place": place, **values})


def _insert(db: sqlite3.Connection, table: str, values: Row, *, or_ignore: bool = False) -> int:
    ignore = " ON CONFLICT DO NOTHING" if or_ignore else ""
    marks = ", ".join("?" for _ in values)
    done = db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks}){ignore}", tuple(values.values()))
    return done.lastrowid or 0


def _picked(row: sqlite3.Row, columns: Iterable[str], *, as_json: Iterable[str] = ()) -> Row:
    return {key: json.loads(row[key]) if key in as_json and row[key] else row[key] for key in columns}


def _values(row: Row, columns: Iterable[str], *, as_json: Iterable[str] = ()) -> Row:
    """Of a line; a column that is not there has what the schema gives it."""
    present = [key for key in columns if key in row]
    return {key: _dump(row[key]) if key in as_json and row[key] is not None else row[key] for key in present}


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
