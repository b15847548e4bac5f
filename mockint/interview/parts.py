"""The grade of an answer together with what was said to its follow-ups."""

from __future__ import annotations

from collections.abc import Sequence

from mockint.grading import Grader, check_evidence, mark_reply
from mockint.grading.conversation import Conversation, Exchange, open_criteria
from mockint.grading.grade import Grade, Mark, grade_of, with_follow_up
from mockint.history import Part
from mockint.question import KeyPoint, Question


def grade_parts(grader: Grader, question: Question, parts: Sequence[Part], *, so_far: Grade | None = None) -> Grade:
    """The grade of all parts: the answer, then each reply with all that was said before it.

    so_far: what the same grader gave to the parts before the last, so that they are not graded again.
    Raises ServiceError when the grader could not grade.
    """
    first = len(parts) - 1 if so_far else 1
    marks = so_far.marks if so_far else _marks(grader, question, parts[0])
    for number in range(first, len(parts)):
        marks = _after_reply(grader, question, parts[: number + 1], marks)
    return grade_of(question, marks, grader=grader.name, hints=sum(part.hints for part in parts))


def _marks(grader: Grader, question: Question, part: Part) -> Sequence[Mark]:
    """Nothing said is nothing met: no grader is asked, and none can find otherwise."""
    if not part.answer.strip():
        return [
            Mark(criterion=criterion.id, verdict="missing" if isinstance(criterion, KeyPoint) else "absent")
            for criterion in question.criteria
        ]
    marks = grader.mark(question, part.answer)
    check_evidence(marks, [part.answer], grader=grader.name)
    return marks


def _after_reply(grader: Grader, question: Question, parts: Sequence[Part], so_far: Sequence[Mark]) -> Sequence[Mark]:
    """An empty reply changes nothing, and where nothing is open there is nothing to ask."""
    if not parts[-1].answer.strip() or not open_criteria(question, so_far):
        return so_far
    conversation = Conversation(parts[0].answer, tuple(_exchange(question, part) for part in parts[1:]))
    later = mark_reply(grader, question, conversation, so_far)
    check_evidence(later, conversation.parts, grader=grader.name)
    return with_follow_up(so_far, later)


def _exchange(question: Question, part: Part) -> Exchange:
    follow_up = question.follow_ups[part.follow_up] if part.follow_up is not None else None
    return Exchange(part.prompt, part.answer, follow_up)
