"""What the YAML of a large bank said the last time, by the hash of each text, so that it need not be parsed again.

One file a bank in the user's cache, of the large banks that were read last. It holds plain values only, each under the
SHA-256 of the text it came from: a file that changed is parsed anew, and no text can say anything for another. Losing
it costs time and nothing else, so whatever is wrong with it, or with the folder, is passed over.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from mockint.bank import yaml
from mockint.cache import read, write

WORTH_BYTES = 256 * 1024
"""A bank of fewer bytes is read about as fast without."""


MOST_BANKS = 4


class DocumentCache:
    """`document` is `yaml.parse`, and quicker for a text of last time. `save` keeps what was asked for since."""

    def __init__(self, root: Path) -> None:
        from platformdirs import user_cache_path

        self._folder = user_cache_path("mockint") / "banks"
        self._path = self._folder / f"{_hash(str(root.resolve()))[:16]}.json"
        self._parser = _hash(Path(yaml.__file__).read_text(encoding="utf-8"))
        self._before = self._load()
        self._now: dict[str, Any] = {}
        self._bytes = 0

    def document(self, text: str) -> yaml.Document:
        """Raises YamlError as `yaml.parse` does."""
        key = _hash(text)
        self._bytes += len(text)
        if key in self._before:
            self._now[key] = self._before[key]
            return yaml.LazyDocument(self._before[key], text=text)
        document = yaml.parse(text)
        self._now[key] = document.value
        return document

    def save(self) -> None:
        """Nothing for a small bank, or when no text changed; then only the banks that were read last stay."""
        if self._bytes < WORTH_BYTES or self._now.keys() == self._before.keys():
            return
        write(self._path, {"parser": self._parser, "values": self._now})
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-MOST_BANKS]:
                path.unlink(missing_ok=True)

    def _load(self) -> dict[str, Any]:
        cached = read(self._path)
        sound = cached.get("parser") == self._parser and isinstance(cached.get("values"), dict)
        return cached["values"] if sound else {}


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
