"""`mockint anki`: talk to a running Anki through its AnkiConnect add-on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mockint.cli.options import BankOpt, JsonOpt

if TYPE_CHECKING:
    from mockint.ankiconnect import AnkiConnect
    from mockint.bank import Bank
    from mockint.decks.anki_sync import Pushed, Studied
    from mockint.decks.compile import DeckSource
    from mockint.decks.ledger import Ledger

UrlOpt = Annotated[
    str, typer.Option("--url", metavar="URL", envvar="ANKICONNECT_URL", help="Where AnkiConnect listens.")
]
DecksOpt = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the decks and their ledger are.")]
_URL = "http://127.0.0.1:8765"

group = typer.Typer(no_args_is_help=True, help="Talk to a running Anki through its AnkiConnect add-on.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="anki")


@group.command()
def status(bank: BankOpt = None, url: UrlOpt = _URL, out: DecksOpt = Path("decks")) -> None:
    """What is in Anki, compared with the bank. Changes nothing."""
    from mockint.decks import anki_sync

    found = anki_sync.status(*_ends(_bank(bank), url, out))
    rows = [
        (len(found.current), "up to date"),
        (len(found.old) + len(found.retag), "old: 'mockint anki push' updates them"),
        (len(found.edited), "changed in the bank and edited in Anki: 'push --overwrite' takes the bank's text"),
        (len(found.retired), "retired and not tagged so: 'push' tags them"),
        (len(found.absent), "not in Anki: import the decks"),
    ]
    for count, what in rows:
        if count:
            typer.echo(f"{count:5} {what}")


@group.command()
def push(
    bank: BankOpt = None,
    url: UrlOpt = _URL,
    out: DecksOpt = Path("decks"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also where you have edited the text in Anki.")
    ] = False,
    delete_retired: Annotated[
        bool, typer.Option("--delete-retired", help="Delete cards of retired questions, history and all.")
    ] = False,
    missed: Annotated[
        bool, typer.Option("--missed", help="Tag what you missed in interviews mockint::missed, and do nothing else.")
    ] = False,
) -> None:
    """Update the cards in place: texts, pictures, tags; cards whose topic changed move to its deck.

    Your own edits and tags, and all that Anki knows of your learning, stay. New questions come by importing the decks.
    """
    from mockint.decks import anki_sync

    ends = _ends(_bank(bank), url, out)
    if missed:
        tag = anki_sync.MISSED_TAG
        added, removed = anki_sync.tag_missed(*ends, _missed())
        typer.echo(f"{added} notes tagged {tag}, {removed} no longer; search: tag:{tag}")
        return
    pushed = anki_sync.push(*ends, overwrite=overwrite, delete_retired=delete_retired)
    for line in _lines(pushed, out, deleted=delete_retired):
        typer.echo(line)


def _lines(pushed: Pushed, out: Path, *, deleted: bool) -> list[str]:
    from mockint.decks.ledger import RETIRED_TAG

    lines = [f"{pushed.updated} notes updated, {pushed.pictures} pictures sent, {pushed.moved} cards moved"]
    if pushed.retired:
        lines.append(f"{pushed.retired} retired notes {'deleted' if deleted else f'tagged {RETIRED_TAG}'}")
    if pushed.edited:
        lines.append(f"{pushed.edited} notes left as you edited them (--overwrite takes the bank's text)")
    if pushed.absent:
        lines.append(f"{pushed.absent} new notes: import the decks in {out} to get them")
    return lines


@group.command()
def pull(bank: BankOpt = None, url: UrlOpt = _URL, json: JsonOpt = False) -> None:
    """How well Anki says you know each question, the weakest first: lapses, shortest interval, leeches."""
    values = studied(_bank(bank), url)
    if json:
        from dataclasses import asdict
        from json import dumps

        typer.echo(dumps([asdict(value) for value in values], ensure_ascii=False))
        return
    for value in values:
        leech = "  leech" if value.leech else ""
        typer.echo(
            f"{value.lapses:3} lapses  {value.interval:4} days  {value.reviews:4} reviews  {value.question}{leech}"
        )
    if not values:
        typer.echo("no card of the bank has been studied yet")


def studied(bank: Bank, url: str = "") -> list[Studied]:
    """What Anki knows of the bank's questions, the weakest first. Raises ServiceError when Anki does not answer."""
    from mockint.decks.anki_sync import pull

    return pull(*_ends(bank, url or os.environ.get("ANKICONNECT_URL", _URL), None))


def _ends(bank: Bank, url: str, out: Path | None) -> tuple[AnkiConnect, DeckSource, Ledger]:
    """What a sync is between: Anki, the bank, and what is known of the notes that shipped."""
    from mockint.ankiconnect import AnkiConnect
    from mockint.cli.decks import source_of_bank
    from mockint.decks.folder import ledger_for

    return AnkiConnect(url, os.environ.get("ANKICONNECT_KEY")), source_of_bank(bank), ledger_for(bank.root, out)


def _bank(path: Path | None) -> Bank:
    from mockint.bank import default_bank, load_bank

    return load_bank(path or default_bank())


def _missed() -> set[tuple[str, str]]:
    """Question and key point of what was not fully met in the latest graded attempt at each question."""
    from mockint.history import History, history_path

    with History(history_path()) as history:
        results = history.key_point_results(latest=True)
    return {(it.question, it.criterion) for it in results if it.verdict in ("partial", "missing", "contradicted")}
