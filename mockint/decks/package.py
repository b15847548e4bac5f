"""Notes and their ledger -> the package (.apkg) that a learner imports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.resources import files
from string import Template

from mockint.decks import apkg
from mockint.decks.cache import fingerprint
from mockint.decks.compile import DeckSource
from mockint.decks.folder import DeckFolder, media_of
from mockint.decks.ledger import Ledger
from mockint.decks.notes import CardNote
from mockint.decks.notetypes import NoteKind, note_type, note_types
from mockint.decks.packed import CARDS_PER_NOTE, DeckInfo, PackedNote
from mockint.question import LANGS, Lang

_PICTURE = re.compile(r'<img class="mi-[a-z]+" src="([^"]+)"')
PRESET = {
    "id": 1763480923001,
    "name": "mockint",
    "mod": 1763480923,
    "new": {
        "bury": True,
        "delays": [1, 10],
        "initialFactor": 2500,
        "ints": [1, 4, 0],
        "order": 1,
        "perDay": 10,
    },
    "newGatherPriority": 1,  # lowest position: by level, then topic, across all subdecks
    "newSortOrder": 1,  # as gathered
}


@dataclass(frozen=True)
class Package:
    """A package to be: a hash of all it is made of, and its bytes, made when they are first asked for."""

    fingerprint: str
    make: Callable[[], bytes]

    @cached_property
    def data(self) -> bytes:
        return self.make()


def package_of(
    notes: Sequence[CardNote], ledger: Ledger, times: str, lang: Lang, source: DeckSource, selection: str = ""
) -> Package:
    """times: the ledger as text, for the fingerprint."""
    made_of = [(note.key, note.content_hash(), [file.name for file in note.media]) for note in notes]
    topics = [topic.model_dump_json() for topic in source.topics]
    styles = [type_.content_hash() for type_ in note_types().values()]
    mark = fingerprint("package", lang, selection, made_of, topics, styles, times)
    return Package(mark, partial(package, notes, ledger, lang, source, whole=not selection))


def package(notes: Sequence[CardNote], ledger: Ledger, lang: Lang, source: DeckSource, *, whole: bool = True) -> bytes:
    """The .apkg of these notes, which stand in the ledger."""
    ids = _note_ids(ledger, lang)
    packed = [
        PackedNote(
            id=ids[note.key],
            guid=ledger.guid(note.key),
            changed=ledger.notes[note.key].changed,
            note_type=note_type(note.kind, lang),
            deck=ledger.notes[note.key].deck,
            fields=note.fields,
            tags=note.tags,
            due=place,
        )
        for place, note in enumerate(notes, 1)
    ]
    media = {file.name: file.data(source.read_picture) for note in notes for file in note.media}
    decks = _decks(packed, notes, ledger, lang, source, whole=whole)
    return apkg.pack(packed, decks, _type_times(ledger, lang), media, PRESET)


def retired_name(lang: Lang) -> str:
    return f"mockint-{lang}-retired.apkg"


def retired_package(ledger: Ledger, times: str, lang: Lang, folder: DeckFolder) -> Package:
    """Tombstones: what learners have, with one tag more. In a file of their own, so that newcomers never meet them.

    Their pictures come out of the packages that are there, now, before those are replaced.
    """
    keys = sorted(key for key in ledger.retired if key.startswith(f"{lang}/"))
    shown = {name for key in keys for text in ledger.retired[key].fields for name in _PICTURE.findall(text)}
    media = media_of(shown, folder) if shown else {}
    return Package(
        fingerprint("retired", times, lang, sorted(media)), partial(_pack_retired, keys, ledger, lang, media)
    )


def _pack_retired(keys: Sequence[str], ledger: Ledger, lang: Lang, media: Mapping[str, bytes]) -> bytes:
    ids = _note_ids(ledger, lang)
    packed = [
        PackedNote(
            id=ids[key],
            guid=ledger.guid(key),
            changed=ledger.retired[key].changed,
            note_type=note_type(kind_of(key), lang),
            deck=ledger.retired[key].deck,
            fields=ledger.retired[key].fields,
            tags=ledger.retired[key].tags,
            due=place,
        )
        for place, key in enumerate(keys, 1)
    ]
    decks = [DeckInfo(_deck_id(name), name) for name in sorted({note.deck for note in packed})]
    return apkg.pack(packed, decks, _type_times(ledger, lang), media)


def _decks(
    packed: Sequence[PackedNote],
    notes: Sequence[CardNote],
    ledger: Ledger,
    lang: Lang,
    source: DeckSource,
    *,
    whole: bool,
) -> list[DeckInfo]:
    """The description goes to the root; that of a selection only to the one deck it fills, or an import would tell the
    owner of the whole decks wrong counts."""
    root = f"mockint-{lang}"
    questions = sum(note.kind == "question" for note in notes)
    description = Template(_template(f"description-{lang}.html")).substitute(
        questions=questions, cards=len(notes), version=_version(ledger, lang)
    )
    names = sorted({note.deck for note in packed})
    texts = {f"{root}::{topic.id}": f"<p>{topic.line.in_(lang)}</p>" for topic in source.topics}
    if whole:
        texts[root] = description
    elif len(names) == 1:
        texts[names[0]] = texts.get(names[0], "") + description
    return [DeckInfo(_deck_id(name), name, texts.get(name, "")) for name in (root, *names)]


def _version(ledger: Ledger, lang: Lang) -> str:
    """The day of the last change, which is also the version a learner sees."""
    return datetime.fromtimestamp(ledger.version(lang), UTC).strftime("%Y-%m-%d")


def _template(name: str) -> str:
    return (files("mockint.decks") / "templates" / name).read_text(encoding="utf-8").replace("\n", " ").strip()


def _note_ids(ledger: Ledger, lang: Lang) -> dict[str, int]:
    """An id is the millisecond in which the note first shipped, moved on past those before it. Nothing ever leaves."""
    firsts = {key: entry.first for key, entry in ledger.notes.items()}
    firsts |= {key: entry.first for key, entry in ledger.retired.items()}
    step = 2 * CARDS_PER_NOTE  # the two languages take turns, so that both decks can be imported without a clash
    offset = LANGS.index(lang) * CARDS_PER_NOTE
    ids: dict[str, int] = {}
    last = 0
    for first, key in sorted((first, key) for key, first in firsts.items() if key.startswith(f"{lang}/")):
        last = max(last + step, first * 1000 + offset)
        ids[key] = last
    return ids


def _type_times(ledger: Ledger, lang: Lang) -> dict[int, int]:
    return {
        note_type(kind, lang).id: ledger.note_types[f"{lang}/{kind}"].changed
        for kind in ("question", "cloze")
        if f"{lang}/{kind}" in ledger.note_types
    }


def _deck_id(name: str) -> int:
    return 1_600_000_000_000 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100_000_000_000


def kind_of(key: str) -> NoteKind:
    return "question" if key.split("/")[1] == "question" else "cloze"
