"""A file is written whole or not at all: beside its place first, then moved there in one step."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends; when anything is raised in it, `path` stays as
    it was. Its folder has to be there. Raises OSError."""
    draft = path.with_name(f".mockint-{secrets.token_hex(8)}")  # a longer name than path's own might be too long
    try:
        with draft.open("xb") as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Raises OSError, and leaves what was there."""
    with replacing(path) as file:
        file.write(data)
