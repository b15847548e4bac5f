"""`mockint due` and `mockint plan`: what to practise, today and until the interview."""

from __future__ import annotations

import json as json_
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from mockint.cli.options import BankOpt, JsonOpt, LangOpt, LevelOpt, RoleOpt, TopicOpt, language, selection_of
from mockint.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from mockint.bank import Bank
    from mockint.history import Selection
    from mockint.phrases import SchedulePhrases
    from mockint.question import Question
    from mockint.schedule import Calendar, Day, Standing

DEFAULT_MINUTES = 30
LONGEST_MINUTES = 600


def register(app: typer.Typer) -> None:
    app.command()(due)
    app.command()(plan)


def due(
    topic: TopicOpt = None,
    level: LevelOpt = None,
    role: RoleOpt = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="So many questions at most.")] = 20,
    lang: LangOpt = "en",
    json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """What is due for another try, the least known first, and what comes up after it.

    Every graded answer counts as a review; FSRS tells from them how likely you still know the answer.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.history import History, history_path
    from mockint.phrases import SchedulePhrases
    from mockint.schedule import standings

    words = SchedulePhrases(language(lang))
    loaded = load_bank(bank or default_bank(), pictures=False)
    selection = selection_of(loaded, topic or [], level, loaded.profile(role) if role else None)
    fitting = {question.id: question for question in _fitting(loaded, selection)}
    with History(history_path()) as history:
        known, now = standings(history), history.now()
    asked = sorted((one for id, one in known.items() if id in fitting), key=lambda one: one.due_at)
    waiting = sorted((one for one in asked if one.due_at <= now), key=lambda one: one.recall(now))
    later = [one for one in asked if one.due_at > now]
    new = len(fitting) - len(asked)
    if json:
        rows = [_as_json(one, now) for one in (*waiting, *later)]
        typer.echo(json_.dumps({"version": 1, "due": len(waiting), "new": new, "questions": rows}, indent=2))
        return
    line = words.due_line.format(due=len(waiting), later=len(later), new=new)
    _print(_due_table([*waiting, *later][:limit], now, words), line)


def plan(
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The day of the interview, as in 2026-12-24.")],
    minutes: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--minutes", metavar="N", min=5, max=LONGEST_MINUTES, help="A day. Default: the role's, or 30."),
    ] = None,
    topic: TopicOpt = None,
    level: LevelOpt = None,
    role: RoleOpt = None,
    lang: LangOpt = "en",
    json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """A plan for every day until the interview: what to review, what to take on, how long it takes.

    The day of the interview itself is left free. The plan supposes good answers: make it anew every few days.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.history import History, history_path
    from mockint.phrases import SchedulePhrases
    from mockint.schedule import plan_days, standings

    words = SchedulePhrases(language(lang))
    loaded = load_bank(bank or default_bank(), pictures=False)
    profile = loaded.profile(role) if role else None
    selection = selection_of(loaded, topic or [], level, profile)
    questions = _fitting(loaded, selection)
    if not questions:
        raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
    interview = _day(until)
    with History(history_path()) as history:
        today = history.now().astimezone()
        if interview <= today.date():
            raise UsageError(f"the date {interview} is not in the future: give a later one")
        made = plan_days(
            questions,
            standings(history),
            first=today.date(),
            last=date.fromordinal(interview.toordinal() - 1),
            minutes=minutes or (profile.minutes if profile else DEFAULT_MINUTES),
            zone=today.tzinfo or UTC,
            selection=selection,
        )
    if json:
        typer.echo(json_.dumps(_plan_as_json(made), ensure_ascii=False, indent=2))
        return
    _print(_plan_table(made, words), _plan_line(made, words))


def _fitting(bank: Bank, selection: Selection) -> tuple[Question, ...]:
    from mockint.bank import select

    low, high = selection.levels
    return select(bank, topics=selection.topics, levels=range(low, high + 1))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"unusable date {text!r}: write it as in 2026-12-24") from None


def _as_json(one: Standing, now: datetime) -> dict[str, Any]:
    return {
        "question": one.question,
        "topic": one.topic,
        "level": one.level,
        "due_at": one.due_at.isoformat(timespec="seconds"),
        "due": one.due_at <= now,
        "recall": round(one.recall(now), 4),
        "stability_days": round(one.stability, 2),
        "reviews": one.reviews,
        "last_score": one.last_score,
        "last_at": one.last_at.isoformat(timespec="seconds"),
    }


def _plan_as_json(made: Calendar) -> dict[str, Any]:
    return {
        "version": 1,
        "days": [
            {
                "date": day.on.isoformat(),
                "minutes": day.minutes,
                "questions": [
                    {"question": item.question.id, "kind": item.kind, "minutes": item.minutes} for item in day.items
                ],
            }
            for day in made.days
        ],
        "left_out": [question.id for question in made.left_out],
        "enough_minutes": made.enough_minutes,
    }


def _due_table(shown: list[Standing], now: datetime, words: SchedulePhrases) -> Table:
    from rich.table import Table
    from rich.text import Text

    from mockint.phrases.formats import percent
    from mockint.terminal.pieces import score_text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    heads = (words.question_column, words.when_column, words.last_column, words.recall_column, words.times_column)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < 2 else "right", no_wrap=place > 0, overflow="fold")
    for one in shown:
        when = Text(_when(one.due_at, now, words), "bold yellow" if one.due_at <= now else "dim")
        table.add_row(one.question, when, score_text(one.last_score), percent(one.recall(now)), str(one.reviews))
    return table


def _when(due_at: datetime, now: datetime, words: SchedulePhrases) -> str:
    days = (due_at.astimezone().date() - now.astimezone().date()).days
    if due_at <= now:
        return words.due_since.format(days=-days) if days else words.due_today
    return words.due_in.format(days=days) if days else words.later_today


def _plan_table(made: Calendar, words: SchedulePhrases) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(words.day_column, no_wrap=True)
    table.add_column(words.minutes_column, justify="right", no_wrap=True)
    table.add_column(words.questions_column, ratio=1)
    for day in made.days:
        name = f"{day.on:%m-%d} {words.weekdays.split()[day.on.weekday()]}"
        table.add_row(name, str(day.minutes) if day.items else "-", _items(day, words))
    return table


def _items(day: Day, words: SchedulePhrases) -> str:
    signs = {"new": "+", "review": "~"}
    return "\n".join(f"{signs[item.kind]} {item.question.id}" for item in day.items) or words.free


def _plan_line(made: Calendar, words: SchedulePhrases) -> str:
    new = sum(item.kind == "new" for day in made.days for item in day.items)
    again = sum(len(day.items) for day in made.days) - new
    total = sum(day.minutes for day in made.days)
    line = words.plan_line.format(days=len(made.days), new=new, again=again, minutes=total)
    if made.left_out:
        line += words.left_out.format(count=len(made.left_out), minutes=made.enough_minutes)
    return line


def _print(table: Table, line: str) -> None:
    from rich.text import Text

    from mockint.terminal.page import page

    console = page(sys.stdout)
    if table.row_count:
        console.print(table)
        console.print()
    console.print(Text(line))
