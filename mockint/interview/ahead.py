"""Grading that begins early: while the candidate still says how sure they are, the LLM already reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future

from mockint.grading import Grader, mark_reply
from mockint.grading.conversation import Conversation
from mockint.grading.grade import Mark
from mockint.question import Question


class GradesAhead:
    """The same grader, that can be told early what it will have to mark; whoever asks for the marks waits for them."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._begun: dict[tuple[str, str], Future[Sequence[Mark]]] = {}

    @property
    def name(self) -> str:
        return self._grader.name

    def begin(self, question: Question, answer: str) -> None:
        """Mark this answer in a thread of its own, which does not keep the program from ending."""
        future: Future[Sequence[Mark]] = Future()

        def work() -> None:
            try:
                future.set_result(self._grader.mark(question, answer))
            except BaseException as error:  # the one who asks for the marks gets it
                future.set_exception(error)

        self._begun[question.content_hash(), answer] = future
        threading.Thread(target=work, daemon=True, name="mockint-ahead").start()

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        future = self._begun.pop((question.content_hash(), answer), None)
        return future.result() if future else self._grader.mark(question, answer)

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> Sequence[Mark]:
        return mark_reply(self._grader, question, conversation, so_far)
