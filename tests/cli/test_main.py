"""`main` turns what went wrong into a sentence on stderr and an exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer
import typer.main

import mockint.cli
from mockint.cli import COMMANDS, main


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
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out

    for name, (_, line) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", listed, re.MULTILINE)
        assert main([name, "--help"]) == 0
        assert len(capsys.readouterr().out.splitlines()) > 4


def test_every_command_that_a_module_registers_is_in_the_table_and_only_there() -> None:
    registered = set()
    for module in {module for module, _ in COMMANDS.values()}:
        part = typer.Typer()
        import_module(f"mockint.cli.{module}").register(part)
        registered |= {(name, module) for name in typer.main.get_group(part).commands}

    assert registered == {(name, module) for name, (module, _) in COMMANDS.items()}


def test_every_module_that_registers_commands_is_in_the_table() -> None:
    folder = Path(mockint.cli.__file__).parent
    offering = {path.stem for path in folder.glob("*.py") if "\ndef register(" in path.read_text(encoding="utf-8")}

    assert offering == {module for module, _ in COMMANDS.values()}


def test_a_misspelt_command_is_met_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["intervew"]) == 2
    assert "Did you mean 'interview'" in capsys.readouterr().err


def test_a_command_imports_no_other_commands_module() -> None:
    script = "import sys, mockint.cli; mockint.cli.main(['list', '--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stderr.split() if name.startswith("mockint.cli.")}

    assert loaded == {"mockint.cli.bank", "mockint.cli.options"}


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
