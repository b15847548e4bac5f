"""What earlier builds left: packages, the texts that learners have, and the ledger that stands in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mockint.decks import apkg
from mockint.decks.apkg import ReadNote, ReadPackage
from mockint.decks.ledger import LastText, Ledger, Retired, Shipped, TypeState
from mockint.decks.ledger_file import read_ledger, read_text, sides_of_conflict, to_text
from mockint.decks.ledger_join import join
from mockint.decks.notes import content_hash, guid_of, key_of
from mockint.decks.notetypes import note_types
from mockint.errors import UsageError
from mockint.files import write_whole
from mockint.question import LANGS

LEDGER = "ledger.json"


@dataclass(frozen=True)
class DeckFolder:
    """Where the decks of earlier builds are."""

    path: Path

    def files(self) -> list[Path]:
        return sorted(path for lang in LANGS for path in self.path.glob(f"mockint-{lang}*.apkg"))

    @cached_property
    def packages(self) -> dict[str, ReadPackage]:
        """By file name. One that cannot be read is passed over: it will be replaced."""
        found = {}
        for path in self.files():
            with suppress(UsageError):
                found[path.name] = apkg.read(path)
        return found

    def digest(self) -> bytes:
        """Of the names and bytes of the ledger and all packages."""
        files = [path for path in (self.path / LEDGER, *self.files()) if path.is_file()]
        return b"".join(path.name.encode() + hashlib.sha256(path.read_bytes()).digest() for path in files)


def released_ledger(bank: Path) -> Path:
    """The ledger of the decks that were released with the bank in this folder: it dates notes wherever they are built.

    The file need not exist.
    """
    beside = bank.resolve().parent
    shipped = beside / "_decks" / LEDGER  # in an installed package
    return shipped if shipped.is_file() else beside / "decks" / LEDGER


def ledger_for(bank: Path, out: Path | None = None) -> Ledger:
    """What is known of the notes of the bank in this folder: by the ledger in `out`, else by the released one.

    Empty when there is neither. Raises UsageError when it cannot be trusted.
    """
    return (read_ledger(out / LEDGER) if out else None) or read_ledger(released_ledger(bank)) or Ledger()


def last_texts(folder: DeckFolder, keys: Mapping[str, str]) -> dict[str, LastText]:
    """The text that learners have of notes that leave, out of the packages built last. keys: by GUID."""
    newest: dict[str, ReadNote] = {}
    for package in folder.packages.values() if keys else ():
        for note in package.notes:
            if note.guid in keys and (note.guid not in newest or newest[note.guid].changed < note.changed):
                newest[note.guid] = note
    return {keys[guid]: LastText(note.fields, note.tags) for guid, note in newest.items()}


def media_of(names: set[str], folder: DeckFolder) -> dict[str, bytes]:
    """Name -> bytes of those of the pictures that a package holds."""
    found: dict[str, bytes] = {}
    for file, package in folder.packages.items():
        if left := (names - found.keys()).intersection(package.media):
            found |= apkg.read_media(folder.path / file, sorted(left))
    return found


def repair(out: Path) -> Ledger:
    """The ledger of `out` made good: both sides of a git conflict joined, or read back from the decks.

    Raises UsageError when neither the ledger nor the decks hold enough.
    """
    path = out / LEDGER
    text = read_text(path) if path.is_file() else ""
    if sides := sides_of_conflict(text):
        return join(*sides)
    ledger = ledger_of(DeckFolder(out).packages)
    if not ledger.notes:
        raise UsageError(f"{out} holds no deck to read a ledger from: restore one with 'git checkout'")
    return ledger


def ledger_of(packages: Mapping[str, ReadPackage]) -> Ledger:
    """The ledger that these packages, by file name, were built with, as far as they tell.

    Of a note that is in several decks, also under several ids, the latest counts: some may be of older builds.
    """
    kinds = {type_.id: name for name, type_ in note_types().items()}
    types: dict[str, TypeState] = {}
    latest: dict[str, tuple[ReadNote, bool]] = {}
    for name, package in packages.items():
        for id, (type_, changed) in package.note_types.items():
            if id in kinds and (kinds[id] not in types or types[kinds[id]].changed < changed):
                types[kinds[id]] = TypeState(type_.content_hash(), changed)
        for note in package.notes:
            if note.note_type in kinds and (note.guid not in latest or latest[note.guid][0].changed < note.changed):
                latest[note.guid] = note, name == f"mockint-{kinds[note.note_type][:2]}-retired.apkg"
    notes: dict[str, Shipped] = {}
    retired: dict[str, Retired] = {}
    for note, is_retired in latest.values():
        key = key_of(kinds[note.note_type], note.fields[-1])
        guid = "" if note.guid == guid_of(key) else note.guid
        if is_retired:
            retired[key] = Retired(note.changed, note.created, note.deck, note.fields, note.tags, guid)
        else:
            digest = content_hash(note.fields, note.tags)
            notes[key] = Shipped(digest, note.changed, note.created, note.deck, guid)
    return Ledger(types, notes, retired)


def write_ledger(ledger: Ledger, out: Path) -> None:
    """Raises UsageError when the folder cannot be written."""
    write_file(out / LEDGER, to_text(ledger).encode())


def write_file(path: Path, data: bytes) -> None:
    """Raises UsageError when the folder cannot be written; what was there is still whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as fault:
        raise UsageError(f"cannot write in {path.parent} ({fault.strerror}): give another --out") from fault
