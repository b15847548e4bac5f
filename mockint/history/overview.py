"""Sums over very many attempts, counted by SQLite: what a report of all practice reads instead of 100,000 rows.

The counting grade of every attempt goes into one temporary table, which the sums then share. Finding it is the
larger part of the work, and rows that never become Python objects cost nothing. The sums of sessions that have ended
are kept among the caches, so that the next report has only the rest to count; a grade that one of those sessions gets
later makes them worthless, and they are counted again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from mockint.errors import ServiceError
from mockint.grading.grade import Evidence, Mark
from mockint.history.store import History
from mockint.question import Question

FEW_SESSIONS = 60  # so many are told apart
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


class DayTally(NamedTuple):
    """The graded attempts of the sessions that began on one day of UTC, and how many sessions those were."""

    day: str
    sessions: int
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
    """sessions: none when there are more than FEW_SESSIONS with something graded; `days` has them all."""

    tally: Tally
    days: list[DayTally]
    sessions: list[SessionTally]
    questions: list[QuestionTally]
    confidences: list[ConfidenceTally]


class _Sums(NamedTuple):
    """What is kept and added up. days: by day. sessions: by number, which is their order. questions: by id."""

    tally: Tally
    days: dict[str, DayTally]
    sessions: dict[int, SessionTally]
    confidences: dict[float, ConfidenceTally]
    questions: dict[str, _QuestionSum]


class _QuestionSum(NamedTuple):
    """first: (attempt, score). latest: (attempt, score, grade) of at most LOOKED_AT attempts, the newest first."""

    attempts: int
    first: tuple[int, float]
    latest: list[tuple[int, float, int]]


class _KeptSums(NamedTuple):
    """Sums of the sessions up to `number` but for those that were `open`, by the grades up to `grade`."""

    number: int
    grade: int
    open: list[int]
    sums: _Sums


_CACHE = "overview/1"
_WORTH_KEEPING = 2000  # attempts: fewer are counted faster than they are written
_EMPTY = _Sums(Tally(*[0] * len(Tally._fields)), {}, {}, {}, {})

# Bare columns beside MAX() are those of its row: the latest of the grades that saw the most parts.
_COUNT_GRADED = """
    INSERT INTO temp.counted
    SELECT grades.attempt, attempts.session, temp.versions.id, temp.versions.minutes,
        grades.score, grades.id, grades.parts, grades.provisional,
        MAX(grades.parts * (1 << 40) + grades.id)
    FROM {driven} CROSS JOIN temp.versions USING (content_hash)
    GROUP BY grades.attempt
"""
_ALL = """
    grades CROSS JOIN attempts ON attempts.id = grades.attempt
    CROSS JOIN temp.wanted ON temp.wanted.number = attempts.session
"""
_FEW = """
    temp.wanted CROSS JOIN attempts ON attempts.session = temp.wanted.number
    CROSS JOIN grades ON grades.attempt = attempts.id
"""
_COUNT_UNGRADED = """
    INSERT INTO temp.counted (attempt, session, question, minutes)
    SELECT attempts.id, attempts.session, temp.versions.id, temp.versions.minutes
    FROM temp.wanted CROSS JOIN attempts ON attempts.session = temp.wanted.number
    CROSS JOIN temp.versions USING (content_hash)
    WHERE NOT EXISTS (SELECT 1 FROM temp.counted WHERE attempt = attempts.id)
"""
_OVER = "MAX(0, seconds - 60 * minutes)"
# part = graded_parts is the first part that the grade has not seen, if there is one.
_PARTS = f"""
    SELECT TOTAL(part = 0 AND outcome = 'dont-know') AS dont_know, TOTAL(part = 0 AND outcome = 'skipped') AS skipped,
        TOTAL(part = 0 AND outcome IS NULL) AS open,
        TOTAL(part = graded_parts AND outcome IS NOT NULL AND stand_in = 0) AS unheard,
        TOTAL(seconds) AS seconds, TOTAL(hints) AS hints,
        TOTAL(part = 0 AND {_OVER} > 0) AS over, TOTAL(CASE part WHEN 0 THEN {_OVER} END) AS over_seconds
    FROM {{driven}}
"""
_GRADES = """
    SELECT COUNT(*) AS asked, COUNT(score) AS graded, TOTAL(score) AS total, TOTAL(score >= ?) AS passed,
        TOTAL(stand_in) AS stand_ins
    FROM temp.counted
"""


def overview(history: History, *, pass_mark: float, since: str = "", keep_sums: bool = True) -> Overview:
    """Of the sessions begun at `since` (UTC, ISO 8601) or later.

    pass_mark: the least score that counts as passed. keep_sums: whether sums may be kept among the caches.
    """
    with history.read() as db:
        _lay_out(db)
        kept = None if since else _kept(db, pass_mark)
        settled = _added(kept.sums if kept else _EMPTY, _sums(db, pass_mark, kept, since, ended=True))
        now = _added(settled, _sums(db, pass_mark, kept, since, ended=False))
        found = Overview(
            tally=now.tally,
            days=[now.days[day] for day in sorted(now.days)],
            sessions=_few_sessions(now),
            questions=[_question(db, one) for one in sorted(now.questions.values(), key=lambda one: one.first)],
            confidences=[now.confidences[said] for said in sorted(now.confidences)],
        )
        worth_keeping = keep_sums and not since and _grown(settled, kept) >= _WORTH_KEEPING
        keeps = _to_keep(db, settled) if worth_keeping else None
    if keeps:
        # A disk that is full or a file that may not be written: the report is none the worse for it.
        with suppress(ServiceError):
            history.cache(_CACHE, json.dumps([pass_mark, keeps], separators=(",", ":")))
    return found


def session_scores(history: History, *, until: str, limit: int) -> list[SessionTally]:
    """The latest sessions with something graded, up to and with the session `until`, oldest first."""
    with history.read() as db:
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


def _lay_out(db: sqlite3.Connection) -> None:
    """Temporary tables. The versions of a question share the number of the first."""
    for name in ("versions", "wanted", "counted"):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute("CREATE TEMP TABLE wanted (number INTEGER PRIMARY KEY)")
    db.execute("CREATE TEMP TABLE versions (content_hash TEXT PRIMARY KEY, id INTEGER, minutes INTEGER) WITHOUT ROWID")
    db.execute(
        "INSERT INTO temp.versions SELECT content_hash, MIN(rowid) OVER (PARTITION BY id),"
        " json_extract(content, '$.minutes') FROM questions"
    )
    db.execute(
        "CREATE TEMP TABLE counted (attempt INTEGER PRIMARY KEY, session INTEGER, question INTEGER, minutes INTEGER,"
        " score REAL, grade INTEGER, graded_parts INTEGER, stand_in INTEGER, rank INTEGER)"
    )


def _kept(db: sqlite3.Connection, pass_mark: float) -> _KeptSums | None:
    """None when nothing is kept, or when a session among it was graded again since."""
    row = db.execute("SELECT content FROM caches WHERE name = ?", (_CACHE,)).fetchone()
    if row is None:
        return None
    mark, (number, grade, left_open, (tally, days, sessions, confidences, questions)) = json.loads(row[0])
    graded_since = db.execute(
        "SELECT 1 FROM grades JOIN attempts ON attempts.id = grades.attempt WHERE grades.id > ? AND session <= ?"
        " AND session NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
        (grade, number, json.dumps(left_open)),
    ).fetchone()
    if mark != pass_mark or graded_since:
        return None
    sums = _Sums(
        tally=Tally(*tally),
        days={one[0]: DayTally(*one) for one in days},
        sessions={int(key): SessionTally(*one) for key, one in sessions.items()},
        confidences={one[0]: ConfidenceTally(*one) for one in confidences},
        questions={
            id: _QuestionSum(attempts, (first[0], first[1]), [(one[0], one[1], one[2]) for one in latest])
            for id, (attempts, first, latest) in questions.items()
        },
    )
    return _KeptSums(number, grade, left_open, sums)


def _to_keep(db: sqlite3.Connection, settled: _Sums) -> _KeptSums:
    (number,) = db.execute("SELECT MAX(number) FROM sessions").fetchone()
    (grade,) = db.execute("SELECT COALESCE(MAX(id), 0) FROM grades").fetchone()
    left_open = [row[0] for row in db.execute("SELECT number FROM sessions WHERE ended_at IS NULL")]
    days, confidences = list(settled.days.values()), list(settled.confidences.values())
    by_value = settled._replace(days=days, confidences=confidences)  # type: ignore[arg-type]
    return _KeptSums(number, grade, left_open, by_value)


def _grown(settled: _Sums, kept: _KeptSums | None) -> int:
    return settled.tally.answered - (kept.sums.tally.answered if kept else 0)


def _sums(db: sqlite3.Connection, pass_mark: float, kept: _KeptSums | None, since: str, *, ended: bool) -> _Sums:
    """Of the sessions that are not among what is kept, and have ended or have not."""
    db.execute("DELETE FROM temp.wanted")
    db.execute("DELETE FROM temp.counted")
    wanted = db.execute(
        "INSERT INTO temp.wanted SELECT number FROM sessions WHERE started_at >= ?"
        " AND (number > ? OR number IN (SELECT value FROM json_each(?))) AND (ended_at IS NULL) = ?",
        (since, kept.number if kept else 0, json.dumps(kept.open if kept else []), not ended),
    ).rowcount
    if not wanted:
        return _EMPTY
    few = kept is not None or not ended
    db.execute(_COUNT_GRADED.format(driven=_FEW if few else _ALL))
    db.execute(_COUNT_UNGRADED)
    parts = "temp.counted CROSS JOIN parts USING (attempt)" if few else "parts CROSS JOIN temp.counted USING (attempt)"
    used, days = _days(db)
    return _Sums(
        tally=_tally(db, used, pass_mark, parts),
        days=days,
        sessions=_sessions(db),
        confidences=_confidences(db, parts),
        questions=_question_sums(db),
    )


def _added(one: _Sums, other: _Sums) -> _Sums:
    if other is _EMPTY:
        return one
    days = dict(one.days)
    for day, more in other.days.items():
        days[day] = DayTally._make((day, *_pairwise(days[day][1:], more[1:]))) if day in days else more
    confidences = dict(one.confidences)
    for said, new in other.confidences.items():
        old = confidences.get(said)
        confidences[said] = ConfidenceTally._make((said, *_pairwise(old[1:], new[1:]))) if old else new
    questions = dict(one.questions)
    for id, later in other.questions.items():
        questions[id] = _joined(questions[id], later) if id in questions else later
    return _Sums(
        tally=Tally._make(_pairwise(one.tally, other.tally)),
        days=days,
        sessions=one.sessions | other.sessions,
        confidences=confidences,
        questions=questions,
    )


def _pairwise(one: Iterable[float], other: Iterable[float]) -> Iterator[float]:
    return (old + new for old, new in zip(one, other, strict=True))


def _few_sessions(sums: _Sums) -> list[SessionTally]:
    """Whole or not at all: each of the parts that were added up holds no more than the first few of its own."""
    if sum(day.sessions for day in sums.days.values()) > FEW_SESSIONS:
        return []
    return [sums.sessions[number] for number in sorted(sums.sessions)]


def _joined(one: _QuestionSum, other: _QuestionSum) -> _QuestionSum:
    latest = sorted([*one.latest, *other.latest], reverse=True)[:LOOKED_AT]
    return _QuestionSum(one.attempts + other.attempts, min(one.first, other.first), latest)


def _tally(db: sqlite3.Connection, sessions: int, pass_mark: float, driven: str) -> Tally:
    grades = db.execute(_GRADES, (pass_mark,)).fetchone()
    parts = db.execute(_PARTS.format(driven=driven)).fetchone()
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


def _days(db: sqlite3.Connection) -> tuple[int, dict[str, DayTally]]:
    """How many sessions something was handed in in, and the days of those that have a grade."""
    rows = db.execute(
        "SELECT substr(started_at, 1, 10), SUM(graded > 0), SUM(graded), TOTAL(total), COUNT(*) FROM"
        " (SELECT session, COUNT(score) AS graded, TOTAL(score) AS total FROM temp.counted GROUP BY session"
        "  HAVING COUNT(score) > 0 OR EXISTS (SELECT 1 FROM attempts JOIN parts ON parts.attempt = attempts.id"
        "   WHERE attempts.session = counted.session AND parts.outcome IS NOT NULL)"
        ") CROSS JOIN sessions ON number = session GROUP BY 1"
    ).fetchall()
    days = {row[0]: DayTally(row[0], row[1], row[2], row[3]) for row in rows if row[1]}
    return sum(row[4] for row in rows), days


def _sessions(db: sqlite3.Connection) -> dict[int, SessionTally]:
    rows = db.execute(
        "SELECT number, id, started_at, graded, total FROM (SELECT session, COUNT(score) AS graded,"
        " TOTAL(score) AS total FROM temp.counted GROUP BY session HAVING COUNT(score) > 0 LIMIT ?)"
        " CROSS JOIN sessions ON number = session",
        (FEW_SESSIONS + 1,),
    )
    return {row[0]: SessionTally(*tuple(row)[1:]) for row in rows}


def _confidences(db: sqlite3.Connection, driven: str) -> dict[float, ConfidenceTally]:
    rows = db.execute(
        "SELECT confidence, COUNT(*), SUM(score), SUM(score * score),"
        f" SUM((confidence - score) * (confidence - score)) FROM {driven}"
        " WHERE part = 0 AND confidence IS NOT NULL AND score IS NOT NULL GROUP BY confidence"
    )
    return {row[0]: ConfidenceTally(*row) for row in rows}


def _question_sums(db: sqlite3.Connection) -> dict[str, _QuestionSum]:
    found = {}
    for question, attempts, first in db.execute(
        "SELECT question, COUNT(*), MIN(attempt) FROM temp.counted WHERE score IS NOT NULL GROUP BY question"
    ).fetchall():
        id, score = db.execute(
            "SELECT questions.id, score FROM questions, temp.counted WHERE questions.rowid = ? AND attempt = ?",
            (question, first),
        ).fetchone()
        latest = db.execute(
            "SELECT attempt, score, grade FROM temp.counted WHERE question = ? AND score IS NOT NULL"
            " ORDER BY attempt DESC LIMIT ?",
            (question, LOOKED_AT),
        )
        found[id] = _QuestionSum(attempts, (first, score), [(row[0], row[1], row[2]) for row in latest])
    return found


def _question(db: sqlite3.Connection, summed: _QuestionSum) -> QuestionTally:
    """As it was asked last."""
    last, last_score, _ = summed.latest[0]
    content, at = db.execute(
        "SELECT content, submitted_at FROM attempts JOIN questions USING (content_hash)"
        " JOIN parts ON parts.attempt = attempts.id AND part = 0 WHERE attempts.id = ?",
        (last,),
    ).fetchone()
    return QuestionTally(
        question=Question.model_validate_json(content),
        attempts=summed.attempts,
        first=summed.first[1],
        last=last_score,
        last_at=at,
        grades=_marks(db, (grade for _, _, grade in summed.latest)),
    )


def _marks(db: sqlite3.Connection, grades: Iterable[int]) -> list[list[Mark]]:
    found = "SELECT criterion, verdict, reason, code, evidence FROM marks WHERE grade = ? ORDER BY place"
    return [
        [
            Mark(
                criterion=row["criterion"],
                verdict=row["verdict"],
                reason=row["reason"],
                code=row["code"],
                evidence=[Evidence(**piece) for piece in json.loads(row["evidence"])],
            )
            for row in db.execute(found, (grade,))
        ]
        for grade in grades
    ]
