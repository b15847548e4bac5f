"""Graders: who judges an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from mockint.errors import ServiceError, UsageError
from mockint.grading.grade import Grade, Mark, grade_of
from mockint.question import Question
from mockint.wordings import WordingSource

if TYPE_CHECKING:
    from mockint.llm.endpoint import Endpoint

__all__ = [
    "Grade",
    "Grader",
    "Mark",
    "answers_asked_about",
    "check_evidence",
    "grade_answer",
    "grader_named",
    "llm_backed",
    "marked_ahead",
]


class Grader(Protocol):
    """Grades one answer. `name` holds a version that is raised whenever its behaviour changes (`offline/1`)."""

    @property
    def name(self) -> str: ...

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        """One mark per criterion of the question. Raises ServiceError when it could not; that is not a zero."""
        ...


def grade_answer(grader: Grader, question: Question, answer: str) -> Grade:
    """Mark, then count."""
    marks = grader.mark(question, answer)
    check_evidence(marks, answer, grader=grader.name)
    return grade_of(question, marks, grader=grader.name)


def check_evidence(marks: Sequence[Mark], answer: str, *, grader: str) -> None:
    """Evidence or no credit. Raises ValueError when a quote is not in the answer where the mark says, or is missing."""
    for mark in marks:
        if mark.verdict not in ("missing", "absent") and not mark.evidence:
            raise ValueError(f"{grader} marked {mark.criterion!r} {mark.verdict} without evidence")
        for evidence in mark.evidence:
            if not evidence.quote or answer[evidence.start : evidence.end] != evidence.quote:
                raise ValueError(
                    f"{grader} quotes {evidence.quote!r} for {mark.criterion!r}; the answer does not say so"
                )


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
    return _Ahead(grader, dict(zip(map(_pair, answers), outcomes, strict=True)))


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


class _Ahead:
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


def _pair(answer: tuple[Question, str]) -> tuple[str, str]:
    return answer[0].content_hash(), answer[1]


def grader_named(
    name: str,
    *,
    wordings: WordingSource,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Grader:
    """`offline`: the deterministic grader; `openai:NAME`: an LLM; `auto`: the LLM when one is configured, else offline.

    wordings: how the offline grader listens to a question, by its id. flags: settings of the LLM from the command line
    (`mockint.llm.settings.Settings`), which win over the environment and the configuration file. say: told what
    is being waited for. Raises UsageError for a name nobody has,
    and for an LLM that lacks its key or its address.
    """
    kind, _, llm = name.partition(":")
    if name in ("auto", "openai") or (kind == "openai" and llm):
        from mockint.llm import configured_endpoint

        if endpoint := configured_endpoint(llm or None, flags=flags, say=say):
            from mockint.grading.llm.grader import LLMGrader

            return LLMGrader(endpoint)
        if name == "openai":
            raise UsageError("no LLM is configured: 'mockint llm check' says what is missing")
    if name in ("auto", "offline"):
        from platformdirs import user_cache_path

        from mockint.grading.offline import OfflineGrader

        return OfflineGrader(wordings, kept=user_cache_path("mockint") / "compiled")
    raise UsageError(f"unknown grader {name!r}: use auto, offline or openai:NAME")


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


def llm_backed(grader: Grader) -> LLMBacked | None:
    """The grader as one that asks an LLM; None when it is no such grader."""
    return grader if isinstance(grader, LLMBacked) else None
