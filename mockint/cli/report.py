"""`mockint report`: what one session, or all practice so far, came to."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import BankOpt, language
from mockint.errors import UsageError

if TYPE_CHECKING:
    from mockint.question import Topic
    from mockint.reports import Report

FORMATS = ("terminal", "md", "json", "html", "pdf")
WIDEST = 100
_BY_SUFFIX = {".md": "md", ".json": "json", ".html": "html", ".htm": "html", ".pdf": "pdf", ".txt": "terminal"}


def register(app: typer.Typer) -> None:
    app.command()(report)


def report(
    session: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="SESSION", help="Report this one: its id, a part of it, or 'last'. Default: progress."),
    ] = None,
    format: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--format", metavar="|".join(FORMATS), help="Default: what --out ends in, else terminal."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write to this file. Default: print."),
    ] = None,
    compare: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--compare", metavar="SESSION", help="Set the session against this earlier one."),
    ] = None,
    since: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--since", metavar="DATE", help="Progress from this day on, as in 2026-01-31."),
    ] = None,
    lang: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--lang", metavar="en|zh", help="Default: the language of the session."),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of --format json, and exit.")] = False,
    bank: BankOpt = None,
) -> None:
    """What a session came to, or all practice so far: score, trend, what to learn, your own words marked."""
    if schema:
        from mockint.reports.schema import published_schema

        typer.echo(published_schema(), nl=False)
        return
    wanted = _format(format, out)
    if session and since:
        raise UsageError("--since is for the report of all practice: leave out the session, or --since")
    if compare and not session:
        raise UsageError("--compare sets one session against another: name the session, as in 'last'")
    start = _since(since)
    made = _made(session, compare=compare, since=start, lang=lang, topics=_topics(bank))
    _put(made, wanted, out)


def _format(asked: str | None, out: Path | None) -> str:
    """Raises UsageError for an unknown format, and for a PDF that has nowhere to go."""
    wanted = asked or (_BY_SUFFIX.get(out.suffix.lower(), "terminal") if out else "terminal")
    if wanted not in FORMATS:
        raise UsageError(f"unknown format {wanted!r}: use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if wanted == "pdf" and out is None:
        raise UsageError("a PDF goes to a file: give --out FILE.pdf")
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"no folder {str(out.absolute().parent)!r} to write to: make it, or give another --out")
    return wanted


def _since(day: str | None) -> str:
    """The start of that day here, as UTC; empty for None. Raises UsageError."""
    if day is None:
        return ""
    try:
        return datetime.fromisoformat(day).astimezone().astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError) as fault:
        raise UsageError(f"unusable date {day!r}: give it as 2026-01-31") from fault


def _topics(bank: Path | None) -> tuple[Topic, ...]:
    """For their names; a report of old practice needs no question of the bank."""
    from mockint.bank import default_bank, topics_of

    root = bank or default_bank()
    if not (root / "topics.yaml").is_file():
        raise UsageError(f"no bank at {str(root)!r}: expected a folder with a topics.yaml")
    return topics_of(root)


def _made(
    session: str | None, *, compare: str | None, since: str, lang: str | None, topics: tuple[Topic, ...]
) -> Report:
    from mockint.history import History, history_path
    from mockint.reports import progress_report, session_report

    in_lang = language(lang) if lang else None
    with History(history_path()) as history:
        if session:
            other = history.find(compare) if compare else None
            return session_report(history, history.find(session), compare=other, lang=in_lang, topics=topics)
        if in_lang is None:
            latest = history.sessions(limit=1)
            in_lang = latest[0].lang if latest else "en"
        return progress_report(history, since=since, lang=in_lang, topics=topics)


def _put(made: Report, format: str, out: Path | None) -> None:
    match format:
        case "terminal":
            _print_or_write(made, out)
        case "pdf":
            from mockint.reports.page import page
            from mockint.reports.pdf import printed

            _write(out, printed(page(made)))
        case _:
            text = _rendered(made, format)
            if out is None:
                sys.stdout.write(text)
            else:
                _write(out, text.encode())


def _rendered(made: Report, format: str) -> str:
    match format:
        case "md":
            from mockint.reports.markdown import markdown

            return markdown(made)
        case "html":
            from mockint.reports.page import page

            return page(made)
        case _:
            return made.model_dump_json(indent=2) + "\n"


def _print_or_write(made: Report, out: Path | None) -> None:
    import io

    from rich.console import Console

    from mockint.terminal.report import draw_report

    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode shows ?, and the report goes on
        console = Console(markup=False, emoji=False, highlight=False)
        console.width = min(console.width, WIDEST)
        for block in draw_report(made, styled=console.is_terminal and not console.is_dumb_terminal):
            console.print(block)
        return
    page = io.StringIO()
    console = Console(file=page, width=WIDEST, markup=False, emoji=False, highlight=False, force_terminal=False)
    for block in draw_report(made, styled=False):
        console.print(block)
    _write(out, page.getvalue().encode())


def _write(out: Path | None, content: bytes) -> None:
    """A report that is there already stays until the new one is complete."""
    from mockint.files import write_whole

    if out is None:
        raise ValueError("a file to write to was asked for before")
    try:
        write_whole(out, content)
    except OSError as fault:
        raise UsageError(f"{str(out)!r} cannot be written ({fault.strerror}): give another --out") from fault
    typer.echo(f"wrote {out}", err=True)
