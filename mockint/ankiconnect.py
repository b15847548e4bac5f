"""A running Anki, by way of its AnkiConnect add-on: which notes are there, which are old, how well each is known.

A note is known by its note type and the field `Id`. The field `Shipped` is a hash of the other fields as they were
shipped, so an old text (to be updated, whatever tags or leeches did to its time) differs from a learner's own words
(to be left alone). Tags outside `mockint::` are the learner's and are never touched. No note is ever added here:
AnkiConnect would give it another GUID, and the next import would make it twice.
"""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from mockint.errors import ServiceError, UsageError

URL = "http://127.0.0.1:8765"
TIMEOUT = 5.0
"""Seconds for one call: a running Anki answers at once, a modal dialog in it never."""
MISSED, RETIRED = "mockint::missed", "mockint::retired"
_STATES = frozenset({MISSED, RETIRED})
_BATCH = 200


@dataclass(frozen=True)
class Wanted:
    """A note as the bank has it. question: its id in the bank; deck: where a new card of it would go."""

    note_type: str
    id: str
    question: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    deck: str
    media: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.note_type, self.id


@dataclass(frozen=True)
class Found:
    """A note as it is in Anki. note: Anki's id of it."""

    note: int
    note_type: str
    id: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    cards: tuple[int, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.note_type, self.id


@dataclass(frozen=True)
class Comparison:
    """old: to be updated. edited: the learner changed the text and the bank did too. absent: not in Anki yet.
    retag: only the tags differ. retired: left the bank and is not tagged so."""

    current: list[Found] = field(default_factory=list)
    old: list[tuple[Found, Wanted]] = field(default_factory=list)
    edited: list[tuple[Found, Wanted]] = field(default_factory=list)
    retag: list[tuple[Found, Wanted]] = field(default_factory=list)
    absent: list[Wanted] = field(default_factory=list)
    retired: list[Found] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
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


class AnkiConnect:
    """Calls the add-on. Every failure is a ServiceError that says what to do."""

    def __init__(self, url: str = URL, key: str | None = None, *, timeout: float = TIMEOUT) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise UsageError(f"unusable address {url!r}: give one such as {URL}")
        self.url, self.key, self.timeout = url, key, timeout
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # never through a proxy

    def call(self, action: str, **params: Any) -> Any:
        body = {"action": action, "version": 6, "params": params} | ({"key": self.key} if self.key else {})
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with self._open(request, timeout=self.timeout) as answer:
                value = json.loads(answer.read())
            error, result = value["error"], value["result"]
        except TimeoutError as fault:
            raise self._silent(action) from fault
        except urllib.error.URLError as fault:
            if isinstance(fault.reason, TimeoutError):
                raise self._silent(action) from fault
            what = f"no Anki at {self.url}: start Anki with the AnkiConnect add-on (2055492159)"
            raise ServiceError(f"{what}, or import the decks by hand") from fault
        except (HTTPException, OSError, ValueError, KeyError, TypeError) as fault:
            raise ServiceError(f"what answers at {self.url} is not AnkiConnect ({fault})") from fault
        if error:
            hint = ": set ANKICONNECT_KEY to the add-on's apiKey" if "api key" in str(error) else ""
            raise ServiceError(f"AnkiConnect refused {action!r}: {error}{hint}")
        return result

    def _silent(self, action: str) -> ServiceError:
        what = f"Anki at {self.url} did not answer {action!r} within {self.timeout:g} s"
        return ServiceError(f"{what}: close its open dialogs, then try again")

    def notes(self, note_types: Iterable[str]) -> list[Found]:
        """Every note of these note types."""
        search = " OR ".join(f'"note:{name}"' for name in note_types)
        ids = self.call("findNotes", query=search)
        return [_found(info) for batch in _batches(ids) for info in self.call("notesInfo", notes=batch)]

    def cards(self, notes: Iterable[Found]) -> list[dict[str, Any]]:
        ids = [card for note in notes for card in note.cards]
        return [info for batch in _batches(ids) for info in self.call("cardsInfo", cards=batch)]


def compare(
    found: Sequence[Found], wanted: Sequence[Wanted], as_shipped: Callable[[Mapping[str, str]], bool], retired: set[str]
) -> Comparison:
    """as_shipped: whether fields are as some release shipped them. retired: ids of notes that left the bank."""
    result = Comparison()
    by_key = {want.key: want for want in wanted}
    for note in found:
        want = by_key.get(note.key)
        if want is None:
            if note.id in retired and RETIRED not in note.tags:
                result.retired.append(note)
        elif dict(note.fields) == dict(want.fields):
            if _own(note.tags) == set(want.tags) and RETIRED not in note.tags:
                result.current.append(note)
            else:
                result.retag.append((note, want))
        elif not as_shipped(note.fields) and note.fields.get("Shipped") == want.fields["Shipped"]:
            result.current.append(note)  # the learner's own words on a text that has not changed since
        else:
            (result.old if as_shipped(note.fields) else result.edited).append((note, want))
    there = {note.key for note in found}
    result.absent.extend(want for key, want in by_key.items() if key not in there)
    return result


def update(anki: AnkiConnect, note: Found, want: Wanted) -> None:
    """Fields and our tags of one note; the learner's tags and the schedule stay."""
    if note.fields.keys() != want.fields.keys():
        names = ", ".join(sorted(want.fields.keys() ^ note.fields.keys()))
        raise ServiceError(f"the note type {note.note_type!r} in Anki has other fields ({names}): import the deck once")
    anki.call("updateNoteFields", note={"id": note.note, "fields": dict(want.fields)})
    retag(anki, note, want)


def retag(anki: AnkiConnect, note: Found, want: Wanted) -> None:
    own, wished = _own(note.tags), set(want.tags)
    if wished - own:
        anki.call("addTags", notes=[note.note], tags=" ".join(sorted(wished - own)))
    gone = (own - wished) | ({RETIRED} & set(note.tags))
    if gone:
        anki.call("removeTags", notes=[note.note], tags=" ".join(sorted(gone)))


def send_media(anki: AnkiConnect, files: Mapping[str, bytes]) -> int:
    """Store what is not there. Names hold a hash of the bytes, so what is there is right."""
    there = set(anki.call("getMediaFilesNames", pattern="mockint-*")) if files else set()
    missing = sorted(files.keys() - there)
    for name in missing:
        anki.call("storeMediaFile", filename=name, data=base64.b64encode(files[name]).decode())
    return len(missing)


def move_cards(anki: AnkiConnect, found: Sequence[Found], wanted: Sequence[Wanted]) -> int:
    """Cards of a question whose topic changed follow it, unless the learner keeps them in a deck of their own."""
    decks = {want.key: want.deck for want in wanted}
    ours = set(decks.values()) | {deck.partition("::")[0] for deck in decks.values()}
    keys = {card: note.key for note in found for card in note.cards}
    moves: dict[str, list[int]] = {}
    for info in anki.cards([note for note in found if note.key in decks]):
        deck = decks[keys[info["cardId"]]]
        root = deck.partition("::")[0]
        if info["deckName"] != deck and (info["deckName"] in ours or info["deckName"].startswith(f"{root}::")):
            moves.setdefault(deck, []).append(info["cardId"])
    for deck, cards in moves.items():
        anki.call("changeDeck", cards=cards, deck=deck)
    return sum(map(len, moves.values()))


def mark_missed(anki: AnkiConnect, found: Sequence[Found], missed: set[str]) -> tuple[int, int]:
    """Tag the notes of these ids `mockint::missed`, and no others: how many got the tag, how many lost it."""
    add = [note.note for note in found if note.id in missed and MISSED not in note.tags]
    remove = [note.note for note in found if note.id not in missed and MISSED in note.tags]
    if add:
        anki.call("addTags", notes=add, tags=MISSED)
    if remove:
        anki.call("removeTags", notes=remove, tags=MISSED)
    return len(add), len(remove)


def known(anki: AnkiConnect, found: Sequence[Found]) -> list[Known]:
    """One value for each question that has been studied, the weakest first."""
    by_question: dict[str, list[Found]] = {}
    for note in found:
        by_question.setdefault(note.id.partition(" / ")[0], []).append(note)
    infos = {info["cardId"]: info for info in anki.cards(found)}
    result = []
    for question, notes in by_question.items():
        cards = [infos[card] for note in notes for card in note.cards if card in infos]
        studied = [card for card in cards if card["reps"]]
        if studied:
            result.append(
                Known(
                    question=question,
                    cards=len(cards),
                    reviews=sum(card["reps"] for card in studied),
                    lapses=sum(card["lapses"] for card in studied),
                    interval=max(0, min(card["interval"] for card in studied)),
                    leech=any("leech" in note.tags for note in notes),
                )
            )
    return sorted(result, key=lambda value: (value.weakness, value.question), reverse=True)


def _found(info: Mapping[str, Any]) -> Found:
    ordered = sorted(info["fields"].items(), key=lambda item: item[1]["order"])
    fields = {name: value["value"] for name, value in ordered}
    tags, cards = tuple(info["tags"]), tuple(info["cards"])
    return Found(info["noteId"], info["modelName"], fields.get("Id", ""), fields, tags, cards)


def _own(tags: Iterable[str]) -> set[str]:
    """Our tags, without those that say how a learner fared."""
    return {tag for tag in tags if tag.startswith("mockint::")} - _STATES


def _batches(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[start : start + _BATCH]) for start in range(0, len(ids), _BATCH)]
