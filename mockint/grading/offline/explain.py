"""What the offline grader heard in an answer and what came near, for whoever writes the wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockint.grading.grade import Mark
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.match import Heard, Reading, read
from mockint.grading.offline.notation import AnyOf, Both, Near, Node, parse, text_of_node
from mockint.grading.offline.patterns import Pattern
from mockint.grading.offline.verdicts import marks_of
from mockint.question import Criterion
from mockint.wordings import Hears, Written

NEAREST = 2
"""So many patterns that came near are told of a criterion that was not heard."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The candidate's words at answer[start:end]. why_not: what keeps them from counting; empty when they count."""

    quote: str
    start: int
    end: int
    why_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardBy:
    """A pattern that heard something. whole: every half of it."""

    hears: Hears
    written: Written
    stretches: tuple[Stretch, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class CameNear:
    """A pattern of which only some parts stand in the answer, or all of them too far apart.

    heard: part of the pattern -> the first words that say it. missing: the parts that nothing says.
    """

    hears: Hears
    written: Written
    heard: tuple[tuple[str, Stretch], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One criterion: its mark, the patterns that heard something and, when none counts, those that came near."""

    criterion: Criterion
    mark: Mark
    heard: tuple[HeardBy, ...]
    near: tuple[CameNear, ...]


def explain(compiled: Compiled, answer: str) -> list[Explained]:
    """One entry a criterion, in the question's order."""
    reading = read(compiled, answer)
    marks = {mark.criterion: mark for mark in marks_of(compiled, reading)}
    explained = []
    for place, criterion in enumerate(compiled.question.criteria):
        heard = _heard(reading, place)
        unheard = marks[criterion.id].verdict in ("missing", "absent", "partial")
        near = _near(compiled, reading, place) if unheard else ()
        explained.append(Explained(criterion, marks[criterion.id], heard, near))
    return explained


def _heard(reading: Reading, place: int) -> tuple[HeardBy, ...]:
    found = []
    for (criterion, hears), patterns in reading.patterns.items():
        for one in patterns if criterion == place else ():
            stretches = tuple(_stretch(reading, heard) for half in one.halves for heard in half)
            found.append(HeardBy(hears, one.pattern.written, stretches, all(one.halves)))
    return tuple(found)


def _stretch(reading: Reading, heard: Heard) -> Stretch:
    why_not = [
        *(["denied"] if heard.denied else []),
        *(["only reported, or asked"] if heard.reported else []),
        *([f"withheld: {heard.withheld}"] if heard.withheld else []),
        *(["in two sentences, or across a contrast"] if heard.apart else []),
    ]
    return _quoted(reading, heard.start, heard.end, tuple(why_not))


def _quoted(reading: Reading, start: int, end: int, why_not: tuple[str, ...] = ()) -> Stretch:
    tokens = reading.tokens
    first, last = tokens.folded.span(tokens.starts[start], tokens.ends[end - 1])
    return Stretch(reading.text[first:last], first, last, why_not)


def _near(compiled: Compiled, reading: Reading, place: int) -> tuple[CameNear, ...]:
    found: dict[Written, tuple[float, CameNear]] = {}
    for pattern in compiled.table.patterns:
        if pattern.criterion == place and pattern.hears != "denies":
            parts = _parts(compiled, pattern)
            heard = [
                (text, _quoted(reading, *reading.spans[node][0][:2])) for text, node in parts if reading.spans[node]
            ]
            missing = tuple(text for text, node in parts if not reading.spans[node])
            if len(heard) * 2 >= len(parts) > 1 and not all(reading.spans[half] for half in pattern.halves):
                share = len(heard) / len(parts)
                found[pattern.written] = share, CameNear(pattern.hears, pattern.written, tuple(heard), missing)
    ranked = sorted(found.values(), key=lambda item: (-item[0], item[1].written.line))
    return tuple(near for _, near in ranked[:NEAREST])


def _parts(compiled: Compiled, pattern: Pattern) -> list[tuple[str, int]]:
    """The parts that `&` and `..` set apart, as they were written, with their nodes."""
    tree = parse(pattern.written.text)
    for one in tree.items if isinstance(tree, AnyOf) else (tree,):
        halves = one.items if isinstance(one, Both) else (one,)
        if len(halves) == len(pattern.halves):
            return [
                part
                for half, node in zip(halves, pattern.halves, strict=True)
                for part in _inside(compiled, half, node)
            ]
    return []


def _inside(compiled: Compiled, tree: Node, node: int) -> Sequence[tuple[str, int]]:
    kind, parts, _ = compiled.table.nodes[node]
    if isinstance(tree, Near) and kind == "near" and len(parts) == len(tree.items):
        return [(text_of_node(item), part) for item, part in zip(tree.items, parts, strict=True)]
    return [(text_of_node(tree), node)]
