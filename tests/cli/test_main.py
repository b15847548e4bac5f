"""`main` turns what went wrong into a sentence on stderr and an exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockint.cli import app, main


def test_a_listed_bank_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)
    assert {"id", "topic", "level", "kind", "minutes", "tags", "prompt"} == set(rows[0])


def test_list_keeps_to_topic_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json", "--topic", "distributed", "--level", "3-4"]) == 0

    rows = json.loads(capsys.readouterr().out)
    assert rows
    assert {row["topic"] for row in rows} == {"distributed"}
    assert {row["level"] for row in rows} <= {3, 4}


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["list", "--topic", "biology"], "unknown topic 'biology': use one of distributed"),
        (["list", "--level", "9"], "give one from 1 to 5"),
        (["list", "--level", "4-2"], "or a range such as 2-4"),
        (["list", "--bank", "no/such/folder"], "no bank at 'no/such/folder'"),
        (["nonsense"], "No such command 'nonsense'"),
        (["list", "--nonsense"], "No such option"),
    ],
)
def test_unusable_input_exits_2_and_says_what_to_do(
    argv: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2

    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_a_bank_with_problems_is_found_wanting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "topics.yaml").write_text("- {id: Bad Id}\n")

    assert main(["check", "--bank", str(tmp_path)]) == 1

    captured = capsys.readouterr()
    assert "topics.yaml:1: error: 0.id" in captured.out
    assert "0 questions, 3 errors, 0 warnings" in captured.err


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mockint.bank.read_bank", broken)

    with pytest.raises(ZeroDivisionError):
        main(["check"])


def test_a_closed_pipe_is_no_error() -> None:
    script = f"{sys.executable} -m mockint list --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("0\n")
    assert "Traceback" not in done.stderr


def test_every_command_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]

    for name in names:
        assert main([name, "--help"]) == 0
        assert len(capsys.readouterr().out.splitlines()) > 4
    assert {"check", "list"} <= set(names)


def test_show_tells_all_of_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "deepspeed-zero-stages"]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    assert "Stage 1 shards the optimizer state across the data-parallel ranks." in shown
    assert "In fact:" in shown
    assert "https://arxiv.org/abs/1910.02054" in shown


def test_show_can_keep_the_answer_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "deepspeed-zero-stages", "--only-question", "--lang", "zh"]) == 0

    shown = capsys.readouterr().out
    assert "ZeRO" in shown
    assert "优化器状态" not in shown


def test_show_names_the_nearest_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "deepspeed-zero-stage"]) == 2

    assert "did you mean deepspeed-zero-stages" in capsys.readouterr().err
