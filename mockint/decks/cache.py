"""What was rendered and packed before, by the hash of what went into it. A file of this machine; losing it costs time.

Every key holds the source code that turns questions into cards and the versions of the libraries it uses, so that an
entry of another mockint is never found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from mockint.cache import read, write
from mockint.decks.notes import CardNote
from mockint.decks.pictures import MediaFile

_CODE = ("decks", "markdown")
_LIBRARIES = ("genanki", "markdown-it-py", "mdit-py-plugins", "pygments")


def fingerprint(*parts: object) -> str:
    """A hash of the parts and of the code that makes cards of them."""
    return hashlib.sha256(json.dumps([_code(), *parts], ensure_ascii=False).encode()).hexdigest()


@cache
def _code() -> str:
    package = files("mockint")
    folders = [*(package / part for part in _CODE), package / "decks" / "templates"]
    paths = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    sources = [path.read_bytes() for path in sorted(paths, key=str)]
    libraries = " ".join(version(name) for name in _LIBRARIES)
    return hashlib.sha256(b"\x00".join([*sources, libraries.encode()])).hexdigest()


class CardCache:
    """Notes by question and language, and the hash of each package's file, under the fingerprints of what made them."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.old: dict[str, Any] = read(path) if path else {}
        self.used: dict[str, Any] = {}

    def notes(self, key: str) -> list[CardNote] | None:
        value = self.old.get(key)
        if value is None:
            return None
        self.used[key] = value
        return [_note(entry) for entry in value]

    def keep_notes(self, key: str, notes: Sequence[CardNote]) -> None:
        if self.path:
            self.used[key] = [asdict(note) for note in notes]

    def knows_file(self, key: str, data: bytes) -> bool:
        digest = hashlib.sha256(data).hexdigest()
        known = bool(self.old.get(key) == digest)
        if known:
            self.used[key] = digest
        return known

    def keep_file(self, key: str, data: bytes) -> None:
        self.used[key] = hashlib.sha256(data).hexdigest()

    def save(self) -> None:
        """What this run used, and nothing else."""
        if self.path is not None and self.used != self.old:
            write(self.path, self.used)

    def save_notes(self) -> None:
        """After a run that looked at no packages: what is known of them stays."""
        self.used |= {key: value for key, value in self.old.items() if isinstance(value, str)}
        self.save()


def _note(entry: dict[str, Any]) -> CardNote:
    media = tuple(MediaFile(**file) for file in entry["media"])
    lists = {name: tuple(entry[name]) for name in ("fields", "tags", "position")}
    return CardNote(**{**entry, **lists, "media": media})
