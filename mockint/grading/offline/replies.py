"""A reply to a follow-up: marks on what was still open, by all that was said.

What was half said first and half later is whole in the text of the conversation; what the reply alone says of a
criterion counts as well, since an earlier slip must not hide it. A reply that says what the author's own answer to
that follow-up says has made the points which that answer earns. A misconception is gone when it is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mockint.grading.conversation import Conversation, open_criteria
from mockint.grading.grade import CREDIT, Mark
from mockint.phrases.reasons import ReasonCode, sentence
from mockint.question import FollowUp, KeyPoint, Misconception, Question, Text

MarkAnswer = Callable[[Question, str], Sequence[Mark]]


@dataclass(frozen=True)
class Retraction:
    """Words that take back what was said before. kept: a sentence with such words that takes nothing back."""

    pattern: re.Pattern[str]
    example: str
    kept: str


RETRACTIONS = (
    Retraction(
        re.compile(r"\b(?:take|took|taking) (?:that|it|this|what i said) back\b|\btake back what\b", re.I),
        "I take that back.",
        "The optimizer takes the old weights back from the checkpoint.",
    ),
    Retraction(
        re.compile(r"\bi (?:was|am|got that|had that|said that|put that) wrong\b|\bi'?m wrong\b|\bi misspoke\b", re.I),
        "Sorry, I was wrong about the bias.",
        "The wrong answer gets a low reward.",
    ),
    Retraction(
        re.compile(
            r"\bmy mistake\b|\bscratch that\b|\bon second thoughts?\b|\blet me (?:correct|fix) (?:that|myself)\b",
            re.I,
        ),
        "Scratch that, it is the other way round.",
        "Let me correct for the bias: divide by one minus beta to the t.",
    ),
    Retraction(
        re.compile(
            r"\bwhat i said (?:earlier |before |first )?(?:is|was) (?:wrong|not (?:right|true|correct))\b", re.I
        ),
        "What I said earlier was not right.",
        "What I said earlier was about training.",
    ),
    Retraction(
        re.compile(
            "收回(?:刚才|前面|之前|那句)|我收回|(?:刚才|前面|之前|我)(?:那句)?(?:说|讲|记)(?:错|反)了"
            "|口误|(?:更正|纠正)一下"
        ),
        "刚才说错了，应该是反过来。",
        "节点恢复以后再收回显存。",
    ),
)


def takes_back(reply: str) -> bool:
    return any(retraction.pattern.search(reply) for retraction in RETRACTIONS)


def marks_after_reply(
    mark: MarkAnswer, question: Question, conversation: Conversation, so_far: Sequence[Mark]
) -> list[Mark]:
    """Marks on the open criteria. mark: how one answer is marked; so_far: the marks before the last reply."""
    last = conversation.exchanges[-1]
    before = {one.criterion: one for one in so_far}
    whole = {one.criterion: one for one in conversation.in_parts(mark(question, conversation.text))}
    alone = {one.criterion: _in_part(one, len(conversation.exchanges)) for one in mark(question, last.reply)}
    said = _said(mark, question, last.follow_up, last.reply)
    earned = _earned(said, last.follow_up, part=len(conversation.exchanges))
    if said and said.verdict in ("met", "partial"):
        alone = {id: _without_harm(one) for id, one in alone.items()}
    back = takes_back(last.reply)
    later: list[Mark] = []
    for criterion in open_criteria(question, so_far):
        id = criterion.id
        if isinstance(criterion, KeyPoint):
            later.append(_best(before[id], alone[id], whole[id], *earned.get(id, ())))
        elif alone[id].verdict == "stated" or before[id].verdict == "absent":
            later.append(alone[id])
        else:
            later.append(_withdrawn(before[id]) if back or _puts_right(criterion, alone) else before[id])
    return _without_what_was_withdrawn(question, later)


def _best(before: Mark, alone: Mark, *others: Mark) -> Mark:
    """The best that can be said for it; the opposite counts only where the reply itself says so, and nothing better."""
    best = max(others, key=lambda one: CREDIT[one.verdict], default=alone)
    best = alone if CREDIT[alone.verdict] >= CREDIT[best.verdict] else best
    if CREDIT[best.verdict] > CREDIT[before.verdict]:
        return best
    return alone if alone.verdict == "contradicted" and before.verdict == "missing" else before


def _puts_right(wrong: Misconception, alone: dict[str, Mark]) -> bool:
    """The reply says a point that whoever holds the misconception says the opposite of."""
    return any(alone[id].verdict == "met" for id in wrong.denies)


def _withdrawn(mark: Mark, code: ReasonCode = "corrected") -> Mark:
    changes = {"verdict": "absent", "strength": 0.0, "evidence": [], "code": code}
    return mark.model_copy(update={**changes, "reason": sentence(code).en})


def _without_what_was_withdrawn(question: Question, later: list[Mark]) -> list[Mark]:
    """A point that only a misconception contradicted is open again once that is withdrawn."""
    gone = {mark.criterion for mark in later if mark.code == "corrected"}
    reopened = {id for wrong in question.misconceptions if wrong.id in gone for id in wrong.denies}
    return [
        _reopened(mark) if mark.criterion in reopened and mark.verdict == "contradicted" else mark for mark in later
    ]


def _reopened(mark: Mark) -> Mark:
    changes = {"verdict": "missing", "evidence": [], "code": "not_said"}
    return mark.model_copy(update={**changes, "reason": sentence("not_said").en})


def _said(mark: MarkAnswer, question: Question, follow_up: FollowUp | None, reply: str) -> Mark | None:
    """How much of the authored answer the reply says; None where nobody wrote one."""
    if follow_up is None or follow_up.answer is None:
        return None
    (said, *_) = mark(_about(question, follow_up, follow_up.answer), reply)
    return said


def _without_harm(mark: Mark) -> Mark:
    """Who says what the authored answer says is not against the question: "now it would print ..." asserts nothing."""
    if mark.verdict == "contradicted":
        return _reopened(mark)
    return _withdrawn(mark, "not_stated") if mark.verdict == "stated" else mark


def _earned(said: Mark | None, follow_up: FollowUp | None, *, part: int) -> dict[str, tuple[Mark, ...]]:
    """Of the points that the authored answer earns: met, where the reply says what that answer says."""
    if said is None or follow_up is None or said.verdict != "met":
        return {}
    return {id: (_in_part(said.model_copy(update={"criterion": id}), part),) for id in follow_up.earns}


def _about(question: Question, follow_up: FollowUp, answer: Text) -> Question:
    """A question with one key point, the authored answer, which no author's wording belongs to."""
    return Question.model_construct(
        **{name: getattr(question, name) for name in ("topic", "kind", "level", "minutes", "answer", "code")},
        id=f"{question.id}-follow-up",
        prompt=follow_up.prompt,
        key_points=[KeyPoint(id="answer", text=answer)],
        misconceptions=[],
        follow_ups=[],
        hints=[],
        references=[],
        tags=[],
        source=None,
    )


def _in_part(mark: Mark, part: int) -> Mark:
    evidence = [one.model_copy(update={"part": part}) for one in mark.evidence]
    return mark.model_copy(update={"evidence": evidence})
