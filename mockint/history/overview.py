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
    """Graded attempts before which this confidence was given. squares: sum of (confidence - score)^2."""

    confidence: float
    count: int
    total: float
    squares: float


class Overview(NamedTuple):
    tally: Tally
    sessions: list[SessionTally]
    questions: list[QuestionTally]
    confidences: list[ConfidenceTally]


# Bare columns beside MAX() are those of its row: the latest of the grades that saw the most parts.
_COUNTED = """
    INSERT INTO temp.counted
    SELECT grades.attempt, attempts.session, attempts.content_hash, grades.score, grades.id, grades.parts,
        grades.grader LIKE 'offline/%' AND sessions.grader NOT LIKE 'offline/%',
        MAX(grades.parts * (1 << 40) + grades.id)
    FROM grades JOIN attempts ON attempts.id = grades.attempt JOIN sessions ON sessions.number = attempts.session
    WHERE sessions.started_at >= :since GROUP BY grades.attempt
"""
_OVER = "MAX(0, parts.seconds - 60 * temp.allowed.minutes)"


def overview(history: History, *, pass_mark: float, since: str = "") -> Overview:
    """Of the sessions begun at `since` (UTC, ISO 8601) or later. pass_mark: the least score that counts as passed."""
    with history.reading() as db:
        _count(db, since)
        return Overview(
            tally=_tally(db, pass_mark, since),
            sessions=_sessions(db),
            questions=_questions(db),
            confidences=_confidences(db),
        )


def session_scores(history: History, *, until: str, limit: int) -> list[SessionTally]:
    """The latest sessions with something graded, up to and with the session `until`, oldest first."""
    with history.reading() as db:
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
        return [SessionTally(*row) for row in map(tuple, rows)]


def _count(db: sqlite3.Connection, since: str) -> None:
    db.execute("DROP TABLE IF EXISTS temp.counted")
    db.execute("DROP TABLE IF EXISTS temp.allowed")
    db.execute(
        "CREATE TEMP TABLE counted (attempt INTEGER PRIMARY KEY, session INTEGER, content_hash TEXT, score REAL,"
        " grade INTEGER, parts INTEGER, stand_in INTEGER, rank INTEGER)"
    )
    db.execute(_COUNTED, {"since": since})
    db.execute("CREATE TEMP TABLE allowed (content_hash TEXT PRIMARY KEY, id TEXT, minutes INTEGER)")
    db.execute(
        "INSERT INTO temp.allowed SELECT content_hash, id, json_extract(content, '$.minutes') FROM questions"
    )


def _tally(db: sqlite3.Connection, pass_mark: float, since: str) -> Tally:
    began = "WHERE sessions.started_at >= :since"
    outcomes = f"""
        SELECT COALESCE(SUM(part = 0 AND outcome = 'answered'), 0), COALESCE(SUM(part = 0 AND outcome = 'dont-know'), 0),
            COALESCE(SUM(part = 0 AND outcome = 'skipped'), 0), COALESCE(SUM(part = 0 AND outcome IS NULL), 0),
            COALESCE(SUM(seconds), 0), COALESCE(SUM(part = 0 AND {_OVER} > 0), 0),
            COALESCE(SUM(CASE WHEN part = 0 THEN {_OVER} END), 0), COALESCE(SUM(hints), 0),
            COALESCE(SUM(outcome IS NOT NULL AND part = counted.parts AND NOT stand_in), 0)
        FROM parts JOIN attempts ON attempts.id = parts.attempt JOIN temp.allowed USING (content_hash)
        LEFT JOIN temp.counted AS counted USING (attempt)
        {"JOIN sessions ON sessions.number = attempts.session " + began if since else ""}
    """
    answered, dont_know, skipped, unanswered, seconds, over, over_seconds, hints, unheard = db.execute(
        outcomes, {"since": since} if since else {}
    ).fetchone()
    graded, total, passed, stand_ins = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(score), 0), COALESCE(SUM(score >= ?), 0), COALESCE(SUM(stand_in), 0)"
        " FROM temp.counted",
        (pass_mark,),
    ).fetchone()
    (sessions,) = db.execute(
        f"SELECT COUNT(*) FROM sessions {began} AND EXISTS (SELECT 1 FROM attempts JOIN parts"
        " ON parts.attempt = attempts.id WHERE attempts.session = sessions.number AND parts.outcome IS NOT NULL)",
        {"since": since},
    ).fetchone()
    return Tally(
        sessions=sessions,
        answered=answered,
        dont_know=dont_know,
        skipped=skipped,
        open=unanswered,
        graded=graded,
        provisional=stand_ins + unheard,
        total=total,
        passed=passed,
        seconds=seconds,
        over=over,
        over_seconds=over_seconds,
        hints=hints,
    )


def _sessions(db: sqlite3.Connection) -> list[SessionTally]:
    rows = db.execute(
        "SELECT id, started_at, graded, total FROM (SELECT session, COUNT(*) AS graded, SUM(score) AS total"
        " FROM temp.counted GROUP BY session) JOIN sessions ON number = session ORDER BY number"
    )
    return [SessionTally(*row) for row in map(tuple, rows)]


def _questions(db: sqlite3.Connection) -> list[QuestionTally]:
    """In the order in which they were first asked; a question of several versions is one, and shown as the latest."""
    by_question = (
        "SELECT id, COUNT(*), {end}(attempt), score FROM temp.counted JOIN temp.allowed USING (content_hash) GROUP BY id"
    )
    first = {row[0]: (row[2], row[3]) for row in db.execute(by_question.format(end="MIN"))}
    tallies = []
    for id, count, _, last in sorted(db.execute(by_question.format(end="MAX")), key=lambda row: first[row[0]][0]):
        latest = db.execute(
            "SELECT attempt, grade, content_hash FROM temp.counted WHERE content_hash IN"
            " (SELECT content_hash FROM temp.allowed WHERE id = ?) ORDER BY attempt DESC LIMIT ?",
            (id, LOOKED_AT),
        ).fetchall()
        content, at = db.execute(
            "SELECT content, submitted_at FROM questions, parts WHERE content_hash = ? AND attempt = ? AND part = 0",
            (latest[0][2], latest[0][0]),
        ).fetchone()
        tallies.append(
            QuestionTally(
                question=Question.model_validate_json(content),
                attempts=count,
                first=first[id][1],
                last=last,
                last_at=at,
                grades=_marks(db, (row[1] for row in latest)),
            )
        )
    return tallies


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


def _confidences(db: sqlite3.Connection) -> list[ConfidenceTally]:
    rows = db.execute(
        "SELECT confidence, COUNT(*), SUM(score), SUM((confidence - score) * (confidence - score))"
        " FROM temp.counted JOIN parts USING (attempt)"
        " WHERE part = 0 AND confidence IS NOT NULL GROUP BY confidence ORDER BY confidence"
    )
    return [ConfidenceTally(*row) for row in map(tuple, rows)]
