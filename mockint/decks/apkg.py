"""An .apkg as bytes: notes and their times in, the same bytes for the same input; and back, what is in a package."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockint.decks.notetypes import CardTemplate, NoteField, NoteType
from mockint.decks.packed import DeckInfo, PackedNote
from mockint.errors import UsageError

COLLECTION, MANIFEST = "collection.anki2", "media"
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    sqlite3.Error,
    LookupError,
    TypeError,
    ValueError,
)
"""What reading a file raises that is no package, or one of another maker, or one that lost bytes."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ReadNote:
    """A note as it was found in a package. changed, created: seconds since the epoch. note_type: its id."""

    guid: str
    changed: int
    created: int
    note_type: int
    deck: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class ReadPackage:
    """note_types: id -> the note type and when it last changed. media: names."""

    notes: tuple[ReadNote, ...]
    note_types: Mapping[int, tuple[NoteType, int]]
    media: tuple[str, ...]


def pack(
    notes: Sequence[PackedNote],
    decks: Sequence[DeckInfo],
    note_types: Mapping[int, int],
    media: Mapping[str, bytes],
    preset: Mapping[str, Any] | None = None,
) -> bytes:
    """The bytes of the .apkg.

    decks: every deck the notes lie in, and any others. note_types: id of a note type -> when it last changed.
    media: name -> bytes. preset: a deck options group of Anki's schema 11, offered to the learner on import.
    """
    from mockint.decks.collection import collection  # only now: genanki takes long to import

    return _zip(_entries(collection(notes, decks, note_types, preset), media))


def _entries(collection: bytes, media: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    names = sorted(media)
    yield COLLECTION, collection
    yield MANIFEST, json.dumps({str(place): name for place, name in enumerate(names)}).encode()
    for place, name in enumerate(names):
        yield str(place), media[name]


def _zip(entries: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, 1 if len(data) > 1_000_000 else 6)
    return out.getvalue()


def contents(apkg: bytes) -> list[tuple[str, bytes]]:
    """Names, uncompressed bytes of the entries, in order: builds are compared by them, whichever zlib deflated them."""
    with zipfile.ZipFile(io.BytesIO(apkg)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def read(path: Path) -> ReadPackage:
    """Raises UsageError when there is no package, or none that mockint could have built."""
    try:
        return read_bytes(path.read_bytes())
    except OSError as fault:
        raise UsageError(f"cannot read {path}: {fault.strerror}") from fault
    except DAMAGE as fault:
        raise UsageError(f"{path}: not a deck that mockint built ({fault})") from fault


def read_media(path: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Those of the named media files that the package holds. Raises UsageError when it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            places = {name: place for place, name in json.loads(archive.read(MANIFEST)).items()}
            return {name: archive.read(places[name]) for name in names if name in places}
    except (OSError, *DAMAGE) as fault:
        raise UsageError(f"{path}: not a deck that mockint built ({fault})") from fault


def read_bytes(apkg: bytes) -> ReadPackage:
    """Raises one of DAMAGE when it is no package that mockint can have built."""
    with zipfile.ZipFile(io.BytesIO(apkg)) as archive:
        entries = {name: archive.read(name) for name in (COLLECTION, MANIFEST)}
    with closing(sqlite3.connect(":memory:")) as db:
        db.deserialize(entries[COLLECTION])
        (models, decks) = db.execute("SELECT models, decks FROM col").fetchone()
        rows = db.execute(
            "SELECT n.guid, n.mod, n.id, n.mid, n.flds, n.tags, (SELECT c.did FROM cards c WHERE c.nid = n.id LIMIT 1)"
            " FROM notes n ORDER BY n.id"
        ).fetchall()
    names = {int(id): str(deck["name"]) for id, deck in json.loads(decks).items()}
    notes = tuple(
        ReadNote(guid, mod, id // 1000, mid, names.get(did, ""), tuple(fields.split("\x1f")), tuple(tags.split()))
        for guid, mod, id, mid, fields, tags, did in rows
    )
    types = {int(id): (_note_type(model), int(model["mod"])) for id, model in json.loads(models).items()}
    return ReadPackage(notes, types, tuple(json.loads(entries[MANIFEST]).values()))


def _note_type(model: Mapping[str, Any]) -> NoteType:
    return NoteType(
        id=int(model["id"]),
        name=model["name"],
        cloze=model["type"] == 1,
        fields=tuple(NoteField(part["id"], part["name"]) for part in model["flds"]),
        templates=tuple(CardTemplate(part["id"], part["name"], part["qfmt"], part["afmt"]) for part in model["tmpls"]),
        css=model["css"],
    )
