"""Every program in the bank is run, and what it prints is what the bank says it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from markdown_it.token import Token

from mockint.bank import default_bank, load_bank
from mockint.markdown.parser import parser
from mockint.question import LANGS, Question
from tests.bank.torch_python import torch_python


def _is_fence(token: Token, language: str) -> bool:
    return token.type == "fence" and token.info.strip() == language


def programs(question: Question) -> Iterator[tuple[str, str, str]]:
    """(where, source, stated output) of the `code` field and of every python fence followed by an output fence."""
    if question.code:
        yield "code", question.code.source, question.code.output
    for key in ("prompt", "answer"):
        for lang in LANGS:
            tokens = parser().parse(getattr(question, key).in_(lang))
            for first, then in pairwise(tokens):
                if _is_fence(first, "python") and _is_fence(then, "output"):
                    yield f"{key}.{lang}", first.content, then.content


ALL = [
    pytest.param(source, output, id=f"{question.id}-{where}-{number}")
    for question in load_bank(default_bank()).questions
    for number, (where, source, output) in enumerate(programs(question))
]


def run(source: str) -> str:
    python = torch_python() if re.search(r"^\s*(import|from) torch\b", source, re.MULTILINE) else sys.executable
    done = subprocess.run([python, "-c", source], capture_output=True, text=True, timeout=120, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


@pytest.mark.parametrize(("source", "output"), ALL)
def test_a_program_prints_what_the_bank_says(source: str, output: str) -> None:
    assert run(source).rstrip() == output.rstrip()


def test_there_are_programs_to_run() -> None:
    assert ALL


def test_a_program_with_torch_runs_in_a_python_that_has_it() -> None:
    assert run("import torch\nprint(torch.ones(2).sum().item())").rstrip() == "2.0"


def test_a_wrong_output_would_be_seen() -> None:
    assert run("print(1)").rstrip() != "2"
