"""Holds an interview in a terminal: asks, takes the answer, shows the verdict, until it is over."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from mockint.errors import ServiceError, UsageError
from mockint.interview import Ask, Interview, Judge, Judged
from mockint.markdown.characters import visible
from mockint.terminal.draw import Draw
from mockint.terminal.entry import Desk, Entry, Reply, clarification_in, command_in, minutes_and_seconds
from mockint.terminal.llm import Companion


def hold(interview: Interview, entry: Entry, console: Console, draw: Draw, companion: Companion) -> list[str]:
    """Goes on until the session is over or the person quits; returns why answers could not be graded, if any."""
    failures: list[str] = []
    hidden: Judged | None = None
    exam = interview.session.mode == "exam"
    judging = False
    while step := interview.step():
        match step:
            case Ask():
                if not _ask(step, interview, entry, console, draw, companion):
                    break
            case Judge():
                if exam:
                    _reintroduce(step, console, draw, first=not judging)
                    judging = True
                with companion.thinking():
                    judged = interview.judge(step)
                _show(judged, console, draw)
                hidden = judged if judged.follow_up else None
                failures += [judged.failure] if judged.failure else []
    if hidden and hidden.grade:
        console.print(draw.verdict(hidden.attempt.question, hidden.grade))
    return failures


def _ask(ask: Ask, interview: Interview, entry: Entry, console: Console, draw: Draw, companion: Companion) -> bool:
    """False when the person wants to stop."""
    console.print()
    if ask.part.part == 0:
        if ask.why:
            console.print(draw.note(ask.why.in_(draw.lang), "dim"))
        console.print(draw.question(ask.question, number=ask.number, total=ask.total))
    else:
        console.print(draw.follow_up(ask.part.prompt, ask.question))
    if ask.drafts and not entry.echoes:
        console.print(draw.note(draw.words.draft_found, "dim"))
    reply = _taken(ask, interview, entry, console, draw, companion)
    if reply is None:
        return False
    asks = ask.part.part == 0 and reply.outcome == "answered"
    try:
        # Kept before anything is asked about it: the words first.
        _keeping(interview, ask)(reply.text if asks else "", reply.seconds or 0.0)
        sure = entry.how_sure() if asks else None
        interview.save(ask, reply.text, outcome=reply.outcome, seconds=reply.seconds, confidence=sure, writer=_writer())
    except UsageError:
        console.print(draw.note(draw.words.answered_elsewhere, "yellow"))
        return True
    except ServiceError:
        if reply.text:
            console.print(draw.note(draw.words.unsaved, "bold red"))
            console.print(draw.note(visible(reply.text)))
        raise
    if entry.echoes or reply.outcome != "answered":
        said = ask.part.model_copy(update={"answer": reply.text, "outcome": reply.outcome})
        console.print(draw.answer(said))
    if interview.session.mode == "exam":
        console.print(draw.note(draw.words.verdicts_later, "dim"))
    return True


def _reintroduce(judge: Judge, console: Console, draw: Draw, *, first: bool) -> None:
    """In an exam the verdict stands far from its question: what was asked and said, once more."""
    attempt = judge.attempt
    if first:
        console.print()
        console.print(draw.heading(draw.words.verdicts_now))
    console.print()
    console.print(draw.asked(attempt))
    console.print(draw.answer(attempt.parts[0]))


def _writer() -> str:
    return f"terminal-{os.getpid()}"


def _keeping(interview: Interview, ask: Ask) -> Callable[[str, float], bool]:
    def keep(text: str, seconds: float) -> bool:
        try:
            interview.draft(ask, text, seconds=seconds, writer=_writer())
        except ServiceError:
            return False
        return True

    return keep


def _taken(
    ask: Ask, interview: Interview, entry: Entry, console: Console, draw: Draw, companion: Companion
) -> Reply | None:
    """An answer. Before it, `/clarify ...` is told what the question means, and `/hint` is given a hint."""
    seconds = 0.0
    while reply := entry.take(ask, Desk(_keeping(interview, ask), interview.remaining_seconds)):
        seconds += reply.seconds or 0.0
        ask = replace(ask, drafts=())  # its words and its time are in the editor now
        if (asked := clarification_in(reply.text)) is not None:
            said = companion.clarify(ask.question, asked or ask.part.prompt)
            console.print(draw.spoken(draw.words.clarification, said))
        elif command_in(reply.text) == "hint":
            hint = interview.hint(ask)
            console.print(draw.hint(hint, ask.question) if hint else draw.note(draw.words.no_hint))
        else:
            return reply if reply.seconds is None else replace(reply, seconds=seconds)
    return None


def _show(judged: Judged, console: Console, draw: Draw) -> None:
    question = judged.attempt.question
    console.print()
    if judged.failure:
        console.print(draw.provisional(judged.failure) if judged.provisional else draw.failed(judged.failure))
    if judged.grade is None:
        return
    if judged.follow_up:
        console.print(draw.interim(question, judged.grade))
    else:
        console.print(draw.verdict(question, judged.grade, before=judged.attempt.grades[0].grade))
        if judged.attempt.over_seconds:
            spent = judged.attempt.parts[0].seconds or 0.0
            console.print(
                draw.note(
                    draw.words.took_longer.format(
                        spent=minutes_and_seconds(spent),
                        minutes=question.minutes,
                        over=minutes_and_seconds(judged.attempt.over_seconds),
                    ),
                    "yellow",
                )
            )


def close(
    interview: Interview, console: Console, draw: Draw, companion: Companion, *, wants_references: Callable[[], bool]
) -> None:
    """The summary by topic, the reference answers to what was answered or skipped, and where the session is kept."""
    session = interview.session
    met = [attempt for attempt in session.attempts if attempt.outcome]
    if not met:
        console.print(draw.note(draw.words.stopped_empty))
        return
    if session.answered:
        console.print()
        console.print(draw.summary(session))
        console.print()
        if debrief := companion.debrief(session):
            console.print(draw.spoken(draw.words.debrief, debrief))
    if wants_references():
        for attempt in met:
            console.print(draw.reference(attempt.question))
            console.print()
    if session.over_seconds:
        console.print(draw.note(draw.words.session_over.format(over=minutes_and_seconds(session.over_seconds))))
    if left := session.total - len(met):
        console.print(draw.note(draw.words.resumable.format(open=left, total=session.total)))
        if session.ended_at is None:
            console.print(draw.note(draw.words.stopped_open.format(id=session.id)))
    if used := companion.used():
        console.print(draw.note(draw.words.used.format(used=used), "dim"))
    console.print(draw.note(draw.words.kept.format(id=session.id)))
