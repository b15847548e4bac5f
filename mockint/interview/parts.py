"""The grade of an answer together with what was said to its follow-ups."""

from __future__ import annotations

from collections.abc import Sequence

from mockint.grading import Grader, check_evidence
from mockint.grading.grade import Grade, Mark, grade_of, with_follow_up
from mockint.history import Part
from mockint.question import KeyPoint, Question, Text


def grade_parts(grader: Grader, question: Question, parts: Sequence[Part], *, so_far: Grade | None = None) -> Grade:
    """The grade of all parts, the later ones counted as follow-ups.

    so_far: what the same grader gave to the parts before the last, so that they are not graded again.
    Raises ServiceError when the grader could not grade.
    """
    hints = sum(part.hints for part in parts)
    if so_far is not None:
        last = parts[-1]
        marks = with_follow_up(question, so_far.marks, _marks(grader, question, last), part=last.part)
        return grade_of(question, marks, grader=grader.name, hints=hints)
    marks = list(_marks(grader, question, parts[0]))
    for part in parts[1:]:
        marks = with_follow_up(question, marks, _marks(grader, question, part), part=part.part)
    return grade_of(question, marks, grader=grader.name, hints=hints)


def _marks(grader: Grader, question: Question, part: Part) -> Sequence[Mark]:
    """Nothing said is nothing met: no grader is asked, and none can find otherwise."""
    if not part.answer.strip():
        return [
            Mark(criterion=criterion.id, verdict="missing" if isinstance(criterion, KeyPoint) else "absent")
            for criterion in question.criteria
        ]
    marks = grader.mark(_as_asked(question, part), part.answer)
    check_evidence(marks, part.answer, grader=grader.name)
    return marks


def _as_asked(question: Question, part: Part) -> Question:
    """The question as the candidate saw it when answering this part: with the follow-up behind it."""
    if not part.part:
        return question
    both = {lang: f"{text}\n\n{part.prompt}" for lang, text in question.prompt}
    return question.model_copy(update={"prompt": Text.model_validate(both)})
