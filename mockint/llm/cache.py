"""Replies kept by content, batches under way, and what each endpoint accepts: one SQLite file in the cache folder.

A reply is found again only by the same messages, schema, LLM, endpoint and parameters, so a replay gives the same bytes
and a changed prompt, question or answer asks anew. The file can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from mockint.errors import UsageError

_SCHEMA = """
create table if not exists reply (key text primary key, text text not null, about text not null, kept_at text not null
    default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))) without rowid;
create table if not exists batch (file text primary key, id text not null, keys text not null) without rowid;
create table if not exists endpoint (key text primary key, traits text not null) without rowid;
"""


def key_of(**parts: Any) -> str:
    """sha256 of the parts as canonical JSON, as hex."""
    canonical = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class ReplyCache:
    """Open it with `with`. path None keeps nothing beyond the block. Raises UsageError for a file that is not ours."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> Self:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(self._path or ":memory:", timeout=10, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise UsageError(
                f"cannot use the cache {self._path} ({error}): delete the file; only replies are kept in it"
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def reply(self, key: str) -> tuple[str, dict[str, Any]] | None:
        with closing(self._db.execute("select text, about from reply where key = ?", (key,))) as rows:
            row = rows.fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def keep_reply(self, key: str, text: str, about: dict[str, Any]) -> None:
        self._db.execute(
            "insert or replace into reply (key, text, about) values (?, ?, ?)", (key, text, json.dumps(about))
        )

    def batches(self) -> list[tuple[str, str, list[str]]]:
        """Of each batch under way: the ids of its file and of itself (empty if not known), the keys of its replies."""
        with closing(self._db.execute("select file, id, keys from batch order by file")) as rows:
            return [(file, id, json.loads(keys)) for file, id, keys in rows]

    def keep_batch(self, file: str, id: str, keys: list[str]) -> None:
        self._db.execute("insert or replace into batch (file, id, keys) values (?, ?, ?)", (file, id, json.dumps(keys)))

    def forget_batch(self, file: str) -> None:
        self._db.execute("delete from batch where file = ?", (file,))

    def traits(self, key: str) -> dict[str, Any]:
        with closing(self._db.execute("select traits from endpoint where key = ?", (key,))) as rows:
            row = rows.fetchone()
        return json.loads(row[0]) if row else {}

    def keep_traits(self, key: str, traits: dict[str, Any]) -> None:
        self._db.execute("insert or replace into endpoint (key, traits) values (?, ?)", (key, json.dumps(traits)))
