"""`mockint regrade`: grade again what could not be graded, or was graded provisionally, and say what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from mockint.cli.llm import say_usage
from mockint.cli.options import BankOpt, BaseUrlOpt, BudgetOpt, JsonOpt, TimeoutOpt, grader_of
from mockint.errors import ServiceError

if TYPE_CHECKING:
    from mockint.cli.progress import BatchProgress
    from mockint.grading import Grader
    from mockint.grading.grade import Grade
    from mockint.history import Attempt, Session
    from mockint.interview import Regraded

MOST_SESSIONS = 1000


def register(app: typer.Typer) -> None:
    app.command()(regrade)


def regrade(
    session: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="[SESSION]", help="Only this session, and all of it: its id, a part of it, or 'last'."),
    ] = None,
    grader: Annotated[str, typer.Option("--grader", metavar="NAME", help="auto, offline or openai:NAME.")] = "auto",
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    budget: BudgetOpt = None,
    as_json: JsonOpt = False,
    bank: BankOpt = None,
) -> None:
    """Grade kept answers again, keep both grades, and say what changed.

    Without SESSION: the answers of all sessions that have no grade, or only a provisional one. An LLM grades several at
    a time; when it is stopped, the same command goes on where it was, and pays for no reply twice.
    """
    from mockint.bank import default_bank, read_bank
    from mockint.cli.progress import BatchProgress
    from mockint.history import History, history_path
    from mockint.interview import regrade as graded_again

    loaded, _ = read_bank(bank or default_bank())  # only its wordings: the questions are kept with their answers
    chosen = grader_of(
        grader,
        loaded.wordings,
        base_url=base_url,
        timeout=timeout,
        budget=budget,
        say=lambda text: typer.echo(text, err=True),
    )
    with History(history_path()) as history:
        found = (
            [history.session(history.find(session))] if session else [*reversed(history.sessions(limit=MOST_SESSIONS))]
        )
        waiting = _waiting(found, chosen, whole=session is not None)
        with BatchProgress(sum(len(attempt.submitted) for attempt in waiting), chosen) as progress:
            ahead = _marked_ahead(chosen, waiting, progress)
        done: list[Regraded] = []
        for attempt in waiting:
            one = graded_again(history, attempt, ahead)
            done.append(one)
            if not as_json:
                typer.echo(_in_words(one))
    if as_json:
        _print_json(done)
    elif not waiting:
        typer.echo("There is nothing to grade again.")
    say_usage(chosen)
    if failures := [one.failure for one in done if one.failure]:
        raise ServiceError(f"{len(failures)} of {len(done)} answers could not be graded again ({failures[0]})")


def _marked_ahead(grader: Grader, attempts: list[Attempt], progress: BatchProgress) -> Grader:
    """The grader with every part of these attempts marked, many at a time where it can do that."""
    from mockint.grading import answers_asked_about, marked_ahead
    from mockint.interview import grade_parts

    def grade_all(grader: Grader) -> None:
        for attempt in attempts:
            grade_parts(grader, attempt.question, attempt.submitted)

    return marked_ahead(grader, answers_asked_about(grade_all), on_done=progress.done)


def _waiting(sessions: list[Session], grader: Grader, *, whole: bool) -> list[Attempt]:
    from mockint.interview import needs_regrade

    return [
        attempt
        for session in sessions
        for attempt in session.attempts
        if needs_regrade(attempt, grader) and (whole or session.is_provisional(attempt))
    ]


def _in_words(one: Regraded) -> str:
    head = f"{one.attempt.question.id}: {_scored(one.before)}"
    if one.after is None:
        return f"{head}, still: {one.failure}"
    lines = [f"{head} -> {_scored(one.after)}"]
    lines += [f"  {new.criterion}: {old.verdict if old else 'not graded'} -> {new.verdict}" for old, new in one.changed]
    return "\n".join(lines)


def _scored(grade: Grade | None) -> str:
    from mockint.phrases.formats import percent

    return f"{percent(grade.score)} by {grade.grader}" if grade else "ungraded"


def _print_json(done: list[Regraded]) -> None:
    import json

    def graded(grade: Grade | None) -> dict[str, Any] | None:
        return grade.model_dump(mode="json") if grade else None

    entries = [
        {
            "question": one.attempt.question.id,
            "before": graded(one.before),
            "after": graded(one.after),
            "failure": one.failure,
            "changed": [new.criterion for _, new in one.changed],
        }
        for one in done
    ]
    typer.echo(json.dumps({"version": 1, "regraded": entries}, ensure_ascii=False, indent=2))
