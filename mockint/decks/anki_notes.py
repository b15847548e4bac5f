"""Which note in a running Anki is which note of the bank: by GUID, as on import.

AnkiConnect does not tell a note's GUID, so it is worked out. The field `Id` gives the key that the note shipped under
last, and a GUID derives from the key that it shipped under first: where the two differ, because an id changed, the
ledger says so. When neither is known, as after a change of ids that was not built yet or under an `Id` that a learner
wrote over, a note is known by its first field, as the ledger itself knows it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockint.ankiconnect import AnkiNote
from mockint.decks.ledger import Ledger, Retired
from mockint.decks.notes import CardNote, guid_of, key_of
from mockint.decks.notetypes import note_types

Counterpart = CardNote | Retired | None
"""The note of the bank, or what the ledger has of one that left it; None for a note that it knows nothing of."""


def pair(in_anki: Sequence[AnkiNote], notes: Sequence[CardNote], ledger: Ledger) -> list[tuple[AnkiNote, Counterpart]]:
    """in_anki: notes of our note types. notes: all of the bank, in every language."""
    types = {type_.name: key for key, type_ in note_types().items()}
    keys = [key_of(types[note.note_type], note.id) for note in in_anki]
    finder = _Finder(notes, ledger, frozenset(keys))
    return [(note, finder.find(note, key)) for note, key in zip(in_anki, keys, strict=True)]


class _Finder:
    """keys_there: of the notes in Anki, as their `Id` gives them."""

    def __init__(self, notes: Sequence[CardNote], ledger: Ledger, keys_there: frozenset[str]) -> None:
        self._known: dict[str, CardNote | Retired] = {**ledger.retired, **{note.key: note for note in notes}}
        self._by_guid = {_guid(ledger, key): key for key in self._known}
        self._by_front = {(note.note_type.name, note.fields[0]): note for note in notes if note.key not in keys_there}
        self._keys_there = keys_there

    def find(self, note: AnkiNote, key: str) -> Counterpart:
        front = next(iter(note.fields.values()), "")
        moved = self._by_guid.get(guid_of(key))
        if key not in self._known:
            return self._known[moved] if moved else self._by_front.get((note.note_type, front))
        if moved is None or moved == key:
            return self._known[key]
        # The note that shipped under this key has another now, and this one belongs to another note: which is here?
        for other in (key, moved):
            if self._known[other].fields[0] == front:
                return self._known[other]
        return self._known[key if moved in self._keys_there else moved]


def _guid(ledger: Ledger, key: str) -> str:
    return ledger.guid(key) if key in ledger.notes or key in ledger.retired else guid_of(key)
