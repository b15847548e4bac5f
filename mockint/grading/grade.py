"""Marks in, a score out. Every grader marks; only this module counts.

score = max(0, sum of weight x credit over the key points - weights of the stated misconceptions)
        / sum of the key points' weights,
        and at most MUST_CAP while a must-have key point is missing or contradicted;
        then less HINT_COST of it for every hint that was taken.

A criterion that the grader could not assess takes no part, as if the question did not have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from mockint.phrases.reasons import ReasonCode
from mockint.question import Frozen, Id, KeyPoint, Question, Verdict

CREDIT: Mapping[Verdict, float] = {"met": 1.0, "partial": 0.5, "missing": 0.0, "contradicted": -0.5}
MUST_CAP = 0.6
HINT_COST = 0.1
PASS = 0.7
FAIR = 0.4  # above it, a score below PASS is fair, not poor

Unit = Annotated[float, Field(ge=0, le=1)]
Quality = Literal["good", "fair", "poor"]


class Evidence(Frozen):
    """The candidate's own words: `quote` is `text[start:end]` of the answer (part 0) or the nth follow-up (part n)."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    quote: str
    part: Annotated[int, Field(ge=0)] = 0


class Mark(Frozen):
    """What a grader says of one criterion.

    confidence: how sure the grader is of the verdict, 0..1. reason: one sentence for the candidate.
    code: which of our sentences that is, for a page in another language; None for an LLM's own.
    strength: how much of the criterion the answer states, 0..1, finer than the verdict and only for ranking answers;
    a grader that has nothing finer leaves it out. The score shown to a candidate never uses it.
    A verdict other than missing and absent carries evidence.
    """

    criterion: Id
    verdict: Verdict
    confidence: Unit = 1.0
    strength: Unit | None = None
    evidence: list[Evidence] = []
    reason: str = ""
    code: ReasonCode | None = None


class Grade(Frozen):
    """All marks of one answer and the number they come to."""

    marks: list[Mark]
    score: Unit
    capped_by: list[Id] = []
    grader: str

    def mark(self, criterion: str) -> Mark:
        """The mark on the criterion of this id. Raises StopIteration for one that the question does not have."""
        return next(mark for mark in self.marks if mark.criterion == criterion)


def grade_of(question: Question, marks: Sequence[Mark], *, grader: str, hints: int = 0) -> Grade:
    """The arithmetic. `marks` must hold each criterion of the question exactly once, in any order. hints: taken."""
    by_id = {mark.criterion: mark for mark in marks}
    wanted = [criterion.id for criterion in question.criteria]
    if len(marks) != len(wanted) or set(by_id) != set(wanted):
        raise ValueError(f"{grader} must mark each of {wanted} once, but marked {[m.criterion for m in marks]}")
    for criterion in question.criteria:
        _check_verdict(by_id[criterion.id], is_key_point=isinstance(criterion, KeyPoint))

    points = [point for point in question.key_points if not is_ungraded(by_id[point.id])]
    if not points:
        raise ValueError(f"{grader} graded no key point of {question.id!r}")
    total = sum(point.weight for point in points)
    earned = sum(point.weight * CREDIT[by_id[point.id].verdict] for point in points)
    lost = sum(wrong.weight for wrong in question.misconceptions if by_id[wrong.id].verdict == "stated")
    score = min(1.0, max(0.0, (earned - lost) / total))
    capped_by = [point.id for point in points if point.must and by_id[point.id].verdict in ("missing", "contradicted")]
    if capped_by:
        score = min(score, MUST_CAP)
    score *= max(0.0, 1 - HINT_COST * hints)
    return Grade(marks=[by_id[id] for id in wanted], score=round(score, 6), capped_by=capped_by, grader=grader)


def quality(score: float) -> Quality:
    """What colours a score of 0..1."""
    return "good" if score >= PASS else "fair" if score > FAIR else "poor"


def is_ungraded(mark: Mark) -> bool:
    """The grader could not tell, so that nothing was found: neither for the candidate nor against them."""
    return mark.code == "cannot_assess"


def strength_of(mark: Mark) -> float:
    """The mark's strength; a mark without one counts what its verdict is worth, never below 0."""
    if mark.strength is not None:
        return mark.strength
    return 1.0 if mark.verdict == "stated" else max(0.0, CREDIT.get(mark.verdict, 0.0))


def soft_score(question: Question, marks: Sequence[Mark]) -> float:
    """The weighted mean strength of the key points, 0..1: ranks answers more finely than the score. No caps."""
    by_id = {mark.criterion: mark for mark in marks}
    total = sum(point.weight for point in question.key_points)
    return round(sum(point.weight * strength_of(by_id[point.id]) for point in question.key_points) / total, 6)


def with_follow_up(marks: Sequence[Mark], later: Sequence[Mark]) -> list[Mark]:
    """The marks of an answer after a question was asked back and answered. later: of the criteria that were open.

    A key point is raised by what was said later, and lowered only from missing to contradicted. A misconception is as
    the later mark has it, since what was stated can be taken back.
    """
    later_by_id = {mark.criterion: mark for mark in later}
    return [_after(mark, later_by_id[mark.criterion]) if mark.criterion in later_by_id else mark for mark in marks]


def _after(first: Mark, later: Mark) -> Mark:
    if first.verdict in ("stated", "absent"):
        return later
    raised = CREDIT[later.verdict] > CREDIT[first.verdict]
    return later if raised or (first.verdict, later.verdict) == ("missing", "contradicted") else first


def _check_verdict(mark: Mark, *, is_key_point: bool) -> None:
    allowed = ("met", "partial", "missing", "contradicted") if is_key_point else ("stated", "absent")
    if mark.verdict not in allowed:
        raise ValueError(f"mark on {mark.criterion!r} is {mark.verdict!r}; expected one of {allowed}")
