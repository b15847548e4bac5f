"""One YAML file of a bank: its value with the line of every key, checked against a shape, its problems collected."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

import mockint.question as shapes
from mockint.bank import yaml
from mockint.errors import Problem

MAX_FILE_BYTES = 512 * 1024
T = TypeVar("T")


@dataclass(frozen=True)
class BankFile:
    """A file: its path relative to the bank, and the line of every key in it."""

    path: str
    document: yaml.Document

    def problem(self, place: yaml.Place, rule: str, message: str, severity: str = "error") -> Problem:
        """With the line of the place, or of the nearest one around it."""
        return Problem(self.path, self.document.line_of(place), rule, message, severity)


def read_file(
    root: Path, path: Path, problems: list[Problem], parse: Callable[[str], yaml.Document] = yaml.parse
) -> BankFile | None:
    """None when it cannot be read, with the reason among the problems. parse: raises YamlError."""
    name = relative(path, root)
    if not path.resolve().is_relative_to(root.resolve()):
        problems.append(Problem(name, 0, "unsafe-path", "the file lies outside the bank: copy it in"))
        return None
    if path.stat().st_size > MAX_FILE_BYTES:
        problems.append(Problem(name, 0, "file-size", f"over {MAX_FILE_BYTES // 1024} KiB: split or shorten it"))
        return None
    try:
        return BankFile(name, parse(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError as fault:
        problems.append(Problem(name, 0, "yaml", f"not UTF-8 ({fault.reason} at byte {fault.start}): save it as UTF-8"))
    except yaml.YamlError as fault:
        problems.append(Problem(name, fault.line, "yaml", str(fault)))
    return None


def validate(file: BankFile, shape: TypeAdapter[T], problems: list[Problem]) -> T | None:
    """None when the value has another shape, with every difference among the problems."""
    try:
        return shape.validate_python(file.document.value)
    except ValidationError as fault:
        problems.extend(_shape_problems(file, fault))
        return None


def _shape_problems(file: BankFile, fault: ValidationError) -> Iterator[Problem]:
    for error in fault.errors(include_url=False):
        place = tuple(error["loc"])
        where = ".".join(str(step) for step in place)
        match error["type"]:
            case "missing":
                rule, message = "missing-key", f"{where}: missing; add {str(place[-1])!r}"
            case "extra_forbidden":
                rule, message = "unknown-key", f"{where}: unknown key; {_spelling(str(place[-1]))}"
            case "string_type":
                rule, message = "shape", f"{where}: expected text; put {error['input']!r} in quotes"
            case _:
                rule, message = "shape", f"{where or 'file'}: {error['msg']}"
        yield file.problem(place, rule, message)


def _spelling(key: str) -> str:
    known = {
        name
        for shape in vars(shapes).values()
        if isinstance(shape, type) and issubclass(shape, BaseModel)
        for name in shape.model_fields
    }
    near = difflib.get_close_matches(key, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "remove it"


def relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
