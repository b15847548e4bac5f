"""`mockint anki`: talk to a running Anki through its AnkiConnect add-on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mockint.cli.options import BankOpt, JsonOpt

if TYPE_CHECKING:
    from mockint.ankiconnect import AnkiConnect, Comparison, Found, Known, Wanted
    from mockint.bank import Bank

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
    from mockint.ankiconnect import compare

    anki, loaded = _anki(url), _bank(bank)
    wanted = _wanted(loaded)
    found = anki.notes({want.note_type for want in wanted})
    result = compare(found, wanted, _as_shipped, _retired(loaded, out))
    rows = [
        (len(result.current), "up to date"),
        (len(result.old) + len(result.retag), "old: 'mockint anki push' updates them"),
        (len(result.edited), "changed in the bank and edited in Anki: 'push --overwrite' takes the bank's text"),
        (len(result.retired), "retired and not tagged so: 'push' tags them"),
        (len(result.absent), "not in Anki: import the decks"),
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
    from mockint import ankiconnect

    anki, loaded = _anki(url), _bank(bank)
    wanted = _wanted(loaded)
    found = anki.notes({want.note_type for want in wanted})
    if missed:
        added, removed = ankiconnect.mark_missed(anki, found, _missed_ids())
        typer.echo(f"{added} notes tagged {ankiconnect.MISSED}, {removed} no longer; search: tag:{ankiconnect.MISSED}")
        return
    result = ankiconnect.compare(found, wanted, _as_shipped, _retired(loaded, out))
    updates = [*result.old, *(result.edited if overwrite else [])]
    files = _media(loaded, [want for _, want in updates])
    pictures = ankiconnect.send_media(anki, files)
    for note, want in updates:
        ankiconnect.update(anki, note, want)
    for note, want in result.retag:
        ankiconnect.retag(anki, note, want)
    moved = ankiconnect.move_cards(anki, found, wanted)
    typer.echo(f"{len(updates) + len(result.retag)} notes updated, {pictures} pictures sent, {moved} cards moved")
    kept = {want.key for want in wanted}
    _retire(
        anki, [note for note in found if note.key not in kept], result, _retired(loaded, out), delete=delete_retired
    )
    if result.edited and not overwrite:
        typer.echo(f"{len(result.edited)} notes left as you edited them (--overwrite takes the bank's text)")
    if result.absent:
        typer.echo(f"{len(result.absent)} new notes: import the decks in {out} to get them")


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


def studied(bank: Bank, url: str = "") -> list[Known]:
    """What Anki knows of the bank's questions, the weakest first. Raises ServiceError when Anki does not answer."""
    from mockint.ankiconnect import known

    anki = _anki(url or os.environ.get("ANKICONNECT_URL", _URL))
    return known(anki, anki.notes({want.note_type for want in _wanted(bank)}))


def _retire(
    anki: AnkiConnect, gone_from_bank: Sequence[Found], result: Comparison, retired: set[str], *, delete: bool
) -> None:
    from mockint.ankiconnect import RETIRED

    if delete:
        gone = [note.note for note in gone_from_bank if note.id in retired]
        if gone:
            anki.call("deleteNotes", notes=gone)
            typer.echo(f"{len(gone)} retired notes deleted")
    elif result.retired:
        anki.call("addTags", notes=[note.note for note in result.retired], tags=RETIRED)
        typer.echo(f"{len(result.retired)} retired notes tagged {RETIRED}")


def _anki(url: str) -> AnkiConnect:
    from mockint.ankiconnect import AnkiConnect

    return AnkiConnect(url, os.environ.get("ANKICONNECT_KEY"))


def _bank(path: Path | None) -> Bank:
    from mockint.bank import default_bank, load_bank

    return load_bank(path or default_bank())


def _wanted(bank: Bank) -> list[Wanted]:
    from mockint.ankiconnect import Wanted
    from mockint.cli.decks import source_of_bank
    from mockint.decks.compile import compile_notes
    from mockint.decks.ledger import deck_name
    from mockint.decks.notetypes import note_type

    wanted = []
    for note in compile_notes(source_of_bank(bank)):
        type_ = note_type(note.kind, note.lang)
        names = [field.name for field in type_.fields]
        media = tuple(file.name for file in note.media)
        fields = dict(zip(names, note.fields, strict=True))
        wanted.append(Wanted(type_.name, note.fields[-1], note.question_id, fields, note.tags, deck_name(note), media))
    return wanted


def _as_shipped(fields: Mapping[str, str]) -> bool:
    from mockint.decks.notes import shipped_hash

    return fields.get("Shipped") == shipped_hash(fields)


def _media(bank: Bank, wanted: Sequence[Wanted]) -> dict[str, bytes]:
    from mockint.cli.decks import source_of_bank
    from mockint.decks.compile import compile_notes

    names = {name for want in wanted for name in want.media}
    source = source_of_bank(bank)
    files = {file.name: file for note in compile_notes(source) for file in note.media if file.name in names}
    return {name: file.data(source.read_picture) for name, file in files.items()}


def _retired(bank: Bank, out: Path) -> set[str]:
    """Ids, as they stand in the field `Id`, of notes that left the bank."""
    from mockint.decks.folder import released_ledger
    from mockint.decks.ledger_file import read_ledger

    ledger = read_ledger(out / "ledger.json") or read_ledger(released_ledger(bank.root))
    return {retired.fields[-1] for retired in ledger.retired.values()} if ledger else set()


def _missed_ids() -> set[str]:
    """Ids of notes on what was not fully met in the latest graded attempt at each question."""
    from mockint.history import History, history_path

    latest = {}
    with History(history_path()) as history:
        for session in reversed(history.sessions(limit=1000)):
            for attempt in session.attempts:
                if attempt.grade is not None:
                    latest[attempt.question.id] = attempt
    missed: set[str] = set()
    for id, attempt in latest.items():
        marks = attempt.grade.marks if attempt.grade else []
        points = [mark.criterion for mark in marks if mark.verdict in ("partial", "missing", "contradicted")]
        if points:
            missed |= {id, *(f"{id} / {point}" for point in points)}
    return missed
