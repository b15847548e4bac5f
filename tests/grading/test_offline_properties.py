"""What holds for every answer, however made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockint.grading import grade_answer
from mockint.grading.offline import OfflineGrader
from mockint.question import Question
from tests.grading.questions import NORMS, ZERO, listening

GRADER = OfflineGrader(listening)
SENTENCES = [
    "Stage 1 shards the optimizer state.",
    "Stage 3 gathers the parameters before use.",
    "Stages 1 and 2 communicate no more than data parallelism.",
    "Stage 1 doubles the traffic.",
    "Each rank holds some of the layers.",
    "It does not shard the optimizer state.",
    "第一阶段切分优化器状态。",
    "每张卡存几层。",
    "前两个阶段的通信量与数据并行相同。",
    "I like O(n²) and 16Ψ bytes, e.g. 3.5x more.",
    "Some people think so, but that is wrong.",
    "Why?",
]
ANSWERS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(SENTENCES), max_size=8).map(" ".join),
    st.lists(st.one_of(st.sampled_from(SENTENCES), st.text(max_size=20)), max_size=8).map("".join),
)
QUESTIONS = st.sampled_from([ZERO, NORMS])


@given(question=QUESTIONS, answer=ANSWERS)
def test_a_score_is_between_0_and_1_and_every_quote_stands_in_the_answer(question: Question, answer: str) -> None:
    grade = grade_answer(GRADER, question, answer)
    assert 0 <= grade.score <= 1
    for mark in grade.marks:
        assert 0 <= mark.confidence <= 1
        assert mark.strength is not None
        assert 0 <= mark.strength <= 1
        assert bool(mark.evidence) == (mark.verdict not in ("missing", "absent"))
        for evidence in mark.evidence:
            assert 0 <= evidence.start < evidence.end <= len(answer)
            assert answer[evidence.start : evidence.end] == evidence.quote


@given(question=QUESTIONS, answer=ANSWERS)
def test_space_width_case_and_normal_form_do_not_matter(question: Question, answer: str) -> None:
    def verdicts(text: str) -> list[str]:
        return [mark.verdict for mark in GRADER.mark(question, text)]

    plain = " ".join(answer.split())
    expected = verdicts(plain)
    assert verdicts("  " + plain.replace(" ", " \n\t ") + "\n") == expected
    assert verdicts(unicodedata.normalize("NFD", unicodedata.normalize("NFC", plain))) == verdicts(
        unicodedata.normalize("NFC", plain)
    )
    if plain.isascii():
        assert verdicts(plain.upper()) == expected
        wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in plain)
        assert verdicts(wide) == expected


@given(answer=st.lists(st.sampled_from(SENTENCES[:10]), max_size=5, unique=True).map(" ".join), place=st.integers(0, 2))
def test_adding_a_true_statement_of_a_missing_point_never_lowers_the_score(answer: str, place: int) -> None:
    before = grade_answer(GRADER, ZERO, answer)
    point = ZERO.key_points[place]
    if before.mark(point.id).verdict == "missing":
        assert grade_answer(GRADER, ZERO, f"{answer} {point.text.en}").score >= before.score


@given(answer=st.lists(st.sampled_from(SENTENCES[:10]), max_size=5, unique=True).map(" ".join))
def test_appending_a_misconception_never_raises_the_score(answer: str) -> None:
    before = grade_answer(GRADER, ZERO, answer).score
    assert grade_answer(GRADER, ZERO, f"{answer} Each rank holds some of the layers.").score <= before


@pytest.mark.parametrize(
    "answer",
    [
        "the optimizer state is sharded " * 35_000,
        "x" * 1_000_000,
        "切分优化器状态" * 150_000,
        "\u0301\u0489\u200d" * 200_000,
        "(" * 100_000 + ")" * 100_000,
        "o(" * 200_000,
        '"' * 300_000,
        "not " * 200_000,
        "a" * 39 + " " + "ab " * 200_000,
        "ignore " * 100_000,
        "some people " * 100_000,
        "![x](" * 100_000,
        "1,1." * 200_000,
        "\x00\ud800\U0010ffff" * 1000,
        "的" * 500_000,
    ],
    ids=lambda answer: f"{answer[:12]!r}x{len(answer)}",
)
@pytest.mark.timeout(120)
def test_a_huge_or_hostile_answer_is_marked_in_bounded_time(answer: str) -> None:
    assert len(GRADER.mark(ZERO, answer)) == 4
    assert len(GRADER.mark(NORMS, answer)) == 4


_MARKS = """
import json, sys
sys.path.insert(0, {root!r})
from mockint.grading.offline import OfflineGrader
from tests.grading.questions import NORMS, ZERO, listening
grader = OfflineGrader(listening)
answers = json.loads({answers!r})
for question in (ZERO, NORMS):
    for answer in answers:
        for mark in grader.mark(question, answer):
            print(mark.model_dump_json())
"""


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    root = str(Path(__file__).parents[2])
    answers = ["".join(SENTENCES), *SENTENCES, "optimzer stats are shraded over the ranks"]

    def output(seed: str, order: list[str]) -> list[bytes]:
        code = _MARKS.format(root=root, answers=json.dumps(order))
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        return ran.stdout.splitlines()

    first = output("1", answers)
    assert first == output("2", answers)
    assert sorted(first) == sorted(output("3", answers[::-1]))


@given(answer=ANSWERS)
@settings(max_examples=30)
def test_what_was_marked_before_does_not_matter(answer: str) -> None:
    fresh = OfflineGrader(listening)
    assert fresh.mark(ZERO, answer) == GRADER.mark(ZERO, answer)
