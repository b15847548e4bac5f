"""Grade kept answers again; every grade stays beside the earlier ones."""

from __future__ import annotations

from dataclasses import dataclass

from mockint.errors import ServiceError
from mockint.grading import Grader
from mockint.grading.grade import Grade, Mark
from mockint.history import Attempt, History
from mockint.interview.parts import grade_parts


@dataclass(frozen=True)
class Regraded:
    """An attempt graded again. after: None when the grader failed, which `failure` says in a sentence."""

    attempt: Attempt
    before: Grade | None
    after: Grade | None
    failure: str | None = None

    @property
    def changed(self) -> list[tuple[Mark | None, Mark]]:
        """The marks whose verdict is another one now, with what they were."""
        if self.after is None:
            return []
        pairs = [(self.before.mark(mark.criterion) if self.before else None, mark) for mark in self.after.marks]
        return [(old, new) for old, new in pairs if old is None or old.verdict != new.verdict]


def needs_regrade(attempt: Attempt, grader: Grader) -> bool:
    """Something was handed in that this grader has not graded."""
    submitted = len(attempt.submitted)
    own = (kept.parts for kept in attempt.grades if kept.grade.grader == grader.name)
    return attempt.outcome in ("answered", "dont-know") and max(own, default=0) < submitted


def regrade(history: History, attempt: Attempt, grader: Grader) -> Regraded:
    """Grade all parts again and keep the new grade beside the old ones; it counts from now on."""
    try:
        grade = grade_parts(grader, attempt.question, attempt.submitted)
    except ServiceError as error:
        return Regraded(attempt, attempt.grade, None, str(error))
    history.add_grade(attempt.id, grade, parts=len(attempt.submitted), question=attempt.question)
    return Regraded(attempt, attempt.grade, grade)
