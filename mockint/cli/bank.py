"""`mockint check`, `list` and `show`: look at the bank."""

from __future__ import annotations

import typer

from mockint.cli.options import BankOpt, JsonOpt, LangOpt, LevelOpt, TopicOpt
from mockint.errors import FoundWantingError


def register(app: typer.Typer) -> None:
    app.command()(check)


def check(bank: BankOpt = None) -> None:
    """Look for problems in the bank: every one, with its file, line and what to do."""
    from mockint.bank import default_bank, read_bank
    from mockint.check import lint

    loaded, problems = read_bank(bank or default_bank())
    problems = sorted([*problems, *lint(loaded)])
    for problem in problems:
        typer.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    summary = f"{len(loaded.questions)} questions, {errors} errors, {len(problems) - errors} warnings"
    if errors:
        raise FoundWantingError(summary)
    typer.echo(summary)
