"""An answer read once against a compiled question: every match with its place and whom it serves."""

from __future__ import annotations

from dataclasses import dataclass

from mockint.grading.offline.compiled import Compiled, Keys, grams_of
from mockint.grading.offline.guards import Guarded, guard
from mockint.grading.offline.polarity import Polarity, polarity_of
from mockint.grading.offline.rivals import subjects
from mockint.grading.offline.text import Tokens, tokens_of

GAP = 2
"""Tokens that may stand between two words of one term: `states of the optimizer`."""
GAP_CJK = 2


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A term of a wording, at tokens start to end (exclusive)."""

    start: int
    end: int
    quality: float


@dataclass(slots=True)
class Reading:
    """hits[form]: (place, end, units, quality), in order of place. terms[term]: where it stands, in order.

    about[token]: which of the question's two rivals it is about. compared[clause]: which is named first where both are.
    """

    text: str
    tokens: Tokens
    polarity: Polarity
    guarded: Guarded
    hits: dict[int, list[tuple[int, int, tuple[int, ...], float]]]
    terms: dict[int, list[Occurrence]]
    grams: frozenset[str]
    about: list[int | None] | None
    compared: dict[int, int]


def read(compiled: Compiled, text: str) -> Reading:
    tokens = tokens_of(text)
    polarity = polarity_of(tokens)
    guarded = guard(tokens, compiled.echo, compiled.lexicon.function)
    read_as = compiled.read_as
    as_read = [read_as(key) for key in tokens.keys]
    keys = [key for key, _ in as_read]
    hits: dict[int, list[tuple[int, int, tuple[int, ...], float]]] = {}
    terms: dict[int, list[Occurrence]] = {}
    single, phrases, variants = compiled.hits, compiled.phrases, compiled.variants
    count = len(keys)
    for place, (key, sure) in enumerate(as_read):
        if not key:
            continue
        for hit in single.get(key, ()):
            hits.setdefault(hit.form, []).append((place, place + 1, hit.units, hit.quality * sure))
        for phrase, found in phrases.get(key, ()):
            end = place + len(phrase)
            if end <= count and (keys[place + 1] == phrase[1]) and tuple(keys[place:end]) == phrase:
                for hit in found:
                    hits.setdefault(hit.form, []).append((place, end, hit.units, hit.quality * sure))
        for variant in variants.get(key, ()):
            span = _find(variant.keys, variant.anchor, keys, place, GAP_CJK if variant.cjk else GAP)
            if span:
                terms.setdefault(variant.term, []).append(Occurrence(*span, variant.quality * sure))
    joined = tokens.folded.text
    if "-" in joined or " " in joined:
        _joined_words(compiled, tokens, keys, hits, terms)
    function = compiled.lexicon.function
    ranked = any(form.grams for form in compiled.forms)
    grams = grams_of(key for key in tokens.keys if key not in function) if ranked else frozenset()
    about: list[int | None] | None = None
    first_named: dict[int, list[int]] = {}
    if compiled.rivals is not None:
        about = subjects(tokens, keys, compiled.rivals)
        for place, which in compiled.rivals.mentions(keys):
            first_named.setdefault(tokens.clauses[place], []).append(which)
    compared = {clause: named[0] for clause, named in first_named.items() if len(set(named)) == 2}
    return Reading(text, tokens, polarity, guarded, hits, terms, grams, about, compared)


def _find(wanted: Keys, anchor: int, keys: list[str], place: int, gap: int) -> tuple[int, int] | None:
    """Where the wanted keys stand around the anchor: in order with gaps, or (two English words) turned round."""
    size = len(wanted)
    if size == 1:
        return place, place + 1
    start = place
    for at in range(anchor - 1, -1, -1):
        found = next((p for p in range(start - 1, max(-1, start - 2 - gap), -1) if keys[p] == wanted[at]), None)
        if found is None:
            break
        start = found
    else:
        end = place
        for at in range(anchor + 1, size):
            found = next((p for p in range(end + 1, min(len(keys), end + 2 + gap)) if keys[p] == wanted[at]), None)
            if found is None:
                break
            end = found
        else:
            return start, end + 1
    if size == 2 and wanted[0] < "\u3000" and wanted[0].isalpha() and wanted[1].isalpha():
        other = wanted[1 - anchor]
        around = (p for p in range(max(0, place - 1 - gap), min(len(keys), place + 2 + gap)) if keys[p] == other)
        nearest = next(around, None)
        if nearest is not None:
            return min(place, nearest), max(place, nearest) + 1
    return None


def _joined_words(
    compiled: Compiled,
    tokens: Tokens,
    keys: list[str],
    hits: dict[int, list[tuple[int, int, tuple[int, ...], float]]],
    terms: dict[int, list[Occurrence]],
) -> None:
    """`all reduce` and `all-reduce` are also read as `allreduce`."""
    words = tokens.words
    for place in range(len(words) - 1):
        first, second = words[place], words[place + 1]
        if first > "\u3000" or second > "\u3000" or tokens.starts[place + 1] - tokens.ends[place] != 1:
            continue
        whole = first + tokens.keys[place + 1]
        for hit in compiled.hits.get(whole, ()):
            hits.setdefault(hit.form, []).append((place, place + 2, hit.units, hit.quality))
        for variant in compiled.variants.get(whole, ()):
            if len(variant.keys) == 1:
                terms.setdefault(variant.term, []).append(Occurrence(place, place + 2, variant.quality))
