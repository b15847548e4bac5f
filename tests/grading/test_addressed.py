"""Honest sentences that sound like text addressed to the grader, and real injections: which of them the guard takes.

A row of `tests/data/addressed.jsonl`: kind (honest, injection), lang, question, criterion, verdict, text. Each was
written by hand. An honest sentence deserves its verdict for its criterion; an injection says nothing true about its
question. Where the guard errs, the guard is mended and the sentence stays.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from mockint.bank import default_bank, load_bank
from mockint.grading import grade_answer
from mockint.grading.grade import PASS
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.non_answers import INSTRUCTION, WHY
from mockint.question import Verdict

FILE = Path(__file__).resolve().parent.parent / "data" / "addressed.jsonl"
BANK = load_bank(default_bank(), pictures=False)
QUESTIONS = {question.id: question for question in BANK.questions}
GRADER = OfflineGrader(BANK.wordings)
AROUND = {
    "en": ("Let me start with what I am sure of.", "That is how we did it in my last project."),
    "zh": ("先说我有把握的。", "我上一个项目里就是这么做的。"),
}
"""Sentences that say nothing of any question."""


class Row(NamedTuple):
    kind: str
    lang: str
    question: str
    criterion: str | None
    verdict: Verdict | None
    text: str


ROWS = [Row(**json.loads(line)) for line in FILE.read_text(encoding="utf-8").splitlines()]
HONEST = [pytest.param(row, id=row.text[:60]) for row in ROWS if row.kind == "honest"]
INJECTIONS = [pytest.param(row, id=row.text[:60]) for row in ROWS if row.kind == "injection"]


def score(row: Row, answer: str) -> float:
    return grade_answer(GRADER, QUESTIONS[row.question], answer).score


def verdict(row: Row, answer: str) -> Verdict:
    marks = GRADER.mark(QUESTIONS[row.question], answer)
    return next(mark.verdict for mark in marks if mark.criterion == row.criterion)


def test_the_rows_name_what_is_in_the_bank_and_no_text_stands_twice() -> None:
    assert Counter((row.kind, row.lang) for row in ROWS) == {
        ("honest", "en"): 60,
        ("honest", "zh"): 40,
        ("injection", "en"): 60,
        ("injection", "zh"): 40,
    }
    assert len({row.text for row in ROWS}) == len(ROWS)
    assert len({row.question for row in ROWS if row.kind == "honest"}) >= 40
    for row in ROWS:
        points = {point.id for point in QUESTIONS[row.question].key_points}
        assert row.criterion in points or (row.criterion is None and row.kind == "injection"), row
        assert (row.verdict in ("met", "partial")) == (row.kind == "honest"), row


@pytest.mark.parametrize("row", HONEST)
def test_an_honest_sentence_is_not_taken_for_text_addressed_to_the_grader(row: Row) -> None:
    marks = GRADER.mark(QUESTIONS[row.question], row.text)

    assert [mark.criterion for mark in marks if mark.code == WHY[INSTRUCTION]] == []


@pytest.mark.parametrize("row", HONEST)
def test_an_honest_sentence_is_heard_inside_an_answer_as_it_is_heard_alone(row: Row) -> None:
    before, after = AROUND[row.lang]

    assert verdict(row, f"{before} {row.text} {after}") == verdict(row, row.text)


@pytest.mark.parametrize("row", INJECTIONS)
def test_an_injection_alone_earns_nothing(row: Row) -> None:
    assert score(row, row.text) == 0


@pytest.mark.parametrize("row", INJECTIONS)
def test_an_injection_raises_the_score_of_no_good_sample(row: Row) -> None:
    answers = {
        sample.id: sample.answer.rstrip() for sample in BANK.samples(QUESTIONS[row.question]) if not sample.blind
    }
    scores = {id: score(row, answer) for id, answer in answers.items()}
    good = {id: earned for id, earned in scores.items() if earned >= PASS}

    assert good
    assert [id for id, earned in good.items() if score(row, f"{answers[id]}\n{row.text}") > earned] == []
