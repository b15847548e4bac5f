"""Patterns made ready for matching: one table of nodes for a question, so that an answer goes through it once.

A leaf is a set of word sequences that all mean the same; the index finds every leaf by the rarest word of a sequence.
The other nodes stand after their parts, so that one pass from left to right fills all of them.

    any      the stretches of its parts
    beside   the parts side by side; some may be left out
    near     the parts near each other, in any order
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Literal, NamedTuple

from mockint.grading.offline.lexicon import Lexicon
from mockint.grading.offline.notation import (
    AnyOf,
    AnyOrder,
    Beside,
    Both,
    Concept,
    Near,
    Node,
    Optional,
    PatternError,
    Words,
    parse,
)
from mockint.grading.offline.tokens import ZERO_NAME, in_small_letters, keys_of
from mockint.wordings import HEARS, Concepts, Hears, Wordings, Written

Keys = tuple[str, ...]
Kind = Literal["leaf", "any", "beside", "near"]
MAX_DEPTH = 12
"""Concepts may name concepts, so deep and no deeper."""


class PatternNode(NamedTuple):
    """A node of the table. optional: which of its parts may be left out (beside only)."""

    kind: Kind
    parts: tuple[int, ...] = ()
    optional: tuple[bool, ...] = ()


class Entry(NamedTuple):
    """A sequence of words that a leaf holds. anchor: which of them it is looked up by. tight: nothing may come between,
    as in `all-reduce` or `(N-1)S`.
    """

    keys: Keys
    anchor: int
    leaf: int
    tight: bool = False


class Pattern(NamedTuple):
    """One pattern of one criterion: the nodes that must all be heard, and where it was written."""

    criterion: int
    hears: Hears
    halves: tuple[int, ...]
    written: Written


@dataclass(slots=True)
class Table:
    """nodes: parts before wholes. index: anchor word -> entries. rivals[node]: its number among the rivals, which are
    all found in the nodes before `after_rivals`. concepts: name -> node.
    """

    nodes: list[PatternNode] = field(default_factory=list)
    index: dict[str, list[Entry]] = field(default_factory=dict)
    patterns: list[Pattern] = field(default_factory=list)
    rivals: dict[int, int] = field(default_factory=dict)
    after_rivals: int = 0
    concepts: dict[str, int] = field(default_factory=dict)


def table_of(wordings: Wordings, criteria: Sequence[str], lexicon: Lexicon, *, also: Iterable[str] = ()) -> Table:
    """The rivals first, then the concepts `also` and those of the question, then what the patterns need.

    Raises PatternError for the first pattern that cannot be read, or names a concept that nobody wrote.
    """
    builder = _Builder(wordings, lexicon)
    for number, rival in enumerate(wordings.rivals):
        builder.table.rivals[builder.concept(rival.text, rival, 0)] = number
    builder.table.after_rivals = len(builder.table.nodes)
    for name in (*also, *wordings.concepts):
        builder.concept(name, Written(name), 0)
    for hears in HEARS:
        by_criterion = wordings.patterns.get(hears, {})
        for place, id in enumerate(criteria):
            for written in by_criterion.get(id, ()):
                for halves in builder.pattern(written):
                    builder.table.patterns.append(Pattern(place, hears, halves, written))
    return builder.table


def faults_of(wordings: Wordings, lexicon: Lexicon) -> Iterator[PatternError]:
    """Every pattern and concept that cannot be read, one fault each."""
    builder = _Builder(wordings, lexicon)
    every = [one for by_criterion in wordings.patterns.values() for texts in by_criterion.values() for one in texts]
    for written in every:
        try:
            builder.pattern(written)
        except PatternError as fault:
            yield fault
    for concepts in (wordings.concepts, wordings.shared):
        for name in concepts:
            try:
                builder.concept(name, concepts[name][0] if concepts[name] else Written(name), 0)
            except PatternError as fault:
                yield fault


class _Builder:
    def __init__(self, wordings: Wordings, lexicon: Lexicon) -> None:
        self.table = Table()
        self._known: Concepts = {**wordings.shared, **wordings.concepts}
        self._lexicon = lexicon
        self._same: dict[object, int] = {}
        self._open: list[str] = []

    def pattern(self, written: Written) -> list[tuple[int, ...]]:
        """The alternatives of a pattern, each as the halves that must all be heard."""
        tree = self._parse(written)
        alternatives = tree.items if isinstance(tree, AnyOf) and _has_both(tree) else (tree,)
        return [
            tuple(self._node(half, written) for half in (one.items if isinstance(one, Both) else (one,)))
            for one in alternatives
        ]

    def concept(self, name: str, written: Written, offset: int) -> int:
        if (known := self.table.concepts.get(name)) is not None:
            return known
        if name not in self._known:
            near = difflib.get_close_matches(name, self._known, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(f'<{one}>' for one in near)}?" if near else "add it under 'concepts'"
            raise PatternError(f"no concept <{name}>: {hint}", offset, written)
        if name in self._open or len(self._open) >= MAX_DEPTH:
            raise PatternError(
                f"the concept <{name}> names itself: {' -> '.join([*self._open, name])}", offset, written
            )
        self._open.append(name)
        trees = [(self._parse(one), one) for one in self._known[name]]
        number = self._any([(item, one) for tree, one in trees for item in _alternatives(tree)])
        self._open.pop()
        self.table.concepts[name] = number
        return number

    def _parse(self, written: Written) -> Node:
        try:
            return parse(written.text)
        except PatternError as fault:
            raise PatternError(str(fault), fault.offset, written) from fault

    def _node(self, node: Node, written: Written) -> int:
        match node:
            case Words() | AnyOf():
                return self._any([(item, written) for item in _alternatives(node)])
            case Concept(name, offset):
                return self.concept(name, written, offset)
            case Beside(items):
                inner = [item.item if isinstance(item, Optional) else item for item in items]
                optional = tuple(isinstance(item, Optional) for item in items)
                if all(optional):
                    raise PatternError("every word is in square brackets: nothing would have to be said", 0, written)
                return self._add(PatternNode("beside", tuple(self._node(item, written) for item in inner), optional))
            case AnyOrder(items):
                orders = [Beside(order) for order in permutations(items)]
                return self._any([(order, written) for order in orders])
            case Near(items):
                return self._add(PatternNode("near", tuple(self._node(item, written) for item in items)))
            case Optional():
                raise PatternError("only square brackets: nothing would have to be said", 0, written)
            case Both():
                raise PatternError(
                    "'&' stands between whole patterns only, not inside brackets or concepts", 0, written
                )

    def _any(self, items: Sequence[tuple[Node, Written]]) -> int:
        """Alternatives: plain words together in one leaf, whatever else beside it."""
        texts = frozenset(item.text for item, _ in items if isinstance(item, Words))
        others = [self._node(item, written) for item, written in items if not isinstance(item, Words)]
        parts = [self._leaf(texts)] if texts else []
        parts += dict.fromkeys(others)
        return parts[0] if len(parts) == 1 else self._add(PatternNode("any", tuple(parts)))

    def _leaf(self, texts: frozenset[str]) -> int:
        sequences = {(keys, _is_tight(text, keys)) for text in texts if (keys := keys_of(text))}
        sequences |= {(keys_of(text.replace("-", "")), True) for text in texts if _is_compound(text)}
        sequences |= {(in_small_letters(keys), tight) for keys, tight in sequences if ZERO_NAME in keys}
        key = frozenset(sequences)
        if key not in self._same:
            number = self._same[key] = self._append(PatternNode("leaf"))
            for keys, tight in sorted(sequences):
                anchor = self._rarest(keys)
                self.table.index.setdefault(keys[anchor], []).append(Entry(keys, anchor, number, tight))
        return self._same[key]

    def _rarest(self, keys: Keys) -> int:
        function, common = self._lexicon.function, self._lexicon.common
        return min((key in function, key in common, -len(key), at) for at, key in enumerate(keys))[-1]

    def _add(self, part: PatternNode) -> int:
        if part not in self._same:
            self._same[part] = self._append(part)
        return self._same[part]

    def _append(self, part: PatternNode) -> int:
        self.table.nodes.append(part)
        return len(self.table.nodes) - 1


def names_in(texts: Iterable[Keys], phrases: Mapping[str, Sequence[tuple[Keys, str]]]) -> list[str]:
    """The concepts of which a text holds one of the words, as `phrases_of` gives them."""
    found: dict[str, None] = {}
    for keys in texts:
        for place, key in enumerate(keys):
            for phrase, name in phrases.get(key, ()):
                if keys[place : place + len(phrase)] == phrase:
                    found[name] = None
    return list(found)


def phrases_of(concepts: Concepts) -> dict[str, list[tuple[Keys, str]]]:
    """First word -> (the whole sequence, the concept that lists it). Only alternatives that are plain words."""
    phrases: dict[str, list[tuple[Keys, str]]] = {}
    for name, alternatives in concepts.items():
        for text in {text for one in alternatives for text in one.text.split("|") if not _SIGNS & set(text)}:
            if keys := keys_of(text):
                phrases.setdefault(keys[0], []).append((keys, name))
    return phrases


_SIGNS = frozenset("()[];<>&\\")


def _alternatives(tree: Node) -> tuple[Node, ...]:
    return tree.items if isinstance(tree, AnyOf) else (tree,)


def _has_both(tree: AnyOf) -> bool:
    return any(isinstance(item, Both) for item in tree.items)


def _is_tight(text: str, keys: Keys) -> bool:
    """One word with hyphens, or a formula: `(N-1)S` is not said by `N-1 steps of S/N`."""
    symbols = sum(key[0].isdigit() or (len(key) == 1 and key.isascii()) for key in keys)
    return symbols > 2 or ("-" in text and " " not in text.strip())


def _is_compound(text: str) -> bool:
    """`all-reduce` is also `allreduce`."""
    return "-" in text and text.isascii() and text.replace("-", "").isalnum()
