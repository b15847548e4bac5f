"""What goes into a package: notes with their ids and times, and the decks they lie in."""

from __future__ import annotations

from dataclasses import dataclass

from mockint.decks.notetypes import NoteType

CARDS_PER_NOTE = 4


@dataclass(frozen=True)
class PackedNote:
    """A note as it goes into the package.

    id: milliseconds since the epoch; it and the next ones, `CARDS_PER_NOTE` in all, are its own. changed: seconds.
    deck: full name. fields: HTML, in the order of the note type. due: its place among new cards, from 1.
    """

    id: int
    guid: str
    changed: int
    note_type: NoteType
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    due: int


@dataclass(frozen=True)
class DeckInfo:
    """A deck of the package. id: Anki gives it another on import; decks are matched by name."""

    id: int
    name: str
    description: str = ""
