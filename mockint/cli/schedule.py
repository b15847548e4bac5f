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
    from mockint.question import Lang, Question
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
    from mockint.schedule import standings

    in_lang = language(lang)
    loaded = load_bank(bank or default_bank(), pictures=False)
    selection = selection_of(loaded, topic or [], level, loaded.profile(role) if role else None)
    fitting = {question.id: question for question in _fitting(loaded, selection)}
    with History(history_path()) as kept:
        known, now = standings(kept), kept.now()
    asked = sorted((one for id, one in known.items() if id in fitting), key=lambda one: one.due_at)
    waiting = sorted((one for one in asked if one.due_at <= now), key=lambda one: one.recall(now))
    later = [one for one in asked if one.due_at > now]
    new = len(fitting) - len(asked)
    if json:
        rows = [_as_json(one, now) for one in (*waiting, *later)]
        typer.echo(json_.dumps({"version": 1, "due": len(waiting), "new": new, "questions": rows}, indent=2))
        return
    _print(_due_table(loaded, [*waiting, *later][:limit], now, in_lang), _due_line(len(waiting), later, new, in_lang))


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
    from mockint.schedule import plan_days, standings

    in_lang = language(lang)
    loaded = load_bank(bank or default_bank(), pictures=False)
    profile = loaded.profile(role) if role else None
    selection = selection_of(loaded, topic or [], level, profile)
    questions = _fitting(loaded, selection)
    if not questions:
        raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
    interview = _day(until)
    with History(history_path()) as kept:
        today = kept.now().astimezone()
        if interview <= today.date():
            raise UsageError(f"the date {interview} is not in the future: give a later one")
        made = plan_days(
            questions,
            standings(kept),
            first=today.date(),
            last=date.fromordinal(interview.toordinal() - 1),
            minutes=minutes or (profile.minutes if profile else DEFAULT_MINUTES),
            zone=today.tzinfo or UTC,
            selection=selection,
        )
    if json:
        typer.echo(json_.dumps(_plan_as_json(made), ensure_ascii=False, indent=2))
        return
    _print(_plan_table(loaded, made, in_lang), _plan_line(made, in_lang))


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


def _due_table(bank: Bank, shown: list[Standing], now: datetime, lang: Lang) -> Table:
    from rich.table import Table
    from rich.text import Text

    from mockint.terminal.draw import percent

    zh = lang == "zh"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    heads = ("题目", "什么时候", "上次", "还记得", "次数") if zh else ("question", "when", "last", "recall", "times")
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < 2 else "right", no_wrap=place > 0, overflow="fold")
    for one in shown:
        is_due = one.due_at <= now
        when = Text(_when(one.due_at, now, lang), "bold yellow" if is_due else "dim")
        recall = Text(f"{one.recall(now):.0%}")
        table.add_row(one.question, when, percent(one.last_score), recall, str(one.reviews))
    return table


def _when(due_at: datetime, now: datetime, lang: Lang) -> str:
    days = (due_at.astimezone().date() - now.astimezone().date()).days
    if due_at <= now:
        return (
            ("到期" if not days else f"到期 {-days} 天") if lang == "zh" else ("due" if not days else f"due {-days} d")
        )
    if lang == "zh":
        return "今天晚些时候" if not days else f"{days} 天后"
    return "later today" if not days else f"in {days} d"


def _due_line(waiting: int, later: list[Standing], new: int, lang: Lang) -> str:
    if lang == "zh":
        return f"到期 {waiting} 题，之后 {len(later)} 题，还没问过 {new} 题。'mockint interview' 会先问到期的。"
    return f"{waiting} due, {len(later)} later, {new} never asked. 'mockint interview' asks what is due first."


def _plan_table(bank: Bank, made: Calendar, lang: Lang) -> Table:
    from rich.table import Table

    zh = lang == "zh"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("日期" if zh else "day", no_wrap=True)
    table.add_column("分钟" if zh else "min", justify="right", no_wrap=True)
    table.add_column("题目（+ 新题，~ 复习）" if zh else "questions (+ new, ~ again)", ratio=1)
    for day in made.days:
        table.add_row(_named(day, lang), str(day.minutes) if day.items else "-", _items(day, lang))
    return table


def _named(day: Day, lang: Lang) -> str:
    week = "一二三四五六日"[day.on.weekday()] if lang == "zh" else f"{day.on:%a}"
    return f"{day.on:%m-%d} {week}"


def _items(day: Day, lang: Lang) -> str:
    if not day.items:
        return "休息" if lang == "zh" else "free"
    signs = {"new": "+", "review": "~"}
    return "\n".join(f"{signs[item.kind]} {item.question.id}" for item in day.items)


def _plan_line(made: Calendar, lang: Lang) -> str:
    new = sum(item.kind == "new" for day in made.days for item in day.items)
    again = sum(len(day.items) for day in made.days) - new
    total = sum(day.minutes for day in made.days)
    if lang == "zh":
        line = f"{len(made.days)} 天，新题 {new}，复习 {again} 次，共 {total} 分钟。"
        return line + (
            f" 时间不够，{len(made.left_out)} 题没排进去：每天 {made.enough_minutes} 分钟才够。"
            if made.left_out
            else ""
        )
    line = f"{len(made.days)} days: {new} new questions, {again} reviews, {total} minutes in all."
    if made.left_out:
        line += f" {len(made.left_out)} do not fit: {made.enough_minutes} minutes a day would hold them."
    return line


def _print(table: Table, line: str) -> None:
    from rich.text import Text

    from mockint.terminal.page import page

    console = page(sys.stdout)
    if table.row_count:
        console.print(table)
        console.print()
    console.print(Text(line))
