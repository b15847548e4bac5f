"""Graders: who judges an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from mockint.errors import UsageError
from mockint.grading.grade import Grade, Mark, grade_of
from mockint.question import Glossary, Question

__all__ = ["Grade", "Grader", "Mark", "check_evidence", "grade_answer", "grader_named"]


class Grader(Protocol):
    """Judges one answer. `name` holds a version that is raised whenever its behaviour changes (`offline/1`)."""

    @property
    def name(self) -> str: ...

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        """One mark per criterion of the question. Raises ServiceError when it could not judge; that is not a zero."""
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


def grader_named(
    name: str, *, glossary: Glossary, flags: Mapping[str, Any] | None = None, say: Callable[[str], None] | None = None
) -> Grader:
    """`offline`: the deterministic grader; `openai:NAME`: an LLM; `auto`: the LLM when one is configured, else offline.

    flags: settings of the LLM from the command line (`mockint.grading.llm.settings.Settings`), which win over the
    environment and the configuration file. say: told what is being waited for. Raises UsageError for a name nobody has,
    and for an LLM that lacks its key or its address.
    """
    kind, _, llm = name.partition(":")
    if name in ("auto", "openai") or (kind == "openai" and llm):
        from mockint.grading.llm import configured_grader

        if grader := configured_grader(llm or None, flags=flags, say=say):
            return grader
        if name == "openai":
            raise UsageError("no LLM is configured: 'mockint llm check' says what is missing")
    if name in ("auto", "offline"):
        from mockint.grading.offline import OfflineGrader

        return OfflineGrader(glossary)
    raise UsageError(f"unknown grader {name!r}: use auto, offline or openai:NAME")
