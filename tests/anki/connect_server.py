"""AnkiConnect's protocol (version 6) over a real Anki collection: the calls that mockint makes, in its shapes."""

# ruff: noqa: N802 - methods are named after the protocol's actions

from __future__ import annotations

import base64
import fnmatch
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from anki.collection import Collection


class Actions:
    """One method for each action."""

    def __init__(self, col: Collection | None) -> None:
        self._col = col

    @property
    def col(self) -> Collection:
        if self._col is None:
            raise Exception("collection is not available")
        return self._col

    def version(self) -> int:
        return 6

    def findNotes(self, query: str) -> list[int]:
        return list(self.col.find_notes(query))

    def notesInfo(self, notes: list[int]) -> list[dict[str, Any]]:
        return [self._note(id) for id in notes]

    def _note(self, id: int) -> dict[str, Any]:
        note = self.col.get_note(id)
        type_ = note.note_type()
        assert type_ is not None
        fields = {name: {"value": value, "order": order} for order, (name, value) in enumerate(note.items())}
        return {
            "noteId": id,
            "tags": note.tags,
            "fields": fields,
            "modelName": type_["name"],
            "mod": note.mod,
            "cards": list(note.card_ids()),
        }

    def cardsInfo(self, cards: list[int]) -> list[dict[str, Any]]:
        infos = []
        for id in cards:
            card = self.col.get_card(id)
            infos.append(
                {
                    "cardId": id,
                    "note": card.nid,
                    "deckName": self.col.decks.name(card.did),
                    "interval": card.ivl,
                    "reps": card.reps,
                    "lapses": card.lapses,
                    "queue": card.queue,
                    "type": card.type,
                    "due": card.due,
                }
            )
        return infos

    def updateNoteFields(self, note: dict[str, Any]) -> None:
        stored = self.col.get_note(note["id"])
        for name, value in note["fields"].items():
            stored[name] = value
        self.col.update_note(stored)

    def addTags(self, notes: list[int], tags: str) -> None:
        self.col.tags.bulk_add(notes, tags)

    def removeTags(self, notes: list[int], tags: str) -> None:
        self.col.tags.bulk_remove(notes, tags)

    def changeDeck(self, cards: list[int], deck: str) -> None:
        self.col.set_deck(cards, self.col.decks.id(deck))

    def deleteNotes(self, notes: list[int]) -> None:
        self.col.remove_notes(notes)

    def getMediaFilesNames(self, pattern: str) -> list[str]:
        return [name for name in sorted(self._media()) if fnmatch.fnmatch(name, pattern)]

    def _media(self) -> set[str]:
        from pathlib import Path

        return {path.name for path in Path(self.col.media.dir()).iterdir()}

    def storeMediaFile(self, filename: str, data: str) -> str:
        return self.col.media.write_data(filename, base64.b64decode(data))


@contextmanager
def connect_server(col: Collection | None, *, key: str | None = None) -> Iterator[str]:
    """The address of a server over this collection, whose calls all run on one thread. None: no profile is open."""
    actions = Actions(col)
    calls: queue.Queue[tuple[dict[str, Any], queue.Queue[dict[str, Any]]] | None] = queue.Queue()

    def run(body: dict[str, Any]) -> dict[str, Any]:
        if key and body.get("key") != key:
            return {"result": None, "error": "valid api key must be provided"}
        method = getattr(actions, body["action"], None)
        if method is None:
            return {"result": None, "error": "unsupported action"}
        return {"result": method(**body.get("params", {})), "error": None}

    def work() -> None:
        while (call := calls.get()) is not None:
            body, answer = call
            try:
                answer.put(run(body))
            except Exception as fault:
                answer.put({"result": None, "error": str(fault)})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer: queue.Queue[dict[str, Any]] = queue.Queue()
            calls.put((body, answer))
            data = json.dumps(answer.get()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            calls.put(None)
            worker.join()
