"""Characters that drive a terminal, turn a line around or cannot be written to a file, found or made visible."""

from __future__ import annotations

import re

_PICTURES = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: "\u2421"}
_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SIGNS = _PICTURES | dict.fromkeys((*range(0x80, 0xA0), *_DIRECTIONS, *range(0xD800, 0xE000)), "\ufffd")
_ZERO_WIDTH = (0x200B, 0x2060, 0xFEFF)
"""Joiners are not among them: emoji and some scripts are written with them."""
_UNSEEN = re.compile(f"[{''.join(map(chr, (*_SIGNS, *_ZERO_WIDTH, 0xFFFD)))}]")
_LONE_RETURN = re.compile(r"\r(?!\n)")


def visible(text: str) -> str:
    """The same length: a control character as its picture (␛), directions and lone surrogates as U+FFFD.

    Tabs and line ends stay. A carriage return alone is no line end: it would let a terminal write over the line.
    """
    text = text.translate(_SIGNS)
    return _LONE_RETURN.sub("\u240d", text) if "\r" in text else text


def first_unseen(text: str) -> str | None:
    """The first character that `visible` would replace, that has no width, or that stands for one that was lost."""
    found = _UNSEEN.search(text)
    return found[0] if found else None
