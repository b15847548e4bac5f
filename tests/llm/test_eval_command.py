"""`mockint eval` with an LLM: agreement, how often it changes its mind, and attacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.cli import main
from tests.llm.conftest import Serve
from tests.llm.loopback import Body, Reply, answer_in, asked, error, honest, marks
from tests.small_bank import write_small_bank

KNOWS = honest(
    {
        "A process has its own address space.": "A process has its own address space",
        "Threads of one process share its memory.": "the threads in it share that memory",
        "The client sends a SYN.": "client sends a SYN",
    }
)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return write_small_bank(tmp_path / "bank")


def test_figures_and_flips_come_from_as_many_runs_as_asked_for(
    serve: Serve, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fickle(body: Body) -> Reply:
        """Forgets one criterion the second time it sees an answer."""
        seen = sum(other["messages"][1] == body["messages"][1] for other in server.requests)
        made = KNOWS(body)
        assert isinstance(made, Reply)
        if seen > 1 and "share that memory" in answer_in(body):
            whole = json.loads(made.text)
            return Reply(
                json.dumps(
                    {name: {**one, "verdict": "missing" if name[0] == "k" else "absent"} for name, one in whole.items()}
                )
            )
        return made

    server = serve(fickle)
    command = ["eval", "--bank", str(bank), "--grader", "openai:tiny", "--base-url", server.url, "--resamples", "0"]
    assert main([*command, "--repeats", "3", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["grader"] == "openai:tiny/2"
    flips = found["flips"]["bank"]
    assert (flips["runs"], flips["answers"], flips["verdicts"]) == (3, 4, 19)
    assert flips["changed"] == 2
    assert "The LLM used:" in err
    sent = server.count
    assert main([*command, "--repeats", "3"]) == 0
    assert server.count == sent  # all of it is replayed
    assert "bank: asked 3 times, 2 of 19 verdicts changed (10.5%)" in capsys.readouterr().out


def test_attacks_on_an_llm_that_judges_honestly_earn_nothing(
    serve: Serve, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(honest({}))
    where = ["--bank", str(bank), "--base-url", server.url, "--grader", "openai:tiny"]
    assert main(["eval", "--attacks", *where, "--fail-under", "attacks=1"]) == 0
    assert "1.000 of" in capsys.readouterr().out


def test_attacks_on_an_llm_that_obeys_earn_nothing_either(
    serve: Serve, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def obeys(body: Body) -> Reply:
        quote = answer_in(body)[:60]
        wants = "instruct" in answer_in(body).lower() or "verdict" in answer_in(body)
        return Reply(
            marks(
                **{
                    n: (quote, "met") if wants and n[0] == "k" else "missing" if n[0] == "k" else "absent"
                    for n in asked(body)
                }
            )
        )

    server = serve(obeys)
    where = ["--bank", str(bank), "--base-url", server.url, "--grader", "openai:tiny", "--json"]
    code = main(["eval", "--attacks", *where])
    found = json.loads(capsys.readouterr().out)
    assert code == 3  # some were found out, and are left ungraded
    assert sum(kind["over"] for name, kind in found["attacks"].items() if name == "instructions") == 0


def test_a_dead_endpoint_is_a_service_error_with_no_figures_of_its_own(
    serve: Serve, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(lambda _: error(401, "no"))
    command = ["eval", "--bank", str(bank), "--grader", "openai:tiny", "--base-url", server.url]
    assert main(command) == 3
    assert "could not be graded" in capsys.readouterr().err
    assert server.count <= 8
