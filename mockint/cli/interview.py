"""`mockint interview` and `mockint resume`: be interviewed, and go on where you stopped."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from mockint.cli.llm import print_requests
from mockint.cli.options import (
    BankOpt,
    BaseUrlOpt,
    BudgetOpt,
    JsonOpt,
    LangOpt,
    LevelOpt,
    RoleOpt,
    TimeoutOpt,
    TopicOpt,
    language,
    selection_of,
)
from mockint.errors import INTERRUPTED, ServiceError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from mockint.bank import Bank
    from mockint.grading import Grader
    from mockint.history import History, Mode, Selection
    from mockint.interview import Interview, LineUp
    from mockint.question import Lang, Question
    from mockint.terminal.draw import Draw
    from mockint.terminal.entry import Entry
    from mockint.terminal.llm import Companion

MOST_FOLLOW_UPS = 5
LONGEST_MINUTES = 600

GraderOpt = Annotated[
    str, typer.Option("--grader", metavar="NAME", help="auto (the LLM if one is configured), offline, openai:NAME.")
]
ConfidenceOpt = Annotated[
    bool, typer.Option("--confidence/--no-confidence", help="Ask how good you think it was, before the verdict.")
]


def register(app: typer.Typer) -> None:
    app.command()(interview)
    app.command()(resume)


def interview(
    topic: TopicOpt = None,
    level: LevelOpt = None,
    role: RoleOpt = None,
    count: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--count", metavar="N", help="How many questions. Default: 5, or what the minutes hold."),
    ] = None,
    minutes: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--minutes", metavar="N", help="The time for the session: nothing new is asked after it."),
    ] = None,
    mode: Annotated[
        str,
        typer.Option("--mode", metavar="practice|exam", help="A verdict after each answer, or all of them at the end."),
    ] = "practice",
    lang: LangOpt = "en",
    seed: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--seed", metavar="N", help="Draw the questions by this number, not by what you answered before."),
    ] = None,
    follow_ups: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--follow-ups", metavar="N", help="At most so many a question, 0 to 5. Default: 1, in an exam 0."),
    ] = None,
    confidence: ConfidenceOpt = True,
    grader: GraderOpt = "auto",
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

    Asks first what is due and what went badly, then what is new, at the level of your last answers. Needs no key and
    no network. What you type is kept while you type: 'mockint resume' goes on after a break, 'mockint history' looks
    back.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.grading import grader_named
    from mockint.history import History, history_path
    from mockint.interview import Interview

    in_lang, in_mode = language(lang), _mode(mode)
    loaded = load_bank(bank or default_bank(), pictures=False)
    flags = {"base_url": base_url, "timeout": timeout, "budget": budget}
    judge = grader_named(grader, wordings=loaded.wordings, flags=flags)
    prepared = _prepared(answers)
    if from_anki and prepared is not None:
        raise UsageError("--from-anki and --answers both choose the questions: give one")
    if dry_run:
        if prepared is None:
            raise UsageError("--dry-run needs the answers: give --answers FILE")
        print_requests(judge, [(loaded.question(id), said[0]) for id, said in prepared.items()])
        return
    profile = loaded.profile(role) if role else None
    _check_numbers(count, minutes)
    wanted = _Wanted(
        selection=selection_of(loaded, topic or [], level, profile),
        count=count,
        minutes=minutes or (profile.minutes if profile and count is None else None),
        mode=in_mode,
        seed=seed,
        prepared=prepared,
        from_anki=from_anki,
    )
    most = _most_follow_ups(follow_ups, prepared)
    fixed = wanted.fixed(loaded)
    table = _Table(loaded, judge, _draw(in_lang, loaded), prepared, asks_how_sure=confidence, json=json)
    with History(history_path()) as kept:
        line_up = fixed or wanted.line_up(kept, loaded)
        held = Interview.begin(
            kept,
            judge,
            [choice.question for choice in line_up.choices],
            whys=[choice.why for choice in line_up.choices],
            lang=in_lang,
            seed=_new_seed() if seed is None else seed,
            follow_ups=most,
            mode=in_mode,
            limit_seconds=line_up.limit_seconds,
            profile=profile.id if profile else None,
            count=line_up.count,
            selection=line_up.selection,
            **table.for_interview(kept),
        )
        _introduce(table, line_up, in_mode)
        failures = table.hold(held)
    _complain(failures, judge, grader)


def resume(
    session: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="SESSION", help="Its id or a part of it. Default: the latest that is not over."),
    ] = None,
    confidence: ConfidenceOpt = True,
    grader: GraderOpt = "auto",
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    budget: BudgetOpt = None,
    json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """Go on with an interview that was stopped, paused or cut off, with what you had typed."""
    from mockint.bank import default_bank, load_bank
    from mockint.grading import grader_named
    from mockint.history import History, history_path
    from mockint.interview import Interview

    loaded = load_bank(bank or default_bank(), pictures=False)
    flags = {"base_url": base_url, "timeout": timeout, "budget": budget}
    judge = grader_named(grader, wordings=loaded.wordings, flags=flags)
    with History(history_path()) as kept:
        id = _resumable(kept, session)
        before = kept.session(id)
        table = _Table(loaded, judge, _draw(before.lang, loaded), None, asks_how_sure=confidence, json=json)
        held = Interview(kept, id, judge, **table.for_interview(kept))
        words = table.draw.words.goes_on.format(id=id, answered=len(before.answered), total=before.total)
        table.console.print(table.draw.note(words))
        failures = table.hold(held)
    _complain(failures, judge, grader)


@dataclass(frozen=True)
class _Wanted:
    """What the options say about the questions."""

    selection: Selection
    count: int | None
    minutes: int | None
    mode: Mode
    seed: int | None
    prepared: Mapping[str, Sequence[str]] | None
    from_anki: bool

    def line_up(self, history: History, bank: Bank) -> LineUp:
        """By what the history shows."""
        from mockint.interview import line_up

        return line_up(
            history,
            bank.questions,
            selection=self.selection,
            mode=self.mode,
            seed=_new_seed(),
            count=self.count,
            minutes=self.minutes,
        )

    def fixed(self, bank: Bank) -> LineUp | None:
        """The questions, where something else than the history chooses them.

        Raises UsageError when there is nothing to ask, whoever chooses.
        """
        from mockint.bank import select
        from mockint.interview import DEFAULT_COUNT, choose

        low, high = self.selection.levels
        fitting = select(bank, topics=self.selection.topics, levels=range(low, high + 1))
        chosen: Sequence[Question] | None = None
        if self.from_anki:
            chosen = _weakest(bank, fitting)[: self.count or DEFAULT_COUNT]
        elif self.prepared is not None:
            answered = [bank.question(id) for id in self.prepared]
            chosen = [question for question in answered if question in fitting][: self.count]
        elif self.seed is not None:
            chosen = choose(fitting, count=self.count or DEFAULT_COUNT, seed=self.seed)
        if not (fitting if chosen is None else chosen):
            raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
        return None if chosen is None else self._of(chosen)

    def _of(self, questions: Sequence[Question]) -> LineUp:
        from mockint.interview import LineUp
        from mockint.schedule import Choice

        meant = sum(question.minutes for question in questions)
        limit = self.minutes or (meant if self.mode == "exam" and self.prepared is None else None)
        return LineUp(
            choices=tuple(Choice(question) for question in questions),
            count=len(questions),
            minutes=meant,
            limit_seconds=60.0 * limit if limit else None,
            selection=self.selection,
        )


@dataclass(frozen=True)
class _Table:
    """Where an interview is held: who judges, where answers come from, where everything is drawn."""

    bank: Bank
    judge: Grader
    draw: Draw
    prepared: Mapping[str, Sequence[str]] | None
    asks_how_sure: bool
    json: bool

    @cached_property
    def _ends(self) -> tuple[Entry, Console]:
        return _entry(self.prepared, self.draw, json=self.json, asks_how_sure=self.asks_how_sure)

    @property
    def entry(self) -> Entry:
        return self._ends[0]

    @property
    def console(self) -> Console:
        return self._ends[1]

    @cached_property
    def companion(self) -> Companion:
        from mockint.terminal.llm import Companion

        return Companion(self.judge, self.bank.wordings, self.console, self.draw)

    def for_interview(self, history: History) -> dict[str, Any]:
        """What an Interview needs besides the session: the fallback, the follow-ups' words, the next questions."""
        from mockint.grading import grader_named
        from mockint.interview import chooser

        fallback = grader_named("offline", wordings=self.bank.wordings)
        return {
            "fallback": fallback if self.judge.name != fallback.name else None,
            "in_own_words": self.companion.in_own_words,
            "choose_next": chooser(history, self.bank.questions),
        }

    def hold(self, held: Interview) -> list[str]:
        """To the end, or until it is stopped; returns why answers could not be graded."""
        from mockint.terminal.page import print_sessions
        from mockint.terminal.session import close, hold

        try:
            failures = hold(held, self.entry, self.console, self.draw, self.companion)
            close(
                held,
                self.console,
                self.draw,
                self.companion,
                wants_references=lambda: _wants_references(self.entry, self.console, self.draw),
            )
        except KeyboardInterrupt:
            _say_stopped(held, self.draw)
            raise typer.Exit(INTERRUPTED) from None
        if self.json:
            print_sessions([held.session])
        return failures


def _complain(failures: Sequence[str], judge: Grader, asked_for: str) -> None:
    """Whoever named a grader wants to know that it failed."""
    if failures and asked_for != "auto":
        raise ServiceError(
            f"{len(failures)} answers could not be graded by {judge.name}, and are kept: 'mockint regrade' grades them "
            f"again ({failures[0]})"
        )


def _resumable(history: History, wanted: str | None) -> str:
    if wanted is not None:
        id = history.find(wanted)
        if history.session(id).ended_at is not None:
            raise UsageError(f"the session {id!r} is over: 'mockint history {id}' shows it")
        return id
    if open_ := history.open_sessions(limit=1):
        return open_[0].id
    raise UsageError("no session waits to be gone on with: 'mockint interview' starts one")


def _mode(text: str) -> Mode:
    if text == "practice":
        return "practice"
    if text == "exam":
        return "exam"
    raise UsageError(f"unknown mode {text!r}: use practice or exam")


def _check_numbers(count: int | None, minutes: int | None) -> None:
    if count is not None and count < 1:
        raise UsageError(f"unusable count {count}: give 1 or more")
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise UsageError(f"unusable minutes {minutes}: give 1 to {LONGEST_MINUTES}")


def _draw(lang: Lang, bank: Bank) -> Draw:
    from mockint.terminal.draw import Draw

    return Draw(lang, bank.topics, bank.root)


def _prepared(path: Path | None) -> Mapping[str, Sequence[str]] | None:
    if path is None:
        return None
    from mockint.cli.answers import load_answers

    return load_answers(path)


def _new_seed() -> int:
    import random

    return random.SystemRandom().randrange(1_000_000)


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


def _entry(
    prepared: Mapping[str, Sequence[str]] | None, draw: Draw, *, json: bool, asks_how_sure: bool
) -> tuple[Entry, Console]:
    """Where the answers come from, and where the questions go: with --json nothing but the JSON goes to stdout."""
    from mockint.terminal.entry import Piped, Prepared, Typed
    from mockint.terminal.page import page

    out = sys.stderr if json else sys.stdout
    if prepared is not None:
        return Prepared(prepared), page(out, quiet=json)
    person = sys.stdin.isatty()
    console = page(out, quiet=json and not person)
    if person and out.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        return Typed(
            draw.words, out=out, say=lambda text: console.print(draw.note(text)), asks_how_sure=asks_how_sure
        ), console
    return Piped(sys.stdin.buffer, echoes=not person), console


def _introduce(table: _Table, line_up: LineUp, mode: Mode) -> None:
    from mockint.terminal.entry import Piped, Typed

    console, draw, entry = table.console, table.draw, table.entry
    console.print(draw.note(draw.words.begin.format(count=line_up.count, minutes=line_up.minutes)))
    if mode == "exam" and line_up.limit_seconds:
        console.print(draw.note(draw.words.exam_begins.format(minutes=round(line_up.limit_seconds / 60))))
    if isinstance(entry, Typed):
        console.print(draw.note(draw.words.how_to_type, "dim"))
    elif isinstance(entry, Piped) and not entry.echoes:
        console.print(draw.note(draw.words.how_to_pipe))


def _wants_references(entry: Entry, console: Console, draw: Draw) -> bool:
    """Asked where somebody sits; printed where nobody does."""
    from mockint.terminal.entry import Typed

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
    if session.ended_at is None and held.is_resumable:
        typer.echo(draw.words.stopped_open.format(id=session.id), err=True)
