"""Holds an interview in a terminal: asks, takes the answer, shows the verdict, until it is over."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from mockint.cli.terminal.draw import Draw
from mockint.cli.terminal.entry import Entry
from mockint.cli.terminal.text import printable
from mockint.errors import ServiceError
from mockint.interview import Ask, Interview, Judge, Judged


def hold(interview: Interview, entry: Entry, console: Console, draw: Draw) -> list[str]:
    """Goes on until the session is over or the person quits; returns why answers could not be graded, if any."""
    failures: list[str] = []
    hidden: Judged | None = None
    while step := interview.step():
        match step:
            case Ask():
                if not _ask(step, interview, entry, console, draw):
                    break
            case Judge():
                judged = interview.judge(step)
                _show(judged, console, draw)
                hidden = judged if judged.follow_up else None
                failures += [judged.failure] if judged.failure else []
    if hidden and hidden.grade:
        console.print(draw.verdict(hidden.attempt.question, hidden.grade))
    return failures


def _ask(ask: Ask, interview: Interview, entry: Entry, console: Console, draw: Draw) -> bool:
    """False when the person wants to stop."""
    console.print()
    if ask.part.part == 0:
        console.print(draw.question(ask.question, number=ask.number, total=ask.total))
    else:
        console.print(draw.follow_up(ask.part.prompt, ask.question))
    reply = entry.take(ask)
    if reply is None:
        return False
    try:
        interview.save(ask, reply.text, outcome=reply.outcome, seconds=reply.seconds)
    except ServiceError:
        if reply.text:
            console.print(Text(draw.words.unsaved, "bold red"))
            console.print(Text(printable(reply.text)))
        raise
    if entry.echoes or reply.outcome != "answered":
        said = ask.part.model_copy(update={"answer": reply.text, "outcome": reply.outcome})
        console.print(draw.answer(said))
    return True


def _show(judged: Judged, console: Console, draw: Draw) -> None:
    question = judged.attempt.question
    console.print()
    if judged.failure:
        console.print(draw.failed(judged.failure))
    if judged.grade is None:
        return
    if judged.follow_up:
        console.print(draw.interim(question, judged.grade))
    else:
        console.print(draw.verdict(question, judged.grade, before=judged.attempt.grades[0].grade))


def close(interview: Interview, console: Console, draw: Draw, *, wants_references: Callable[[], bool]) -> None:
    """The summary by topic, the reference answers to what was answered or skipped, and where the session is kept."""
    session = interview.session
    met = [attempt for attempt in session.attempts if attempt.outcome]
    if not met:
        console.print(Text(draw.words.stopped_empty))
        return
    if session.answered:
        console.print()
        console.print(draw.summary(session))
        console.print()
    if wants_references():
        for attempt in met:
            console.print(draw.reference(attempt.question))
            console.print()
    if left := len(session.plan) - len(met):
        console.print(Text(draw.words.resumable.format(open=left, total=len(session.plan))))
    console.print(Text(draw.words.kept.format(id=session.id)))
