"""Grading that begins before it is asked for."""

from __future__ import annotations

import threading

import pytest

from mockint.errors import ServiceError
from mockint.grading.ahead import BegunEarly
from mockint.grading.conversation import Conversation, Exchange
from mockint.grading.grade import Mark
from mockint.question import Question
from tests.one_question import BrokenGrader, WordGrader, question


class Slow(WordGrader):
    """Marks when it is let go, and counts."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.marked = 0

    def mark(self, question: Question, answer: str) -> list[Mark]:
        assert self.go.wait(10)
        self.marked += 1
        return super().mark(question, answer)


def test_marks_that_were_begun_are_waited_for_and_made_once() -> None:
    slow = Slow()
    ahead = BegunEarly(slow)
    ahead.begin(question(), "states")
    assert slow.marked == 0

    slow.go.set()

    assert ahead.mark(question(), "states")[0].verdict == "met"
    assert slow.marked == 1


def test_another_answer_than_the_one_begun_is_marked_anew() -> None:
    slow = Slow()
    slow.go.set()
    ahead = BegunEarly(slow)
    ahead.begin(question(), "states")

    assert ahead.mark(question(), "weights")[0].verdict == "missing"


def test_a_failure_reaches_whoever_asks() -> None:
    ahead = BegunEarly(BrokenGrader())
    ahead.begin(question(), "states")

    with pytest.raises(ServiceError, match="does not answer"):
        ahead.mark(question(), "states")


def test_a_reply_goes_to_the_grader_itself() -> None:
    ahead = BegunEarly(WordGrader())
    first = ahead.mark(question(), "states")

    later = ahead.mark_reply(question(), Conversation("states", (Exchange("And?", "weights"),)), first)

    assert {mark.criterion: mark.verdict for mark in later}["weights"] == "met"
