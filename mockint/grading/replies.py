"""A reply to a follow-up, by any grader."""

from __future__ import annotations

from collections.abc import Sequence

from mockint.grading.conversation import Conversation, open_criteria
from mockint.grading.grade import Mark
from mockint.grading.protocols import ConversationGrader, Grader
from mockint.question import Question


def mark_reply(
    grader: Grader, question: Question, conversation: Conversation, so_far: Sequence[Mark]
) -> Sequence[Mark]:
    """As the grader's own `mark_reply`; one that has none marks all that was said as one answer."""
    if isinstance(grader, ConversationGrader):
        return grader.mark_reply(question, conversation, so_far)
    wanted = {criterion.id for criterion in open_criteria(question, so_far)}
    marks = grader.mark(question, conversation.text)
    return conversation.in_parts(mark for mark in marks if mark.criterion in wanted)
