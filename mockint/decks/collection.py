"""genanki's classes, subclassed for what they leave out, and the collection they write.

A modification time and an id of each note's own; explicit ids of fields and templates; rows written in bulk and in
order to a database in memory (genanki's own Package syncs a file to disk dozens of times); a header that does not tell
which SQLite wrote it. Imported only when a deck is built.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import genanki

from mockint.decks.notetypes import NoteType
from mockint.decks.packed import DeckInfo, PackedNote

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
        found = []
        for ord, rule, needed in self._req:
            first = bool(fields[needed[0]])  # decides nearly always, and ten thousand notes come by
            decided = len(needed) == 1 or first == (rule == "any")
            if first if decided else (all if rule == "all" else any)(fields[place] for place in needed):
                found.append(ord)
        return found


class _Note(genanki.Note):  # type: ignore[misc]
    """Holds what its rows need. genanki's constructor would look for spaces in tags, which ids cannot have."""

    def __init__(self, packed: PackedNote, model: _Model) -> None:
        self.packed, self.model = packed, model

    def row(self) -> tuple[Any, ...]:
        note = self.packed
        tags, fields = f" {' '.join(note.tags)} ", "\x1f".join(note.fields)
        return (note.id, note.guid, self.model.model_id, note.changed, -1, tags, fields, note.fields[0], 0, 0, "")


class _Deck(genanki.Deck):  # type: ignore[misc]
    """genanki writes the deck and its note types; the rows of its notes are left to `collection`."""

    def __init__(self, info: DeckInfo) -> None:
        super().__init__(info.id, info.name, info.description)
        self.written: list[_Note] = []

    def write_to_db(self, cursor: sqlite3.Cursor, timestamp: float, id_gen: Iterator[int]) -> None:
        for note in self.written:
            self.models[note.model.model_id] = note.model
        super().write_to_db(cursor, timestamp, id_gen)

    def card_rows(self) -> Iterator[tuple[int, ...]]:
        for note in self.written:
            packed = note.packed
            for ord in note.model.ords(packed.fields):
                yield packed.id + ord, packed.id, self.deck_id, ord, packed.changed, packed.due


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
        by_name[note.deck].written.append(_Note(note, built[note.note_type.id]))
    all_decks = list(by_name.values())
    note_rows = sorted(note.row() for deck in all_decks for note in deck.written)
    card_rows = sorted(row for deck in all_decks for row in deck.card_rows())
    return _written_once(_schema_and_col(all_decks, preset), note_rows, card_rows)


def _schema_and_col(decks: Sequence[_Deck], preset: Mapping[str, Any] | None) -> tuple[list[str], tuple[Any, ...]]:
    """genanki's tables, then its indexes, and its one row on the whole collection."""
    with closing(sqlite3.connect(":memory:")) as db:
        genanki.Package(list(decks)).write_to_db(db.cursor(), 0, itertools.count())
        if preset:
            _add_preset(db, preset)
        schema = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
        return schema, db.execute("SELECT * FROM col").fetchone()


def _written_once(
    schema_and_col: tuple[list[str], tuple[Any, ...]],
    notes: Sequence[tuple[Any, ...]],
    cards: Sequence[tuple[int, ...]],
) -> bytes:
    """A new database in which every row goes to the end of its table, and indexes come last.

    So no page is ever freed or rearranged, which is where builds of SQLite leave different bytes behind; VACUUM would
    do the same at the cost of writing everything twice.
    """
    schema, col = schema_and_col
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for setting in ("page_size = 4096", "auto_vacuum = NONE", "secure_delete = ON"):  # defaults differ
            db.execute(f"PRAGMA {setting}")
        db.execute("BEGIN")
        for statement in schema:
            if statement.startswith("CREATE TABLE"):
                db.execute(statement)
        db.execute(f"INSERT INTO col VALUES({','.join('?' * len(col))})", col)
        db.executemany("INSERT INTO notes VALUES(?,?,?,?,?,?,?,?,?,?,?)", notes)
        db.executemany("INSERT INTO cards VALUES(?,?,?,?,?,-1,0,0,?,0,0,0,0,0,0,0,0,'')", cards)
        for statement in schema:
            if statement.startswith("CREATE INDEX"):
                db.execute(statement)
        db.execute("COMMIT")
        return _fixed_header(db.serialize())


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
