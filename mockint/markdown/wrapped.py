"""Text for rich that breaks between Chinese characters, as a typesetter would.

rich breaks lines at spaces, which Chinese does not have: a sentence would jump to the next line whole and leave the
first one half empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells
from rich.containers import Lines
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod, OverflowMethod

_WIDE = "\u2e80-\u303f\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff"
_OPENING = "（《「『【〔〈［｛“‘([{"
_CLOSING = "，。；：？！、）》」』】〕〉］｝”’…—～·,.;:?!)]}%"
# One unbreakable piece: a Chinese character or a run of anything else, with the punctuation that clings to it.
_PIECE = re.compile(rf"\s*[{re.escape(_OPENING)}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)?[{re.escape(_CLOSING)}]*\s*")
_IS_WIDE = re.compile(f"[{_WIDE}]")


def joined(lines: list[str]) -> str:
    """The lines of one paragraph as one: a space between them, but none between two Chinese characters."""
    whole = "".join(
        line + ("" if _IS_WIDE.match(line[-1:]) and _IS_WIDE.match(after[:1]) else " ")
        for line, after in pairwise(lines)
    )
    return whole + (lines[-1] if lines else "")


class Wrapped(Text):
    """A rich Text whose lines also break between Chinese characters, never before a full stop or after a bracket."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        if no_wrap or self.no_wrap or not _IS_WIDE.search(self.plain):
            return super().wrap(console, width, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap)
        lines = Lines()
        for line in self.split(allow_blank=True):
            line.expand_tabs(tab_size)
            for piece in line.divide(list(_breaks(line.plain, width))):
                piece.rstrip_end(width)
                lines.append(piece)
        return lines


def _breaks(line: str, width: int) -> Iterator[int]:
    """The places at which to break a line so that each part is at most `width` cells wide."""
    used = 0
    for match in _PIECE.finditer(line):
        piece = match[0]
        if not piece:
            continue
        if used + cell_len(piece.rstrip()) <= width:
            used += cell_len(piece)
            continue
        if match.start():
            yield match.start()
        used = cell_len(piece)
        if cell_len(piece.rstrip()) > width:
            *full, rest = chop_cells(piece, width)
            place = match.start()
            for part in full:
                place += len(part)
                yield place
            used = cell_len(rest)
