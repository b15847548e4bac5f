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
    assert "openai:tiny/2" in out
    assert "The LLM used: 6 requests" in err
    assert server.most_at_once > 1


def test_an_answer_that_could_not_be_graded_is_no_zero(
    serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(body: Body) -> Reply | Http:
        return error(400, "no") if "3" in answer_in(body) else KNOWS(body)

    assert main(["grade", *where, "--base-url", serve(script).url, "--fail-under", "0.1"]) == 3
    assert "1 answers could not be graded" in capsys.readouterr().err


def test_a_dry_run_sends_nothing(serve: Serve, where: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(KNOWS)
    assert main(["grade", *where, "--base-url", server.url, "--dry-run"]) == 0
    assert capsys.readouterr().out.count('"method": "POST"') == 6
    assert server.count == 0
