"""An answer and what was said when the interviewer asked back: one text for a grader, parts for whoever shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from mockint.grading.grade import Evidence, Mark
from mockint.question import Criterion, FollowUp, KeyPoint, Question

_BETWEEN = "\n\n"


@dataclass(frozen=True)
class Exchange:
    """A question asked back and the reply to it. follow_up: as it was authored, None for one that nobody wrote."""

    asked: str
    reply: str
    follow_up: FollowUp | None = None


@dataclass(frozen=True)
class Conversation:
    """The answer, then the exchanges in their order."""

    answer: str
    exchanges: tuple[Exchange, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """What the candidate said: part 0 is the answer, part n the reply to the nth question asked back."""
        return (self.answer, *(exchange.reply for exchange in self.exchanges))

    @cached_property
    def text(self) -> str:
        """All that the candidate said, the parts a paragraph each."""
        return _BETWEEN.join(self.parts)

    def in_parts(self, marks: Iterable[Mark]) -> list[Mark]:
        """Marks on `text` as marks on the parts. Evidence that runs on into another part is cut where that begins."""
        return [mark.model_copy(update={"evidence": list(self._split(mark.evidence))}) for mark in marks]

    def in_text(self, evidence: Evidence) -> Evidence:
        """Evidence on one part as evidence on `text`."""
        shift = self._starts[evidence.part]
        return evidence.model_copy(update={"start": evidence.start + shift, "end": evidence.end + shift, "part": 0})

    @cached_property
    def _starts(self) -> list[int]:
        """Where each part begins in `text`, and where one more would."""
        return list(accumulate((len(part) + len(_BETWEEN) for part in self.parts), initial=0))

    def _split(self, evidence: Sequence[Evidence]) -> Iterable[Evidence]:
        for piece in evidence:
            for part, (begin, after) in enumerate(pairwise(self._starts)):
                start, end = max(piece.start, begin), min(piece.end, after - len(_BETWEEN))
                if start < end:
                    quote = self.text[start:end]
                    yield Evidence(start=start - begin, end=end - begin, quote=quote, part=part)


def open_criteria(question: Question, marks: Sequence[Mark]) -> list[Criterion]:
    """What a further reply can still change: every key point that is not met, and every misconception.

    What was met is settled, so that a right answer to a follow-up cannot take it away.
    """
    verdicts = {mark.criterion: mark.verdict for mark in marks}
    return [
        criterion
        for criterion in question.criteria
        if not isinstance(criterion, KeyPoint) or verdicts[criterion.id] != "met"
    ]
