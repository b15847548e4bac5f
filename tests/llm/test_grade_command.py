"""`mockint grade` with an LLM."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockint.cli import main
from tests.llm.conftest import Serve
from tests.llm.loopback import Body, Http, Reply, answer_in, error, honest
from tests.small_bank import write_small_bank

KNOWS = honest({"A process has its own address space.": "its own address space"})


@pytest.fixture
def where(tmp_path: Path) -> list[str]:
    rows = [
        {"question_id": "process-and-thread", "answer": f"A process has its own address space, {n}."} for n in range(6)
    ]
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return [str(file), "--bank", str(write_small_bank(tmp_path / "bank")), "--grader", "openai:tiny"]


def test_answers_are_graded_several_at_a_time_and_what_it_used_is_said(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def slowly(body: Body) -> Reply:
        made = KNOWS(body)
        assert isinstance(made, Reply)
        return Reply(made.text, seconds=0.1)

    server = serve(slowly)
    assert main(["grade", *where, "--base-url", server.url, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert "its own address space, 5" in out
    assert "openai:tiny/2" in out
    assert "The LLM used: 6 requests" in err
    assert server.most_at_once > 1


def test_an_answer_that_could_not_be_graded_is_no_zero(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(body: Body) -> Reply | Http:
        return error(400, "no") if "3" in answer_in(body) else KNOWS(body)

    assert main(["grade", *where, "--base-url", serve(script).url, "--fail-under", "0.1"]) == 3
    err = capsys.readouterr().err
    assert "of 6 answers 1 could not be graded:" in err
    assert "answers.jsonl:4: the endpoint" in err


def test_answers_beyond_the_budget_are_named_and_graded_by_the_same_command_with_more(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(KNOWS)
    command = ["grade", *where, "--base-url", server.url, "--format", "json"]
    assert main([*command, "--budget", "3400"]) == 3
    out, err = capsys.readouterr()
    done = len(json.loads(out)["rows"])
    assert 0 < done < 6
    assert {row["sent"] for row in json.loads(out)["ungraded"]} == {False}
    assert f"of 6 answers {6 - done} were not sent:\n" in err
    assert ": not sent, because the budget of 3400 tokens" in err
    assert "larger --budget" in err
    assert main([*command, "--budget", "100k"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 6
    assert server.count == 6


def test_a_dry_run_sends_nothing(serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(KNOWS)
    assert main(["grade", *where, "--base-url", server.url, "--dry-run"]) == 0
    assert capsys.readouterr().out.count('"method": "POST"') == 6
    assert server.count == 0


def _started(where: list[str], url: str, **more: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mockint", "grade", *where, "--base-url", url, "--format", "json"]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], **more)  # type: ignore[call-overload, no-any-return]


def test_after_a_kill_the_same_command_asks_only_for_the_rest(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    (home / "config.toml").write_text("[llm]\nconcurrency = 1\n")

    def script(body: Body) -> Reply | Http:
        made = KNOWS(body)
        assert isinstance(made, Reply)
        return Reply(made.text, seconds=30 if server.count == 4 else 0.05)

    server = serve(script)
    with _started(where, server.url, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while server.count < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert server.count == 4
    assert main(["grade", *where, "--base-url", server.url, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["rows"]) == 6
    assert server.count == 4 + 3
    assert "3 replies replayed for nothing" in err


def test_on_a_terminal_it_is_shown_how_far_it_is_what_it_cost_and_what_is_left(
    serve: Serve, where: list[str], home: Path
) -> None:
    (home / "config.toml").write_text("[llm]\nconcurrency = 1\nprice = {input = 100, output = 100}\n")

    def script(body: Body) -> Reply | Http:
        made = KNOWS(body)
        assert isinstance(made, Reply)
        return Reply(made.text, seconds=0.2)

    ours, theirs = pty.openpty()
    with _started(where, serve(script).url, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            shown += piece
        assert process.wait() == 0
    os.close(ours)
    assert b"3 of 6, " in shown
    assert b" a second, about " in shown
    assert b"$0.0360 so far" in shown
    last = shown.decode().rsplit("\x1b[K", 1)[-1]
    assert last.startswith("The LLM used: 6 requests")
