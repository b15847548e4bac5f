"""Options that several commands share, named once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.errors import UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.grading import Grader
    from mockint.history import Selection
    from mockint.question import Lang, Profile, Question, Sample
    from mockint.wordings import WordingSource

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
RoleOpt = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--role", metavar="ROLE|FILE", help="Practise for a role: its topics, levels and minutes."),
]
LangOpt = Annotated[str, typer.Option("--lang", metavar="en|zh", help="The language of the questions.")]
BaseUrlOpt = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--base-url", metavar="URL", help="The LLM's endpoint, as in http://127.0.0.1:11434/v1."),
]
TimeoutOpt = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--timeout", metavar="SECONDS", help="How long to wait for one reply of the LLM."),
]
BudgetOpt = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--budget", metavar="TOKENS|$", help="The most the LLM may use, as in 50k or $0.50."),
]


def grader_of(
    name: str,
    wordings: WordingSource,
    *,
    samples: Callable[[Question], Sequence[Sample]] | None = None,
    second: str | None = None,
    base_url: str | None = None,
    timeout: float | None = None,
    budget: str | None = None,
    say: Callable[[str], None] | None = None,
) -> Grader:
    """The grader of that name, with what the command line says of its LLM. Raises UsageError as `grader_named` does."""
    from mockint.grading import grader_named

    flags = {"base_url": base_url, "timeout": timeout, "budget": budget}
    return grader_named(name, wordings=wordings, samples=samples, second=second, flags=flags, say=say)


def language(text: str) -> Lang:
    """Raises UsageError for a language that the bank is not written in."""
    if text == "en":
        return "en"
    if text == "zh":
        return "zh"
    raise UsageError(f"unknown language {text!r}: use en or zh")


def levels(text: str | None) -> range:
    """`3` -> 3..3, `2-4` -> 2..4, None -> 1..5. Raises UsageError for anything else."""
    if text is None:
        return range(1, 6)
    first, _, last = text.partition("-")
    if first.isdecimal() and (last or first).isdecimal():
        low, high = int(first), int(last or first)
        if 1 <= low <= high <= 5:
            return range(low, high + 1)
    raise UsageError(f"unusable level {text!r}: give one from 1 to 5, or a range such as 2-4")


def selection_of(bank: Bank, topics: Sequence[str], level: str | None, profile: Profile | None) -> Selection:
    """Topics and levels named outright win over the role's. Raises UsageError for unknown ones."""
    from mockint.history import Selection

    wanted = levels(level)
    if profile and level is None:
        wanted = range(profile.levels[0], profile.levels[1] + 1)
    weights = dict(profile.topics) if profile else {}
    if topics:
        weights = {bank.topic(id).id: weights.get(id, 1.0) for id in topics}
    return Selection(topics=weights, levels=(wanted[0], wanted[-1]))
