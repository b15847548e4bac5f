"""`mockint history`: look back at the sessions and attempts that are kept."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from mockint.cli.options import JsonOpt, language


def register(app: typer.Typer) -> None:
    app.command()(history)


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
    from mockint.cli.terminal.page import page, print_sessions
    from mockint.history import History, history_path

    wanted = language(lang) if lang else None
    with History(history_path()) as kept:
        shown = [kept.session(kept.find(session))] if session else [*reversed(kept.sessions(limit=max(1, limit)))]
    if json:
        print_sessions(shown)
        return
    console = page(sys.stdout)
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
