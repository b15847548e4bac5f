"""`mockint interview` and `mockint resume`: be interviewed, and go on where you stopped."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

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
    grader_of,
    language,
    selection_of,
)
from mockint.errors import INTERRUPTED, ServiceError, UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.grading import Grader
    from mockint.history import History, Mode
    from mockint.interview import Interview, LineUp, Options, Services
    from mockint.interview.interviewer import LLMInterviewer
    from mockint.question import Lang, Question
    from mockint.terminal.entry import AnswerSource
    from mockint.terminal.session import Screen

MOST_FOLLOW_UPS = 5

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
    from mockint.history import History, history_path
    from mockint.interview import Interview, Options

    loaded = load_bank(bank or default_bank(), pictures=False)
    chosen_grader = grader_of(
        grader, loaded.wordings, samples=loaded.samples, base_url=base_url, timeout=timeout, budget=budget
    )
    prepared = _prepared(answers)
    if dry_run:
        _print_requests(chosen_grader, loaded, prepared)
        return
    profile = loaded.profile(role) if role else None
    _check_numbers(count, minutes)
    options = Options(
        lang=language(lang),
        selection=selection_of(loaded, topic or [], level, profile),
        mode=_mode(mode),
        count=count,
        minutes=minutes or (profile.minutes if profile and count is None else None),
        seed=seed,
        follow_ups=_most_follow_ups(follow_ups, prepared),
        profile=profile.id if profile else None,
    )
    questions = _named_questions(loaded, options, prepared, from_anki=from_anki)
    screen = _screen(loaded, chosen_grader, options.lang, prepared, asks_confidence=confidence, json=json)
    with History(history_path()) as history:
        chosen = _line_up(history, loaded, options, questions)
        interview = Interview.begin(history, chosen.plan, _services(chosen_grader, loaded, history, screen))
        screen.introduce(chosen)
        failures = _held(screen, interview, json=json)
    _complain(failures, chosen_grader, grader)


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
    from mockint.history import History, history_path
    from mockint.interview import Interview

    loaded = load_bank(bank or default_bank(), pictures=False)
    chosen_grader = grader_of(
        grader, loaded.wordings, samples=loaded.samples, base_url=base_url, timeout=timeout, budget=budget
    )
    with History(history_path()) as history:
        id = _resumable(history, session)
        before = history.session(id)
        screen = _screen(loaded, chosen_grader, before.lang, None, asks_confidence=confidence, json=json)
        interview = Interview(history, id, _services(chosen_grader, loaded, history, screen))
        screen.say(screen.draw.words.goes_on.format(id=id, answered=len(before.answered), total=before.total))
        failures = _held(screen, interview, json=json)
    _complain(failures, chosen_grader, grader)


def _line_up(history: History, bank: Bank, options: Options, questions: Sequence[Question] | None) -> LineUp:
    """The questions that were named, else a mix drawn by the seed, else by what the history shows."""
    from mockint.interview import fixed_line_up, line_up, mixed_line_up

    if questions is not None:
        return fixed_line_up(questions, options)
    return line_up(history, bank.questions, options) if options.seed is None else mixed_line_up(bank.questions, options)


def _named_questions(
    bank: Bank, options: Options, prepared: Mapping[str, Sequence[str]] | None, *, from_anki: bool
) -> list[Question] | None:
    """Of those that the options allow: what Anki says is known least, or what answers were prepared for.

    None when nothing but the options names them. Raises UsageError when both do, and when the options allow nothing.
    """
    from mockint.interview import DEFAULT_COUNT, NOTHING_TO_ASK, allowed

    if from_anki and prepared is not None:
        raise UsageError("--from-anki and --answers both choose the questions: give one")
    if from_anki:
        fitting = [question for question in bank.questions if options.selection.allows(question)]
        return _weakest(bank, fitting)[: options.count or DEFAULT_COUNT]
    fitting = allowed(bank.questions, options)
    if prepared is None:
        return None
    answered = [question for id in prepared if (question := bank.question(id)) in fitting][: options.count]
    if not answered:
        raise UsageError(NOTHING_TO_ASK)
    return answered


def _held(screen: Screen, interview: Interview, *, json: bool) -> list[str]:
    """To the end, or until it is stopped; returns why answers could not be graded."""
    from mockint.terminal.page import print_sessions

    try:
        failures = screen.hold(interview)
    except KeyboardInterrupt:
        typer.echo(screen.stopped(interview), err=True)
        raise typer.Exit(INTERRUPTED) from None
    if json:
        print_sessions([interview.session])
    return failures


def _print_requests(grader: Grader, bank: Bank, prepared: Mapping[str, Sequence[str]] | None) -> None:
    if prepared is None:
        raise UsageError("--dry-run needs the answers: give --answers FILE")
    print_requests(grader, [(bank.question(id), said[0]) for id, said in prepared.items()])


def _complain(failures: Sequence[str], grader: Grader, asked_for: str) -> None:
    """Whoever named a grader wants to know that it failed."""
    if failures and asked_for != "auto":
        raise ServiceError(
            f"{len(failures)} answers could not be graded by {grader.name}, and are kept: 'mockint regrade' grades "
            f"them again ({failures[0]})"
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
    from mockint.interview import LONGEST_MINUTES

    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise UsageError(f"unusable minutes {minutes}: give 1 to {LONGEST_MINUTES}")


def _prepared(path: Path | None) -> Mapping[str, Sequence[str]] | None:
    if path is None:
        return None
    from mockint.cli.answers import load_answers

    return load_answers(path)


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


def _services(grader: Grader, bank: Bank, history: History, screen: Screen) -> Services:
    """The offline grader stands in where another one fails."""
    from mockint.grading import grader_named, llm_backed
    from mockint.grading.ahead import BegunEarly
    from mockint.interview import Services, chooser

    offline = grader_named("offline", wordings=bank.wordings)
    return Services(
        BegunEarly(llm) if (llm := llm_backed(grader)) else grader,
        fallback=offline if grader.name != offline.name else None,
        in_own_words=screen.voice.in_own_words,
        choose_next=chooser(history, bank.questions),
        llm_use=screen.voice.llm_use,
    )


def _screen(
    bank: Bank,
    grader: Grader,
    lang: Lang,
    prepared: Mapping[str, Sequence[str]] | None,
    *,
    asks_confidence: bool,
    json: bool,
) -> Screen:
    """Where the answers come from, and where the questions go: with --json nothing but the JSON goes to stdout."""
    from mockint.terminal.draw import Draw
    from mockint.terminal.entry import Piped, Prepared, Typed
    from mockint.terminal.llm import LLMVoice
    from mockint.terminal.page import page
    from mockint.terminal.session import Screen

    out = sys.stderr if json else sys.stdout
    person = prepared is None and sys.stdin.isatty()
    console = page(out, quiet=json and not person)
    draw = Draw(lang, bank.topics, bank.root)
    entry: AnswerSource
    if prepared is not None:
        entry = Prepared(prepared)
    elif person and out.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):
        entry = Typed(
            draw.words, out=out, say=lambda text: console.print(draw.note(text)), asks_confidence=asks_confidence
        )
    else:
        entry = Piped(sys.stdin.buffer, echoes=not person)
    return Screen(entry, console, draw, LLMVoice(_speaker(grader, bank), console, draw))


def _speaker(grader: Grader, bank: Bank) -> LLMInterviewer | None:
    """The LLM that grades also speaks; None where no LLM grades."""
    from mockint.grading import llm_backed

    llm = llm_backed(grader)
    if llm is None:
        return None
    from mockint.interview.interviewer import LLMInterviewer

    return LLMInterviewer(llm.endpoint, bank.wordings, bank.questions)
