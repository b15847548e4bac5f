"""Graders: who judges an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mockint.errors import UsageError
from mockint.grading.grade import Grade, Mark, grade_of
from mockint.question import Glossary, Question

__all__ = ["Grade", "Grader", "Mark", "grade_answer", "grader_named"]


class Grader(Protocol):
    """Judges one answer. `name` holds a version that is raised whenever its behaviour changes (`offline/1`)."""

    @property
    def name(self) -> str: ...

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        """One mark per criterion of the question. Raises ServiceError when it could not judge; that is not a zero."""
        ...


def grade_answer(grader: Grader, question: Question, answer: str) -> Grade:
    """Mark, then count."""
    return grade_of(question, grader.mark(question, answer), grader=grader.name)


def grader_named(name: str, *, glossary: Glossary) -> Grader:
    """`offline` -> the deterministic grader. Raises UsageError for a name nobody has."""
    if name == "offline":
        from mockint.grading.offline import OfflineGrader

        return OfflineGrader(glossary)
    raise UsageError(f"unknown grader {name!r}: use offline")
