"""`mockint build`: the bank as Anki decks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import BankOpt, LevelOpt, TopicOpt, levels
from mockint.errors import UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.decks.compile import DeckSource
    from mockint.question import Lang

OutOpt = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the decks and their ledger are.")]
DeckLangOpt = Annotated[
    Optional[str],  # noqa: UP045 - typer reads the annotation at run time
    typer.Option("--lang", metavar="en|zh", help="Only the deck of this language."),
]


def register(app: typer.Typer) -> None:
    app.command()(build)
    app.command()(diff)
    app.command()(preview)


def build(
    bank: BankOpt = None,
    out: OutOpt = Path("decks"),
    topic: TopicOpt = None,
    level: LevelOpt = None,
    lang: DeckLangOpt = None,
    per_topic: Annotated[bool, typer.Option("--per-topic", help="One deck file for each topic instead.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when the decks are stale.")] = False,
    retire_many: Annotated[
        bool, typer.Option("--retire-many", help="Allow a build that retires many questions at once.")
    ] = False,
    repair_ledger: Annotated[
        bool, typer.Option("--repair-ledger", help="First fix a lost ledger, or one with git's conflict marks.")
    ] = False,
) -> None:
    """Compile the bank into Anki decks, one for each language.

    A selection (--topic, --level, --per-topic) is written beside the whole decks. It has their ledger, so that its
    cards and theirs are the same cards to Anki.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.decks import build as decks
    from mockint.decks import folder

    loaded = load_bank(bank or default_bank())
    chosen = _selections(loaded, topic, level, per_topic=per_topic) if topic or level or per_topic else None
    if chosen and (check or repair_ledger):
        raise UsageError("--check and --repair-ledger look at whole decks: leave out --topic, --level and --per-topic")
    if check and repair_ledger:
        raise UsageError("--check writes nothing, --repair-ledger does: give one of them")
    if repair_ledger:
        folder.write_ledger(folder.repair(out), out)
    plan = decks.plan(
        source_of_bank(loaded),
        out,
        now=decks.build_time(),
        langs=_langs(lang),
        seed=folder.released_ledger(loaded.root),
        retire_many=retire_many,
        selections=chosen,
    )
    if check:
        decks.check(plan, out)
        typer.echo(f"{out} is up to date")
        return
    written = decks.write(plan, out)
    typer.echo(decks.summary(plan))
    typer.echo(f"written: {', '.join(str(out / name) for name in written)}" if written else "nothing to write")


def diff(
    old: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(metavar="[OLD.apkg]", help="A deck that learners have. Default: the decks in --out."),
    ] = None,
    since: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--since", metavar="REV", help="The decks as they were committed in this git revision."),
    ] = None,
    bank: BankOpt = None,
    out: OutOpt = Path("decks"),
    lang: DeckLangOpt = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for release notes.")] = False,
) -> None:
    """What a learner will see on importing the next decks, and what Anki will ignore and why."""
    from mockint.bank import default_bank, load_bank
    from mockint.decks import build as decks
    from mockint.decks.diff import differences, to_text
    from mockint.decks.folder import released_ledger

    if old and since:
        raise UsageError("give OLD.apkg or --since REV, not both")
    loaded = load_bank(bank or default_bank())
    seed = released_ledger(loaded.root)
    plan = decks.plan(source_of_bank(loaded), out, now=decks.build_time(), seed=seed, retire_many=True)
    found = differences(plan, _langs(lang), out, old=old, since=since)
    typer.echo(to_text(found, markdown=markdown))


def preview(
    bank: BankOpt = None,
    topic: TopicOpt = None,
    level: LevelOpt = None,
    lang: DeckLangOpt = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    write: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--write", metavar="DIR", help="Write the page and its pictures there and do not serve."),
    ] = None,
) -> None:
    """Show every card, light and night, phone and desktop, in a page on this machine alone."""
    from mockint.bank import default_bank, load_bank
    from mockint.decks import preview as pages

    loaded = load_bank(bank or default_bank())
    (chosen,) = _selections(loaded, topic, level, per_topic=False).values()
    files = pages.files_of(source_of_bank(loaded).only(chosen), _langs(lang))
    if write:
        pages.write(files, write)
        typer.echo(str(write / pages.INDEX))
        return
    with pages.server(files, port) as (address, wait):
        typer.echo(f"{address} (Ctrl-C ends it)")
        wait()


def _langs(lang: str | None) -> list[Lang]:
    from mockint.question import LANGS

    if lang is None:
        return list(LANGS)
    for known in LANGS:
        if lang == known:
            return [known]
    raise UsageError(f"unknown language {lang!r}: use {' or '.join(LANGS)}")


def source_of_bank(bank: Bank) -> DeckSource:
    from mockint.decks.compile import source_of

    return source_of(bank.root, bank.questions, bank.topics)


def _selections(
    bank: Bank, topics: list[str] | None, level: str | None, *, per_topic: bool
) -> dict[str, frozenset[str]]:
    from mockint.bank import select
    from mockint.decks.selection import selections

    chosen = select(bank, topics=topics or (), levels=levels(level))
    return selections(chosen, topics or (), level, per_topic=per_topic)
