"""The notation of patterns: Home Assistant's sentence templates, with two operators for what stands apart.

    words side by side      stand so in the answer; small words may come between      optimizer state
    a|b                     either                                                    (shard|split)
    [a]                     may be there                                              [all] activations
    (a;b)                   in any order, side by side                                (optimizer;state)
    <name>                  a concept, any of its words                               <stage-1>
    a .. b                  near each other, in any order                             <stage-1> .. <optimizer-state>
    a & b                   both, wherever they stand; one alone is half              <gradients> & <parameters>

`|` binds loosest, then `&`, then `..`, then words side by side. A sign that belongs to the notation is written after a
backslash. A misspelt pattern raises PatternError with the column of the fault.

The notation is that of `hassil`, but parsed with `lark`: hassil's parser gives no column for an error, takes `a||b`,
`{x}` and `<not a name>` without a word, knows `..` and `&` only as text, and costs .09 s to import beside lark's .06.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, zip_longest
from typing import Any

from mockint.wordings import Concepts, Written

_GRAMMAR = r"""
?pattern: both ("|" both)*        -> any_of
?both: near ("&" near)*           -> both
?near: beside (".." beside)*      -> near
?beside: item+                    -> beside
?item: CONCEPT                    -> concept
     | WORDS                      -> words
     | "(" pattern ")"
     | "(" both (";" both)+ ")"   -> any_order
     | "[" pattern "]"            -> optional
CONCEPT: /<[a-z0-9]+(-[a-z0-9]+)*>/
WORDS: /(\\.|[^\s()\[\]|;<>&{}.\\]|\.(?!\.))([ \t]*(\\.|[^\s()\[\]|;<>&{}.\\]|\.(?!\.)))*/
%ignore /\s+/
"""


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Concept:
    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOrder:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Near:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Both:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Optional:
    item: Node


Node = Words | Concept | AnyOf | Beside | AnyOrder | Near | Both | Optional


class PatternError(ValueError):
    """A pattern that cannot be read. offset: of the fault in the pattern's text, from 0."""

    def __init__(self, message: str, offset: int, written: Written | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.written = written


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Raises PatternError."""
    from lark import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    try:
        return _tree(_parser().parse(text))
    except UnexpectedCharacters as fault:
        at = fault.pos_in_stream or 0
        raise PatternError(_unexpected(text, at), at) from fault
    except UnexpectedToken as fault:
        at = len(text) if fault.token.type == "$END" else fault.token.start_pos or 0
        raise PatternError(_unexpected(text, at), at) from fault
    except UnexpectedEOF as fault:
        raise PatternError(_unexpected(text, len(text)), len(text)) from fault


def _unexpected(text: str, at: int) -> str:
    if at >= len(text.rstrip()):
        return "the pattern ends too early: close every bracket, and put words on both sides of '|', '..' and '&'"
    if text[at] == "<":
        return "expected a concept's name, as in <optimizer-state>; write a smaller-than sign as \\<"
    return f"{text[at]!r} cannot stand here: put words on both sides of a sign, or a backslash before it"


def normal_form(node: Node) -> object:
    """Equal for patterns that hear the same: alternatives and near parts in any order, single groups undone."""
    match node:
        case Words(text):
            return " ".join(text.lower().split())
        case Concept(name):
            return f"<{name}>"
        case AnyOf(items) | Near(items) | Both(items) | AnyOrder(items):
            return type(node).__name__, frozenset(map(normal_form, items))
        case Beside(items):
            return "Beside", tuple(map(normal_form, items))
        case Optional(item):
            return "Optional", normal_form(item)


def text_of_node(node: Node) -> str:
    """The node as a pattern, in one way of writing it."""
    match node:
        case Words(text):
            return re.sub(r"([()\[\]|;<>&{}\\])", r"\\\1", text)
        case Concept(name):
            return f"<{name}>"
        case Optional(item):
            return f"[{text_of_node(item)}]"
        case AnyOf(items):
            return f"({'|'.join(map(text_of_node, items))})"
        case AnyOrder(items):
            return f"({';'.join(map(text_of_node, items))})"
        case Beside(items):
            return " ".join(map(text_of_node, items))
        case Near(items):
            return " .. ".join(map(text_of_node, items))
        case Both(items):
            return " & ".join(map(text_of_node, items))


def examples(pattern: Written, concepts: Concepts) -> list[list[str]]:
    """For every part that `&` or `..` sets apart, texts that it hears, a few each. Raises PatternError."""
    tree = parse(pattern.text)
    first = tree.items[0] if isinstance(tree, AnyOf) and isinstance(tree.items[0], Both | Near) else tree
    return [list(_texts(part, concepts)) for part in _apart(first)]


def _apart(node: Node) -> Iterator[Node]:
    if isinstance(node, Both | Near):
        for item in node.items:
            yield from _apart(item)
    else:
        yield node


_FEW = 40
"""Texts of one node: enough to find one in each language, too few to multiply."""


def _texts(node: Node, concepts: Concepts) -> Iterator[str]:
    match node:
        case Words(text):
            yield text
        case Concept(name):
            for one in concepts.get(name, ()):
                yield from islice(_texts(parse(one.text), concepts), _FEW)
        case AnyOf(items):
            for item in items:
                yield from islice(_texts(item, concepts), _FEW)
        case Beside(items) | AnyOrder(items) | Near(items) | Both(items):
            said = [[*islice(_texts(item, concepts), _FEW)] for item in items if not isinstance(item, Optional)]
            for chosen in islice(zip_longest(*said), _FEW):
                yield " ".join(text or texts[0] for text, texts in zip(chosen, said, strict=True) if texts)
        case Optional():
            pass


@cache
def _parser() -> Any:
    from lark import Lark

    return Lark(_GRAMMAR, start="pattern", parser="lalr", maybe_placeholders=False)


def _tree(found: Any) -> Node:
    """A group of one is the one in it."""
    kind, parts = found.data, found.children
    match kind:
        case "words":
            return Words(_unescaped(str(parts[0])))
        case "concept":
            return Concept(str(parts[0])[1:-1], parts[0].start_pos)
        case "optional":
            return Optional(_tree(parts[0]))
    items = tuple(map(_tree, parts))
    if len(items) == 1:
        return items[0]
    return _GROUPS[kind](items)


_GROUPS: dict[str, type[AnyOf | Both | Near | Beside | AnyOrder]] = {
    "any_of": AnyOf,
    "both": Both,
    "near": Near,
    "beside": Beside,
    "any_order": AnyOrder,
}


def _unescaped(words: str) -> str:
    pieces = words.split("\\")
    return pieces[0] + "".join(pieces[1:])
