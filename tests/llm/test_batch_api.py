"""`mockint grade --batch-api`: one batch, half the price, nothing lost by a kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mockint.cli import main
from mockint.llm import batch_api
from tests.llm.conftest import Serve
from tests.llm.loopback import Body, Http, Reply, Script, Server, answer_in, error, honest, serving
from tests.llm.loopback_batches import Batches
from tests.small_bank import write_small_bank

KNOWS = honest({"A process has its own address space.": "its own address space"})
Batched = Callable[..., tuple[Server, Batches]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_api, "POLL_SECONDS", 0.05)


@pytest.fixture
def where(tmp_path: Path) -> list[str]:
    rows = [
        {"question_id": "process-and-thread", "answer": f"A process has its own address space, {n}."} for n in range(6)
    ]
    file = tmp_path / "answers.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    bank = str(write_small_bank(tmp_path / "bank"))
    return ["grade", str(file), "--bank", bank, "--grader", "openai:tiny", "--format", "json", "--batch-api"]


@pytest.fixture
def batched(request: pytest.FixtureRequest) -> Batched:
    """Starts a server that replies at once to single requests, and to those of a batch in its own time."""

    def make(script: Script = KNOWS, *, single: Script = KNOWS, **more: object) -> tuple[Server, Batches]:
        batches = Batches(script, **more)  # type: ignore[arg-type]
        opened = serving(single, batches)
        server = opened.__enter__()
        request.addfinalizer(lambda: opened.__exit__(None, None, None))
        return server, batches

    return make


def graded(out: str) -> int:
    return len(json.loads(out)["rows"])


def test_all_but_the_first_answer_go_into_one_batch_for_half_the_price(
    batched: Batched, where: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("[llm]\nprice = {input = 100, output = 100}\n")
    server, batches = batched()
    assert main([*where, "--base-url", server.url]) == 0
    out, err = capsys.readouterr()
    assert [row["answer"][-2] for row in json.loads(out)["rows"]] == list("012345")
    assert {row["grade"]["score"] for row in json.loads(out)["rows"]} == {json.loads(out)["rows"][0]["grade"]["score"]}
    assert server.count == 1
    assert len(batches.lines) == 5
    assert {(line["method"], line["url"]) for line in batches.lines} == {("POST", "/v1/chat/completions")}
    assert "$0.0420" in err  # 120 tokens each at $100 a million: one at the full price, five at half of it


def test_a_kill_while_a_batch_is_under_way_loses_nothing(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, batches = batched(polls=1_000_000)
    command = [sys.executable, "-m", "mockint", *where, "--base-url", server.url]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as process:
        deadline = time.monotonic() + 60
        while not batches.asked and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    batches.polls = 3
    assert main([*where, "--base-url", server.url]) == 0
    assert graded(capsys.readouterr().out) == 6
    assert len(batches.batches) == 1
    assert server.count == 1
    assert main([*where, "--base-url", server.url]) == 0
    assert len(batches.batches) == 1


def test_a_batch_that_was_made_though_its_making_failed_is_found_again(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, batches = batched(lose_the_next=True)
    assert main([*where, "--base-url", server.url]) == 3
    assert "the same command waits for it" in capsys.readouterr().err
    assert main([*where, "--base-url", server.url]) == 0
    assert graded(capsys.readouterr().out) == 6
    assert len(batches.batches) == 1


def test_what_the_batch_could_not_reply_to_is_asked_for_one_by_one(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(body: Body) -> Reply | Http:
        match answer_in(body)[-2]:
            case "2":
                return error(500, "lost")
            case "3":
                return Reply("I like it.")
            case "4":
                return Reply("", finish="content_filter")
        return KNOWS(body)

    server, _ = batched(script)
    assert main([*where, "--base-url", server.url]) == 0
    assert graded(capsys.readouterr().out) == 6
    assert sorted(answer_in(body)[-2] for body in server.requests) == list("0234")


def test_a_first_answer_that_is_refused_does_not_keep_the_others_from_the_batch(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def refusing(body: Body) -> Reply | Http:
        return Reply("", finish="content_filter") if answer_in(body)[-2] == "0" else KNOWS(body)

    server, batches = batched(refusing, single=refusing)
    assert main([*where, "--base-url", server.url]) == 3
    assert graded(capsys.readouterr().out) == 5
    assert len(batches.lines) == 5  # all but the second, which showed what the endpoint accepts


def test_a_batch_that_ran_out_of_time_keeps_what_it_has(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, _ = batched(ends="expired")
    assert main([*where, "--base-url", server.url]) == 0
    assert graded(capsys.readouterr().out) == 6
    assert server.count == 1


def test_a_batch_that_is_refused_says_why_and_is_not_waited_for_again(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, batches = batched(ends="failed")
    assert main([*where, "--base-url", server.url]) == 3
    assert "the file is no good" in capsys.readouterr().err
    batches.ends = "completed"
    assert main([*where, "--base-url", server.url]) == 0
    assert len(batches.batches) == 2


def test_a_batch_that_the_endpoint_has_forgotten_is_sent_again(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, batches = batched(lose_the_next=True)
    assert main([*where, "--base-url", server.url]) == 3
    batches.batches.clear()
    batches.files.clear()
    capsys.readouterr()
    assert main([*where, "--base-url", server.url]) == 0
    assert graded(capsys.readouterr().out) == 6
    assert len(batches.lines) == 5


def test_no_more_is_put_into_a_batch_than_the_budget_allows(
    batched: Batched, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server, batches = batched()
    assert main([*where, "--base-url", server.url, "--budget", "3500"]) in (0, 3)
    assert 0 < len(batches.lines) < 5
    assert "not sent" in capsys.readouterr().err or server.count > 1


def test_an_endpoint_without_a_batch_api_is_told(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(KNOWS)
    assert main([*where, "--base-url", server.url]) == 3
    assert "has no Batch API: leave out --batch-api" in capsys.readouterr().err


def test_the_offline_grader_has_no_batch(where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*where, "--grader", "offline"]) == 2
    assert "--batch-api is for an LLM" in capsys.readouterr().err
