"""From what an LLM wrote on its sheets to marks: the quote looked up, several votes folded into one mark.

A credit or a charge without evidence is not counted. When several sheets were filled in, the middle verdict counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockint.grading.grade import CREDIT, PASS, Mark, grade_of, with_follow_up
from mockint.grading.llm.evidence import AnswerText, Found, roots
from mockint.grading.llm.sheet import SheetEntry
from mockint.phrases.reasons import sentence
from mockint.question import Criterion, KeyPoint, Lang, Question, Verdict

_NEAR_PASS = 0.1
_SURE, _NEARLY_SURE, _UNSURE = 0.9, 0.8, 0.5
_VOTES: dict[Lang, str] = {"en": " ({agreeing} of {votes} votes)", "zh": "（{votes} 次评分中 {agreeing} 次一致）"}
# From worst to best, so that the middle one of several votes is a majority wherever there is one.
_ORDER: tuple[Verdict, ...] = ("contradicted", "missing", "partial", "met", "stated", "absent")


@dataclass(frozen=True)
class Vote:
    """What one sheet says of one criterion, verified. `found` says where the quote stands, or why it is no evidence."""

    verdict: Verdict
    found: Found
    reason: str

    @property
    def fault(self) -> str:
        return self.found.fault

    @property
    def counted(self) -> Verdict:
        """The verdict that counts: what has no evidence is as good as not said."""
        if not self.fault:
            return self.verdict
        return "absent" if self.verdict == "stated" else "missing"

    @property
    def is_unsure(self) -> bool:
        """A half, a verdict that lost its evidence, or a quote that was copied with a slip."""
        return self.verdict == "partial" or bool(self.fault) or not self.found.exact


Votes = Mapping[str, Vote]
"""By criterion id: one sheet."""


def verified(entry: SheetEntry, text: AnswerText, criterion: Criterion) -> Vote:
    """The entry with its quote looked up. What the LLM could not assess says so by its code, and takes no part."""
    if entry.verdict == "cannot_assess":
        unsaid: Verdict = "missing" if isinstance(criterion, KeyPoint) else "absent"
        return Vote(unsaid, Found(code="cannot_assess"), "")
    if entry.verdict in ("missing", "absent"):
        return Vote(entry.verdict, Found(), entry.reason)
    return Vote(entry.verdict, text.find(entry.quote, affirms=entry.verdict != "contradicted"), entry.reason)


def mark_of(criterion: Criterion, votes: Sequence[Vote], lang: Lang) -> Mark:
    """The middle verdict, with the reason and the evidence of a vote that gave it."""
    verdicts = sorted((vote.counted for vote in votes), key=_ORDER.index)
    verdict = verdicts[len(verdicts) // 2]
    agreeing = [vote for vote in votes if vote.counted == verdict]
    vote = min(agreeing, key=lambda vote: (bool(vote.fault), vote.found.code is not None))
    if vote.found.code:
        reason, confidence = (sentence(vote.found.code).in_(lang) if vote.found.code else ""), _UNSURE
    else:
        reason, confidence = vote.reason, _SURE if vote.found.exact else _NEARLY_SURE
    if len(votes) > 1:
        # Only a verdict that the LLM gave has votes: one that is left after a credit was withdrawn has none.
        given = sum(vote.verdict == verdict for vote in votes)
        reason += _VOTES[lang].format(agreeing=given, votes=len(votes)) if given else ""
        confidence = min(confidence, len(agreeing) / len(votes))
    return Mark(
        criterion=criterion.id,
        verdict=verdict,
        confidence=confidence,
        evidence=list(vote.found.evidence),
        reason=reason,
        code=vote.found.code,
    )


def worth_another_vote(question: Question, votes: Votes, so_far: Sequence[Mark]) -> list[str]:
    """The criteria whose verdict is unsure, where they could carry the score over the pass line; else none.

    so_far: the marks before a reply, empty for an answer.
    """
    unsure = [id for id, vote in votes.items() if vote.is_unsure]
    if not unsure:
        return []
    low, high = (_score(question, votes, so_far, unsure_as=verdict) for verdict in ("missing", "met"))
    return unsure if low < PASS + _NEAR_PASS and high >= PASS - _NEAR_PASS else []


def _score(question: Question, votes: Votes, so_far: Sequence[Mark], *, unsure_as: Verdict) -> float:
    marks = []
    for id, vote in votes.items():
        is_point = isinstance(question.criterion(id), KeyPoint)
        marks.append(Mark(criterion=id, verdict=unsure_as if is_point and vote.is_unsure else vote.counted))
    return grade_of(question, with_follow_up(so_far, marks) if so_far else marks, grader="what if").score


def is_far_fetched(question: Question, text: AnswerText, votes: Votes) -> bool:
    """Most of two or more credits quote sentences that share no word with the criterion they are credited for.

    An honest paraphrase can do that, so it is a reason to look again and not one to take credit away.
    """
    credited = [point for point in question.key_points if point.id in votes and CREDIT[votes[point.id].counted] > 0]
    if len(credited) < 2:
        return False
    strange = sum(not _shares_a_word(point, text, votes[point.id].found) for point in credited)
    return strange * 2 > len(credited)


def _shares_a_word(point: KeyPoint, text: AnswerText, found: Found) -> bool:
    theirs = roots(f"{point.text.en} {point.text.zh}")
    own = {root for piece in found.evidence for root in roots(text.sentence((piece.start, piece.end)))}
    return bool(theirs & own)
