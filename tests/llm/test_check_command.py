"""`mockint llm check`, as a person sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.cli import main
from tests.llm.conftest import Serve
from tests.llm.loopback import Body, Http, Reply, error, honest

KNOWS = honest(
    {
        "The array must be sorted.": "in sorted order",
        "Each step drops half of the range.": "throw away the half",
        "It takes O(log n) steps.": "the logarithm of n",
        "The array may be in any order.": "the array may be in any order",
    }
)


def good(body: Body) -> Reply | Http:
    return Reply("I am ready.") if body.get("stream") else KNOWS(body)


def test_without_a_configuration_it_says_what_to_set(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert main(["llm", "check"]) == 2
    out, err = capsys.readouterr()
    assert "LLM:            none" in out
    assert "set MOCKINT_LLM" in err
    assert str(home / "config.toml") in err


def test_it_says_where_each_value_comes_from_and_what_the_endpoint_can_do(
    serve: Serve, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(good)
    (home / "config.toml").write_text(f'[llm]\nname = "tiny"\nbase_url = "{server.url}"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-7788")
    assert main(["llm", "check"]) == 0
    out, _ = capsys.readouterr()
    for line in (
        f"LLM:            tiny (from {home / 'config.toml'})",
        "Key:            set (from OPENAI_API_KEY)",
        "LLMs it has:    1, among them: tiny",
        "Reply format:   a JSON schema, the strictest",
        "Streaming:      yes",
        "Grading:        3 of 3 easy answers marked right",
    ):
        assert line in out
    assert "canary" not in out


def test_a_weaker_endpoint_is_described_as_it_is(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    def script(body: Body) -> Reply | Http:
        if "json_schema" in str(body.get("response_format")) or "stream_options" in body:
            return error(400, "unknown parameter stream_options")
        made = good(body)
        return Reply(made.text, prompt=None) if isinstance(made, Reply) else made

    assert main(["llm", "check", "other", "--base-url", serve(script).url, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "json_object"
    assert found["counts_tokens"] is False
    assert found["streams"] is True
    assert found["right"] == 3
    assert found["llms"] == ["tiny"]


def test_an_llm_that_cannot_judge_is_said_to_be_too_weak(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(lambda body: Reply("Ready.") if body.get("stream") else honest({})(body))
    assert main(["llm", "check", "tiny", "--base-url", server.url]) == 0
    assert "too weak" in capsys.readouterr().out


def test_an_endpoint_that_is_not_there_is_a_service_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["llm", "check", "tiny", "--base-url", "http://127.0.0.1:9/v1"]) == 3
    assert "is it running" in capsys.readouterr().err


def test_a_dry_run_sends_nothing(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(good)
    assert main(["llm", "check", "tiny", "--base-url", server.url, "--dry-run"]) == 0
    assert server.count == 0
    assert "tiny (from the command line)" in capsys.readouterr().out
