"""Graders: who judges an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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


def grader_named(name: str, *, glossary: Glossary) -> Grader:
    """`offline`: the deterministic grader; `auto`: the best that is configured. Raises UsageError otherwise."""
    if name in ("auto", "offline"):
        from mockint.grading.offline import OfflineGrader

        return OfflineGrader(glossary)
    raise UsageError(f"unknown grader {name!r}: use auto or offline")
