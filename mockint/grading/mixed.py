"""The offline grader and LLMs together: the LLM only where the offline grader is unsure, or a second LLM as arbiter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mockint.errors import ServiceError, UsageError
from mockint.grading.conversation import Conversation
from mockint.grading.grade import Mark
from mockint.grading.llm.grader import LLMGrader, Task
from mockint.grading.protocols import Grader
from mockint.llm.endpoint import Endpoint
from mockint.question import Question

VERSION = 1
SURE = 0.8
"""The offline grader's confidence below which the LLM is asked. On blind answers that were read while tuning, a bit
more than a third of the verdicts is below, and those above agree with their labels at kappa .97."""

OnDone = Callable[[int, list[Mark] | ServiceError], None]
Outcomes = list[list[Mark] | ServiceError]


class MixedGrader:
    """Offline first; the LLM marks what that is unsure of. A reply to a follow-up is the LLM's alone."""

    def __init__(self, offline: Grader, llm: LLMGrader) -> None:
        self._offline = offline
        self._llm = llm

    @property
    def name(self) -> str:
        return f"mixed:{self.endpoint.llm}/{VERSION}"

    @property
    def endpoint(self) -> Endpoint:
        return self._llm.endpoint

    def again(self, repeat: int) -> MixedGrader:
        return MixedGrader(self._offline, self._llm.again(repeat))

    def mark(self, question: Question, answer: str) -> list[Mark]:
        """Raises ServiceError when the LLM that was needed could not mark."""
        return _one(self.mark_many([(question, answer)], someone_waits=True))

    def mark_many(
        self, answers: Iterable[tuple[Question, str]], *, on_done: OnDone | None = None, someone_waits: bool = False
    ) -> Outcomes:
        """As `LLMGrader.mark_many`. What needs no LLM costs no request."""
        marked = [(question, answer, tuple(self._offline.mark(question, answer))) for question, answer in answers]
        tasks = {place: task for place, one in enumerate(marked) if (task := _unsure(*one))}
        outcomes: Outcomes = [list(marks) for _, _, marks in marked]

        def whole(place: int, marks: list[Mark]) -> list[Mark]:
            return _with(marked[place][2], marks)

        return _settled(outcomes, tasks, self._llm, whole, on_done=on_done, someone_waits=someone_waits)

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> list[Mark]:
        return self._llm.mark_reply(question, conversation, so_far)

    def request(self, question: Question, answer: str) -> dict[str, Any] | None:
        """About every criterion; what is sent is about those that the offline grader is unsure of."""
        return self._llm.request(question, answer)

    def fetch_in_batch(self, answers: Iterable[tuple[Question, str]]) -> None:
        raise UsageError("the Batch API takes all criteria at once: use --grader openai:NAME with it")


class ArbitratedGrader:
    """An LLM marks; where the offline grader sees it otherwise, a second LLM decides between the two."""

    def __init__(self, offline: Grader, first: LLMGrader, second: LLMGrader) -> None:
        self._offline = offline
        self._first = first
        self._second = second

    @property
    def name(self) -> str:
        return f"{self._first.name}+{self._second.endpoint.llm}"

    @property
    def endpoint(self) -> Endpoint:
        return self._first.endpoint

    def again(self, repeat: int) -> ArbitratedGrader:
        return ArbitratedGrader(self._offline, self._first.again(repeat), self._second.again(repeat))

    def mark(self, question: Question, answer: str) -> list[Mark]:
        """Raises ServiceError when either LLM could not mark."""
        return _one(self.mark_many([(question, answer)], someone_waits=True))

    def mark_many(
        self, answers: Iterable[tuple[Question, str]], *, on_done: OnDone | None = None, someone_waits: bool = False
    ) -> Outcomes:
        """As `LLMGrader.mark_many`; the second LLM is asked about the disputed criteria alone."""
        asked = list(answers)
        outcomes: Outcomes = list(self._first.mark_many(asked, someone_waits=someone_waits))
        firsts = {place: marks for place, marks in enumerate(outcomes) if not isinstance(marks, ServiceError)}
        others = {place: self._offline.mark(*asked[place]) for place in firsts}
        tasks = {place: task for place in firsts if (task := _disputed(*asked[place], firsts[place], others[place]))}

        def decided(place: int, marks: list[Mark]) -> list[Mark]:
            return _with(firsts[place], _majority(firsts[place], others[place], marks))

        return _settled(outcomes, tasks, self._second, decided, on_done=on_done, someone_waits=someone_waits)

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> list[Mark]:
        return self._first.mark_reply(question, conversation, so_far)

    def request(self, question: Question, answer: str) -> dict[str, Any] | None:
        """The first LLM's; the second one's depends on the reply."""
        return self._first.request(question, answer)

    def fetch_in_batch(self, answers: Iterable[tuple[Question, str]]) -> None:
        self._first.fetch_in_batch(answers)


def _one(outcomes: Outcomes) -> list[Mark]:
    (outcome,) = outcomes
    if isinstance(outcome, ServiceError):
        raise outcome
    return outcome


def _unsure(question: Question, answer: str, marks: tuple[Mark, ...]) -> Task | None:
    unsure = tuple(question.criterion(mark.criterion) for mark in marks if mark.confidence < SURE)
    return Task(question, answer, unsure, marks) if unsure else None


def _disputed(question: Question, answer: str, marks: Sequence[Mark], others: Sequence[Mark]) -> Task | None:
    theirs = {mark.criterion: mark.verdict for mark in others}
    disputed = tuple(question.criterion(mark.criterion) for mark in marks if mark.verdict != theirs[mark.criterion])
    return Task(question, answer, disputed, tuple(marks)) if disputed else None


def _settled(
    outcomes: Outcomes,
    tasks: Mapping[int, Task],
    llm: LLMGrader,
    whole: Callable[[int, list[Mark]], list[Mark]],
    *,
    on_done: OnDone | None,
    someone_waits: bool,
) -> Outcomes:
    """The outcomes after the LLM has done the tasks, by the place of their answers.

    whole: what its marks on some criteria make of the answer at that place. on_done is told of each as it ends.
    """
    places = list(tasks)

    def settle(number: int, found: list[Mark] | ServiceError) -> None:
        place = places[number]
        outcomes[place] = found if isinstance(found, ServiceError) else whole(place, found)
        if on_done:
            on_done(place, outcomes[place])

    for place, outcome in enumerate(outcomes):
        if on_done and place not in tasks:
            on_done(place, outcome)
    llm.mark_some(list(tasks.values()), on_done=settle, someone_waits=someone_waits)
    return outcomes


def _majority(first: Sequence[Mark], offline: Sequence[Mark], second: Sequence[Mark]) -> list[Mark]:
    """Of the disputed criteria: the verdict that two of the three gave; where all differ, the first one's."""
    by_first = {mark.criterion: mark for mark in first}
    by_offline = {mark.criterion: mark for mark in offline}
    return [
        by_offline[mark.criterion] if mark.verdict == by_offline[mark.criterion].verdict else by_first[mark.criterion]
        for mark in second
    ]


def _with(marks: Sequence[Mark], changed: Sequence[Mark]) -> list[Mark]:
    by_id = {mark.criterion: mark for mark in changed}
    return [by_id.get(mark.criterion, mark) for mark in marks]
