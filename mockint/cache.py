"""Files of this machine that spare work done before: JSON in the user's cache. Losing one costs only time."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """Empty when there is nothing, or nothing sound."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all; a folder that cannot be written is no error."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            part = Path(file.name)
        try:
            part.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
