"""`mockint --help` imports nothing heavy, and an interview nothing that it does not use. (How long they take is
measured by tests/benchmarks/startup.py.)"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.small_bank import write_small_bank

HEAVY = {"openai", "genanki", "pydantic", "yaml", "prompt_toolkit", "pygments", "rapidfuzz", "numpy", "sqlite3"}


def modules_after(statement: str, **environment: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return set(done.stderr.split())


def modules_of_an_interview(folder: Path) -> set[str]:
    answers = folder / "answers.json"
    answers.write_text('{"process-and-thread": "Threads of one process share its memory, more or less."}')
    bank = write_small_bank(folder / "bank")
    command = ["interview", "--answers", str(answers), "--bank", str(bank), "--lang", "en"]
    places = {"MOCKINT_HOME": str(folder / "home"), "XDG_CACHE_HOME": str(folder / "cache")}
    return modules_after(f"import mockint.cli; mockint.cli.main({command!r})", **places)


def test_help_imports_nothing_heavy() -> None:
    loaded = modules_after("import mockint.cli; mockint.cli.main(['--help'])")

    assert "mockint.cli" in loaded
    assert HEAVY & loaded <= HEAVY & modules_after("import typer, rich")


def test_a_heavy_import_would_be_seen() -> None:
    assert "pydantic" in modules_after("import mockint.question")


def test_an_interview_imports_neither_an_llm_nor_an_editor_nor_colours_for_a_pipe(tmp_path: Path) -> None:
    loaded = modules_of_an_interview(tmp_path)

    assert {"mockint.interview", "mockint.grading.offline"} <= loaded
    assert not {"openai", "mockint.llm.endpoint", "prompt_toolkit", "pygments", "fsrs", "pylatexenc"} & loaded


def test_only_the_first_interview_about_a_question_reads_its_wordings(tmp_path: Path) -> None:
    assert "lark" in modules_of_an_interview(tmp_path)
    assert "lark" not in modules_of_an_interview(tmp_path)
