"""`mockint check`, `list` and `show`: look at the bank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from mockint.cli.options import BankOpt, JsonOpt, LangOpt, LevelOpt, TopicOpt, language, levels
from mockint.errors import FoundWantingError

if TYPE_CHECKING:
    from mockint.question import Question, Topic


def register(app: typer.Typer) -> None:
    app.command()(check)
    app.command("list")(list_)
    app.command()(show)


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


def list_(
    bank: BankOpt = None,
    topic: TopicOpt = None,
    level: LevelOpt = None,
    json: JsonOpt = False,
    counts: Annotated[bool, typer.Option("--counts", help="Only how many there are, as a Markdown table.")] = False,
) -> None:
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
    if counts:
        typer.echo(_counts(loaded.topics, questions))
        return
    for place in loaded.topics:
        inside = [question for question in questions if question.topic == place.id]
        if inside:
            typer.echo(f"{place.id}: {place.name.en} / {place.name.zh}")
        for question in inside:
            typer.echo(f"  {question.level}  {question.id:<44} {question.kind}")


def _counts(topics: Sequence[Topic], questions: Sequence[Question]) -> str:
    rows = [("topic", "主题", "questions", *(f"level {level}" for level in range(1, 6)))]
    for topic in topics:
        per_level = Counter(question.level for question in questions if question.topic == topic.id)
        if per_level:
            counted = (str(per_level[level] or "") for level in range(1, 6))
            rows.append((topic.name.en, topic.name.zh, str(per_level.total()), *counted))
    all_levels = Counter(question.level for question in questions)
    rows.append(("**all**", "", str(len(questions)), *(str(all_levels[level] or "") for level in range(1, 6))))
    head, *body = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The question's id, as 'mockint list' prints it.")],
    lang: LangOpt = "en",
    only_question: Annotated[
        bool, typer.Option("--only-question", help="Without the key points and the reference answer.")
    ] = False,
    json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """Show one question: what is asked, what a good answer says, the reference answer."""
    from rich.console import Console

    from mockint.bank import default_bank, load_bank
    from mockint.terminal.draw import Draw

    in_lang = language(lang)
    loaded = load_bank(bank or default_bank())
    question = loaded.question(id)
    if json:
        typer.echo(question.model_dump_json(indent=2))
        return
    console = Console(highlight=False)
    draw = Draw(in_lang, loaded.topics, loaded.root)
    same_topic = [other.id for other in loaded.questions if other.topic == question.topic]
    console.print(draw.question(question, number=same_topic.index(id) + 1, total=len(same_topic)))
    if not only_question:
        console.print(draw.criteria(question))
        console.print(draw.reference(question))
