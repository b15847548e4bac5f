"""`mockint --help` imports nothing heavy. (How long it takes is measured by tests/benchmarks/startup.py.)"""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"openai", "genanki", "pydantic", "yaml", "prompt_toolkit", "pygments", "rapidfuzz", "numpy", "sqlite3"}


def modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    loaded = modules_after("import mockint.cli; mockint.cli.main(['--help'])")

    assert "mockint.cli" in loaded
    assert HEAVY & loaded <= HEAVY & modules_after("import typer, rich")


def test_a_heavy_import_would_be_seen() -> None:
    assert "pydantic" in modules_after("import mockint.question")
