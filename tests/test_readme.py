"""The README names commands that exist, and its table is the bank's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockint.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_topics_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--counts"]) == 0

    assert capsys.readouterr().out.strip() in README


def test_every_command_named_exists_and_every_command_is_named() -> None:
    commands = set(COMMANDS)
    named = set(re.findall(r"mockint ([a-z][a-z-]*)", README)) | set(re.findall(r"`([a-z][a-z-]*)(?: ID)?`", README))

    assert set(re.findall(r"`mockint ([a-z][a-z-]*)", README)) <= commands
    assert commands <= named


def test_every_file_named_is_there() -> None:
    for name in re.findall(r"`((?:mockint|tests|bank|decks)/[\w./]*)`", README) + re.findall(
        r"\]\(([\w./]+)\)", README
    ):
        if not name.endswith(".apkg"):
            assert (ROOT / name).exists(), name
