"""Files of this machine that spare work done before: JSON in the user's cache. Losing one costs only time."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from mockint.files import write_whole


def read(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Empty when there is none, or nothing sound."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write(path: Path, value: dict[str, Any]) -> None:
    """value: JSON values. A folder that cannot be written is no error."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(value, ensure_ascii=False).encode())
