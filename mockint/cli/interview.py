"""`mockint interview` and `mockint history`: be interviewed, and look back."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, TextIO

import typer

from mockint.cli.llm import print_requests
from mockint.cli.options import (
    BankOpt,
    BaseUrlOpt,
    BudgetOpt,
    JsonOpt,
    LangOpt,
    LevelOpt,
    TimeoutOpt,
    TopicOpt,
    language,
    levels,
)
from mockint.errors import INTERRUPTED, ServiceError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from mockint.bank import Bank
    from mockint.cli.terminal.draw import Draw
    from mockint.cli.terminal.entry import Entry
    from mockint.history import Session
    from mockint.interview import Interview
    from mockint.question import Question

DEFAULT_COUNT = 5
MOST_FOLLOW_UPS = 5
WIDEST = 100
JSON_VERSION = 1


def register(app: typer.Typer) -> None:
    app.command()(interview)
    app.command()(history)


def interview(
    topic: TopicOpt = None,
    level: LevelOpt = None,
    count: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--count", metavar="N", help="How many questions. Default: 5, or all of --answers."),
    ] = None,
    lang: LangOpt = "en",
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--seed", metavar="N", help="Choose the same questions as another session with this seed."),
    ] = None,
    follow_ups: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--follow-ups", metavar="N", help="At most so many a question, 0 to 5. Default: 1."),
    ] = None,
    grader: Annotated[
        str, typer.Option("--grader", metavar="NAME", help="auto (the LLM if one is configured), offline, openai:NAME.")
    ] = "auto",
    answers: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--answers", metavar="FILE", help="Answer from a YAML or JSON file (question id: answer) without asking."
        ),
    ] = None,
    from_anki: Annotated[
        bool, typer.Option("--from-anki", help="Ask what a running Anki says you know least, the weakest first.")
    ] = False,
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    budget: BudgetOpt = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --answers: print each request to the LLM, and send nothing.")
    ] = False,
    json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """A mock interview: questions, your answers, the verdict on every key point, follow-ups.

    Needs no key and no network. Every answer is kept before it is graded; 'mockint history' shows them.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.cli.terminal.draw import Draw
    from mockint.cli.terminal.llm import Companion
    from mockint.cli.terminal.session import close, hold
    from mockint.grading import grader_named
    from mockint.history import History, history_path
    from mockint.interview import Interview

    in_lang = language(lang)
    loaded = load_bank(bank or default_bank())
    flags = {"base_url": base_url, "timeout": timeout, "budget": budget}
    judge = grader_named(grader, glossary=loaded.glossary, flags=flags)
    prepared = _prepared(answers)
    if from_anki and prepared is not None:
        raise UsageError("--from-anki and --answers both choose the questions: give one")
    if dry_run:
        if prepared is None:
            raise UsageError("--dry-run needs the answers: give --answers FILE")
        print_requests(judge, [(loaded.question(id), said[0]) for id, said in prepared.items()])
        return
    seed = _new_seed() if seed is None else seed
    questions = _choose(loaded, topic or [], levels(level), count, seed, prepared, from_anki=from_anki)
    most = _most_follow_ups(follow_ups, prepared)
    draw = Draw(in_lang, loaded.topics, loaded.root)
    entry, console = _entry(prepared, draw, json=json)

    companion = Companion(judge, loaded.glossary, console, draw)
    fallback = grader_named("offline", glossary=loaded.glossary)

    with History(history_path()) as kept:
        held = Interview.begin(
            kept,
            judge,
            questions,
            lang=in_lang,
            seed=seed,
            follow_ups=most,
            fallback=fallback if judge.name != fallback.name else None,
            in_own_words=companion.in_own_words,
        )
        _introduce(console, draw, questions, entry)
        try:
            failures = hold(held, entry, console, draw, companion)
            close(held, console, draw, companion, wants_references=lambda: _wants_references(entry, console, draw))
        except KeyboardInterrupt:
            _say_stopped(held, draw)
            raise typer.Exit(INTERRUPTED) from None
        if json:
            _print_json([held.session])
    if failures and grader != "auto":
        raise ServiceError(
            f"{len(failures)} answers could not be graded by {judge.name}, and are kept: 'mockint regrade' grades them "
            f"again ({failures[0]})"
        )


def history(
    session: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="SESSION", help="Show this one whole: its id, a part of it, or 'last'."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many sessions, the newest last.")] = 20,
    lang: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--lang", metavar="en|zh", help="Default: the language of the session."),
    ] = None,
    json: JsonOpt = False,
) -> None:
    """List the sessions and attempts that are kept, or show one session whole."""
    from mockint.cli.terminal.draw import Draw
    from mockint.history import History, history_path

    wanted = language(lang) if lang else None
    with History(history_path()) as kept:
        shown = [kept.session(kept.find(session))] if session else [*reversed(kept.sessions(limit=max(1, limit)))]
    if json:
        _print_json(shown)
        return
    console = _console(sys.stdout)
    draw = Draw(wanted or (shown[0].lang if shown else "en"))
    if not shown:
        console.print(draw.note(draw.words.nothing_kept))
    for one in shown:
        console.print(draw.kept_session(one))
    if session:
        for attempt in shown[0].attempts:
            console.print()
            for block in draw.kept_attempt(attempt, len(shown[0].plan)):
                console.print(block)


def _prepared(path: Path | None) -> Mapping[str, Sequence[str]] | None:
    if path is None:
        return None
    from mockint.cli.answers import load_answers

    return load_answers(path)


def _new_seed() -> int:
    import random

    return random.SystemRandom().randrange(1_000_000)


def _choose(
    bank: Bank,
    topics: Sequence[str],
    in_levels: range,
    count: int | None,
    seed: int,
    prepared: Mapping[str, Sequence[str]] | None,
    *,
    from_anki: bool,
) -> list[Question]:
    from mockint.bank import select
    from mockint.interview import choose

    if count is not None and count < 1:
        raise UsageError(f"unusable count {count}: give 1 or more")
    fitting = select(bank, topics=topics, levels=in_levels)
    if from_anki:
        chosen = _weakest(bank, fitting)[: count or DEFAULT_COUNT]
    elif prepared is None:
        chosen = choose(fitting, count=count or DEFAULT_COUNT, seed=seed)
    else:
        answered = [bank.question(id) for id in prepared]
        chosen = [question for question in answered if question in fitting][:count]
    if not chosen:
        raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
    return chosen


def _weakest(bank: Bank, fitting: Sequence[Question]) -> list[Question]:
    """Those of the questions that were studied in Anki, the weakest first. Raises UsageError when there is none."""
    from mockint.cli.anki import studied

    by_id = {question.id: question for question in fitting}
    weakest = [by_id[known.question] for known in studied(bank) if known.question in by_id]
    if not weakest:
        raise UsageError("no question of this topic and level was studied in Anki yet: leave out --from-anki")
    return weakest


def _most_follow_ups(asked_for: int | None, prepared: Mapping[str, Sequence[str]] | None) -> int:
    if asked_for is not None:
        if not 0 <= asked_for <= MOST_FOLLOW_UPS:
            raise UsageError(f"unusable number of follow-ups {asked_for}: give one from 0 to {MOST_FOLLOW_UPS}")
        return asked_for
    return 1 if prepared is None else max(len(said) - 1 for said in prepared.values())


def _entry(prepared: Mapping[str, Sequence[str]] | None, draw: Draw, *, json: bool) -> tuple[Entry, Console]:
    """Where the answers come from, and where the questions go: with --json nothing but the JSON goes to stdout."""
    from mockint.cli.terminal.entry import Piped, Prepared, Typed

    out = sys.stderr if json else sys.stdout
    if prepared is not None:
        return Prepared(prepared), _console(out, quiet=json)
    person = sys.stdin.isatty()
    console = _console(out, quiet=json and not person)
    if person and out.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        return Typed(draw.words, out=out, say=lambda text: console.print(draw.note(text))), console
    return Piped(sys.stdin.buffer, echoes=not person), console


def _console(out: TextIO, *, quiet: bool = False) -> Console:
    from rich.console import Console, ConsoleDimensions

    class Page(Console):
        """No wider than what reads well, also after the window was made larger."""

        @property  # type: ignore[misc]
        def size(self) -> ConsoleDimensions:
            width, height = super().size
            return ConsoleDimensions(min(width, WIDEST), height)

    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a terminal without Unicode shows ?, and the interview goes on
    return Page(file=out, quiet=quiet, markup=False, emoji=False, highlight=False)


def _introduce(console: Console, draw: Draw, questions: Sequence[Question], entry: Entry) -> None:
    from mockint.cli.terminal.entry import Piped, Typed

    minutes = sum(question.minutes for question in questions)
    console.print(draw.note(draw.words.begin.format(count=len(questions), minutes=minutes)))
    if isinstance(entry, Typed):
        console.print(draw.note(draw.words.how_to_type, "dim"))
    elif isinstance(entry, Piped) and not entry.echoes:
        console.print(draw.note(draw.words.how_to_pipe))


def _wants_references(entry: Entry, console: Console, draw: Draw) -> bool:
    """Asked where somebody sits; printed where nobody does."""
    from mockint.cli.terminal.entry import Typed

    if not isinstance(entry, Typed):
        return True
    try:
        return console.input(draw.words.offer_references).strip().casefold() not in draw.words.no
    except EOFError:
        return False


def _say_stopped(held: Interview, draw: Draw) -> None:
    session = held.session
    words = draw.words.stopped if session.answered else draw.words.stopped_empty
    typer.echo("\n" + words.format(count=len(session.answered), id=session.id), err=True)


def _print_json(sessions: Sequence[Session]) -> None:
    import json

    document = {"version": JSON_VERSION, "sessions": [session.as_json() for session in sessions]}
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
