"""decks/ledger.json: when each note last changed, the deck it first shipped in, and what was retired.

Anki updates a note only when the package's modification time is later than the learner's. A build time would overwrite
every learner's edits, a constant would never update anything; so each note has its own: the time at which *its* content
last changed, which only a committed record can know.

A note never leaves the deck it first shipped in, because Anki never moves a card on import; topics travel as tags.

Nor does it lose its GUID: when an id is changed after all (or a cloze moves to another question), the note under the
new key is the old one, known by its first field. A learner would otherwise have it twice, once without its history.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace

from mockint.decks.notes import CardNote, guid_of
from mockint.decks.notetypes import NoteType
from mockint.question import Lang

RETIRED_TAG = "mockint::retired"
LATEST = 4_102_444_799
"""The year 2099, in seconds: what lies beyond was written in milliseconds, or by a clock gone wrong."""


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
    """Of a note type. hash: of the content. changed: seconds since the epoch."""

    hash: str
    changed: int


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
