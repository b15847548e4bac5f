"""`--answers FILE`: question id -> answer, or -> {answer, follow_ups: [...]}, as YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockint.errors import UsageError

_FORM = "expected question ids with an answer each, as text or as {answer: ..., follow_ups: [...]}"


def load_answers(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Per question the answer, then the answers to its follow-ups in the order asked. Raises UsageError."""
    value = _parsed(path)
    if not isinstance(value, dict) or not value:
        raise UsageError(f"{str(path)!r} holds no answers: {_FORM}")
    return {str(id): _said(str(id), entry, path) for id, entry in value.items()}


def _parsed(path: Path) -> Any:
    from mockint.bank import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text) if path.suffix == ".json" else yaml.parse(text).value
    except OSError as fault:
        raise UsageError(
            f"cannot read the answers {str(path)!r} ({fault.strerror}): give a YAML or JSON file"
        ) from fault
    except UnicodeDecodeError as fault:
        raise UsageError(f"the answers {str(path)!r} are not UTF-8: save them as UTF-8") from fault
    except json.JSONDecodeError as fault:
        raise UsageError(f"{path}:{fault.lineno}: not valid JSON: {fault.msg}") from fault
    except yaml.YamlError as fault:
        raise UsageError(f"{path}:{fault.line}: {fault}") from fault


def _said(id: str, entry: Any, path: Path) -> tuple[str, ...]:
    if isinstance(entry, str):
        return (entry,)
    if isinstance(entry, dict) and isinstance(entry.get("answer"), str) and set(entry) <= {"answer", "follow_ups"}:
        follow_ups = entry.get("follow_ups", [])
        if isinstance(follow_ups, list) and all(isinstance(answer, str) for answer in follow_ups):
            return (entry["answer"], *follow_ups)
    raise UsageError(f"{path}: unusable answer to {id!r}: {_FORM}; put numbers in quotes")
