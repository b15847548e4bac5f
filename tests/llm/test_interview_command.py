"""`mockint interview` and `mockint regrade` with an LLM behind them, as a person sees it."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockint.cli import main
from tests.llm.conftest import Serve
from tests.llm.loopback import Body, Http, Reply, answer_in, error, honest
from tests.small_bank import THREADS, write_small_bank

FOLLOW_UPS = """\
follow_ups:
  - prompt: {en: What does a switch cost?, zh: 切换的代价是什么？}
    probes: [cheaper-switch]
"""
ANSWER = "A process owns its address space, and threads live together in one."
SECOND = "The client greets first, then the server replies."
KNOWS = honest({"A process has its own address space.": "A process owns its address space"})
CANARY = "sk-canary-55aa77bb"

Run = Callable[..., int]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_small_bank(tmp_path / "bank", threads=THREADS + FOLLOW_UPS)


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"process-and-thread": ANSWER, "tcp-handshake": SECOND}))
    return file


def llm(body: Body) -> Reply | Http:
    """Judges honestly; speaks one of three lines when prose is asked for."""
    if not body.get("stream"):
        return KNOWS(body)
    system = body["messages"][0]["content"]
    if "follow-up question" in system:
        return Reply("You say threads live together: what follows for the scheduler?")
    return Reply("You were clear on processes." if "debrief" in system else "It is about an operating system.")


def test_an_interview_is_graded_by_the_llm_and_closed_with_a_debrief_and_what_it_used(
    serve: Serve, bank: Path, answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(llm)
    where = ["--bank", str(bank), "--answers", str(answers), "--base-url", server.url]
    assert main(["interview", *where, "--grader", "openai:tiny"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "“A process owns its address space”" in out
    assert "You were clear on processes." in out
    assert "The LLM used: 3 requests" in out
    assert main(["history", "last", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)["sessions"][0]
    assert kept["debrief"] == "You were clear on processes."
    assert kept["llm_use"]["requests"] == 3
    assert kept["llm_use"]["tokens"] > 0
    assert kept["grader"] == "openai:tiny/2"
    assert {grade["grader"] for attempt in kept["attempts"] for grade in attempt["grades"]} == {"openai:tiny/2"}


def test_a_follow_up_in_the_llm_s_words_is_asked_and_kept(
    serve: Serve, bank: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(llm)
    typed = f"/clarify an operating system?\n{ANSWER}\n.\nNo idea.\n.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
    command = ["interview", "--topic", "systems", "--bank", str(bank), "--base-url", server.url]
    assert main([*command, "--grader", "openai:tiny", "--follow-ups", "1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "About the question" in out
    assert "It is about an operating system." in out
    assert "You say threads live together: what follows for the scheduler?" in out
    assert "What does a switch cost?" not in out
    main(["history", "last", "--json"])
    parts = json.loads(capsys.readouterr().out)["sessions"][0]["attempts"][0]["parts"]
    assert [part["answer"] for part in parts] == [ANSWER, "No idea."]
    assert parts[1]["prompt"].startswith("You say threads live together")


def test_an_endpoint_that_dies_leaves_a_provisional_grade_that_regrade_replaces(
    serve: Serve, bank: Path, answers: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.toml").write_text("[llm]\npatience = 1\n")
    gone = error(503, "gone", Retry_After="0")
    server = serve(lambda body: llm(body) if "process" in str(body["messages"][1]) else gone)
    where = ["--bank", str(bank), "--base-url", server.url, "--grader", "openai:tiny"]
    assert main(["interview", *where, "--answers", str(answers)]) == 3
    out, err = capsys.readouterr()
    assert "provisional" in out
    assert "1 answers could not be graded by openai:tiny/2, and are kept" in err

    assert main(["regrade", *where]) == 3
    assert "still:" in capsys.readouterr().out
    server.url = serve(llm).url
    where[3] = server.url
    assert main(["regrade", *where]) == 0
    told = capsys.readouterr().out
    assert re.search(r"tcp-handshake: \d+% by offline/\d+ -> 0% by openai:tiny/2", told)
    assert main(["regrade", *where]) == 0
    assert "nothing to grade again" in capsys.readouterr().out
    main(["history", "last", "--json"])
    attempts = json.loads(capsys.readouterr().out)["sessions"][0]["attempts"]
    kept = next(attempt for attempt in attempts if attempt["question"] == "tcp-handshake")
    assert [grade["grader"].split("/")[0] for grade in kept["grades"]] == ["offline", "openai:tiny"]
    assert kept["score"] == kept["grades"][1]["score"]


def test_regrade_asks_about_several_answers_at_a_time(
    serve: Serve, bank: Path, answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["interview", "--bank", str(bank), "--answers", str(answers), "--grader", "offline"]) == 0

    def slowly(body: Body) -> Reply | Http:
        made = llm(body)
        return Reply(made.text, seconds=0.3) if isinstance(made, Reply) else made

    server = serve(slowly)
    assert main(["regrade", "last", "--bank", str(bank), "--base-url", server.url, "--grader", "openai:tiny"]) == 0
    assert capsys.readouterr().out.count("by openai:tiny/2") == 2
    assert server.most_at_once == 2


def test_with_auto_a_dead_endpoint_is_no_failure_of_the_interview(
    bank: Path, answers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOCKINT_LLM", "tiny")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["interview", "--bank", str(bank), "--answers", str(answers)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "The grade is provisional" in out
    assert "is it running" in out


def test_a_budget_that_is_spent_does_not_stop_the_interview(
    serve: Serve, bank: Path, answers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(llm)
    where = ["--bank", str(bank), "--answers", str(answers), "--base-url", server.url, "--grader", "openai:tiny"]
    assert main(["interview", *where, "--budget", "500"]) == 3
    out = " ".join(capsys.readouterr().out.split())
    assert server.count == 0
    assert "not sent, because the budget of 500 tokens has no room for another request" in out


def test_a_dry_run_prints_the_requests_and_sends_nothing(
    serve: Serve, bank: Path, answers: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(llm)
    where = ["--bank", str(bank), "--answers", str(answers), "--base-url", server.url]
    assert main(["interview", *where, "--grader", "openai:tiny", "--dry-run"]) == 0
    printed = capsys.readouterr().out
    first = json.JSONDecoder().raw_decode(printed)[0]
    assert answer_in(first["body"]) == ANSWER
    assert server.count == 0
    assert not (home / "history.sqlite3").exists()
    assert main(["interview", *where, "--grader", "offline", "--dry-run"]) == 2
    assert main(["interview", *where[:2], "--grader", "openai:tiny", *where[4:], "--dry-run"]) == 2


def test_the_key_is_in_no_output_history_cache_or_report(
    serve: Serve,
    bank: Path,
    answers: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def script(body: Body) -> Reply | Http:
        if "tcp" in str(body["messages"][1]).lower():
            return error(401, f"bad key {CANARY}")
        return Reply(f"Your key is {CANARY}.") if body.get("stream") else KNOWS(body)

    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    server = serve(script)
    where = ["--bank", str(bank), "--base-url", server.url, "--grader", "openai:tiny"]
    main(["interview", *where, "--answers", str(answers)])
    main(["interview", *where, "--answers", str(answers), "--dry-run"])
    main(["history", "last", "--json"])
    main(["regrade", *where, "--json"])
    out, err = capsys.readouterr()
    assert server.headers[0]["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in out + err
    files = [file for file in home.rglob("*") if file.is_file()]
    assert {"history.sqlite3", "llm-cache.sqlite3"} <= {file.name for file in files}
    for file in files:
        assert CANARY.encode() not in file.read_bytes()


def test_a_hint_is_shown_with_its_price(
    bank: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bank / "systems" / "process-and-thread.yaml"
    file.write_text(file.read_text() + "hints:\n  - {en: Think of memory., zh: 想想内存。}\n")
    typed = f"/hint\n/hint\n{ANSWER}\n.\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
    assert (
        main(["interview", "--topic", "systems", "--bank", str(bank), "--follow-ups", "0", "--grader", "offline"]) == 0
    )
    out = " ".join(capsys.readouterr().out.split())
    assert "Hint (costs 10% of the score)" in out
    assert "Think of memory." in out
    assert "no more hints" in out
