"""One offline grader, shared by threads that mark at once, gives the marks that it gives to one thread."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mockint.evaluation.plain_questions import questions_from_record
from mockint.grading import Grader
from mockint.grading.grade import Mark
from mockint.grading.offline import OfflineGrader
from mockint.question import Question
from tests.grading.questions import NORMS, ZERO, listening

THREADS = 8
ROUNDS = 12
QUESTIONS = (
    ZERO,
    NORMS,
    *questions_from_record(
        question="What is the difference between a process and a thread?",
        key_points=["Threads of one process share its memory", "Switching threads is cheaper than switching processes"],
    ),
    *questions_from_record(
        question="How does TCP open a connection?",
        key_points=["The client sends a SYN", "The server replies with a SYN-ACK", "The client confirms with an ACK"],
    ),
)
ANSWERS = (
    "Stage 1 shards the optimizer states over the ranks, with the traffic of DP. It does not shard the weights.",
    "第一阶段切分优化器状态，第三阶段用到时才取回参数；前两个阶段的通信量与数据并行相同。",
    "Batch norm takes mean and variance over the mini-batch, layer norm over one sample, whatever the batch size.",
    "Threads are sharing their process's memory, and switching processes is more expensive than switching threads.",
    "The client sends a SYN, the server answers with a SYN-ACK, and the client never confirms with an ACK.",
    "I don't know.",
)
WORK = [(question, answer) for question in QUESTIONS for answer in ANSWERS]

Marks = list[Sequence[Mark]]


@pytest.fixture(autouse=True)
def threads_take_turns_all_the_time() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def marked_at_once(grader: Grader, work: Sequence[tuple[Question, str]]) -> list[Marks]:
    """All the work by each of THREADS threads, which begin together, half of them at the same question."""
    gate = Barrier(THREADS)

    def mark_all(number: int) -> Marks:
        start = len(work) * (number // 2) // THREADS
        gate.wait()
        turned = [grader.mark(question, answer) for question, answer in (*work[start:], *work[:start])]
        return turned[len(work) - start :] + turned[: len(work) - start]

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(mark_all, range(THREADS)))


def differing(make: Callable[[], Grader], work: Sequence[tuple[Question, str]], *, rounds: int) -> int:
    """How many threads saw other marks than a grader that is not shared gives; a new grader each round.

    The threads go first: a word that was seen once in this process is remembered, and would no longer be worked out.
    """
    found = [seen for _ in range(rounds) for seen in marked_at_once(make(), work)]
    alone = make()
    expected = [alone.mark(question, answer) for question, answer in work]
    return sum(seen != expected for seen in found)


def test_threads_that_share_a_grader_get_the_marks_of_one_thread() -> None:
    assert differing(lambda: OfflineGrader(listening), WORK, rounds=ROUNDS) == 0


def test_the_marks_do_not_depend_on_which_copy_of_a_question_a_thread_holds() -> None:
    copies = [(question.model_copy(deep=True), answer) for question, answer in WORK]

    assert differing(lambda: OfflineGrader(listening), copies, rounds=2) == 0


def test_threads_get_the_same_marks_while_more_questions_pass_through_than_a_grader_keeps() -> None:
    many = [
        (question, f"A zonk {number} needs {number + 1} wugs.")
        for number in range(300)
        for question in questions_from_record(
            question="What does a zonk need?", key_points=[f"A zonk {number} needs {number + number % 2} wugs"]
        )
    ]

    assert differing(lambda: OfflineGrader(listening), many, rounds=1) == 0


def test_words_that_nobody_has_seen_before_are_understood_by_all_threads() -> None:
    """Each inflection is worked out once in a process, so every round invents its words."""
    for first in range(0, 100, 10):
        work = [_invented(number) for number in range(first, first + 10)]

        for marks in marked_at_once(OfflineGrader(listening), work):
            assert [mark.verdict for of_answer in marks for mark in of_answer] == ["met"] * len(work)


def _invented(number: int) -> tuple[Question, str]:
    verb, noun = (f"{start}{'bdfgklmnpr'[number // 10]}{'aeiou'[number % 5]}" for start in ("tramp", "glorv"))
    tail = "bdfgklmnpr"[number % 10]
    (question,) = questions_from_record(
        question="What happens to it?", key_points=[f"The {noun}{tail}ators {verb}{tail}ize the connection"]
    )
    return question, f"A {noun}{tail}ator is {verb}{tail}izing the connections."


def test_a_grader_that_keeps_the_answer_on_itself_is_found_out() -> None:
    class Careless:
        name = "careless/1"

        def __init__(self) -> None:
            self.grader = OfflineGrader(listening)

        def mark(self, question: Question, answer: str) -> list[Mark]:
            self.question, self.answer = question, answer
            self.grader.mark(question, answer)
            return self.grader.mark(self.question, self.answer)

    assert differing(Careless, WORK, rounds=1) > 0
