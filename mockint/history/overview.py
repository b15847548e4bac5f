"""Sums over very many attempts, counted by SQLite: what a report of all practice reads instead of 100,000 rows.

The counting grade of every attempt goes into one temporary table, which the sums then share. Finding it is the
larger part of the work, and rows that never become Python objects cost nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from mockint.grading.grade import Evidence, Mark
from mockint.history.store import History
from mockint.question import Question

LOOKED_AT = 3  # so many of a question's latest grades say whether a point is missed again and again


class Tally(NamedTuple):
    """Attempts by what became of them, and the time and hints they took. sessions: in which something was handed in."""

    sessions: int
    answered: int
    dont_know: int
    skipped: int
    open: int
    graded: int
    provisional: int
    total: float
    passed: int
    seconds: float
    over: int
    over_seconds: float
    hints: int


class SessionTally(NamedTuple):
    """The graded attempts of one session; `total` is the sum of their scores."""

    session: str
    started_at: str
    graded: int
    total: float


class QuestionTally(NamedTuple):
    """The graded attempts at one question, as it was asked last. grades: the marks of the latest, the newest first."""

    question: Question
    attempts: int
    first: float
    last: float
    last_at: str
    grades: list[list[Mark]]


class ConfidenceTally(NamedTuple):
    """Graded attempts before which this confidence was given.

    squares: the sum of score^2. missed: the sum of (confidence - score)^2.
    """

    confidence: float
    graded: int
    total: float
    squares: float
    missed: float


class Overview(NamedTuple):
    tally: Tally
    sessions: list[SessionTally]
    questions: list[QuestionTally]
    confidences: list[ConfidenceTally]


# Bare columns beside MAX() are those of its row: the latest of the grades that saw the most parts.
_COUNT_GRADED = """
    INSERT INTO temp.counted
    SELECT grades.attempt, attempts.session, temp.versions.id, temp.versions.minutes,
        grades.score, grades.id, grades.parts, grades.grader GLOB 'offline/*' AND sessions.grader NOT GLOB 'offline/*',
        MAX(grades.parts * (1 << 40) + grades.id)
    FROM grades CROSS JOIN attempts ON attempts.id = grades.attempt JOIN sessions ON sessions.number = attempts.session
    JOIN temp.versions USING (content_hash)
    WHERE sessions.started_at >= ? GROUP BY grades.attempt
"""
_COUNT_UNGRADED = """
    INSERT INTO temp.counted (attempt, session, question, minutes)
    SELECT attempts.id, attempts.session, temp.versions.id, temp.versions.minutes
    FROM attempts JOIN sessions ON sessions.number = attempts.session JOIN temp.versions USING (content_hash)
    WHERE sessions.started_at >= ? AND attempts.id NOT IN (SELECT attempt FROM temp.counted)
"""
_OVER = "MAX(0, seconds - 60 * minutes)"
# part = graded_parts is the first part that the grade has not seen, if there is one.
_PARTS = f"""
    SELECT TOTAL(part = 0 AND outcome = 'dont-know') AS dont_know, TOTAL(part = 0 AND outcome = 'skipped') AS skipped,
        TOTAL(part = 0 AND outcome IS NULL) AS open,
        TOTAL(part = graded_parts AND outcome IS NOT NULL AND stand_in = 0) AS unheard,
        TOTAL(seconds) AS seconds, TOTAL(hints) AS hints,
        TOTAL(part = 0 AND {_OVER} > 0) AS over, TOTAL(CASE part WHEN 0 THEN {_OVER} END) AS over_seconds
    FROM parts JOIN temp.counted USING (attempt)
"""
_GRADES = """
    SELECT COUNT(*) AS asked, COUNT(score) AS graded, TOTAL(score) AS total, TOTAL(score >= ?) AS passed,
        TOTAL(stand_in) AS stand_ins
    FROM temp.counted
"""


def overview(history: History, *, pass_mark: float, since: str = "") -> Overview:
    """Of the sessions begun at `since` (UTC, ISO 8601) or later. pass_mark: the least score that counts as passed."""
    with history._read() as db:
        _count(db, since)
        used, sessions = _sessions(db)
        return Overview(_tally(db, used, pass_mark), sessions, _questions(db), _confidences(db))


def session_scores(history: History, *, until: str, limit: int) -> list[SessionTally]:
    """The latest sessions with something graded, up to and with the session `until`, oldest first."""
    with history._read() as db:
        rows = db.execute(
            "WITH latest AS (SELECT number, id, started_at FROM sessions WHERE number <= "
            " (SELECT number FROM sessions WHERE id = :until) AND EXISTS (SELECT 1 FROM attempts JOIN grades"
            "  ON grades.attempt = attempts.id WHERE attempts.session = sessions.number)"
            " ORDER BY number DESC LIMIT :limit), "
            "counting AS (SELECT latest.number AS number, score, MAX(grades.parts * (1 << 40) + grades.id) FROM latest"
            " JOIN attempts ON attempts.session = latest.number JOIN grades ON grades.attempt = attempts.id"
            " GROUP BY grades.attempt) "
            "SELECT id, started_at, COUNT(*), SUM(score) FROM latest JOIN counting USING (number) "
            "GROUP BY number ORDER BY number",
            {"until": until, "limit": limit},
        )
        return [SessionTally(*row) for row in rows]


def _count(db: sqlite3.Connection, since: str) -> None:
    """A row an attempt, graded or not; the versions of a question share the number of the first."""
    db.execute("DROP TABLE IF EXISTS temp.versions")
    db.execute("DROP TABLE IF EXISTS temp.counted")
    db.execute("CREATE TEMP TABLE versions (content_hash TEXT PRIMARY KEY, id INTEGER, minutes INTEGER) WITHOUT ROWID")
    db.execute(
        "INSERT INTO temp.versions SELECT content_hash, MIN(rowid) OVER (PARTITION BY id),"
        " json_extract(content, '$.minutes') FROM questions"
    )
    db.execute(
        "CREATE TEMP TABLE counted (attempt INTEGER PRIMARY KEY, session INTEGER, question INTEGER, minutes INTEGER,"
        " score REAL, grade INTEGER, graded_parts INTEGER, stand_in INTEGER, rank INTEGER)"
    )
    db.execute(_COUNT_GRADED, (since,))
    db.execute(_COUNT_UNGRADED, (since,))


def _tally(db: sqlite3.Connection, sessions: int, pass_mark: float) -> Tally:
    grades = db.execute(_GRADES, (pass_mark,)).fetchone()
    parts = db.execute(_PARTS).fetchone()
    dont_know, skipped, unanswered = int(parts["dont_know"]), int(parts["skipped"]), int(parts["open"])
    return Tally(
        sessions=sessions,
        answered=grades["asked"] - dont_know - skipped - unanswered,
        dont_know=dont_know,
        skipped=skipped,
        open=unanswered,
        graded=grades["graded"],
        provisional=int(grades["stand_ins"] + parts["unheard"]),
        total=grades["total"],
        passed=int(grades["passed"]),
        seconds=parts["seconds"],
        over=int(parts["over"]),
        over_seconds=parts["over_seconds"],
        hints=int(parts["hints"]),
    )


def _sessions(db: sqlite3.Connection) -> tuple[int, list[SessionTally]]:
    """How many sessions something was handed in in, and those of them that have a grade."""
    rows = db.execute(
        "SELECT id, started_at, graded, total FROM (SELECT session, COUNT(score) AS graded, TOTAL(score) AS total"
        " FROM temp.counted GROUP BY session HAVING COUNT(score) > 0 OR EXISTS"
        "  (SELECT 1 FROM attempts JOIN parts ON parts.attempt = attempts.id"
        "   WHERE attempts.session = counted.session AND parts.outcome IS NOT NULL)"
        ") JOIN sessions ON number = session ORDER BY number"
    ).fetchall()
    return len(rows), [SessionTally(*row) for row in rows if row[2]]


def _confidences(db: sqlite3.Connection) -> list[ConfidenceTally]:
    rows = db.execute(
        "SELECT confidence, COUNT(*), SUM(score), SUM(score * score),"
        " SUM((confidence - score) * (confidence - score))"
        " FROM parts JOIN temp.counted USING (attempt)"
        " WHERE part = 0 AND confidence IS NOT NULL AND score IS NOT NULL GROUP BY confidence ORDER BY confidence"
    )
    return [ConfidenceTally(*row) for row in rows]


def _questions(db: sqlite3.Connection) -> list[QuestionTally]:
    """In the order in which they were first graded; a question of several versions is one, shown as asked last."""
    ends = (
        "SELECT question, {end}(attempt), score, COUNT(*) FROM temp.counted WHERE score IS NOT NULL GROUP BY question"
    )
    firsts = db.execute(ends.format(end="MIN") + " ORDER BY 2").fetchall()
    lasts = {row[0]: row for row in db.execute(ends.format(end="MAX"))}
    return [_question(db, first, lasts[first[0]]) for first in firsts]


def _question(db: sqlite3.Connection, first: sqlite3.Row, last: sqlite3.Row) -> QuestionTally:
    content, at = db.execute(
        "SELECT content, submitted_at FROM attempts JOIN questions USING (content_hash)"
        " JOIN parts ON parts.attempt = attempts.id AND part = 0 WHERE attempts.id = ?",
        (last[1],),
    ).fetchone()
    latest = db.execute(
        "SELECT grade FROM temp.counted WHERE question = ? AND score IS NOT NULL ORDER BY attempt DESC LIMIT ?",
        (first[0], LOOKED_AT),
    ).fetchall()
    return QuestionTally(
        question=Question.model_validate_json(content),
        attempts=first[3],
        first=first[2],
        last=last[2],
        last_at=at,
        grades=_marks(db, (row[0] for row in latest)),
    )


def _marks(db: sqlite3.Connection, grades: Iterable[int]) -> list[list[Mark]]:
    found = "SELECT criterion, verdict, reason, evidence FROM marks WHERE grade = ? ORDER BY place"
    return [
        [
            Mark(
                criterion=row["criterion"],
                verdict=row["verdict"],
                reason=row["reason"],
                evidence=[Evidence(**piece) for piece in json.loads(row["evidence"])],
            )
            for row in db.execute(found, (grade,))
        ]
        for grade in grades
    ]
