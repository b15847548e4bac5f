"""The schema, as the steps that grew it. Append; never change a step that has shipped."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any


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


def m003_modes_and_drafts(db: sqlite3.Connection) -> None:
    for statement in (
        "ALTER TABLE sessions ADD COLUMN mode TEXT NOT NULL DEFAULT 'practice'",
        "ALTER TABLE sessions ADD COLUMN limit_seconds REAL",
        "ALTER TABLE sessions ADD COLUMN profile TEXT",
        "ALTER TABLE sessions ADD COLUMN count INTEGER",
        "ALTER TABLE sessions ADD COLUMN selection TEXT",
        "ALTER TABLE plan ADD COLUMN why TEXT",
        "ALTER TABLE parts ADD COLUMN confidence REAL CHECK (confidence BETWEEN 0 AND 1)",
        """CREATE TABLE drafts (
            attempt INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
            part INTEGER NOT NULL,
            writer TEXT NOT NULL,
            text TEXT NOT NULL,
            seconds REAL NOT NULL,
            saved_at TEXT NOT NULL,
            PRIMARY KEY (attempt, part, writer)
        ) WITHOUT ROWID""",
        # What can be computed again from the rest: nothing is lost when it is emptied.
        "CREATE TABLE caches (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)


CODES_OF_SENTENCES = {
    "You say it in these words.": "said",
    "You say it in similar words.": "similar_words",
    "These words cover the point.": "covered",
    "This is a part of the point.": "half",
    "These words cover a part of the point.": "half_covered",
    "You say it, and also the opposite.": "both",
    "Said in the answer, then contradicted in the follow-up.": "taken_back",
    "Your answer does not say this.": "not_said",
    "You say the opposite.": "opposite",
    "You say the opposite of the point.": "opposite",
    "You deny the point.": "denied",
    "You say this, and it is not so.": "stated",
    "You do not say this.": "not_stated",
    "Repeating the question earns nothing.": "withheld_echo",
    "Text addressed to the grader was left out.": "withheld_instruction",
    "The words are listed, but nothing is said about them.": "withheld_keywords",
    "The words are there, but not in sentences.": "withheld_order",
    "You gave no answer.": "no_answer",
    "没有作答。": "no_answer",
    "You only repeated the question.": "only_the_question",
    "只是重复了题目。": "only_the_question",
    "The answer holds no words.": "no_words",
    "作答不成词句。": "no_words",
}
"""What graders said before marks had codes. It is history: today's sentences stand in `phrases.reasons`."""


def m004_codes_of_reasons(db: sqlite3.Connection) -> None:
    """A sentence that is not known is an LLM's own, and gets no code."""
    db.execute("ALTER TABLE marks ADD COLUMN code TEXT")
    cases = " ".join("WHEN ? THEN ?" for _ in CODES_OF_SENTENCES)
    words = [word for pair in CODES_OF_SENTENCES.items() for word in pair]
    db.execute(f"UPDATE marks SET code = CASE reason {cases} END WHERE reason <> ''", words)


def without_wordings(content: dict[str, Any]) -> dict[str, Any]:
    """A question's content as it was kept when it still held how the offline grader listens, without that."""
    heard_by = ("accept", "partial", "contradict")
    criteria = {key: content[key] for key in ("key_points", "misconceptions") if key in content}
    return content | {
        key: [{name: value for name, value in one.items() if name not in heard_by} for one in several]
        for key, several in criteria.items()
    }


def hash_of(content: dict[str, Any]) -> str:
    """sha256 of a question's content, as hex: what `Question.content_hash` gives."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def m005_questions_without_wordings(db: sqlite3.Connection) -> None:
    """Versions of a question that differed only in its wordings become one."""
    for before, id, text in db.execute("SELECT content_hash, id, content FROM questions").fetchall():
        content = json.loads(text)
        plain = without_wordings(content)
        if plain == content:
            continue
        after = hash_of(plain)
        kept = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        db.execute("INSERT INTO questions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (after, id, kept))
        for table in ("plan", "attempts", "grades"):
            db.execute(f"UPDATE {table} SET content_hash = ? WHERE content_hash = ?", (after, before))
        db.execute("DELETE FROM questions WHERE content_hash = ?", (before,))
    db.execute("DELETE FROM caches")


def stood_in(grader: str, asked_for: str) -> bool:
    """Whether a grade was provisional, by the names: as it was told before grades said so themselves."""
    return grader.startswith("offline/") and not asked_for.startswith("offline/")


def m006_provisional_grades(db: sqlite3.Connection) -> None:
    """A grade says itself that it stands in for one that the grader asked for could not give."""
    db.execute("ALTER TABLE grades ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0")
    rows = db.execute(
        "SELECT grades.id, grades.grader, sessions.grader FROM grades JOIN attempts ON attempts.id = grades.attempt "
        "JOIN sessions ON sessions.number = attempts.session"
    ).fetchall()
    provisional = [(id,) for id, grader, asked_for in rows if stood_in(grader, asked_for)]
    db.executemany("UPDATE grades SET provisional = 1 WHERE id = ?", provisional)


def m007_debriefs_and_use(db: sqlite3.Connection) -> None:
    """What an LLM said at the end of a session, and what it used for it (as JSON)."""
    db.execute("ALTER TABLE sessions ADD COLUMN debrief TEXT")
    db.execute("ALTER TABLE sessions ADD COLUMN llm_use TEXT")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    m001_sessions,
    m002_hints,
    m003_modes_and_drafts,
    m004_codes_of_reasons,
    m005_questions_without_wordings,
    m006_provisional_grades,
    m007_debriefs_and_use,
)
