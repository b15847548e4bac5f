"""Options that several commands share, named once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

BankOpt = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads the annotation at run time
    typer.Option("--bank", metavar="DIR", help="The bank's folder. Default: the one that came with mockint."),
]
TopicOpt = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--topic", metavar="TOPIC", help="Only this topic; repeat for more."),
]
JsonOpt = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
LevelOpt = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--level", metavar="N|N-M", help="Only questions of this level or range of levels, 1 to 5."),
]
LangOpt = Annotated[str, typer.Option("--lang", metavar="en|zh", help="The language of the questions.")]
