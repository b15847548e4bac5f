"""Where an answer says an author's wording: every term, near the others, and whether the stretch is denied."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.negation import contrasts
from mockint.grading.offline.reading import Occurrence, Reading

_ROW = 2
"""Two neighbouring cells of a table may say something together; from one row to the next nothing is said."""


@dataclass(frozen=True, slots=True)
class Said:
    """One wording found at tokens start to end. quality: of its weakest term. guard: why it is withheld, if it is."""

    start: int
    end: int
    quality: float
    denied: bool
    reported: bool
    guard: str | None


def said(compiled: Compiled, reading: Reading, criterion: int, kind: str, *, strict: bool = False) -> list[Said]:
    """`strict` wordings stand in one sentence: what counts against somebody must not be put together from two."""
    found = []
    for wording in compiled.wordings.get((criterion, kind), ()):
        terms = [reading.terms.get(term) for term in wording]
        if all(terms):
            owners = [compiled.owners[criterion].get(term) for term in wording]
            found += _stretches(reading, [term for term in terms if term], owners, strict=strict)
    return found


def _stretches(
    reading: Reading, terms: list[list[Occurrence]], owners: list[int | None], *, strict: bool
) -> list[Said]:
    """The tightest stretch around every place of a term, affirmed ones preferred.

    Around every term while they are few, so that a word said again elsewhere takes no stretch away; else the rarest.
    """
    few = sum(map(len, terms)) <= t.FEW_PLACES
    anchors = range(len(terms)) if few else [min(range(len(terms)), key=lambda at: len(terms[at]))]
    reach = t.REACH_MORE + t.REACH_PER_TERM * len(terms)
    found = []
    for anchor, first in [(at, place) for at in anchors for place in terms[at][: t.MANY_PLACES]]:
        chosen = [first]
        owned = [owners[anchor]]
        for number, others in enumerate(terms):
            if number != anchor:
                chosen.append(_nearest(others, first, reading, chosen))
                owned.append(owners[number])
        start, end = min(o.start for o in chosen), max(o.end for o in chosen)
        if not _close(reading, start, end, reach, 0 if strict else t.SENTENCES_APART + (len(terms) > 3)):
            continue
        if strict and _bars(reading, start, end) > _ROW:
            continue
        if strict and contrasts(reading.tokens.words, start, end):
            continue
        if _of_the_other(reading, chosen, owned):
            continue
        own = frozenset(place for o in chosen for place in o.own)
        denied = any(_denied(reading, o, own) for o in chosen)
        withheld = {reading.guarded.withheld[o.start] for o in chosen if o.start in reading.guarded.withheld}
        reported = any(o.start in reading.negation.reported for o in chosen)
        found.append(Said(start, end, min(o.quality for o in chosen), denied, reported, min(withheld, default=None)))
    return found


def _bars(reading: Reading, start: int, end: int) -> int:
    tokens = reading.tokens
    return tokens.folded.text.count("|", tokens.starts[start], tokens.ends[end - 1])


def _of_the_other(reading: Reading, chosen: list[Occurrence], owners: list[int | None]) -> bool:
    """What is said of one rival does not become true of the other because its name stands near."""
    about = reading.about
    return about is not None and any(
        owner is not None and about[o.start] == 1 - owner and o.start not in reading.named
        for o, owner in zip(chosen, owners, strict=True)
    )


def _denied(reading: Reading, occurrence: Occurrence, own: frozenset[int]) -> bool:
    negation = reading.negation
    return negation.denied(occurrence.end - 1, own) or not negation.not_only.isdisjoint(occurrence.own)


def _nearest(others: list[Occurrence], first: Occurrence, reading: Reading, chosen: list[Occurrence]) -> Occurrence:
    """The occurrence to join: not on top of a chosen one, in the same sentence, asserted, in the author's own words,
    then the nearest. A nearer synonym must not hide the word itself."""
    at = bisect_left(others, first.start, key=lambda o: o.start)
    near = others[max(0, at - 4) : at + 4]
    sentences = reading.tokens.sentences
    negation = reading.negation

    def rank(o: Occurrence) -> tuple[bool, int, bool, bool, int]:
        overlaps = any(o.start < c.end and c.start < o.end for c in chosen)
        apart = abs(sentences[o.start] - sentences[first.start])
        idle = o.start in negation.reported or negation.denied(o.end - 1, first.own + o.own)
        return overlaps, apart, idle, o.quality <= t.SYNONYM, abs(o.start - first.start)

    return min(near, key=rank)


def _close(reading: Reading, start: int, end: int, reach: int, apart: int) -> bool:
    tokens = reading.tokens
    length = sum(
        0.5 if tokens.words[place] > "\u3000" else 1.0 for place in range(start, min(end, start + 2 * reach + 2))
    )
    return length <= reach and tokens.full_stops(start, end - 1) <= apart
