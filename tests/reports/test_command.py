"""`mockint report`: what it takes, what it refuses, and where the report goes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockint.cli import main
from tests.reports.practice import two_evenings


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "docx"], "unknown format 'docx': use terminal, md, json, html or pdf"),
        (["--format", "pdf"], "give --out FILE.pdf"),
        (["--since", "tomorrow"], "unusable date 'tomorrow': give it as 2026-01-31"),
        (["last", "--since", "2026-01-01"], "--since is for the report of all practice"),
        (["--compare", "last"], "name the session"),
        (["last", "--compare", "last"], "compared with itself"),
        (["nothing-such"], "unknown session 'nothing-such'"),
        (["--lang", "fr"], "unknown language 'fr'"),
        (["--out", "/nowhere/at/all.html"], "no folder '/nowhere/at'"),
        (["--bank", "/nowhere"], "no bank at '/nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    home: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    two_evenings(home)

    assert main(["report", *words]) == 2

    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_last_without_any_session_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "last"]) == 2

    assert "mockint interview" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "starts"),
    [("r.md", "# Session "), ("r.json", '{\n  "format"'), ("r.html", "<!doctype html>"), ("r.txt", "Session ")],
)
def test_the_name_of_the_file_says_the_format(home: Path, tmp_path: Path, name: str, starts: str) -> None:
    two_evenings(home)

    assert main(["report", "last", "--out", str(tmp_path / name)]) == 0

    assert (tmp_path / name).read_text().startswith(starts)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["home", name])


def test_progress_is_in_the_language_of_the_latest_session(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_evenings(home, "zh")

    main(["report", "--format", "md"])
    assert capsys.readouterr().out.startswith("# 练习进展\n")
    main(["report", "--format", "md", "--lang", "en"])
    assert capsys.readouterr().out.startswith("# Progress\n")


def test_a_failed_write_leaves_the_old_file(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.md").mkdir()

    assert main(["report", "--out", str(tmp_path / "r.md")]) == 2

    assert "cannot be written" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "r.md"]


def test_a_report_needs_neither_the_extra_nor_the_bank_of_then(home: Path, tmp_path: Path) -> None:
    """In a terminal, as Markdown and as JSON: none of them imports what the extra brings."""
    two_evenings(home)
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "topics.yaml").write_text("[]")
    script = (
        "import sys; from mockint.cli import main\n"
        "for format in ('terminal', 'md', 'json'):\n"
        "    assert main(['report', 'last', '--bank', sys.argv[1], '--format', format]) == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "bank")], capture_output=True, text=True, check=True
    )

    loaded = set(done.stderr.split())
    assert "rich" in loaded
    assert not loaded & {"jinja2", "matplotlib", "latex2mathml", "numpy"}


def test_a_pipe_gets_no_escape_codes_and_marks_that_can_be_read(home: Path) -> None:
    two_evenings(home)

    done = subprocess.run(
        [sys.executable, "-m", "mockint", "report", "last"], capture_output=True, text=True, check=True
    )

    assert "\x1b" not in done.stdout
    assert "[states]✔1" in done.stdout


def test_json_goes_to_stdout_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, second = two_evenings(home)

    assert main(["report", "last", "--format", "json"]) == 0

    captured = capsys.readouterr()
    assert json.loads(captured.out)["session"]["id"] == second
    assert captured.err == ""
