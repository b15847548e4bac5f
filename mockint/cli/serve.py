"""`mockint serve`: the interview in a browser."""

from __future__ import annotations

import signal
from importlib.util import find_spec
from typing import Annotated

import typer

from mockint.cli.options import BankOpt
from mockint.errors import UsageError

NEEDED = ("starlette", "uvicorn", "jinja2", "latex2mathml")


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8420,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything and change nothing.")] = False,
    grader: Annotated[
        str, typer.Option("--grader", metavar="NAME", help="auto (the LLM if one is configured), offline, openai:NAME.")
    ] = "auto",
    bank: BankOpt = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address only; open no browser.")] = False,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other computers in: whoever has the address reads everything.")
    ] = False,
) -> None:
    """The interview in a browser: practise, look back, browse the bank. Ctrl-C ends it.

    Listens on this computer alone. Needs the extra [web]: pip install 'mockint[web]'.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"the pages need {', '.join(missing)}: pip install 'mockint[web]'")
    from mockint.bank import default_bank, load_bank
    from mockint.grading import grader_named
    from mockint.history import History, history_path
    from mockint.web.server import access_for, address_of, bind, is_loopback, server_of
    from mockint.web.site import Site

    if not is_loopback(host) and not allow_remote:
        raise UsageError(f"{host!r} can be reached by other computers: give --allow-remote too if that is meant")
    loaded = load_bank(bank or default_bank())
    graded_by = grader_named(grader, wordings=loaded.wordings, samples=loaded.samples)
    offline = grader_named("offline", wordings=loaded.wordings)
    with bind(host, port) as bound, History(history_path()) as kept:
        access = access_for(bound, host)
        if access.any_address:
            typer.echo(
                "mockint: other computers can reach this, unencrypted: whoever has the address reads everything",
                err=True,
            )
        typer.echo(address_of(access, host))
        if not no_open:
            typer.launch(address_of(access, host))
        chosen, fallback = (offline, None) if graded_by.name == offline.name else (graded_by, offline)
        site = Site(loaded, chosen, fallback, kept.path, access, read_only=read_only)
        signal.signal(signal.SIGTERM, _end)
        server_of(site).run(sockets=[bound])


def _end(number: int, _: object) -> None:
    """As an exception, so that what is open is closed."""
    raise SystemExit(128 + number)
