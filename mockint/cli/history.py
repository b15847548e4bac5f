"""`mockint history`, `export`, `import-history` and `forget`: what is kept of you, and that it is yours."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import JsonOpt, language
from mockint.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from mockint.history import History


def register(app: typer.Typer) -> None:
    app.command()(history)
    app.command()(export)
    app.command()(import_history)
    app.command()(forget)


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
    from mockint.history import History, history_path
    from mockint.terminal.draw import Draw
    from mockint.terminal.page import page, print_sessions

    wanted = language(lang) if lang else None
    with History(history_path()) as past:
        shown = [past.session(past.find(session))] if session else [*reversed(past.sessions(limit=max(1, limit)))]
    if json:
        print_sessions(shown)
        return
    console = page(sys.stdout)
    draw = Draw(wanted or (shown[0].lang if shown else "en"))
    if not shown:
        console.print(draw.note(draw.words.nothing_kept))
    for one in shown:
        console.print(draw.past_session(one))
    if session:
        for attempt in shown[0].attempts:
            console.print()
            for block in draw.past_attempt(attempt, len(shown[0].plan.questions)):
                console.print(block)
        if debrief := draw.past_debrief(shown[0]):
            console.print()
            console.print(debrief)


def export(
    file: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(metavar="FILE", help="Where to. Default: standard output."),
    ] = None,
) -> None:
    """Write the whole history as JSON lines: every session, answer, draft and grade."""
    from mockint.history import History, history_path

    with History(history_path()) as past:
        if file is None:
            for line in past.export():
                typer.echo(line)
            return
        number = _written(file, past.export())
    typer.echo(f"{number} lines written to {file}", err=True)


def import_history(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'mockint export' wrote; - for standard input.")],
) -> None:
    """Add an exported history to this one. What is here already stays as it is."""
    from mockint.history import History, history_path
    from mockint.schedule import standings

    with _opened(file) as lines, History(history_path()) as past:
        added = past.import_(_decoded(lines, str(file)), str(file))
        standings(past)  # replayed now, so that the next command need not
    typer.echo(f"new: {added.sessions} sessions, {added.attempts} attempts, {added.grades} grades")


def forget(
    session: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(metavar="[SESSION]...", help="These: ids, parts of ids, or 'last'."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every session.")] = False,
    before: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--before", metavar="DATE", help="Sessions that began before this day, as in 2026-05-01."),
    ] = None,
    question: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--question", metavar="ID", help="Sessions that asked this question."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Delete sessions with every answer and grade in them, for good. 'mockint export' first keeps a copy."""
    from mockint.history import History, history_path

    if sum((bool(session), everything, before is not None, question is not None)) != 1:
        raise UsageError("name what to forget: sessions, --before DATE, --question ID, or --all")
    with History(history_path()) as past:
        ids = _chosen(past, session or [], before, question)
        if not ids:
            typer.echo("There is nothing to forget.")
            return
        if not yes:
            shown = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
            if not sys.stdin.isatty():
                raise UsageError(f"this deletes {len(ids)} sessions ({shown}): add --yes if you mean it")
            typer.confirm(f"Delete {len(ids)} sessions ({shown}) for good?", abort=True)
        typer.echo(f"forgotten: {past.forget(ids)} sessions")


def _chosen(past: History, sessions: Sequence[str], before: str | None, question: str | None) -> list[str]:
    if sessions:
        return list(dict.fromkeys(past.find(text) for text in sessions))
    if before is None:
        return past.ids(question=question)
    try:
        day = date.fromisoformat(before)
    except ValueError:
        raise UsageError(f"unusable date {before!r}: write it as in 2026-05-01") from None
    midnight = datetime.combine(day, time(), datetime.now().astimezone().tzinfo)
    return past.ids(before=midnight.astimezone(UTC).isoformat(timespec="milliseconds"))


def _written(file: Path, lines: Iterator[str]) -> int:
    """A full disk never leaves half a copy under the name that was asked for."""
    from mockint.files import replacing

    number = 0
    try:
        with replacing(file) as out:
            for line in lines:
                out.write(f"{line}\n".encode())
                number += 1
    except OSError as fault:
        raise ServiceError(f"{str(file)!r} could not be written ({fault.strerror}): choose another place") from fault
    return number


def _opened(file: Path) -> IO[bytes]:
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as fault:
        raise UsageError(
            f"{str(file)!r} cannot be read ({fault.strerror}): name what 'mockint export' wrote"
        ) from fault


def _decoded(lines: IO[bytes], path: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{path}:{number}: not UTF-8; nothing was imported: export it again") from None
