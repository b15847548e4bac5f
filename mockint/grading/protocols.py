"""What graders can do: every one marks an answer; some follow a conversation, take many at once, or ask an LLM."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mockint.errors import ServiceError
from mockint.grading.conversation import Conversation
from mockint.grading.grade import Mark
from mockint.question import Question

if TYPE_CHECKING:
    from mockint.llm.endpoint import Endpoint


class Grader(Protocol):
    """Grades one answer. `name` holds a version that is raised whenever its behaviour changes (`offline/1`)."""

    @property
    def name(self) -> str: ...

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        """One mark per criterion of the question. Raises ServiceError when it could not; that is not a zero."""
        ...


@runtime_checkable
class ConversationGrader(Grader, Protocol):
    """A grader that follows a conversation, as those of this project do."""

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> Sequence[Mark]:
        """Marks on the open criteria alone (`open_criteria`), by the whole conversation; evidence is by its parts.

        so_far: the marks before the last reply. Raises ServiceError when it could not; that is not a zero.
        """
        ...


@runtime_checkable
class BatchGrader(Grader, Protocol):
    """A grader that marks several answers at once, as one that waits for a service does."""

    def mark_many(
        self,
        answers: Iterable[tuple[Question, str]],
        *,
        on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
        someone_waits: bool = False,
    ) -> Sequence[list[Mark] | ServiceError]:
        """The marks, or why there are none, in the order of the answers.

        on_done is told of each as it ends. someone_waits: a person does, who would rather have no marks than wait long.
        """
        ...


@runtime_checkable
class EarlyGrader(Grader, Protocol):
    """A grader that takes its time, and can be told early what it will have to mark."""

    def begin(self, question: Question, answer: str) -> None:
        """Begin to mark this answer; `mark` waits for what was begun."""
        ...


@runtime_checkable
class LLMBacked(BatchGrader, Protocol):
    """A grader that asks an LLM, which can also be spoken with, and whose use is counted on the endpoint's meter."""

    @property
    def endpoint(self) -> Endpoint: ...

    def request(self, question: Question, answer: str) -> dict[str, Any] | None:
        """What it would send first for this answer, or None for one that needs no request. Sends nothing."""
        ...

    def fetch_in_batch(self, answers: Iterable[tuple[Question, str]]) -> None:
        """Have what marking these answers asks first by a batch, at half the price, within a day."""
        ...

    def again(self, repeat: int) -> Grader:
        """The same grader on the same meter, that asks anew what a cache would answer. repeat: 1, 2, ..."""
        ...
