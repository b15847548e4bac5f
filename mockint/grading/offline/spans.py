"""Where the nodes of a pattern table stand in a text: one look-up for every word, then one pass over the nodes.

Words side by side stand in one clause with at most GAP small words between them, never a negator: "are not sharded"
does not hold "are sharded". Time grows with the length of the text, and with the number of places of a node up to
MANY_PLACES.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.negation import Negation
from mockint.grading.offline.patterns import Entry, PatternNode, Table
from mockint.grading.offline.tokens import Tokens


class Span(NamedTuple):
    """A node found at tokens start to end (exclusive). quality: of its weakest word. own: the places of its words."""

    start: int
    end: int
    quality: float
    own: tuple[int, ...]


class SpannedText(NamedTuple):
    """A text ready for the table. keys: each word as the vocabulary knows it, "" for a strange one; sure: how surely.

    ahead[place]: the last place at which what ends before `place` may go on. behind[place]: the same, backwards.
    width[place]: of all words before `place`; a Chinese character counts as half a word.
    """

    tokens: Tokens
    negation: Negation
    keys: list[str]
    sure: list[float]
    ahead: list[int]
    behind: list[int]
    width: list[float]


Subject = Callable[[Sequence[tuple[int, int]]], list[int | None]]
"""(place, rival) of every naming -> for every token, the rival it is about."""


def text_of(
    tokens: Tokens, negation: Negation, keys: list[str], sure: list[float], small: frozenset[str]
) -> SpannedText:
    count = len(tokens)
    words, clauses, negators = tokens.words, tokens.clauses, negation.negators
    light = [words[place] in small and place not in negators for place in range(count)]
    ahead = list(range(count + 1))
    for place in range(count - 2, -1, -1):
        if light[place] and clauses[place] == clauses[place + 1]:
            ahead[place] = min(ahead[place + 1], place + t.GAP)
    behind = list(range(count))
    for place in range(1, count):
        if light[place] and clauses[place] == clauses[place - 1]:
            behind[place] = max(behind[place - 1], place - t.GAP)
    width = [0.0, *accumulate([0.5 if word > "\u3000" else 1.0 for word in words])]
    return SpannedText(tokens, negation, keys, sure, ahead, behind, width)


def spans_of(table: Table, text: SpannedText, subjects: Subject) -> tuple[list[list[Span]], list[int | None] | None]:
    """For every node where it stands, in order; and which rival every token is about, None when none is named."""
    spans: list[list[Span]] = [[] for _ in table.nodes]
    _fill_leaves(table, text, spans)
    about: list[int | None] | None = None
    named: frozenset[int] = frozenset()
    for number, part in enumerate(table.nodes):
        if number == table.after_rivals and table.rivals:
            mentions = sorted((span.start, rival) for node, rival in table.rivals.items() for span in spans[node])
            about = subjects(mentions) if mentions else None
            named = frozenset(place for node in table.rivals for span in spans[node] for place in span.own)
        match part.kind:
            case "any":
                found = [span for child in part.parts for span in spans[child]]
                spans[number] = sorted(set(found)) if found else found
            case "beside":
                spans[number] = _beside(part, spans, text)
            case "near" if all(spans[child] for child in part.parts):
                spans[number] = _near(part, spans, text, table, about, named)
            case _:
                pass
    return spans, about


def _fill_leaves(table: Table, text: SpannedText, spans: list[list[Span]]) -> None:
    keys, sure, index = text.keys, text.sure, table.index
    filled: set[int] = set()
    for place, key in enumerate(keys):
        entries = index.get(key)
        if not entries:
            continue
        alone = Span(place, place + 1, sure[place], (place,))
        for entry in entries:
            wanted, _, leaf, _ = entry
            if len(wanted) == 1:
                spans[leaf].append(alone)
                filled.add(leaf)
            elif own := _find(entry, text, place):
                spans[leaf].append(Span(own[0], own[-1] + 1, min([sure[at] for at in own]), own))
                filled.add(leaf)
    folded = text.tokens.folded.text
    if "-" in folded or " " in folded:
        _fill_joined(table, text, spans, filled)
    for number in filled:
        if len(spans[number]) > 1:
            spans[number].sort()


def _find(entry: Entry, text: SpannedText, place: int) -> tuple[int, ...] | None:
    """The places of the entry's words around its anchor at `place`, rising."""
    wanted, anchor, keys = entry.keys, entry.anchor, text.keys
    before: list[int] = []
    start = end = place
    clauses = text.tokens.clauses
    for at in range(anchor - 1, -1, -1):
        if not start:
            return None
        low = start - 1 if entry.tight else text.behind[start - 1]
        for back in range(start - 1, low - 1, -1):
            if keys[back] == wanted[at] and clauses[back] == clauses[place]:
                start = back
                break
        else:
            return None
        before.append(start)
    after: list[int] = []
    count = len(keys)
    for at in range(anchor + 1, len(wanted)):
        if end + 1 >= count:
            return None
        last = end + 1 if entry.tight else min(text.ahead[end + 1], count - 1)
        for on in range(end + 1, last + 1):
            if keys[on] == wanted[at] and clauses[on] == clauses[place]:
                end = on
                break
        else:
            return None
        after.append(end)
    return (*before[::-1], place, *after)


def _fill_joined(table: Table, text: SpannedText, spans: list[list[Span]], filled: set[int]) -> None:
    """`all reduce` and `all-reduce` are also read as `allreduce`."""
    tokens, index = text.tokens, table.index
    for place, whole in enumerate(map(str.__add__, tokens.words, tokens.keys[1:])):
        entries = index.get(whole)
        if entries and tokens.starts[place + 1] - tokens.ends[place] == 1 and whole.isascii():
            for entry in entries:
                if len(entry.keys) == 1:
                    spans[entry.leaf].append(Span(place, place + 2, 1.0, (place, place + 1)))
                    filled.add(entry.leaf)


def _beside(part: PatternNode, spans: list[list[Span]], text: SpannedText) -> list[Span]:
    found: list[Span] = []
    nothing_yet = True
    for child, optional in zip(part.parts, part.optional, strict=True):
        here = spans[child]
        joined = _joined(found, here, text) if found and here else []
        if nothing_yet:
            joined = joined + here
        if optional:
            found = found + joined
        else:
            found, nothing_yet = joined, False
            if not found:
                return found
    return sorted(set(found))[: t.MANY_PLACES]


def _joined(first: list[Span], second: list[Span], text: SpannedText) -> list[Span]:
    clauses, ahead = text.tokens.clauses, text.ahead
    joined = []
    for one in first[: t.MANY_PLACES]:
        if one.end >= len(clauses):
            continue
        at = bisect_left(second, one.end, key=_start)
        last = ahead[one.end]
        while at < len(second) and second[at].start <= last:
            other = second[at]
            if clauses[other.start] == clauses[one.end - 1]:
                joined.append(Span(one.start, other.end, min(one.quality, other.quality), one.own + other.own))
            at += 1
    return joined


def _start(span: Span) -> int:
    return span.start


def _near(
    part: PatternNode,
    spans: list[list[Span]],
    text: SpannedText,
    table: Table,
    about: list[int | None] | None,
    named: frozenset[int],
) -> list[Span]:
    """The tightest stretch around every place of a part, affirmed ones preferred.

    Around every part while their places are few, so that a word said again elsewhere takes no stretch away; else around
    the rarest.
    """
    parts = [spans[child] for child in part.parts]
    rivals = {table.rivals[child] for child in part.parts if child in table.rivals}
    whose = rivals.pop() if len(rivals) == 1 else None
    few = sum(map(len, parts)) <= t.FEW_PLACES
    anchors = range(len(parts)) if few else [min(range(len(parts)), key=lambda at: len(parts[at]))]
    reach = t.REACH_MORE + t.REACH_PER_TERM * len(parts)
    found: set[Span] = set()
    for anchor in anchors:
        for first in parts[anchor][: t.MANY_PLACES]:
            chosen = [first]
            for number, others in enumerate(parts):
                if number != anchor:
                    nearest = _nearest(others, first, text, chosen, 2 * reach)
                    if nearest is None:
                        break
                    chosen.append(nearest)
            if len(chosen) < len(parts):
                continue
            start, end = min([span.start for span in chosen]), max([span.end for span in chosen])
            if text.width[end] - text.width[start] > reach:
                continue
            if text.tokens.full_stops(start, end - 1) > t.SENTENCES_APART + (len(parts) > 3):
                continue
            if whose is not None and about is not None and _of_another(chosen, whose, about, named):
                continue
            own = tuple(sorted({place for span in chosen for place in span.own}))
            found.add(Span(start, end, min([span.quality for span in chosen]), own))
    return sorted(found)


def _of_another(chosen: list[Span], whose: int, about: list[int | None], named: frozenset[int]) -> bool:
    """What is said of one rival does not become true of another because its name stands near."""
    return any(about[span.start] not in (None, whose) and span.start not in named for span in chosen)


def _nearest(others: list[Span], first: Span, text: SpannedText, chosen: list[Span], far: int) -> Span | None:
    """The one to join: not on top of a chosen one, in the same sentence, asserted, written so, then the nearest.

    far: so many words away none is looked for.
    """
    at = bisect_left(others, first.start, key=_start) if len(others) > 1 else 0
    near = [span for span in others[max(0, at - 4) : at + 4] if -far <= span.start - first.start <= far]
    if len(near) < 2:
        return near[0] if near else None
    sentences, negation = text.tokens.sentences, text.negation

    def rank(span: Span) -> tuple[bool, int, bool, bool, int]:
        overlaps = any(span.start < one.end and one.start < span.end for one in chosen)
        apart = abs(sentences[span.start] - sentences[first.start])
        idle = span.start in negation.reported or negation.denied(span.end - 1, first.own + span.own)
        return overlaps, apart, idle, span.quality <= t.SYNONYM, abs(span.start - first.start)

    return min(near, key=rank)
