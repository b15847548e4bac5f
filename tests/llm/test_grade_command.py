"""`mockint grade` with an LLM."""

from __future__ import annotations

import json
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
    assert "openai:tiny/1" in out
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
    assert main([*command, "--budget", "3000"]) == 3
    out, err = capsys.readouterr()
    done = len(json.loads(out)["rows"])
    assert 0 < done < 6
    assert {row["sent"] for row in json.loads(out)["ungraded"]} == {False}
    assert f"of 6 answers {6 - done} were not sent:\n" in err
    assert ": not sent, because the budget of 3000 tokens" in err
    assert "larger --budget" in err
    assert main([*command, "--budget", "100k"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 6
    assert server.count == 6


def test_a_dry_run_sends_nothing(serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(KNOWS)
    assert main(["grade", *where, "--base-url", server.url, "--dry-run"]) == 0
    assert capsys.readouterr().out.count('"method": "POST"') == 6
    assert server.count == 0
