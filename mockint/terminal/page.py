"""Where a command draws: a console no wider than what reads well, or JSON for a program."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console, ConsoleDimensions

from mockint.history import Session

WIDEST = 100
JSON_VERSION = 1


def page(out: TextIO, *, quiet: bool = False) -> Console:
    """A console on this stream, no wider than WIDEST. quiet: draws nothing, as with --json."""

    class Page(Console):
        """No wider than what reads well, also after the window was made larger."""

        @property  # type: ignore[misc]
        def size(self) -> ConsoleDimensions:
            width, height = super().size
            return ConsoleDimensions(min(width, WIDEST), height)

    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a terminal without Unicode shows ?, and the interview goes on
    return Page(file=out, quiet=quiet, markup=False, emoji=False, highlight=False)


def print_sessions(sessions: Sequence[Session]) -> None:
    """The sessions as one JSON document, on standard output."""
    document = {"version": JSON_VERSION, "sessions": [session.as_json() for session in sessions]}
    print(json.dumps(document, ensure_ascii=False, indent=2))
