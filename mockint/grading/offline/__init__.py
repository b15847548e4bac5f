"""The deterministic grader: no network, no training on human scores, the same marks on every machine.

A criterion is judged on the candidate's own words. The author's wordings (`accept`, `partial`, `contradict`) are the
primary evidence: every term of a wording must occur, near the others, in a stretch that is not denied. The criterion's
own text is the secondary evidence: how much of its meaning-bearing words one stretch of the answer covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rapidfuzz.distance import OSA

from mockint.grading.grade import Evidence, Mark
from mockint.grading.offline.records import questions_from_record, split_reference
from mockint.grading.offline.text import Folded, Token, fold, stem, tokens_of
from mockint.question import Criterion, Glossary, KeyPoint, Question, Wording

__all__ = ["OfflineGrader", "questions_from_record", "split_reference"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTION_WORDS = _words("""
a an the of to in on at by for with from as into over under and or but so that this these those it its is are was
were be been being do does did has have had will would can could may might must shall should than then there here
which who whom whose what when where why how if while because also just only very such each every any some all
both either we you they he she i me my our your their them us
的 了 是 在 和 与 及 或 也 就 都 而 把 被 对 个 这 那 其
""")
_NEGATORS = _words("""
not no never none neither nor without cannot can't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't
shouldn't couldn't hardly dont doesnt isnt cant wont 不 没 无 未 非 别
""")
_WINDOW_PER_TERM = 12
_MET_COVERAGE = 0.72
_PARTIAL_COVERAGE = 0.45


@dataclass(frozen=True)
class _Answer:
    text: str
    folded: Folded
    tokens: list[Token]
    places: dict[str, list[int]]


def _read(answer: str) -> _Answer:
    folded = fold(answer)
    tokens = tokens_of(folded)
    places: dict[str, list[int]] = {}
    for place, token in enumerate(tokens):
        places.setdefault(token.key, []).append(place)
    return _Answer(answer, folded, tokens, places)


@cache
def _keys(text: str) -> tuple[str, ...]:
    return tuple(token.key for token in tokens_of(fold(text)))


class OfflineGrader:
    """Marks every criterion from the wordings of the bank and the glossary."""

    name = "offline/1"

    def __init__(self, glossary: Glossary) -> None:
        self._groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for group in glossary.groups:
            keys = [_keys(term) for term in group]
            for key in keys:
                self._groups[key] = keys

    def mark(self, question: Question, answer: str) -> list[Mark]:
        read = _read(answer)
        return [self._mark(criterion, read) for criterion in question.criteria]

    def _mark(self, criterion: Criterion, answer: _Answer) -> Mark:
        if not isinstance(criterion, KeyPoint):
            found = self._stated(criterion.accept, answer)
            affirmed = [span for span in found if not _denied(answer, span)]
            if affirmed:
                return _marked(criterion, "stated", answer, affirmed[0], "You said this, and it is not so.")
            return Mark(criterion=criterion.id, verdict="absent", reason="You did not say this.")
        found = self._stated(criterion.accept, answer)
        affirmed = [span for span in found if not _denied(answer, span)]
        denied = [span for span in self._stated(criterion.contradict, answer) if not _denied(answer, span)]
        if denied and not affirmed:
            return _marked(criterion, "contradicted", answer, denied[0], "You said the opposite.")
        if affirmed:
            verdict = "partial" if denied else "met"
            return _marked(criterion, verdict, answer, affirmed[0], "Said in your words.")
        covered, span = max(
            (_coverage(_keys(text), answer) for text in (criterion.text.en, criterion.text.zh)),
            key=lambda pair: pair[0],
        )
        if span and covered >= _MET_COVERAGE and not found and not _denied(answer, span):
            return _marked(criterion, "met", answer, span, "Your words cover the point.")
        half = [span for span in self._stated(criterion.partial, answer) if not _denied(answer, span)]
        if half:
            return _marked(criterion, "partial", answer, half[0], "Half of the point.")
        if found:
            return _marked(criterion, "contradicted", answer, found[0], "You deny the point.")
        if span and covered >= _PARTIAL_COVERAGE and not _denied(answer, span):
            return _marked(criterion, "partial", answer, span, "Your words cover a part of the point.")
        return Mark(criterion=criterion.id, verdict="missing", reason="Not found in your answer.")

    def _stated(self, wordings: list[Wording], answer: _Answer) -> list[tuple[int, int]]:
        return [span for wording in wordings for span in self._spans(wording, answer)]

    def _spans(self, wording: Wording, answer: _Answer) -> list[tuple[int, int]]:
        terms = [sorted({span for variant in term for span in self._places(variant, answer)}) for term in wording]
        if not all(terms):
            return []
        reach = _WINDOW_PER_TERM * max(1, len(terms) - 1)
        spans = []
        for anchor in terms[0]:
            start, end = anchor
            for others in terms[1:]:
                near = min(others, key=lambda span: abs(span[0] - anchor[0]))
                start, end = min(start, near[0]), max(end, near[1])
            if end - start <= reach + sum(b - a for a, b in (anchor,)):
                spans.append((start, end))
        return spans

    def _places(self, variant: str, answer: _Answer) -> list[tuple[int, int]]:
        keys = _keys(variant)
        return [span for equal in (keys, *self._groups.get(keys, ())) for span in _occurrences(equal, answer)]


def _occurrences(keys: tuple[str, ...], answer: _Answer) -> list[tuple[int, int]]:
    """Token spans at which the keys stand in this order, each after at most two other tokens."""
    spans = []
    for start in _near(keys[0], answer) if keys else ():
        place = start
        for key in keys[1:]:
            following = range(place + 1, min(place + 4, len(answer.tokens)))
            nearest = next((at for at in following if _alike(key, answer.tokens[at].key)), None)
            if nearest is None:
                break
            place = nearest
        else:
            spans.append((start, place + 1))
    return spans


def _near(key: str, answer: _Answer) -> list[int]:
    exact = answer.places.get(key)
    if exact or len(key) < 4 or not key.isalpha():
        return exact or []
    return [place for other, places in answer.places.items() if _alike(key, other) for place in places]


@cache
def _alike(key: str, other: str) -> bool:
    if key == other:
        return True
    if len(key) < 5 or not key.isascii() or not key.isalpha() or key[0] != other[0]:
        return False
    return OSA.distance(key, other, score_cutoff=1 + (len(key) > 7)) <= 1 + (len(key) > 7)


def _coverage(keys: tuple[str, ...], answer: _Answer) -> tuple[float, tuple[int, int] | None]:
    wanted = {key for key in keys if key not in _STEMMED_FUNCTION_WORDS}
    found = {key: places for key in wanted if (places := _near(key, answer))}
    if not wanted or not found:
        return 0.0, None
    best, where = 0.0, None
    width = max(30, 3 * len(keys))
    for start in sorted(
        {places[0] for places in found.values()} | {p for places in found.values() for p in places[:20]}
    ):
        inside = {key: [p for p in places if start <= p < start + width] for key, places in found.items()}
        hits = [places[0] for places in inside.values() if places]
        if len(hits) / len(wanted) > best:
            best, where = len(hits) / len(wanted), (min(hits), max(hits) + 1)
    return best, where


_STEMMED_FUNCTION_WORDS = frozenset(stem(word) for word in _FUNCTION_WORDS) | _FUNCTION_WORDS


def _denied(answer: _Answer, span: tuple[int, int]) -> bool:
    """A negator inside the stretch, or at most four tokens before it in the same sentence."""
    start, end = span
    sentence = answer.tokens[start].sentence
    around = [t for t in answer.tokens[max(0, start - 4) : end] if t.sentence >= sentence]
    return sum(token.word in _NEGATORS or token.word.endswith("n't") for token in around) % 2 == 1


def _marked(criterion: Criterion, verdict: str, answer: _Answer, span: tuple[int, int], reason: str) -> Mark:
    start, end = answer.folded.span(answer.tokens[span[0]].start, answer.tokens[span[1] - 1].end)
    quote = answer.text[start:end]
    return Mark.model_validate(
        {
            "criterion": criterion.id,
            "verdict": verdict,
            "confidence": 0.8,
            "evidence": [Evidence(start=start, end=end, quote=quote)],
            "reason": reason,
        }
    )
