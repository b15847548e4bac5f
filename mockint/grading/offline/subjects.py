"""Who a statement is about, when a question compares two things: `layer norm uses batch statistics` is no
evidence for `batch norm uses batch statistics`, though it holds every word but one.

The two are taken from the question ("difference between X and Y", "X vs Y", X 和 Y 有什么区别). In a clause, a word
belongs to the last of the two that was named before it, or else the first named after it; a clause that names neither
goes on about the one before it in its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mockint.grading.offline.lexicon import Lexicon
from mockint.grading.offline.tokens import Tokens, fold, keys_of

Keys = tuple[str, ...]

_THING = r"((?:[^,.;:?!()]|\.(?=\w)){2,50}?)"
_END = r"(?:[,.;:?!(]|$)"
_CJK_THING = r"([^,.;:?!()]{1,24}?)"
_ASKED = (
    re.compile(
        r"\b(?:differences?|distinction|trade-?off|distinguish(?:es)?|compared?)\b (?:is )?(?:between )?"
        rf"{_THING} (?:and|from|with|to|vs\.?|versus) {_THING}(?:{_END}| in | as | for | when | do | does | are | is )"
    ),
    re.compile(r"\b([a-z]+)[- /]([a-z]+) trade-?off"),
    re.compile(rf"(?:^|[.;:?!] ?){_THING} (?:vs\.?|versus) {_THING}{_END}"),
    re.compile(rf"\b(?:how|what) do {_THING} and {_THING} (?:differ|have in common)"),
    re.compile(rf"\bhow (?:do|does|is|are) {_THING} (?:differ|different) from {_THING}{_END}"),
    re.compile(
        rf"{_CJK_THING} ?(?:和|与|跟|同|及) ?{_CJK_THING} ?(?:之间)?(?:的|有|在|到底|究竟)"
        r"[^,.;:?!]{0,12}(?:区别|不同|差异|差别|异同)"
    ),
    re.compile(rf"(?:比较|对比|区分) ?{_CJK_THING} ?(?:和|与|跟|及) ?{_CJK_THING}{_END}"),
)
_NOT_NAMING = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "main",
        "what",
        "is",
        "are",
        "explain",
        "describe",
        "a",
        "pytorch",
        "numpy",
        "python",
    ]
)


@dataclass(frozen=True, slots=True)
class Rivals:
    """names[first key]: (the whole key sequence, 0 or 1), longest first."""

    names: dict[str, list[tuple[Keys, int]]]

    def mentions(self, keys: Sequence[str]) -> list[tuple[int, int]]:
        """(place, which) of every naming, in order."""
        found, at = [], 0
        while at < len(keys):
            for name, which in self.names.get(keys[at], ()):
                if tuple(keys[at : at + len(name)]) == name:
                    found.append((at, which))
                    at += len(name) - 1
                    break
            at += 1
        return found


def rivals_of(prompts: Sequence[str], lexicon: Lexicon) -> Rivals | None:
    names: dict[Keys, int] = {}
    for prompt in prompts:
        text = re.sub(r"\s+", " ", fold(prompt).text)
        for pattern in _ASKED:
            if found := pattern.search(text):
                things = [tuple(k for k in keys_of(thing) if k not in _NOT_NAMING) for thing in found.groups()]
                if all(things) and things[0] != things[1] and max(map(len, things)) <= 8:
                    for which, thing in enumerate(_completed(things)):
                        for name in (thing, *_equals(thing, lexicon)):
                            names.setdefault(name, which)
                break
    if len(set(names.values())) < 2:
        return None
    by_first: dict[str, list[tuple[Keys, int]]] = {}
    for name, which in sorted(names.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(name[0], []).append((name, which))
    return Rivals(by_first)


def _completed(things: list[Keys]) -> list[Keys]:
    """`L1 and L2 regularisation` names L1 and L2; `batch and layer normalisation` stays as it is."""
    first, second = things
    if len(first) == 1 and len(second) == 2 and first[0][:1].isalpha() and any(c.isdigit() for c in first[0]):
        return [first, second[:1]]
    return things


def _equals(thing: Keys, lexicon: Lexicon) -> list[Keys]:
    return [member for concept in lexicon.concepts_of(thing) for member in lexicon.members[concept]]


def subjects(tokens: Tokens, mentions: Sequence[tuple[int, int]]) -> list[int | None]:
    """For every token, which of the two it is about; None when the clause does not tell."""
    count = len(tokens)
    about: list[int | None] = [None] * count
    if not mentions:
        return about
    by_clause: dict[int, list[tuple[int, int]]] = {}
    for place, which in mentions:
        by_clause.setdefault(tokens.clauses[place], []).append((place, which))
    last: int | None = None
    sentence = -1
    for place in range(count):
        if tokens.sentences[place] != sentence:
            sentence = tokens.sentences[place]
            if tokens.words[place] not in ("it", "this", "they", "它", "its"):
                last = None
        here = by_clause.get(tokens.clauses[place])
        if here:
            before = [which for at, which in here if at <= place]
            last = before[-1] if before else here[0][1]
        about[place] = last
    return about
