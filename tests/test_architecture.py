"""The import table of the project, kept true. Each part may import the parts named here, and nothing else of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mockint"

LEAVES = {"errors", "files", "question", "wordings", "markdown", "cache", "phrases"}
BELOW_HISTORY = LEAVES | {"grading", "llm"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "markdown": {"question"},
    "files": set(),
    "cache": {"files"},
    "question": set(),
    "phrases": {"question"},
    "wordings": {"question"},
    "bank": LEAVES,
    "check": LEAVES | {"bank", "decks", "grading"},
    "decks": LEAVES | {"ankiconnect"},
    "llm": {"errors", "question"},
    "grading": LEAVES | {"llm"},
    "evaluation": BELOW_HISTORY,
    "history": BELOW_HISTORY,
    "ankiconnect": {"errors"},
    "schedule": BELOW_HISTORY | {"history"},
    "interview": BELOW_HISTORY | {"history", "schedule"},
    "batch": BELOW_HISTORY | {"history", "interview"},
    "reports": BELOW_HISTORY | {"history"},
    "terminal": BELOW_HISTORY | {"history", "interview", "reports", "schedule"},
    "web": BELOW_HISTORY | {"history", "bank", "decks", "schedule", "interview", "reports"},
    "cli": {"*"},
}
HOME: dict[str, set[str]] = {
    "yaml": {"bank"},
    "lark": {"grading"},
    "genanki": {"decks"},
    "openai": {"llm"},
    "fsrs": {"schedule"},
    "sqlite3": {"history", "decks", "llm"},
    "typer": {"cli"},
    "rich": {"terminal", "cli", "markdown"},
    "prompt_toolkit": {"terminal"},
    "jinja2": {"reports", "web"},
    "matplotlib": {"reports"},
    "latex2mathml": {"markdown"},
    "pylatexenc": {"markdown"},
    "markdown_it": {"markdown", "check"},
    "pygments": {"markdown"},
    "starlette": {"web"},
    "uvicorn": {"web"},
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_bank" not in path.parts)


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute module name imported anywhere in the file, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "mockint":
                yield from ((f"mockint.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def faults(path: Path) -> Iterator[str]:
    part = part_of(path)
    if part in ("__init__", "__main__"):
        return
    allowed = ALLOWED.get(part)
    if allowed is None:
        yield f"{part!r} is not in the import table: add it to ALLOWED"
        return
    for name, line in imports(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top == "mockint" and other not in {part, ""} | allowed and "*" not in allowed:
            yield f"{path.relative_to(PACKAGE)}:{line}: {part} may not import {name}"
        if top in HOME and part not in HOME[top]:
            yield f"{path.relative_to(PACKAGE)}:{line}: {top} belongs in {', '.join(sorted(HOME[top]))}"


def module_name(path: Path) -> str:
    return ".".join(("mockint", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def imported_modules() -> dict[str, set[str]]:
    """Each module of ours -> those of ours that it imports anywhere, also only for their types or late."""
    names = {module_name(path) for path in modules()}
    graph = {}
    for path in modules():
        found = {name for name, _ in imports(path)} | {
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        graph[module_name(path)] = {name for name in found if name in names} - {module_name(path)}
    return graph


def on_a_circle(graph: dict[str, set[str]]) -> list[str]:
    """What is left when modules that import none of the rest, or that none imports, are taken away again and again."""
    left = {name: set(others) for name, others in graph.items()}
    while True:
        imported = set().union(*left.values())
        inner = {
            name: others & left.keys() for name, others in left.items() if others & left.keys() and name in imported
        }
        if len(inner) == len(left):
            return sorted(left)
        left = inner


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    assert list(faults(path)) == []


PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_the_page_names_files_that_are_there_and_each_on_the_way_once() -> None:
    road = PAGE[PAGE.index("## An answer") : PAGE.index("## Where to change")]
    named = re.findall(r"`(mockint/[\w./]+)`", road)

    assert [
        name for name in re.findall(r"`((?:mockint|tests|bank)/[\w./]*)`", PAGE) if not (ROOT / name).exists()
    ] == []
    assert len(named) > 20
    assert [name for name in set(named) if named.count(name) > 1] == []


def test_the_page_draws_every_part() -> None:
    drawing = PAGE[PAGE.index("```") : PAGE.index("## An answer")]
    small = {"wordings", "cache", "files", "ankiconnect"}

    assert [part for part in ALLOWED if part not in small and not re.search(rf"\b{part}\b", drawing)] == []


def test_the_check_itself_sees_a_forbidden_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_architecture.PACKAGE", tmp_path)
    bad = tmp_path / "decks.py"
    bad.write_text("def build():\n    from mockint.bank import load_bank\n    import yaml\n")

    assert list(faults(bad)) == [
        "decks.py:2: decks may not import mockint.bank",
        "decks.py:3: yaml belongs in bank",
    ]


def test_no_modules_import_each_other() -> None:
    graph = imported_modules()
    packages = {name for name in graph if any(other.startswith(f"{name}.") for other in graph)}
    alone = {name: others - packages for name, others in graph.items() if name not in packages}

    assert on_a_circle(alone) == []


def test_a_circle_of_imports_is_seen() -> None:
    assert on_a_circle({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == ["b", "c"]
