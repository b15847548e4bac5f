"""A history of 100,000 attempts: what the commands that read all of it cost.

    python -m tests.benchmarks.history_100k [--attempts N] [--keep FOLDER]

Each command is run as a person runs it, a process each, in turns with the same command on an empty history, so that a
busy machine slows both: the ratio is what the history costs. Wall time is what the person waits; CPU time (user and
system) is less noisy. The first run of a command counts everything; what it keeps spares the next ones most of it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from mockint.bank import default_bank, load_bank
from mockint.grading.grade import Evidence, Mark, grade_of
from mockint.history import History
from mockint.question import KeyPoint, Question

ATTEMPTS = 100_000
PER_SESSION = 5
VARIANTS = 40  # different marks of one question, drawn from again and again
ROUNDS = 5
BAR_SECONDS = 1.0
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("report",),
    ("report", "last"),
    ("report", "--format", "json"),
    ("history",),
    ("due",),
)
ANSWER = "Each rank keeps a shard of the optimizer states, so the memory falls with the number of ranks. " * 5


def generate(path: Path, *, attempts: int = ATTEMPTS, seed: int = 1) -> None:
    """Fill a new history: sessions of five, some answers skipped, ungraded, followed up or given with a confidence."""
    with History(path):
        pass
    chance = random.Random(seed)
    questions = load_bank(default_bank()).questions
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous = OFF")
    with db:
        for question in questions:
            content = json.dumps(question.content(), ensure_ascii=False)
            db.execute("INSERT INTO questions VALUES (?, ?, ?)", (question.content_hash(), question.id, content))
        variants = {question.id: [_marked(question, chance) for _ in range(VARIANTS)] for question in questions}
        hashes = {question.id: question.content_hash() for question in questions}
        grade = 0
        start = datetime(2024, 1, 1, 20, tzinfo=UTC)
        for session in range(-(-attempts // PER_SESSION)):
            began = start + timedelta(hours=session)
            id = f"{began:%Y%m%d}-{session:x}"
            db.execute(
                "INSERT INTO sessions (id, started_at, ended_at, lang, grader, seed, follow_ups) "
                "VALUES (?, ?, ?, 'en', 'offline/1', 1, 1)",
                (id, _stamp(began), _stamp(began + timedelta(minutes=30))),
            )
            for place, question in enumerate(chance.sample(questions, PER_SESSION)):
                _attempt(
                    db,
                    session * PER_SESSION + place + 1,
                    session + 1,
                    place,
                    hashes[question.id],
                    began + timedelta(minutes=5 * place),
                    chance,
                )
                if chance.random() < 0.05:
                    continue
                grade = _grades(
                    db, grade, session * PER_SESSION + place + 1, hashes[question.id], variants[question.id], chance
                )
    db.execute("ANALYZE")
    db.close()


def _attempt(
    db: sqlite3.Connection, id: int, session: int, place: int, hash: str, at: datetime, chance: random.Random
) -> None:
    db.execute("INSERT INTO plan (session, place, content_hash) VALUES (?, ?, ?)", (session, place, hash))
    db.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?)", (id, session, place, hash, _stamp(at)))
    outcome = "skipped" if chance.random() < 0.03 else "answered"
    confidence = round(chance.random(), 1) if chance.random() < 0.5 else None
    db.execute(
        "INSERT INTO parts (attempt, part, prompt, asked_at, answer, outcome, submitted_at, seconds, hints, confidence)"
        " VALUES (?, 0, 'What does it shard?', ?, ?, ?, ?, ?, ?, ?)",
        (id, _stamp(at), ANSWER, outcome, _stamp(at), chance.uniform(30, 500), chance.choice((0, 0, 0, 1)), confidence),
    )
    if chance.random() < 0.3:
        db.execute(
            "INSERT INTO parts (attempt, part, prompt, follow_up, asked_at, answer, outcome, submitted_at, seconds)"
            " VALUES (?, 1, 'And then?', 0, ?, ?, 'answered', ?, 60)",
            (id, _stamp(at), ANSWER, _stamp(at)),
        )


def _grades(
    db: sqlite3.Connection,
    grade: int,
    attempt: int,
    hash: str,
    variants: list[tuple[float, list[tuple[object, ...]]]],
    chance: random.Random,
) -> int:
    """One grade, or two after a follow-up; returns the number of the last."""
    parts = db.execute("SELECT COUNT(*), MIN(outcome = 'skipped') FROM parts WHERE attempt = ?", (attempt,)).fetchone()
    if parts[1]:
        return grade
    for seen in range(1, parts[0] + 1):
        grade += 1
        score, marks = chance.choice(variants)
        db.execute(
            "INSERT INTO grades VALUES (?, ?, 'offline/1', ?, ?, ?, '[]', '2026-01-01T00:00:00.000+00:00')",
            (grade, attempt, hash, seen, score),
        )
        db.executemany(
            "INSERT INTO marks (grade, place, criterion, verdict, confidence, strength, reason, evidence)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((grade, *mark) for mark in marks),
        )
    return grade


def _marked(question: Question, chance: random.Random) -> tuple[float, list[tuple[object, ...]]]:
    evidence = [Evidence(start=0, end=9, quote=ANSWER[:9])]
    marks = [
        Mark(
            criterion=criterion.id,
            verdict=chance.choice(("met", "met", "partial", "missing", "contradicted"))  # type: ignore[arg-type]
            if isinstance(criterion, KeyPoint)
            else chance.choice(("absent", "absent", "absent", "stated")),
        )
        for criterion in question.criteria
    ]
    kept = json.dumps([one.model_dump() for one in evidence])
    rows: list[tuple[object, ...]] = [
        (place, mark.criterion, mark.verdict, 1.0, None, "", "[]" if mark.verdict in ("missing", "absent") else kept)
        for place, mark in enumerate(marks)
    ]
    return grade_of(question, marks, grader="offline/1").score, rows


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


class Cost(NamedTuple):
    wall: float
    cpu: float


def cost(home: Path, command: tuple[str, ...]) -> Cost:
    """Seconds of one run of the command, in a process of its own."""
    environment = {**os.environ, "MOCKINT_HOME": str(home), "NO_COLOR": "1"}
    before, began = os.times(), perf_counter()
    subprocess.run([sys.executable, "-m", "mockint", *command], env=environment, check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(perf_counter() - began, used)


def forget_what_is_kept(home: Path) -> None:
    with sqlite3.connect(home / "history.sqlite3") as db:
        db.execute("DELETE FROM caches")
    db.close()


def measured(home: Path, empty: Path) -> Iterator[str]:
    """A line a command: medians here and on an empty history, taken in turns."""
    for command in COMMANDS:
        nothing = tuple(word for word in command if word != "last")
        forget_what_is_kept(home)
        first = cost(home, command)
        runs = [(cost(home, command), cost(empty, nothing)) for _ in range(ROUNDS)]
        wall, cpu = (median(getattr(full, kind) for full, _ in runs) for kind in Cost._fields)
        none_wall, none_cpu = (median(getattr(none, kind) for _, none in runs) for kind in Cost._fields)
        over = "   over the bar" if wall >= BAR_SECONDS else ""
        numbers = f"{first.wall:5.2f} {first.cpu:5.2f}   {wall:5.2f} {cpu:5.2f}   {none_wall:5.2f} {none_cpu:5.2f}"
        yield f"{'mockint ' + ' '.join(command):<30} {numbers}   {cpu / none_cpu:5.2f}{over}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    parser.add_argument("--keep", type=Path, help="use, or make, the history in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.keep or Path(folder) / "full"
        if not (home / "history.sqlite3").exists():
            generate(home / "history.sqlite3", attempts=options.attempts)
        size = (home / "history.sqlite3").stat().st_size / 1e6
        print(
            f"{options.attempts} attempts in sessions of {PER_SESSION}, {size:.0f} MB; bar {BAR_SECONDS:g} s; seconds:"
        )
        print(f"{'':<30} first run     later         empty         ratio")
        print(f"{'':<30}  wall   cpu    wall   cpu    wall   cpu     cpu")
        for line in measured(home, Path(folder) / "empty"):
            print(line, flush=True)


if __name__ == "__main__":
    main()
