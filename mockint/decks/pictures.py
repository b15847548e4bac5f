"""Pictures of the bank -> media files of a deck: content-hashed names, and a night variant of every drawing.

A name holds the hash of the bytes because Anki never replaces a file it has: a changed picture must be another file,
and the changed name in the field is what makes the note an update. Drawings keep to the palette below, so that their
night variant is a substitution.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from mockint.markdown.card import attribute

ReadPicture = Callable[[str, str], bytes]
"""(topic, `media/NAME` as it stands in the question) -> the file's bytes."""

_STEM = 80
PAPER, PAPER_NIGHT = "#ffffff", "#1c2128"
INK, INK_NIGHT = "#1f2328", "#e6edf3"
NIGHT = {
    INK: INK_NIGHT,
    "#57606a": "#adb6c0",  # muted
    "#8c959f": "#8b949e",  # line
    PAPER: PAPER_NIGHT,
    "#f6f8fa": "#2b323b",  # grey
    "#ddf4ff": "#10304f",  # blue
    "#0969da": "#79b8ff",
    "#dafbe1": "#12351f",  # green
    "#1a7f37": "#56d364",
    "#fff8c5": "#3a2f0b",  # amber
    "#9a6700": "#e3b341",
    "#ffebe9": "#4a1d1f",  # red
    "#cf222e": "#ff9492",
    "#fbefff": "#33244f",  # purple
    "#8250df": "#d2a8ff",
}
"""Every colour that a drawing may use -> what it is at night."""
_NAMES = {"#fff": PAPER, "white": PAPER, "#000": INK, "#000000": INK, "black": INK}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|(?<=[\"':\s;])(?:white|black)(?=[\"';\s])")


@dataclass(frozen=True)
class MediaFile:
    """A file of a deck: its name in Anki, and the bank's picture that it is or whose night variant it is."""

    name: str
    topic: str
    src: str
    night: bool = False

    def data(self, read: ReadPicture) -> bytes:
        data = read(self.topic, self.src)
        return night_variant(data) if self.night else data


def show(topic: str, src: str, alt: str, read: ReadPicture) -> tuple[str, tuple[MediaFile, ...]]:
    """The HTML of a picture, and its files. A drawing is there twice; CSS shows one of the two."""
    data = read(topic, src)
    day = MediaFile(media_name(src, "", data), topic, src)
    if not src.endswith(".svg"):
        return _img(day.name, alt, "mi-photo"), (day,)
    night = MediaFile(media_name(src, "-night", night_variant(data)), topic, src, night=True)
    return _img(day.name, alt, "mi-day") + _img(night.name, alt, "mi-night"), (day, night)


def media_name(src: str, variant: str, data: bytes) -> str:
    """Flat, lower-case ASCII, never starting with `_` (Anki treats such files otherwise), at most 120 bytes (it cuts
    longer names, and the hash off them)."""
    path = PurePosixPath(src)
    digest = hashlib.sha256(data).hexdigest()[:16]
    return f"mockint-{path.stem.lower()[:_STEM]}{variant}-{digest}{path.suffix.lower()}"


def night_variant(svg: bytes) -> bytes:
    """The drawing in night colours. Text without a fill is black by default, so the root gets the night's ink."""
    text = svg.decode("utf-8")
    text = _COLOUR.sub(lambda match: _at_night(match[0]), text)
    root = re.search(r"<svg\b[^>]*>", text)
    if root and " fill=" not in root[0]:
        text = text[: root.start()] + root[0].replace("<svg", f'<svg fill="{INK_NIGHT}"', 1) + text[root.end() :]
    return text.encode("utf-8")


def _at_night(colour: str) -> str:
    day = colour.lower()
    return NIGHT.get(_NAMES.get(day, day), colour)


def _img(name: str, alt: str, kind: str) -> str:
    return f'<img class="{kind}" src="{name}" alt="{attribute(alt)}">'
