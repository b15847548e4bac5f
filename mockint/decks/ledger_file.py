"""decks/ledger.json as text: one line for each note, sorted, so that git merges it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from mockint.decks.ledger import LATEST, Ledger, Retired, Shipped, TypeState
from mockint.errors import UsageError

FORMAT = 1
_TYPE_KEY = re.compile(r"(en|zh)/(question|cloze)")
_NOTE_KEY = re.compile(r"(en|zh)/(question/[a-z0-9-]+|cloze/[a-z0-9-]+/[a-z0-9-]+)")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})", re.MULTILINE)


_Entry = TypeVar("_Entry", TypeState, Shipped, Retired)


def read_ledger(path: Path) -> Ledger | None:
    """None when there is no file. Raises UsageError, with the next step, when it cannot be trusted."""
    if not path.is_file():
        return None
    text = read_text(path)
    if _CONFLICT.search(text):
        raise UsageError(f"{path}: has git's conflict marks: 'mockint build --repair-ledger' joins the two sides")
    try:
        return _from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        message = (
            f"{path}: not a ledger ({fault}): restore it with 'git checkout', or run 'mockint build --repair-ledger'"
        )
        raise UsageError(message) from fault


def read_text(path: Path) -> str:
    """A byte that is no UTF-8 becomes a sign that no ledger holds."""
    return path.read_text(encoding="utf-8", errors="replace")


def _from_json(value: Any) -> Ledger:
    if value["format"] != FORMAT:
        raise ValueError(f"format {value['format']!r}, this mockint writes {FORMAT}")
    return Ledger(
        {key: _checked(key, TypeState(**entry), _TYPE_KEY) for key, entry in value["note_types"].items()},
        {key: _checked(key, Shipped(**entry), _NOTE_KEY) for key, entry in value["notes"].items()},
        {
            key: _checked(
                key, Retired(**{**entry, "fields": tuple(entry["fields"]), "tags": tuple(entry["tags"])}), _NOTE_KEY
            )
            for key, entry in value["retired"].items()
        },
    )


def _checked(key: str, entry: _Entry, pattern: re.Pattern[str]) -> _Entry:
    """Raises ValueError for what nobody but a text editor can have written."""
    if not pattern.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a note or note type")
    for name, value in vars(entry).items():
        match name:
            case "changed" | "first":
                good = type(value) is int and 0 <= value <= LATEST
            case "fields" | "tags":
                good = all(isinstance(part, str) for part in value)
            case "deck":
                good = isinstance(value, str) and value.startswith(f"mockint-{key[:2]}::")
            case _:
                good = isinstance(value, str)
        if not good:
            raise ValueError(f"{key!r} has {name} {value!r}")
    return entry


def to_text(ledger: Ledger) -> str:
    """JSON with one line per entry, sorted by key."""
    parts = [f'{{\n"format": {FORMAT}']
    for name in ("note_types", "notes", "retired"):
        entries: Mapping[str, Any] = getattr(ledger, name)
        lines = [f"{json.dumps(key)}: {_line(entries[key])}" for key in sorted(entries)]
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}" if lines else f'"{name}": {{}}')
    return ",\n".join(parts) + "\n}\n"


def _line(entry: Any) -> str:
    values = {name: value for name, value in vars(entry).items() if name != "guid" or value}
    return json.dumps(values, ensure_ascii=False)


def sides_of_conflict(text: str) -> tuple[Ledger, Ledger] | None:
    """The two ledgers in a file that git could not merge; None when it has no conflict marks or is beyond reading."""
    if not _CONFLICT.search(text):
        return None
    sides: tuple[list[str], list[str]] = ([], [])
    state = "both"
    for line in text.splitlines():
        match line[:7]:
            case "<<<<<<<":
                state = "ours"
            case "|||||||":
                state = "base"
            case "=======":
                state = "theirs"
            case ">>>>>>>":
                state = "both"
            case _:
                if state in ("both", "ours"):
                    sides[0].append(line)
                if state in ("both", "theirs"):
                    sides[1].append(line)
    try:
        ours, theirs = (_from_json(json.loads(_with_commas(side))) for side in sides)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return ours, theirs


def _with_commas(lines: list[str]) -> str:
    """A side may have lost or kept a comma at the seam; there is exactly one between two entries."""
    text = "\n".join(lines)
    text = re.sub(r'\}\n(?=")', "},\n", text)
    return re.sub(r",\n\}", "\n}", text)
