"""A bank and a running Anki: what is old there and is brought up to date, what was learnt there, what was missed.

The field `Shipped` is a hash of the other fields as they were shipped, so an old text (to be updated, whatever tags or
leeches did to its time) differs from a learner's own words (to be left alone). Tags outside `mockint::` are the
learner's and are never touched. No note is ever added here: AnkiConnect would give it another GUID, and the next import
would make it twice.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mockint.ankiconnect import AnkiCard, AnkiConnect, AnkiNote
from mockint.decks.anki_notes import Counterpart, pair
from mockint.decks.compile import DeckSource, compile_whole
from mockint.decks.ledger import RETIRED_TAG, Ledger, Retired, deck_name
from mockint.decks.notes import CardNote, shipped_hash
from mockint.decks.notetypes import note_types
from mockint.errors import ServiceError

MISSED_TAG = "mockint::missed"
_STATES = frozenset({MISSED_TAG, RETIRED_TAG})

Pairs = list[tuple[AnkiNote, CardNote]]


@dataclass(frozen=True)
class SyncStatus:
    """old: to be updated. edited: the learner changed the text and the bank did too. retag: only the tags differ.

    retired: left the bank, and not tagged so yet; left: all that left the bank. absent: not in Anki yet.
    """

    current: list[AnkiNote] = field(default_factory=list)
    old: Pairs = field(default_factory=list)
    edited: Pairs = field(default_factory=list)
    retag: Pairs = field(default_factory=list)
    left: list[AnkiNote] = field(default_factory=list)
    absent: list[CardNote] = field(default_factory=list)

    @property
    def retired(self) -> list[AnkiNote]:
        return [note for note in self.left if RETIRED_TAG not in note.tags]


@dataclass(frozen=True)
class Pushed:
    """How many notes, pictures and cards a push changed. retired: tagged so, or deleted when that was asked for.

    edited: notes left as the learner edited them. absent: notes that only an import brings.
    """

    updated: int
    pictures: int
    moved: int
    retired: int
    edited: int
    absent: int


@dataclass(frozen=True)
class Studied:
    """How well a question's cards are known. interval: days until the shortest comes again; 0 while learning."""

    question: str
    cards: int
    reviews: int
    lapses: int
    interval: int
    leech: bool

    @property
    def weakness(self) -> tuple[bool, int, int]:
        """Greater is weaker: leeches, then many lapses, then short intervals."""
        return self.leech, self.lapses, -self.interval


def status(anki: AnkiConnect, source: DeckSource, ledger: Ledger) -> SyncStatus:
    """What is in Anki, compared with the bank. Raises ServiceError when Anki does not do its part, as all here do."""
    return _compare(*_read(anki, source, ledger))


def push(
    anki: AnkiConnect, source: DeckSource, ledger: Ledger, *, overwrite: bool = False, delete_retired: bool = False
) -> Pushed:
    """Bring texts, pictures, tags and decks up to date.

    overwrite: also where the learner edited the text. delete_retired: delete what left the bank instead of tagging it.
    """
    pairs, notes = _read(anki, source, ledger)
    found = _compare(pairs, notes)
    updates = [*found.old, *(found.edited if overwrite else [])]
    pictures = _send_pictures(anki, source, [note for _, note in updates])
    for anki_note, note in updates:
        _update(anki, anki_note, note)
    for anki_note, note in found.retag:
        _retag(anki, anki_note, note)
    return Pushed(
        updated=len(updates) + len(found.retag),
        pictures=pictures,
        moved=_move_cards(anki, pairs),
        retired=_delete(anki, found.left) if delete_retired else _tag_retired(anki, found.retired),
        edited=0 if overwrite else len(found.edited),
        absent=len(found.absent),
    )


def pull(anki: AnkiConnect, source: DeckSource, ledger: Ledger) -> list[Studied]:
    """One value for each question that has been studied, the weakest first."""
    pairs, _ = _read(anki, source, ledger)
    by_question: dict[str, list[AnkiNote]] = {}
    for anki_note, note in pairs:
        question = note.question_id if isinstance(note, CardNote) else anki_note.id.partition(" / ")[0]
        by_question.setdefault(question, []).append(anki_note)
    cards = anki.cards(anki_note for anki_note, _ in pairs)
    found = (_studied(question, notes, cards) for question, notes in by_question.items())
    return sorted(filter(None, found), key=lambda value: (value.weakness, value.question), reverse=True)


def tag_missed(
    anki: AnkiConnect, source: DeckSource, ledger: Ledger, missed: Collection[tuple[str, str]]
) -> tuple[int, int]:
    """Tag the notes of these questions and key points, by their ids, and no others.

    Returns how many notes got the tag and how many lost it.
    """
    ids = {question for question, _ in missed} | {f"{question} / {point}" for question, point in missed}
    pairs, _ = _read(anki, source, ledger)
    meant = [anki_note for anki_note, note in pairs if ids & {anki_note.id, *(note.fields[-1:] if note else ())}]
    add = [anki_note for anki_note in meant if MISSED_TAG not in anki_note.tags]
    numbers = {anki_note.number for anki_note in meant}
    remove = [anki_note for anki_note, _ in pairs if MISSED_TAG in anki_note.tags and anki_note.number not in numbers]
    anki.add_tags(add, [MISSED_TAG])
    anki.remove_tags(remove, [MISSED_TAG])
    return len(add), len(remove)


def _read(
    anki: AnkiConnect, source: DeckSource, ledger: Ledger
) -> tuple[list[tuple[AnkiNote, Counterpart]], list[CardNote]]:
    """Every note of our note types in Anki with what it is in the bank, and all notes of the bank."""
    in_anki = anki.notes(type_.name for type_ in note_types().values())
    notes = compile_whole(source)
    return pair(in_anki, notes, ledger), notes


def _compare(pairs: Sequence[tuple[AnkiNote, Counterpart]], notes: Sequence[CardNote]) -> SyncStatus:
    found = SyncStatus()
    for anki_note, note in pairs:
        if isinstance(note, Retired):
            found.left.append(anki_note)
        elif note is not None:
            _sort_in(found, anki_note, note)
    in_anki = {note.key for _, note in pairs if isinstance(note, CardNote)}
    found.absent.extend(note for note in notes if note.key not in in_anki)
    return found


def _sort_in(found: SyncStatus, anki_note: AnkiNote, note: CardNote) -> None:
    as_shipped = anki_note.fields.get("Shipped") == shipped_hash(anki_note.fields)
    fields = note.named_fields()
    if dict(anki_note.fields) == fields:
        if _own_tags(anki_note) == set(note.tags) and RETIRED_TAG not in anki_note.tags:
            found.current.append(anki_note)
        else:
            found.retag.append((anki_note, note))
    elif not as_shipped and anki_note.fields.get("Shipped") == fields["Shipped"]:
        found.current.append(anki_note)  # the learner's own words on a text that has not changed since
    else:
        (found.old if as_shipped else found.edited).append((anki_note, note))


def _update(anki: AnkiConnect, anki_note: AnkiNote, note: CardNote) -> None:
    """Fields and our tags of one note; the learner's tags and the schedule stay."""
    fields = note.named_fields()
    if anki_note.fields.keys() != fields.keys():
        names = ", ".join(sorted(fields.keys() ^ anki_note.fields.keys()))
        what = f"the note type {anki_note.note_type!r} in Anki has other fields ({names})"
        raise ServiceError(f"{what}: import the deck once")
    anki.call("updateNoteFields", note={"id": anki_note.number, "fields": fields})
    _retag(anki, anki_note, note)


def _retag(anki: AnkiConnect, anki_note: AnkiNote, note: CardNote) -> None:
    own, wanted = _own_tags(anki_note), set(note.tags)
    anki.add_tags([anki_note], wanted - own)
    anki.remove_tags([anki_note], (own - wanted) | ({RETIRED_TAG} & set(anki_note.tags)))


def _send_pictures(anki: AnkiConnect, source: DeckSource, notes: Iterable[CardNote]) -> int:
    """Store what is not there. Names hold a hash of the bytes, so what is there is right."""
    files = {file.name: file for note in notes for file in note.media}
    stored = set(anki.call("getMediaFilesNames", pattern="mockint-*")) if files else set()
    missing = sorted(files.keys() - stored)
    for name in missing:
        data = files[name].data(source.read_picture)
        anki.call("storeMediaFile", filename=name, data=base64.b64encode(data).decode())
    return len(missing)


def _move_cards(anki: AnkiConnect, pairs: Sequence[tuple[AnkiNote, Counterpart]]) -> int:
    """Cards of a question whose topic changed follow it, unless the learner keeps them in a deck of their own."""
    known = [(anki_note, note) for anki_note, note in pairs if isinstance(note, CardNote)]
    decks = {card: deck_name(note) for anki_note, note in known for card in anki_note.cards}
    cards = anki.cards(anki_note for anki_note, _ in known)
    ours = {name for deck in decks.values() for name in (deck, _root(deck))}
    moves: dict[str, list[int]] = {}
    for id, card in cards.items():
        if card.deck != decks[id] and (card.deck in ours or _root(card.deck) == _root(decks[id])):
            moves.setdefault(decks[id], []).append(id)
    for deck, ids in moves.items():
        anki.call("changeDeck", cards=ids, deck=deck)
    return sum(map(len, moves.values()))


def _root(deck: str) -> str:
    return deck.partition("::")[0]


def _tag_retired(anki: AnkiConnect, notes: Sequence[AnkiNote]) -> int:
    anki.add_tags(notes, [RETIRED_TAG])
    return len(notes)


def _delete(anki: AnkiConnect, notes: Sequence[AnkiNote]) -> int:
    if notes:
        anki.call("deleteNotes", notes=[note.number for note in notes])
    return len(notes)


def _studied(question: str, notes: Sequence[AnkiNote], cards: Mapping[int, AnkiCard]) -> Studied | None:
    """None when none of the cards has been answered yet."""
    own = [cards[card] for note in notes for card in note.cards if card in cards]
    answered = [card for card in own if card.reviews]
    if not answered:
        return None
    return Studied(
        question=question,
        cards=len(own),
        reviews=sum(card.reviews for card in answered),
        lapses=sum(card.lapses for card in answered),
        interval=max(0, min(card.interval for card in answered)),
        leech=any("leech" in note.tags for note in notes),
    )


def _own_tags(note: AnkiNote) -> set[str]:
    """Our tags, without those that say how a learner fared."""
    return {tag for tag in note.tags if tag.startswith("mockint::")} - _STATES
