"""Golden texts: what people read, kept as files. `MOCKINT_GOLDEN=write pytest tests/reports` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(text: str, name: str, **ids: str) -> None:
    """`ids` are replaced by their names, padded to the same length, for ids are random."""
    for stands_for, id in ids.items():
        text = text.replace(id, stands_for.ljust(len(id), "-"))
    path = FOLDER / name
    if os.environ.get("MOCKINT_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
