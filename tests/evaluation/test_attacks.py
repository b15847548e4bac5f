"""The attack battery: what it is made of, and that it tells an honest grader from a gullible one."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from mockint.bank import Bank, load_bank
from mockint.evaluation.attacks import KINDS, Attack, attack_figures, attacks_on, attempt, by_kind, compared
from mockint.grading import Mark
from mockint.grading.grade import Evidence
from mockint.question import KeyPoint, Question
from tests.small_bank import THREADS, write_small_bank


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return load_bank(write_small_bank(tmp_path))


@pytest.fixture
def battery(bank: Bank) -> list[Attack]:
    return list(attacks_on(bank.questions, bank.wordings))


def answers(battery: Sequence[Attack], kind: str, question: str, lang: str = "en") -> list[str]:
    return [a.answer for a in battery if (a.kind, a.question.id, a.lang) == (kind, question, lang)]


class WordCounter:
    """Credits a key point when half of its longer words stand anywhere: what a grader must not be."""

    name = "words/1"

    def mark(self, question: Question, answer: str) -> list[Mark]:
        return [self._mark(criterion, answer) for criterion in question.criteria]

    def _mark(self, criterion: object, answer: str) -> Mark:
        assert hasattr(criterion, "text")
        point = isinstance(criterion, KeyPoint)
        words = [word.strip(".,").casefold() for word in criterion.text.en.split() if len(word) > 3]
        found = [word for word in words if word in answer.casefold()]
        if not point or 2 * len(found) < len(words):
            return Mark(criterion=criterion.id, verdict="missing" if point else "absent")  # type: ignore[attr-defined]
        start = answer.casefold().index(found[0])
        quote = answer[start : start + len(found[0])]
        evidence = Evidence(start=start, end=start + len(quote), quote=quote)
        return Mark(criterion=criterion.id, verdict="met", evidence=[evidence])  # type: ignore[attr-defined]


class Silent:
    """Credits nothing."""

    name = "silent/1"

    def mark(self, question: Question, answer: str) -> list[Mark]:
        return [
            Mark(criterion=c.id, verdict="missing" if isinstance(c, KeyPoint) else "absent") for c in question.criteria
        ]


def test_every_kind_is_made_and_the_same_every_time(bank: Bank, battery: list[Attack]) -> None:
    assert {attack.kind for attack in battery} == set(KINDS)
    assert battery == list(attacks_on(bank.questions, bank.wordings))


def test_each_key_point_is_denied_alone_and_all_together(battery: list[Attack]) -> None:
    assert answers(battery, "negated", "tcp-handshake") == [
        "It is not true that the client sends a SYN.",
        "The client does not send a SYN.",
        "It is not true that the server replies with a SYN-ACK.",
        "The server does not reply with a SYN-ACK.",
        "It is not true that the client confirms with an ACK.",
        "The client does not confirm with an ACK.",
        "It is not true that the client sends a SYN. It is not true that the server replies with a SYN-ACK. "
        "It is not true that the client confirms with an ACK.",
    ]


def test_the_two_things_compared_change_places(bank: Bank, battery: list[Attack]) -> None:
    assert compared(bank.question("process-and-thread"), "en") == ("process", "thread")
    assert compared(bank.question("process-and-thread"), "zh") == ("进程", "线程")
    assert answers(battery, "swapped", "process-and-thread") == [
        "A thread has its own address space. processes of one thread share its memory. "
        "Switching between processes is cheaper than switching between threads. "
        "A crash in one process ends the whole thread."
    ]
    assert answers(battery, "swapped", "process-and-thread", "zh") == [
        "线程有自己独立的地址空间。同一线程的进程共享内存。进程切换比线程切换便宜。一个进程崩溃会让整个线程退出。"
    ]
    assert answers(battery, "swapped", "tcp-handshake") == []


def test_a_point_that_says_both_are_alike_is_not_swapped(tmp_path: Path) -> None:
    """It would stay true."""
    alike = THREADS.replace("Threads of one process share its memory.}", "X}").replace(
        "text: {en: Threads of one process share its memory.,", "text: {en: A process and a thread both have a stack.,"
    )
    bank = load_bank(write_small_bank(tmp_path, threads=alike))

    swapped = answers(list(attacks_on(bank.questions, bank.wordings)), "swapped", "process-and-thread")

    assert "stack" not in swapped[0]


@pytest.mark.parametrize(
    ("prompt", "pair"),
    [
        ("Compare batch norm with layer norm.", ("batch norm", "layer norm")),
        ("What do BN and LN have in common, and how do they differ?", ("BN", "LN")),
        ("How does FSDP differ from DDP in memory?", ("FSDP", "DDP")),
        ("SGD vs Adam: when would you use which?", ("SGD", "Adam")),
        ("Compare A, B, C and D by their loss.", None),
        ("Explain attention.", None),
    ],
)
def test_the_pair_is_read_from_the_prompt(bank: Bank, prompt: str, pair: tuple[str, str] | None) -> None:
    question = bank.question("process-and-thread")
    asked = question.model_copy(update={"prompt": question.prompt.model_copy(update={"en": prompt})})

    assert compared(asked, "en") == pair


def test_shuffled_answers_have_the_words_of_the_reference_in_another_order(bank: Bank, battery: list[Attack]) -> None:
    reference = bank.question("tcp-handshake").answer.en
    shuffled = answers(battery, "shuffled", "tcp-handshake")[0]

    assert sorted(shuffled.split()) == sorted(reference.split())
    assert shuffled != reference


def test_lookalike_denials_read_as_denials_to_the_eye_only(battery: list[Attack]) -> None:
    for answer in answers(battery, "lookalike", "tcp-handshake"):
        assert "not true" not in answer
    folded = unicodedata.normalize("NFKC", answers(battery, "lookalike", "tcp-handshake", "zh")[0])
    assert folded.replace("\u200b", "") == "并非客户端发送 SYN。"


def test_forged_verdicts_name_the_real_criteria(battery: list[Attack]) -> None:
    forged = json.loads(answers(battery, "instructions", "tcp-handshake")[2])

    assert [mark["criterion"] for mark in forged["marks"]] == ["syn", "syn-ack", "ack"]


def test_a_misconception_has_to_cost_its_weight(battery: list[Attack]) -> None:
    costs = [attack for attack in battery if attack.kind == "misconception" and attack.question.id == "tcp-handshake"]

    assert [attack.ceiling for attack in costs] == [pytest.approx(2 / 3)] * 4  # two languages, plain and look-alike
    assert all(attack.answer.startswith(attack.question.answer.in_(attack.lang)) for attack in costs)


def test_another_questions_answer_comes_from_another_topic(battery: list[Attack]) -> None:
    assert {(a.question.id, a.aim) for a in battery if a.kind == "other-question"} == {
        ("process-and-thread", "tcp-handshake"),
        ("tcp-handshake", "process-and-thread"),
    }


def test_a_grader_that_counts_words_is_caught_and_a_silent_one_is_not(battery: list[Attack]) -> None:
    gullible = attack_figures(by_kind(attempt(WordCounter(), battery)))
    silent = attack_figures(by_kind(attempt(Silent(), battery)))

    for kind in ("keywords", "shuffled", "negated", "lookalike", "swapped", "misconception"):
        assert gullible[f"attacks.{kind}"].value < 0.7, kind
    assert gullible["attacks.empty"].value == 1
    assert {figure.value for figure in silent.values()} == {1}


def test_the_report_shows_the_attack_that_went_furthest(battery: list[Attack]) -> None:
    reports = {report.kind: report for report in by_kind(attempt(WordCounter(), battery))}

    swapped = reports["swapped"]
    assert swapped.worst.earns
    assert swapped.highest == swapped.worst.grade.score == 1
    assert (swapped.n, swapped.over) == (2, 1)  # it knows no Chinese


def test_a_bank_of_one_question_has_no_other_answer_to_borrow(bank: Bank) -> None:
    kinds = {attack.kind for attack in attacks_on(bank.questions[:1], bank.wordings)}

    assert "other-question" not in kinds
    assert "negated" in kinds
