"""genanki's classes, subclassed for what they leave out, and the collection they write.

A modification time and an id of each note's own; explicit ids of fields and templates; rows written in bulk to a
database in memory (genanki's own Package syncs a file to disk dozens of times). Then what differs between machines is
fixed: freed pages, the counters and SQLite's version in the file's header. Imported only when a deck is built.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import genanki

from mockint.decks.apkg import DeckInfo, PackedNote
from mockint.decks.notetypes import NoteType

_SQLITE_VERSION = (3_040_001).to_bytes(4, "big")


class _Model(genanki.Model):  # type: ignore[misc]
    def __init__(self, type_: NoteType, changed: int) -> None:
        super().__init__(
            type_.id,
            type_.name,
            fields=[{"id": field.id, "name": field.name, "font": "Arial"} for field in type_.fields],
            templates=[
                {"id": template.id, "name": template.name, "qfmt": template.front, "afmt": template.back}
                for template in type_.templates
            ],
            css=type_.css,
            model_type=self.CLOZE if type_.cloze else self.FRONT_BACK,
        )
        self.changed = changed

    def to_json(self, timestamp: float, deck_id: int) -> dict[str, Any]:
        value: dict[str, Any] = super().to_json(timestamp, 1)
        return {**value, "mod": self.changed}

    def ords(self, fields: Sequence[str]) -> list[int]:
        """The templates that give a card. All the words of a cloze are on card 0."""
        if self.model_type == self.CLOZE:
            return [0] if "{{c1::" in fields[0] else []
        return [
            ord for ord, rule, needed in self._req if (all if rule == "all" else any)(fields[place] for place in needed)
        ]


class _Note(genanki.Note):  # type: ignore[misc]
    """Holds what its rows need. genanki's constructor would look for spaces in tags, which ids cannot have."""

    def __init__(self, packed: PackedNote, model: _Model) -> None:
        self.packed, self.model = packed, model

    def row(self) -> tuple[Any, ...]:
        note = self.packed
        tags, fields = f" {' '.join(note.tags)} ", "\x1f".join(note.fields)
        return (note.id, note.guid, self.model.model_id, note.changed, -1, tags, fields, note.fields[0], 0, 0, "")


class _Deck(genanki.Deck):  # type: ignore[misc]
    """genanki writes the deck and its note types; the notes are written here, all rows in one call."""

    def __init__(self, info: DeckInfo) -> None:
        super().__init__(info.id, info.name, info.description)
        self.rows: list[_Note] = []

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, id_gen: Iterator[int]) -> None:
        notes = self.rows
        for note in notes:
            self.models[note.model.model_id] = note.model
        super().write_to_db(cursor, timestamp, id_gen)
        cursor.executemany("INSERT INTO notes VALUES(?,?,?,?,?,?,?,?,?,?,?)", [note.row() for note in notes])
        cursor.executemany(
            "INSERT INTO cards VALUES(?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')",
            [
                (note.packed.id + ord, note.packed.id, self.deck_id, ord, note.packed.changed, note.packed.due)
                for note in notes
                for ord in note.model.ords(note.packed.fields)
            ],
        )


def collection(
    notes: Sequence[PackedNote],
    decks: Sequence[DeckInfo],
    note_types: Mapping[int, int],
    preset: Mapping[str, Any] | None,
) -> bytes:
    """The SQLite file of the package, the same bytes for the same input."""
    models = {note.note_type.id: note.note_type for note in notes}
    built = {id: _Model(type_, note_types[id]) for id, type_ in models.items()}
    by_name = {info.name: _Deck(info) for info in decks}
    for note in notes:
        by_name[note.deck].rows.append(_Note(note, built[note.note_type.id]))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.execute("PRAGMA page_size = 4096")
        db.execute("PRAGMA secure_delete = ON")
        genanki.Package(list(by_name.values())).write_to_db(_InOneGo(db), 0, itertools.count())
        if preset:
            _add_preset(db, preset)
        db.execute("COMMIT")
        db.execute("VACUUM")
        return _fixed_header(db.serialize())


class _InOneGo(sqlite3.Cursor):
    """`executescript` commits what is open and starts nothing; the rows that follow are to be one transaction."""

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        super().executescript(sql_script)
        if not self.connection.in_transaction:
            self.execute("BEGIN")
        return self


def _add_preset(db: sqlite3.Connection, preset: Mapping[str, Any]) -> None:
    (dconf, decks) = db.execute("SELECT dconf, decks FROM col").fetchone()
    options, all_decks = json.loads(dconf), json.loads(decks)
    options[str(preset["id"])] = {**options["1"], **preset}
    for deck in all_decks.values():
        deck["conf"] = preset["id"] if deck["id"] != 1 else 1
    db.execute("UPDATE col SET dconf = ?, decks = ?", (json.dumps(options), json.dumps(all_decks)))


def _fixed_header(database: bytes) -> bytes:
    """Counters of changes (24..27, and 92..95, which must equal it) and of schema changes (40..43), and the library's
    version (96..99), say nothing of content."""
    one = (1).to_bytes(4, "big")
    return database[:24] + one + database[28:40] + one + database[44:92] + one + _SQLITE_VERSION + database[100:]
