"""`mockint listen`: what was heard, what came near, and that it listens again when a file is saved."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from pathlib import Path

import pexpect
import pytest

from mockint.cli import main
from tests.small_bank import THREADS_WORDINGS, write_small_bank

ANSWER = "A thread crashes and everything ends, the process too. Switching a thread costs something."


def listened(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path, *more: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(ANSWER))
    assert main(["listen", "process-and-thread", "--bank", str(root), *more]) == 0
    return capsys.readouterr().out


def test_it_tells_who_heard_what_and_what_came_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = listened(monkeypatch, capsys, write_small_bank(tmp_path))

    assert "met          crash: A crash in one thread ends the whole process." in printed
    assert "says in line 7: <thread> .. (crash|崩溃) .. (whole <process>|everything|整个进程)" in printed
    assert "“thread crashes and everything”" in printed
    assert "near: says in line 6: <thread> .. (switch|切换)" in printed
    assert "nothing for (cheap|fast|light|便宜|快|小)" in printed


def test_it_tells_why_a_stretch_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ANSWER", "Threads are not isolated.")
    printed = listened(monkeypatch, capsys, write_small_bank(tmp_path))

    assert "(denied)" in printed


def test_a_program_reads_it_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads(listened(monkeypatch, capsys, write_small_bank(tmp_path), "--json"))

    assert [row["criterion"] for row in rows if row["verdict"] == "met"] == ["crash"]
    assert rows[3]["heard"][0]["stretches"][0]["quote"] == "thread crashes and everything"


def test_a_misspelt_pattern_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_small_bank(
        tmp_path, threads_wordings=THREADS_WORDINGS.replace("<thread> .. (isolated", "<thread> ..(")
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(ANSWER))

    assert main(["listen", "process-and-thread", "--bank", str(root)]) == 2
    assert "process-and-thread.wordings.yaml:8" in capsys.readouterr().err


def test_in_a_terminal_it_listens_again_when_the_wordings_are_saved(tmp_path: Path) -> None:
    root = write_small_bank(tmp_path / "bank")
    environment = {**os.environ, "NO_COLOR": "1", "MOCKINT_HOME": str(tmp_path / "home"), "TERM": "xterm"}
    command = ["-m", "mockint", "listen", "process-and-thread", "--bank", str(root)]
    terminal = pexpect.spawn(
        sys.executable, command, env=environment, encoding="utf-8", timeout=30, dimensions=(50, 200)
    )
    terminal.expect("line with a single")
    terminal.sendline("Tasks fall over alone.")
    terminal.sendline(".")
    terminal.expect("missing +crash")

    time.sleep(1.1)  # a file system may keep whole seconds
    heard = THREADS_WORDINGS.replace("  crash: <thread>", "  crash: Tasks fall over|<thread>")
    (root / "systems" / "process-and-thread.wordings.yaml").write_text(heard, encoding="utf-8")
    terminal.expect("partial +crash")  # one pattern, of a point that is hardly spoken of
    terminal.sendeof()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
