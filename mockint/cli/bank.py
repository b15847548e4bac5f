"""`mockint check`, `list` and `show`: look at the bank."""

from __future__ import annotations

import typer

from mockint.cli.options import BankOpt, JsonOpt, LevelOpt, TopicOpt, levels
from mockint.errors import FoundWantingError


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command("list")(list_)


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


def list_(bank: BankOpt = None, topic: TopicOpt = None, level: LevelOpt = None, json: JsonOpt = False) -> None:
    """List the questions, by topic and level."""
    from mockint.bank import default_bank, load_bank, select

    loaded = load_bank(bank or default_bank())
    questions = select(loaded, topics=topic or (), levels=levels(level))
    if json:
        import json as json_

        rows = [
            {"id": q.id, "topic": q.topic, "level": q.level, "kind": q.kind, "minutes": q.minutes, "tags": q.tags}
            | {"prompt": q.prompt.model_dump()}
            for q in questions
        ]
        typer.echo(json_.dumps(rows, ensure_ascii=False, indent=2))
        return
    for place in loaded.topics:
        inside = [question for question in questions if question.topic == place.id]
        if inside:
            typer.echo(f"{place.id}: {place.name.en} / {place.name.zh}")
        for question in inside:
            typer.echo(f"  {question.level}  {question.id:<44} {question.kind}")
