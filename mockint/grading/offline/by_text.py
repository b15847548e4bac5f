"""A verdict from the text of a key point alone: what the answer says of it, where no author's wording was heard."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Protocol

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Compiled, Form
from mockint.grading.offline.lexicon.words import word_lists
from mockint.grading.offline.match import Reading
from mockint.grading.offline.negation import contrasts
from mockint.grading.offline.paraphrase import Covered, coverage, reach
from mockint.phrases.reasons import ReasonCode
from mockint.question import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one criterion before it becomes a mark. spans: of tokens."""

    verdict: Verdict
    strength: float
    confidence: float
    spans: list[tuple[int, int]]
    code: ReasonCode


class _HasPlace(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def spans(*stretches: _HasPlace) -> list[tuple[int, int]]:
    return list(dict.fromkeys((stretch.start, stretch.end) for stretch in stretches))


@dataclass(frozen=True, slots=True)
class TextEvidence:
    """Of a criterion's text in both languages: the best saying, the best denial, the higher value for ranking.

    sure: the denial would convince a person.
    """

    best: Covered | None
    denying: Covered | None
    sure: bool
    rank: float


def by_text(found: TextEvidence) -> Finding:
    """Words that cover a point prove little either way: the middle is wide, and the reason says what was measured."""
    best, denying = found.best, found.denying
    strength = best.strength if best else 0.0
    if best and strength >= t.TEXT_MET:
        if denying or best.torn:
            return Finding("partial", 0.5 * strength, 0.4, spans(best, denying or best), "both")
        return Finding("met", strength, 0.4 + 0.4 * strength, spans(best), _covers(best))
    if denying and denying.share + denying.against >= (best.share if best else 0.0):
        if found.sure:
            return Finding("contradicted", 0.0, 0.7, spans(denying), "opposite")
        return Finding("missing", 0.0, 0.5, [], "near")
    if best and strength >= t.TEXT_PARTIAL:
        return Finding("partial", strength, 0.4, spans(best), _covers(best))
    return Finding("missing", strength, 0.8 - strength, [], _covers(best) if strength else "uncovered")


def _covers(best: Covered | None) -> ReasonCode:
    share = best.share - best.against if best else 0.0
    return "covers_little" if share < 1 / 3 else "covers_half" if share < 2 / 3 else "covers_most"


def text_evidence(compiled: Compiled, reading: Reading, place: int, floor: float) -> TextEvidence:
    forms = [(compiled.forms[number], reading.hits.get(number, ())) for number in compiled.forms_of[place]]
    found = [(form, coverage(form, reading, hits, floor)) for form, hits in forms]
    best = max((f.saying for _, f in found if f.saying), key=lambda c: c.strength, default=None)
    denials = [(form, f.denying) for form, f in found if f.denying]
    form, denying = max(denials, key=lambda pair: pair[1].share + pair[1].against, default=(None, None))
    sure = form is not None and denying is not None and _convinces(form, reading, denying)
    return TextEvidence(best, denying, sure, max((f.rank for _, f in found), default=0.0))


def text_reach(compiled: Compiled, reading: Reading, place: int) -> float:
    """How much of the criterion's text, in either language, stands anywhere in the answer, 0..1."""
    return max(
        [reach(compiled.forms[number], reading.hits[number]) for number in compiled.forms_of[place]], default=0.0
    )


def _convinces(form: Form, reading: Reading, denying: Covered) -> bool:
    """Much of the point is there, and much of it from the other side: in a plain sentence, where one side alone denies,
    without if, or and perhaps, and without the `no` with which the point itself begins."""
    words, sentences = reading.tokens.words, reading.tokens.sentences
    first, last = (
        bisect_left(sentences, sentences[denying.start]),
        bisect_left(sentences, sentences[denying.end - 1] + 1),
    )
    both = any(form.denied) and any(reading.negation.denied(at) for at in range(denying.start, denying.end))
    return (
        denying.share >= t.SURE_SAID
        and denying.against >= t.SURE_AGAINST
        and denying.share + denying.against >= t.SURE_BOTH
        and not both
        and _HEDGES.isdisjoint(words[first:last])
        and (form.contrasts or not contrasts(words, denying.start, denying.end))
        and (form.opening not in _ANSWERS or words[0] != form.opening)
    )


_HEDGES = word_lists("negation")["hedges"]
_ANSWERS = frozenset(("no", "yes", "不", "是"))
