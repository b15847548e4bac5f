"""An answer read once against a compiled question: every stretch that a pattern hears, with all that is to say of it.

What a pattern hears is annotated where it is found (denied, reported, withheld, about another), so that the verdicts
only fold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Compiled, grams_of
from mockint.grading.offline.negation import Negation, contrasts, negation_of
from mockint.grading.offline.non_answers import INSTRUCTION, Guarded, guard
from mockint.grading.offline.patterns import Pattern
from mockint.grading.offline.spans import Span, spans_of, text_of
from mockint.grading.offline.subjects import subjects
from mockint.grading.offline.tokens import Tokens, tokens_of
from mockint.grading.offline.vocabulary import Vocabulary
from mockint.wordings import Hears

_JOINING = frozenset(("and", "or", "和", "而", "但"))
_ROW = 2
"""Two neighbouring cells of a table may say something together; from one row to the next nothing is said."""
Match = tuple[int, int, tuple[int, ...], float]
"""place, end, units of a form, quality (negative: the opposite word)"""


class Heard(NamedTuple):
    """A stretch that a pattern, or one half of it, heard at tokens start to end, and why it may not count.

    withheld: the guard that withholds it, if one does. apart: put together from two sentences, across a contrast or
    the rows of a table, so that it can't count against somebody.
    """

    start: int
    end: int
    quality: float
    denied: bool
    reported: bool
    withheld: str | None
    apart: bool

    @property
    def counts(self) -> bool:
        return not self.denied and not self.reported and self.withheld is None

    @property
    def denies(self) -> bool:
        """What it says is denied, in one sentence."""
        return self.denied and not self.reported and self.withheld is None and not self.apart

    @property
    def outright(self) -> bool:
        """Said in the author's words, not in one that is only derived from them."""
        return self.counts and self.quality >= t.OUTRIGHT


@dataclass(frozen=True, slots=True)
class HeardPattern:
    """What one pattern heard: for every half of it, the stretches."""

    pattern: Pattern
    halves: tuple[list[Heard], ...]


@dataclass(slots=True)
class Reading:
    """hits[form]: its matches, in order of place, none of them in text addressed to the grader. patterns[criterion,
    hears]: what heard at least a half.

    about[token]: which of the two things that the prompt compares it is about. rival_of[token]: the same of the rivals
    of the wordings, None at their names. owners[criterion]: the only one that its text names. compared[clause]: which
    is named first where both are. joints[token]: how many joining words stand up to it. spans[node]: where it stands.
    """

    text: str
    tokens: Tokens
    negation: Negation
    guarded: Guarded
    hits: dict[int, list[Match]]
    patterns: dict[tuple[int, Hears], list[HeardPattern]]
    grams: frozenset[str]
    about: list[int | None] | None
    rival_of: list[int | None] | None
    owners: list[int | None]
    compared: dict[int, int]
    joints: list[int]
    spans: list[list[Span]]


def read(compiled: Compiled, answer: str) -> Reading:
    tokens = tokens_of(answer)
    negation = negation_of(tokens)
    guarded = guard(tokens, compiled.asked, compiled.lexicon, compiled.reference)
    heard = _as_read(compiled.heard, tokens)
    keys = [key for key, _ in heard]
    text = text_of(tokens, negation, keys, [sure for _, sure in heard], compiled.lexicon.small)
    spans, subject = spans_of(compiled.table, text, lambda mentions: subjects(tokens, mentions))
    rival_of = _rival_of(subject, compiled, tokens, spans)
    about: list[int | None] | None = None
    first_named: dict[int, list[int]] = {}
    if compiled.rivals is not None:
        mentions = compiled.rivals.mentions(tokens.keys)
        about = subjects(tokens, mentions)
        for place, which in mentions:
            first_named.setdefault(tokens.clauses[place], []).append(which)
    pleas = {place for place, why in guarded.withheld.items() if why == INSTRUCTION}
    told = compiled.for_answer(
        chinese=any(word > "\u3000" for place, word in enumerate(tokens.words) if place not in pleas)
    )
    ranked = any(form.grams for form in compiled.forms)
    function = compiled.lexicon.function
    return Reading(
        text=answer,
        tokens=tokens,
        negation=negation,
        guarded=guarded,
        hits={
            form: [hit for hit in found if hit[0] not in pleas] if pleas else found
            for form, found in _hits(told, tokens, _as_read(compiled.told, tokens), spans).items()
        },
        patterns=_patterns(compiled, tokens, negation, guarded, spans, rival_of),
        grams=grams_of(key for key in tokens.keys if key not in function) if ranked else frozenset(),
        about=about,
        rival_of=rival_of,
        owners=compiled.owners,
        compared={clause: both[0] for clause, both in first_named.items() if len(set(both)) == 2},
        joints=list(accumulate(int(word in _JOINING) for word in tokens.words)),
        spans=spans,
    )


def _rival_of(
    subject: list[int | None] | None, compiled: Compiled, tokens: Tokens, spans: list[list[Span]]
) -> list[int | None] | None:
    """Which of the wordings' rivals every token is about. None where one is named, as a name may be part of what is
    said of another, and in a table, whose cells are about what stands at the head of their column."""
    if subject is None:
        return None
    text, ends = tokens.folded.text, tokens.ends
    tables = {tokens.sentences[max(0, bisect_left(ends, at) - 1)] for at, sign in enumerate(text) if sign == "|"}
    named = {at for rival in compiled.table.rivals for span in spans[rival] for at in span.own}
    return [None if at in named or tokens.sentences[at] in tables else rival for at, rival in enumerate(subject)]


def _as_read(vocabulary: Vocabulary, tokens: Tokens) -> list[tuple[str, float]]:
    memo, read_as = vocabulary.memo, vocabulary.read_as
    return [memo.get(key) or read_as(key) for key in tokens.keys]


def _patterns(
    compiled: Compiled,
    tokens: Tokens,
    negation: Negation,
    guarded: Guarded,
    spans: list[list[Span]],
    rival_of: list[int | None] | None,
) -> dict[tuple[int, Hears], list[HeardPattern]]:
    annotated: dict[tuple[int, int | None], list[Heard]] = {}

    def heard(node: int, owner: int | None) -> list[Heard]:
        """Every stretch of a node once, however many patterns share it."""
        if (node, owner) not in annotated:
            found = spans[node]
            if owner is not None and rival_of is not None:
                found = [span for span in found if all(rival_of[at] in (None, owner) for at in span.own)]
            annotated[node, owner] = [_annotated(span, tokens, negation, guarded) for span in found]
        return annotated[node, owner]

    patterns: dict[tuple[int, Hears], list[HeardPattern]] = {}
    for pattern in compiled.table.patterns:
        if any(spans[half] for half in pattern.halves):
            owner = None if pattern.hears == "denies" else compiled.owners[pattern.criterion]
            halves = tuple(heard(half, owner) for half in pattern.halves)
            if any(halves):
                patterns.setdefault((pattern.criterion, pattern.hears), []).append(HeardPattern(pattern, halves))
    return patterns


def _annotated(span: Span, tokens: Tokens, negation: Negation, guarded: Guarded) -> Heard:
    own = span.own
    denied = any(negation.denied(place, own) for place in _ends(own)) or not negation.not_only.isdisjoint(own)
    reported = any(place in negation.reported for place in own)
    withheld = min((guarded.withheld[place] for place in own if place in guarded.withheld), default=None)
    apart = (
        tokens.full_stops(span.start, span.end - 1) > 0
        or _bars(tokens, span) > _ROW
        or contrasts(tokens.words, span.start, span.end)
    )
    return Heard(span.start, span.end, span.quality, denied, reported, withheld, apart)


def _ends(own: tuple[int, ...]) -> list[int]:
    """The last word of every run of neighbours: what is denied of it is denied of the run."""
    return [place for place, following in zip(own, (*own[1:], -1), strict=True) if following != place + 1]


def _bars(tokens: Tokens, span: Span) -> int:
    return tokens.folded.text.count("|", tokens.starts[span.start], tokens.ends[span.end - 1])


def _hits(
    compiled: Compiled,
    tokens: Tokens,
    as_read: Sequence[tuple[str, float]],
    spans: list[list[Span]],
) -> dict[int, list[Match]]:
    """What the answer holds of the criteria's own texts: their words, their concepts, and the lexicon's."""
    hits: dict[int, list[Match]] = {form: [] for form in range(len(compiled.forms))}
    keys = [key for key, _ in as_read]
    count = len(keys)
    single, phrases = compiled.hits, compiled.phrases
    for place, (key, sure) in enumerate(as_read):
        if not key:
            continue
        for number, units, quality in single.get(key, ()):
            hits[number].append((place, place + 1, units, quality * sure))
        for phrase, found in phrases.get(key, ()):
            end = place + len(phrase)
            if end <= count and keys[place + 1] == phrase[1] and tuple(keys[place:end]) == phrase:
                for number, units, quality in found:
                    hits[number].append((place, end, units, quality * sure))
    lexicon, of_concept = compiled.lexicon, compiled.lexicon_hits
    for place, key in enumerate(tokens.keys):
        for concept in lexicon.of_key.get(key, ()):
            for number, units, quality in of_concept.get(concept, ()):
                hits[number].append((place, place + 1, units, quality))
        for phrase, concept in lexicon.of_phrase.get(key, ()):
            if concept in of_concept and tuple(tokens.keys[place : place + len(phrase)]) == phrase:
                for number, units, quality in of_concept[concept]:
                    hits[number].append((place, place + len(phrase), units, quality))
    for place, whole in enumerate(map(str.__add__, tokens.words, tokens.keys[1:])):
        if whole in single and tokens.starts[place + 1] - tokens.ends[place] == 1 and whole.isascii():
            for number, units, quality in single[whole]:
                hits[number].append((place, place + 2, units, quality))
    for node, equals in compiled.equals.items():
        for span in spans[node]:
            for number, units, quality in equals:
                hits[number].append((span.start, span.end, units, quality * span.quality))
    for matches in hits.values():
        matches.sort(key=lambda match: match[0])
    return hits
