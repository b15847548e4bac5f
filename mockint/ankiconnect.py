"""A running Anki, by way of its AnkiConnect add-on: the notes and cards in it, and the calls that change them.

The protocol is version 6 of https://git.sr.ht/~foosoft/anki-connect. It tells much of a note, but not its GUID.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from mockint.errors import ServiceError, UsageError

URL = "http://127.0.0.1:8765"
TIMEOUT = 5.0
"""Seconds for one call: a running Anki answers at once, a modal dialog in it never."""
_BATCH = 200
_HINTS = {
    "api key": "set ANKICONNECT_KEY to the add-on's apiKey",
    "collection is not available": "open a profile in Anki, then try again",
}
"""What the add-on says -> what to do about it."""


@dataclass(frozen=True)
class AnkiNote:
    """A note as it is in Anki. number: Anki's id of it. fields: by name, in the note type's order. cards: their ids."""

    number: int
    note_type: str
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    cards: tuple[int, ...]

    @property
    def id(self) -> str:
        """The field `Id`, which a learner may have edited; "" when the note type has none."""
        return self.fields.get("Id", "")


@dataclass(frozen=True)
class AnkiCard:
    """A card as it is in Anki. deck: full name. interval: days until it comes again; 0 or less while learning."""

    id: int
    deck: str
    interval: int
    reviews: int
    lapses: int


class AnkiConnect:
    """Calls the add-on. Every failure is a ServiceError that says what to do; an unusable address is a UsageError."""

    def __init__(self, url: str = URL, key: str | None = None, *, timeout: float = TIMEOUT) -> None:
        """key: the add-on's apiKey, where it has one. timeout: seconds for one call."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise UsageError(f"unusable address {url!r}: give one such as {URL}")
        self.url, self.key, self.timeout = url, key, timeout
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # never through a proxy

    def call(self, action: str, **params: Any) -> Any:
        """The `result` of the add-on's answer. A note or card that is not there is an empty object in it."""
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
            hint = next((f": {hint}" for words, hint in _HINTS.items() if words in str(error)), "")
            raise ServiceError(f"AnkiConnect refused {action!r}: {error}{hint}")
        return result

    def _silent(self, action: str) -> ServiceError:
        what = f"Anki at {self.url} did not answer {action!r} within {self.timeout:g} s"
        return ServiceError(f"{what}: close its open dialogs, then try again")

    def notes(self, note_types: Iterable[str]) -> list[AnkiNote]:
        """Every note of the note types of these names."""
        search = " OR ".join(f'"note:{name}"' for name in note_types)
        ids = self.call("findNotes", query=search)
        return [_note(info) for batch in _batches(ids) for info in self.call("notesInfo", notes=batch) if info]

    def cards(self, notes: Iterable[AnkiNote]) -> dict[int, AnkiCard]:
        """The cards of these notes, by id."""
        ids = [card for note in notes for card in note.cards]
        infos = (info for batch in _batches(ids) for info in self.call("cardsInfo", cards=batch))
        return {info["cardId"]: _card(info) for info in infos if info}

    def add_tags(self, notes: Sequence[AnkiNote], tags: Iterable[str]) -> None:
        self._tag("addTags", notes, tags)

    def remove_tags(self, notes: Sequence[AnkiNote], tags: Iterable[str]) -> None:
        self._tag("removeTags", notes, tags)

    def _tag(self, action: str, notes: Sequence[AnkiNote], tags: Iterable[str]) -> None:
        """Nothing when there is no note or no tag."""
        if notes and (names := " ".join(sorted(tags))):
            self.call(action, notes=[note.number for note in notes], tags=names)


def _note(info: Mapping[str, Any]) -> AnkiNote:
    ordered = sorted(info["fields"].items(), key=lambda item: item[1]["order"])
    fields = {name: value["value"] for name, value in ordered}
    return AnkiNote(info["noteId"], info["modelName"], fields, tuple(info["tags"]), tuple(info["cards"]))


def _card(info: Mapping[str, Any]) -> AnkiCard:
    return AnkiCard(info["cardId"], info["deckName"], info["interval"], info["reps"], info["lapses"])


def _batches(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[start : start + _BATCH]) for start in range(0, len(ids), _BATCH)]
