"""decks/ledger.json: when each note last changed, the deck it first shipped in, and what was retired.

Anki updates a note only when the package's modification time is later than the learner's. A build time would overwrite
every learner's edits, a constant would never update anything; so each note has its own: the time at which *its* content
last changed, which only a committed record can know. The file has one line per note, sorted, so that git merges it.

A note never leaves the deck it first shipped in, because Anki never moves a card on import; topics travel as tags.

Nor does it lose its GUID: when an id is changed after all (or a cloze moves to another question), the note under the
new key is the old one, known by its first field. A learner would otherwise have it twice, once without its history.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from mockint.decks.notes import CardNote, guid_of
from mockint.decks.notetypes import NoteType
from mockint.errors import UsageError
from mockint.question import Lang

FORMAT = 1
RETIRED_TAG = "mockint::retired"
LATEST = 4_102_444_799
"""The year 2099, in seconds: what lies beyond was written in milliseconds, or by a clock gone wrong."""
_TYPE_KEY = re.compile(r"(en|zh)/(question|cloze)")
_NOTE_KEY = re.compile(r"(en|zh)/(question/[a-z0-9-]+|cloze/[a-z0-9-]+/[a-z0-9-]+)")
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})", re.MULTILINE)


@dataclass(frozen=True)
class Shipped:
    """hash: of the content; "" when unknown. changed, first: seconds since the epoch. deck: full name.

    guid: where it is not the one that the key gives.
    """

    hash: str
    changed: int
    first: int
    deck: str
    guid: str = ""


@dataclass(frozen=True)
class Retired:
    """A note that left the bank, with the text that learners have of it; changed is when it left."""

    changed: int
    first: int
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    guid: str = ""


@dataclass(frozen=True)
class TypeState:
    hash: str
    changed: int


_Entry = TypeVar("_Entry", TypeState, Shipped, Retired)


@dataclass(frozen=True)
class LastText:
    """The fields and tags of a note in the package that was built last."""

    fields: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """Keys: those of notes, and `<lang>/<kind>` for note types."""

    note_types: Mapping[str, TypeState] = field(default_factory=dict)
    notes: Mapping[str, Shipped] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)

    def version(self, lang: Lang) -> int:
        """When anything in this language last changed, in seconds since the epoch; 0 for nothing."""
        parts: tuple[Mapping[str, TypeState | Shipped | Retired], ...] = (self.note_types, self.notes, self.retired)
        times = [entry.changed for part in parts for key, entry in part.items() if key.startswith(f"{lang}/")]
        return max(times, default=0)

    def guid(self, key: str) -> str:
        """Of a note that shipped."""
        return (self.notes.get(key) or self.retired[key]).guid or guid_of(key)


def settle(
    ledger: Ledger,
    notes: Iterable[CardNote],
    note_types: Mapping[str, NoteType],
    *,
    now: int,
    last_texts: Mapping[str, LastText],
    retiring: frozenset[str] = frozenset(),
    renamed: Mapping[str, str] | None = None,
) -> Ledger:
    """The ledger after these notes have shipped. Times only grow: a change is later than whatever shipped before.

    retiring: keys that left the bank; one whose text is not in `last_texts` never shipped and is forgotten.
    renamed: a note's new key -> the one under which it shipped.
    """
    types = dict(ledger.note_types)
    for name, type_ in note_types.items():
        digest, known = type_.content_hash(), types.get(name)
        if known is None or known.hash != digest:
            types[name] = TypeState(digest, _later(now, known.changed if known else 0))
    shipped, retired = dict(ledger.notes), dict(ledger.retired)
    for new, old in (renamed or {}).items():
        guid = ledger.guid(old)
        if was := shipped.pop(old, None):
            shipped[new] = replace(was, guid=guid)
        else:
            retired[new] = replace(retired.pop(old), guid=guid)
    taken = {entry.guid for entry in shipped.values()} | {entry.guid for entry in retired.values()}
    for note in notes:
        shipped[note.key] = _shipped(note, shipped.get(note.key), retired.pop(note.key, None), now, taken)
    for key in retiring:
        was = shipped.pop(key)
        if text := last_texts.get(key):
            tags = tuple(sorted({*text.tags, RETIRED_TAG}))
            changed = _later(now, was.changed)
            retired[key] = Retired(changed, was.first, was.deck, text.fields, tags, was.guid)
    return Ledger(types, shipped, retired)


def _shipped(note: CardNote, was: Shipped | None, back: Retired | None, now: int, taken: Container[str]) -> Shipped:
    """taken: GUIDs that notes carry which are not those of their keys."""
    digest = note.content_hash()
    if was and was.hash == digest:
        return was
    if was:
        return replace(was, hash=digest, changed=_later(now, was.changed))
    if back:  # a retired note that came back: the learner's card has the tag and must lose it
        return Shipped(digest, _later(now, back.changed), back.first, back.deck, back.guid)
    guid, number = "", 1
    while (guid or guid_of(note.key)) in taken:  # another note took this id's GUID along when its id was changed
        number += 1
        guid = guid_of(f"{note.key}/{number}")
    return Shipped(digest, now, now, deck_name(note), guid)


def renames(ledger: Ledger, notes: Iterable[CardNote], leaving: Mapping[str, LastText]) -> dict[str, str]:
    """New key -> old key, of notes under keys that never shipped whose first field is that of one that leaves or left.

    leaving: keys that left the bank, with the text that learners have.
    """
    gone: dict[tuple[tuple[str, ...], str], list[str]] = {}
    texts = {key: text.fields for key, text in leaving.items()} | {key: it.fields for key, it in ledger.retired.items()}
    for key in sorted(texts, reverse=True):
        gone.setdefault((_family(key), texts[key][0]), []).append(key)
    found = {}
    for note in notes:
        same = gone.get((_family(note.key), note.fields[0]))
        if same and note.key not in ledger.notes and note.key not in ledger.retired:
            found[note.key] = same.pop()
    return found


def _family(key: str) -> tuple[str, ...]:
    """Language and kind of note."""
    return tuple(key.split("/")[:2])


def caught_up(ledger: Ledger, decks: Ledger) -> Ledger:
    """The ledger, knowing all that the decks beside it hold: entries it lost, times and decks in which it is wrong.

    It may be behind them when it was edited by hand, merged by taking one side, or checked out alone. A ledger that is
    ahead is as it should be: it is written first.
    """
    types = {**decks.note_types, **ledger.note_types}
    for name, state in decks.note_types.items():
        types[name] = max(types[name], state, key=lambda it: it.changed)
    notes, retired = dict(ledger.notes), dict(ledger.retired)
    owners = {ledger.guid(key): key for key in (*notes, *retired)}
    for old_key, there in decks.notes.items():
        key = owners.get(decks.guid(old_key), old_key)
        if here := notes.get(key):
            newer = there if there.changed > here.changed else here
            notes[key] = replace(newer, first=min(here.first, there.first), deck=there.deck)
        elif left := retired.get(key):
            retired[key] = replace(left, changed=max(left.changed, there.changed + 1))
        else:
            notes[key] = there
    for old_key, gone in decks.retired.items():
        key = owners.get(decks.guid(old_key), old_key)
        if back := notes.get(key):
            notes[key] = replace(back, changed=max(back.changed, gone.changed + 1))
        else:
            retired[key] = max(retired.get(key, gone), gone, key=lambda it: it.changed)
    return Ledger(types, notes, retired)


def for_keys(ledger: Ledger, keys: Iterable[str]) -> Ledger:
    """What the ledger knows of these notes, in any language; nothing when it knows none."""
    ids = {key.partition("/")[2] for key in keys}
    notes = {key: entry for key, entry in ledger.notes.items() if key.partition("/")[2] in ids}
    return Ledger(ledger.note_types, notes, ledger.retired) if notes else Ledger()


def deck_name(note: CardNote) -> str:
    """The deck of a new note. Made of ids alone: a topic's name may be reworded, a deck's name never."""
    return f"mockint-{note.lang}::{note.topic}"


def _later(now: int, before: int) -> int:
    return max(now, before + 1)


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


def join(ours: Ledger, theirs: Ledger) -> Ledger:
    """Two branches' ledgers as one. What the merged bank has otherwise counts as changed by the next build."""
    notes = {**theirs.notes, **ours.notes}
    for key in ours.notes.keys() & theirs.notes.keys():
        a, b = ours.notes[key], theirs.notes[key]
        older = min(a, b, key=lambda entry: entry.first)
        notes[key] = Shipped(_hash(a, b), max(a.changed, b.changed), older.first, older.deck, a.guid or b.guid)
    retired = {**theirs.retired, **ours.retired}
    for key in ours.retired.keys() & theirs.retired.keys():
        retired[key] = max(ours.retired[key], theirs.retired[key], key=lambda entry: entry.changed)
    for key in notes.keys() & retired.keys():  # one side retired it: the bank, being merged too, has the last word
        gone, kept = retired.pop(key), notes[key]
        notes[key] = replace(kept, hash="", changed=max(kept.changed, gone.changed))
    types = {**theirs.note_types, **ours.note_types}
    for key in ours.note_types.keys() & theirs.note_types.keys():
        a_type, b_type = ours.note_types[key], theirs.note_types[key]
        types[key] = TypeState(_hash(a_type, b_type), max(a_type.changed, b_type.changed))
    for key in [key for key, entry in notes.items() if entry.guid]:  # one side changed this note's id
        for other in [other for other in notes if other != key and guid_of(other) == notes[key].guid]:
            changed = max(notes[key].changed, notes.pop(other).changed)
            notes[key] = replace(notes[key], hash="", changed=changed)
    return Ledger(types, notes, retired)


def _hash(a: Shipped | TypeState, b: Shipped | TypeState) -> str:
    """Of the later of the two, which is what the joined time dates; unknown when both changed in one second."""
    if a.hash == b.hash:
        return a.hash
    return "" if a.changed == b.changed else max(a, b, key=lambda entry: entry.changed).hash


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
