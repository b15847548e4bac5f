"""Marks made before they are asked for: many answers together, or one while the candidate is still asked something."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future

from mockint.errors import ServiceError
from mockint.grading.conversation import Conversation
from mockint.grading.grade import Mark
from mockint.grading.protocols import BatchGrader, Grader
from mockint.grading.replies import mark_reply
from mockint.question import Question


def marked_ahead(
    grader: Grader,
    answers: Sequence[tuple[Question, str]],
    *,
    on_done: Callable[[int], None] | None = None,
    someone_waits: bool = False,
) -> Grader:
    """The grader, with these answers marked already, many at a time, where it can do that; else the grader itself.

    on_done: told how many are done. someone_waits: as in `BatchGrader.mark_many`.
    """
    if not isinstance(grader, BatchGrader):
        return grader
    count = itertools.count(1)
    outcomes = grader.mark_many(
        answers, on_done=lambda *_: on_done(next(count)) if on_done else None, someone_waits=someone_waits
    )
    return _MarkedAhead(grader, dict(zip(map(_pair, answers), outcomes, strict=True)))


def answers_asked_about(work: Callable[[Grader], object]) -> list[tuple[Question, str]]:
    """What `work` has marked, so that it can be marked ahead: it is done once with a grader that credits nothing.

    So `work` must ask about the same answers whatever the marks are, and change nothing outside.
    """
    rehearsal = _Rehearsal()
    work(rehearsal)
    return rehearsal.answers


class _Rehearsal:
    """Notes what it is asked about."""

    name = "rehearsal/1"

    def __init__(self) -> None:
        self.answers: list[tuple[Question, str]] = []

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        self.answers.append((question, answer))
        points = [Mark(criterion=point.id, verdict="missing") for point in question.key_points]
        return [*points, *(Mark(criterion=one.id, verdict="absent") for one in question.misconceptions)]

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> Sequence[Mark]:
        """What a reply is marked with depends on the marks before it, so that none can be marked ahead."""
        return []


class _MarkedAhead:
    """Gives out marks that were made before."""

    def __init__(self, grader: Grader, outcomes: Mapping[tuple[str, str], list[Mark] | ServiceError]) -> None:
        self.name = grader.name
        self._grader = grader
        self._outcomes = outcomes

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        outcome = self._outcomes.get(_pair((question, answer)))
        if isinstance(outcome, ServiceError):
            raise outcome
        return self._grader.mark(question, answer) if outcome is None else outcome

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> Sequence[Mark]:
        return mark_reply(self._grader, question, conversation, so_far)


def _pair(answer: tuple[Question, str]) -> tuple[str, str]:
    return answer[0].content_hash(), answer[1]


class BegunEarly:
    """The same grader, that can be told early what it will have to mark; whoever asks for the marks waits for them."""

    def __init__(self, grader: BatchGrader) -> None:
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

    def mark_many(
        self,
        answers: Iterable[tuple[Question, str]],
        *,
        on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
        someone_waits: bool = False,
    ) -> Sequence[list[Mark] | ServiceError]:
        return self._grader.mark_many(answers, on_done=on_done, someone_waits=someone_waits)
