"""A canary: the key reaches the endpoint and nothing else."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path

import pytest

from mockint.errors import MockintError
from mockint.llm.settings import configure
from mockint.question import Question
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Http, Reply, asked, error, marks

CANARY = "sk-canary-4f9a0c27d1"


@pytest.mark.parametrize(
    "reply",
    [
        error(401, f"Incorrect API key provided: {CANARY}"),
        error(400, f"bad header Authorization: Bearer {CANARY}"),
        error(503, CANARY, Retry_After="0"),
        Http(200, f"<html>{CANARY}</html>", {"Content-Type": "text/html"}),
        Http(200, f"{CANARY} is not json"),
        Reply(f"I know your key: {CANARY}"),
    ],
)
def test_an_endpoint_that_echoes_the_key_does_not_bring_it_into_an_error_or_a_log(
    serve: Serve, grader: MakeGrader, zero: Question, reply: Http | Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = serve(lambda _: reply)
    judge = grader(server, key=CANARY)
    with pytest.raises(MockintError) as raised:
        judge.mark(zero, "It shards the states.")
    assert server.headers[0]["authorization"] == f"Bearer {CANARY}"
    told = "".join(traceback.format_exception(raised.value))
    assert CANARY not in told
    assert CANARY not in repr(vars(judge.endpoint)) + repr(judge.endpoint.settings)
    assert caplog.records
    assert CANARY not in "".join(record.getMessage() for record in caplog.records)


def test_an_endpoint_that_echoes_the_key_does_not_bring_it_into_marks_or_the_cache(
    serve: Serve, grader: MakeGrader, zero: Question, tmp_path: Path
) -> None:
    def script(body: Body) -> Reply:
        whole = json.loads(marks(**{name: "missing" if name[0] == "k" else "absent" for name in asked(body)}))
        for member in whole.values():
            member["reason"] = f"I saw {CANARY} in your header."
        return Reply(json.dumps(whole))

    found = grader(serve(script), key=CANARY).mark(zero, "It shards things, I think.")
    assert "I saw [key] in your header" in found[0].reason
    assert CANARY not in "".join(mark.model_dump_json() for mark in found)
    assert list(tmp_path.glob("cache.db*"))
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or CANARY.encode() not in file.read_bytes()


def test_a_wrong_setting_beside_the_key_does_not_show_it(home: Path) -> None:
    (home / "config.toml").write_text(f'[llm]\nkey = "{CANARY}"\ntimeout = "soon"\nunknown = "{CANARY}"\n')
    with pytest.raises(MockintError) as raised:
        configure(environ={"MOCKINT_HOME": str(home)})
    assert CANARY not in "".join(traceback.format_exception(raised.value))


def test_a_password_in_the_address_is_a_secret_too(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda _: error(400, f"no {CANARY}"))
    server.url = server.url.replace("http://", f"http://me:{CANARY}@")
    judge = grader(server)
    shown = judge.request(zero, "It shards the states.")
    with pytest.raises(MockintError) as raised:
        judge.mark(zero, "It shards the states.")
    assert CANARY not in str(raised.value) + str(shown)
