"""An answer read once against a compiled question: every match with its place and whom it serves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from mockint.grading.offline.compiler import Compiled, Variant, grams_of
from mockint.grading.offline.negation import Negation, negation_of
from mockint.grading.offline.non_answers import Guarded, guard
from mockint.grading.offline.subjects import subjects
from mockint.grading.offline.tokens import Tokens, tokens_of

_JOINING = frozenset(("and", "or", "和", "而", "但"))
Match = tuple[int, int, tuple[int, ...], float]
"""place, end, units of a form, quality (negative: the opposite word)"""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term of a wording, at tokens start to end (exclusive). own: the tokens that are its words, without the gaps."""

    start: int
    end: int
    quality: float
    own: tuple[int, ...]


@dataclass(slots=True)
class Reading:
    """hits[form]: its matches, in order of place. terms[term]: where it stands, in order.

    about[token]: which of the question's two rivals it is about. compared[clause]: which is named first where both are.
    joints[token]: how many joining words stand up to it. named: tokens at which a rival is named.
    """

    text: str
    tokens: Tokens
    negation: Negation
    guarded: Guarded
    hits: dict[int, list[Match]]
    terms: dict[int, list[Occurrence]]
    grams: frozenset[str]
    about: list[int | None] | None
    compared: dict[int, int]
    joints: list[int]
    named: frozenset[int]


def read(compiled: Compiled, text: str) -> Reading:
    tokens = tokens_of(text)
    negation = negation_of(tokens)
    guarded = guard(tokens, compiled.echo, compiled.lexicon.function, compiled.reference)
    read_as = compiled.read_as
    memo = compiled.memo
    as_read = [memo.get(key) or read_as(key) for key in tokens.keys]
    keys = [key for key, _ in as_read]
    hits: dict[int, list[Match]] = {}
    terms: dict[int, list[Occurrence]] = {}
    single, phrases, variants = compiled.hits, compiled.phrases, compiled.variants
    count = len(keys)
    for form in range(len(compiled.forms)):
        hits[form] = []
    for place, (key, sure) in enumerate(as_read):
        if not key:
            continue
        for number, units, quality in single.get(key, ()):
            hits[number].append((place, place + 1, units, quality * sure))
        for phrase, found in phrases.get(key, ()):
            end = place + len(phrase)
            if end <= count and (keys[place + 1] == phrase[1]) and tuple(keys[place:end]) == phrase:
                for number, units, quality in found:
                    hits[number].append((place, end, units, quality * sure))
        for variant in variants.get(key, ()):
            if len(variant.keys) == 1:
                terms.setdefault(variant.term, []).append(
                    Occurrence(place, place + 1, variant.quality * sure, (place,))
                )
            elif own := _find(variant, keys, place):
                spread = Occurrence(own[0], own[-1] + 1, variant.quality * sure, own)
                terms.setdefault(variant.term, []).append(spread)
    joined = tokens.folded.text
    if "-" in joined or " " in joined:
        _joined_words(compiled, tokens, keys, hits, terms)
    function = compiled.lexicon.function
    ranked = any(form.grams for form in compiled.forms)
    grams = grams_of(key for key in tokens.keys if key not in function) if ranked else frozenset()
    about: list[int | None] | None = None
    named: frozenset[int] = frozenset()
    first_named: dict[int, list[int]] = {}
    if compiled.rivals is not None:
        mentions = compiled.rivals.mentions(keys)
        about = subjects(tokens, mentions)
        named = frozenset(place for place, _ in mentions)
        for place, which in mentions:
            first_named.setdefault(tokens.clauses[place], []).append(which)
    compared = {clause: both[0] for clause, both in first_named.items() if len(set(both)) == 2}
    joints = list(accumulate(int(word in _JOINING) for word in tokens.words))
    return Reading(text, tokens, negation, guarded, hits, terms, grams, about, compared, joints, named)


def _find(variant: Variant, keys: list[str], place: int) -> tuple[int, ...] | None:
    """The places of the variant's keys around its anchor at `place`, rising: in order with gaps, or turned round."""
    wanted, anchor, gap = variant.keys, variant.anchor, variant.gap
    before: list[int] = []
    start = end = place
    for at in range(anchor - 1, -1, -1):
        low = max(0, start - 1 - gap)
        if wanted[at] not in keys[low:start]:
            break
        start = max(p for p in range(low, start) if keys[p] == wanted[at])
        before.append(start)
    else:
        after: list[int] = []
        for at in range(anchor + 1, len(wanted)):
            following = keys[end + 1 : end + 2 + gap]
            if wanted[at] not in following:
                break
            end += 1 + following.index(wanted[at])
            after.append(end)
        else:
            return (*before[::-1], place, *after)
    if variant.turns:
        low = max(0, place - 1 - gap)
        around = keys[low : place + 2 + gap]
        if wanted[1 - anchor] in around:
            nearest = low + around.index(wanted[1 - anchor])
            return (place, nearest) if place < nearest else (nearest, place)
    return None


def _joined_words(
    compiled: Compiled,
    tokens: Tokens,
    keys: list[str],
    hits: dict[int, list[Match]],
    terms: dict[int, list[Occurrence]],
) -> None:
    """`all reduce` and `all-reduce` are also read as `allreduce`."""
    words, known = tokens.words, compiled.known
    for place, whole in enumerate(map(str.__add__, words, tokens.keys[1:])):
        if whole not in known or tokens.starts[place + 1] - tokens.ends[place] != 1 or not whole.isascii():
            continue
        for number, units, quality in compiled.hits.get(whole, ()):
            hits[number].append((place, place + 2, units, quality))
        for variant in compiled.variants.get(whole, ()):
            if len(variant.keys) == 1:
                terms.setdefault(variant.term, []).append(
                    Occurrence(place, place + 2, variant.quality, (place, place + 1))
                )
