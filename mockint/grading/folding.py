"""Text with what only looks different made equal, each character knowing where it stood.

What counts as equal is the reader's to say: the offline grader reads signs as words, the look for a quote keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folded:
    """text: as it is read. origin[i]: where its i-th character stood in the original; None when nothing moved."""

    text: str
    origin: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that `text[start:end]` came from; `end` is exclusive in both."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


class Folding:
    """Reads every character as `char` says, which may be nothing or several; however wide a gap, as one blank."""

    def __init__(self, char: Callable[[str], str]) -> None:
        self._char = char
        self._known: dict[str, str] = {}
        ascii_ = {chr(code): char(chr(code)) for code in range(128)}
        self._table = str.maketrans({one: read for one, read in ascii_.items() if len(read) == 1})
        self._moving = frozenset(one for one, read in ascii_.items() if len(read) != 1)

    def __call__(self, text: str) -> Folded:
        if text.isascii() and self._moving.isdisjoint(text):
            return _single_spaced(Folded(text.translate(self._table), None))
        pieces = [self._read(char) for char in text]
        if all(len(piece) == 1 for piece in pieces):
            return _single_spaced(Folded("".join(pieces), None))
        origin = [place for place, piece in enumerate(pieces) for _ in piece]
        return _single_spaced(Folded("".join(pieces), origin))

    def _read(self, char: str) -> str:
        read = self._known.get(char)
        if read is None:
            read = self._known[char] = self._char(char)
        return read


def _single_spaced(folded: Folded) -> Folded:
    text, origin = folded.text, folded.origin
    if "  " not in text:
        return folded
    kept = [place for place, char in enumerate(text) if char != " " or not place or text[place - 1] != " "]
    return Folded("".join([text[place] for place in kept]), [origin[place] if origin else place for place in kept])
