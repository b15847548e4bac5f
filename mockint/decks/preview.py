"""Every card as a page: front and back, light and night, phone and desktop, with the classes that Anki sets.

Anki fills templates itself; this page fills the few constructs that ours use. Maths is left as TeX: MathJax is part of
Anki, not of mockint. Nothing is loaded from outside, and the server listens on loopback only.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from string import Template

from mockint.decks.compile import DeckSource, compile_notes
from mockint.decks.notes import CardNote
from mockint.decks.notetypes import NoteType, note_type
from mockint.errors import UsageError
from mockint.question import Lang

INDEX = "index.html"
_TYPES = {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif"}
_TYPES |= {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}


def files_of(source: DeckSource, langs: Sequence[Lang]) -> dict[str, bytes]:
    """Name -> bytes: the index, a page for each card's side and theme, the pictures."""
    notes = compile_notes(source, langs)
    pages: dict[str, bytes] = {}
    rows = []
    for number, note in enumerate(notes):
        type_ = note_type(note.kind, note.lang)
        for side in ("front", "back"):
            body = _filled(type_, note, side)
            for theme in ("light", "night"):
                pages[f"card{number}-{side}-{theme}.html"] = _page(type_, body, night=theme == "night")
        rows.append(_row(number, note))
        pages |= {file.name: file.data(source.read_picture) for file in note.media}
    template = Template((files("mockint.decks") / "templates" / "preview.html").read_text(encoding="utf-8"))
    pages[INDEX] = template.substitute(count=len(notes), cards="\n".join(rows)).encode()
    return pages


def write(pages: Mapping[str, bytes], folder: Path) -> None:
    """Raises UsageError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in pages.items():
            (folder / name).write_bytes(data)
    except OSError as fault:
        raise UsageError(f"cannot write in {folder} ({fault.strerror}): give another folder") from fault


@contextmanager
def server(pages: Mapping[str, bytes], port: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """The pages on loopback: the address, and a function that waits until the server ends."""

    class PageHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0].lstrip("/") or INDEX
            data = pages.get(name)
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Type", _TYPES.get(Path(name).suffix, "text/plain; charset=utf-8"))
            self.send_header("Content-Length", str(len(data or b"")))
            self.send_header("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), PageHandler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}/", thread.join
        finally:
            http.shutdown()


def _filled(type_: NoteType, note: CardNote, side: str) -> str:
    """The first template with the note's fields in place."""
    html = type_.templates[0].front if side == "front" else type_.templates[0].back
    fields = note.named_fields()
    html = re.sub(r"\{\{#(.+?)\}\}(.*?)\{\{/\1\}\}", lambda m: m[2] if fields[m[1]] else "", html, flags=re.DOTALL)
    return re.sub(r"\{\{(?:(cloze|type):)?(.+?)\}\}", lambda m: _field(m[1], fields[m[2]], side), html)


def _field(filter_: str | None, value: str, side: str) -> str:
    if filter_ == "type":
        return '<input id="typeans">' if side == "front" else f'<code id="typeans">{value}</code>'
    if filter_ == "cloze":
        hidden = "[...]" if side == "front" else r"\1"
        return re.sub(r"\{\{c1::(.*?)\}\}", f'<span class="cloze">{hidden}</span>', value, flags=re.DOTALL)
    return value


def _page(type_: NoteType, body: str, *, night: bool) -> bytes:
    classes = "card card1" + (" nightMode night_mode" if night else "")
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!doctype html><html><head>{head}<style>{type_.css}</style></head><body class="{classes}">{body}'.encode()


def _row(number: int, note: CardNote) -> str:
    shown = [("phone", "front", "light"), ("phone", "back", "light"), ("phone", "back", "night")]
    shown += [("desktop", "back", "light"), ("desktop", "back", "night")]
    frames = "".join(
        f'<iframe loading="lazy" class="{width}" title="{side}" src="card{number}-{side}-{theme}.html"></iframe>'
        for width, side, theme in shown
    )
    return f'<section id="{escape(note.key)}"><h2>{escape(note.key)}</h2><div>{frames}</div></section>'
