"""Each rule on wordings has a file that it must find, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import load_bank
from mockint.check import lint
from tests.small_bank import THREADS_SAMPLES, THREADS_WORDINGS, write_small_bank

FILE = "systems/process-and-thread.wordings.yaml"


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        ("<thread> .. (isolated|隔离)", "<thread> .. (isolated", 8, "pattern", "column 46"),
        ("<thread> .. (isolated|隔离)", "<threat> .. isolated", 8, "pattern", "did you mean <thread>?"),
        ("  crash:", "  crush:", 7, "unknown-criterion", "'crush'"),
        ("says:\n", "partly:\n  threads-are-isolated: alone\nsays:\n", 4, "unknown-criterion", "move it to 'says'"),
        (
            "  crash: <thread> .. (crash|崩溃) .. (whole <process>|everything|整个进程)\n",
            "",
            3,
            "no-wording",
            "'crash'",
        ),
        ("<thread> .. (isolated|隔离)", "[<thread> .. isolated, isolated .. <thread>]", 8, "pattern-twice", "line 8"),
        ("concepts:\n", "concepts:\n  unused: x\n", 2, "unused-concept", "'unused'"),
        ("(isolated|隔离)", f"(isolated|隔离|{'x' * 90})", 8, "long-line", "columns"),
        (
            "<thread> .. (isolated|隔离)",
            "[<thread> .. isolated, nobody says this]",
            8,
            "unheard-pattern",
            "hears nothing",
        ),
        ("<thread> .. (isolated|隔离)", "[<thread> .. isolated, share that memory]", 8, "", ""),
        ("(isolated|隔离)", "(isolated|隔离|share)", 8, "heard-in-reference", "stated in the reference (en)"),
        ("says:\n", "denies:\n  crash: whole process\nsays:\n", 4, "heard-in-reference", "denied in the reference"),
        ("concepts:\n", "concepts: [\n", 3, "yaml", "not valid YAML"),
    ],
)
def test_a_rule_finds_its_defect(tmp_path: Path, old: str, new: str, line: int, rule: str, words: str) -> None:
    assert old in THREADS_WORDINGS
    root = write_small_bank(tmp_path, threads_wordings=THREADS_WORDINGS.replace(old, new, 1))

    found = [problem for problem in lint(load_bank(root)) if problem.path == FILE]

    if not rule:
        assert found == []
        return
    assert (line, rule) in [(problem.line, problem.rule) for problem in found], found
    assert words in next(problem.message for problem in found if problem.rule == rule)


def test_a_fault_in_the_samples_is_told_too(tmp_path: Path) -> None:
    root = write_small_bank(tmp_path, threads_samples=THREADS_SAMPLES.replace("crash: met", "crash: fine"))

    assert "systems/process-and-thread.samples.yaml" in {problem.path for problem in lint(load_bank(root))}
