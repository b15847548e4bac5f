"""YAML text -> plain values that know their lines. Nothing in a file can run, grow or nest without bound.

Built on libyaml's event stream instead of its loaders, for what an untrusted bank needs: no tags, anchors or aliases
(no alias bombs, no objects), no duplicate keys, bounded depth, and the line of every key. Plain scalars follow YAML
1.2's core schema, so `no`, `on` and `12:30` stay words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 20
Place = tuple[str | int, ...]
"""Where a value stands: the keys and the numbers of items, from the outside in."""

_NULL = ("", "~", "null", "Null", "NULL")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_NO_WORD = frozenset(["", *"~nNtTfF-+.0123456789"])
"""How a plain scalar begins that may be something else than text."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """The text is not YAML that a bank may hold. `line` is 1-based."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True)
class Document:
    """The value of one YAML document, and the 1-based line and column of every key and item in it."""

    value: Any
    lines: dict[Place, int] = field(default_factory=dict)
    columns: dict[Place, int] = field(default_factory=dict)

    def line_of(self, path: Place) -> int:
        """The line of the place, or of the nearest place around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def place_of(self, path: Place) -> tuple[int, int]:
        """The line and column at which the text of an item begins, after its opening quote."""
        return self.line_of(path), self.columns.get(path, 1)


@dataclass(frozen=True)
class LazyDocument(Document):
    """A document of which only the value was kept: the lines are read from its text when one is asked for."""

    text: str = ""

    def line_of(self, path: Place) -> int:
        if not self.lines:
            read = parse(self.text)
            self.lines.update(read.lines)
            self.columns.update(read.columns)
        return super().line_of(path)


def parse(text: str) -> Document:
    """Raises YamlError at the first thing that is not allowed."""
    lines: dict[Place, int] = {}
    columns: dict[Place, int] = {}
    try:
        events = _content(text)
        first = next(events, None)
        value = None if first is None else _value(first, events, (), lines, columns)
        if (extra := next(events, None)) is not None:
            raise YamlError(_line(extra), "expected one document; remove everything after '---' or '...'")
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise YamlError(mark.line + 1 if mark else 1, f"not valid YAML: {fault.problem or fault}") from fault
    except yaml.YAMLError as fault:
        raise YamlError(1, f"not valid YAML: {fault}") from fault
    return Document(value, lines, columns)


_STRUCTURE = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def _content(text: str) -> Iterator[yaml.Event]:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
            yield event  # nine of ten
            continue
        if isinstance(event, _STRUCTURE):
            continue
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(_line(event), "anchors and aliases (& and *) are not allowed: write the text out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise YamlError(_line(event), f"nested deeper than {MAX_DEPTH} levels: flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise YamlError(_line(event), f"the tag {tag!r} is not allowed: remove it")
        yield event


def _value(
    event: yaml.Event, events: Iterator[yaml.Event], path: Place, lines: dict[Place, int], columns: dict[Place, int]
) -> Any:
    lines.setdefault(path, _line(event))
    if isinstance(event, yaml.ScalarEvent):
        if event.start_mark:
            columns[path] = event.start_mark.column + 1 + (event.style in ("'", '"'))
        return _scalar(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, path, lines, columns)
    assert isinstance(event, yaml.SequenceStartEvent)
    return _sequence(events, path, lines, columns)


def _mapping(
    events: Iterator[yaml.Event], path: Place, lines: dict[Place, int], columns: dict[Place, int]
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        if not isinstance(event, yaml.ScalarEvent):
            raise YamlError(_line(event), "a key must be a plain word")
        key = event.value
        if key in mapping:
            raise YamlError(_line(event), f"the key {key!r} stands here twice: keep one")
        lines[(*path, key)] = _line(event)
        mapping[key] = _value(next(events), events, (*path, key), lines, columns)
    return mapping


def _sequence(
    events: Iterator[yaml.Event], path: Place, lines: dict[Place, int], columns: dict[Place, int]
) -> list[Any]:
    items: list[Any] = []
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            break
        items.append(_value(event, events, (*path, len(items)), lines, columns))
    return items


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text: str = event.value
    if not event.implicit[0] or text[:1] not in _NO_WORD:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark else 1
