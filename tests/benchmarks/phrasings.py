"""How short phrasings, written blind, are heard: by kind, those that were read while the wordings were tuned and those
that nobody has read since apart.

    python -m tests.benchmarks.phrasings            the figures
    python -m tests.benchmarks.phrasings ID ...     of these questions, with what is not heard as what it is

A row of `tests/data/phrasings.jsonl`: question, criterion, kind (met, half, wrong, stated, warned), lang, read, text.
Each was written from prompt, key points and misconceptions alone, in as few of their words as possible, so they are
harder than what people say. Naming questions prints only phrasings that were read before: the others are kept to
measure by.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mockint.bank import Bank, default_bank, load_bank
from mockint.grading.offline import OfflineGrader

FILE = Path(__file__).resolve().parent.parent / "data" / "phrasings.jsonl"
DESERVES = {"met": "met", "half": "partial", "wrong": "contradicted", "stated": "stated", "warned": "absent"}


class Phrasing(NamedTuple):
    question: str
    criterion: str
    kind: str
    lang: str
    read: bool
    text: str


def phrasings() -> list[Phrasing]:
    return [Phrasing(**json.loads(line)) for line in FILE.read_text(encoding="utf-8").splitlines()]


def heard(bank: Bank, rows: Sequence[Phrasing]) -> Iterator[tuple[Phrasing, str]]:
    """Each with the verdict that it gets; those of a question or a criterion that is gone are passed over."""
    grader = OfflineGrader(bank.wordings)
    questions = {question.id: question for question in bank.questions}
    for row in rows:
        if row.question in questions:
            marks = {mark.criterion: mark.verdict for mark in grader.mark(questions[row.question], row.text)}
            if row.criterion in marks:
                yield row, marks[row.criterion]


def main(ids: Sequence[str]) -> int:
    bank = load_bank(default_bank(), pictures=False)
    rows = [row for row in phrasings() if not ids or (row.question in ids and row.read)]
    counted: Counter[tuple[bool, str]] = Counter()
    right: Counter[tuple[bool, str]] = Counter()
    for row, verdict in heard(bank, rows):
        counted[row.read, row.kind] += 1
        right[row.read, row.kind] += verdict == DESERVES[row.kind]
        if ids and verdict != DESERVES[row.kind]:
            print(f"{row.question} / {row.criterion}: {row.kind} is heard as {verdict}: {row.text}")
    for read in (True, False):
        for kind in DESERVES:
            if total := counted[read, kind]:
                name = "read while tuning" if read else "never read"
                print(f"{name:<18} {kind:<7} {total:>5}  heard as what it is {right[read, kind] / total:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
