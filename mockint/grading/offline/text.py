"""Text to tokens: fold what only looks different, keep where every token stood in the original.

Folding is per character, so that an offset in the folded text always leads back to the text as it was typed: case,
full-width forms, accents, compatibility forms, zero-width and control characters, look-alike letters of other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import snowballstemmer

_STEMMER = snowballstemmer.stemmer("english")

# Letters of other scripts that are drawn like a Latin one. Greek letters carry meaning in formulas, so only those
# that cannot be told from a Latin letter stand here.
_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝкмтвнАВЕКМНОРСТУХІЈЅοΟΑΒΕΖΗΙΚΜΝΡΤΥΧνι",
        "aeopcyxijshdqwkmtbhABEKMHOPCTYXIJSoOABEZHIKMNPTYXvi",
        strict=True,
    )
)
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻", "0123456789n-", strict=True))
_PLAIN = {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": " - ", "−": "-", "‐": "-", "‑": "-",
    "×": "*", "·": "*", "⋅": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "≈": "~",
    "，": ",", "。": ".", "；": ";", "：": ":", "？": "?", "！": "!", "（": "(", "）": ")", "、": ",",
}  # fmt: skip


@cache
def _folded(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    if char in _SUPERSCRIPTS:
        return "^" + _SUPERSCRIPTS[char]
    kind = unicodedata.category(char)
    if kind in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
        return ""
    if kind == "Cc":
        return char if char in "\n\t" else " "
    char = _LOOKALIKES.get(char, char)
    parts = unicodedata.normalize("NFKD", char)
    kept = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Cf"))
    return "".join(_PLAIN.get(part, _LOOKALIKES.get(part, part)) for part in kept).lower()


@dataclass(frozen=True)
class Folded:
    """`text` is folded; `origin[i]` is where its i-th character came from; `end_of[i]` is one past that character."""

    text: str
    origin: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that `text[start:end]` came from."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    if text.isascii():
        return Folded(text.lower(), None)
    out: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        folded = _folded(char)
        out.append(folded)
        origin.extend([place] * len(folded))
    return Folded("".join(out), origin)


@dataclass(frozen=True, slots=True)
class Token:
    """key: what is compared (a stem, a Chinese character, a number, a formula). start, end: in the folded text."""

    key: str
    word: str
    start: int
    end: int
    sentence: int


CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"(?P<formula>\b[oθω]\s?\([^()]*(?:\([^()]*\)[^()]*)*\))"
    rf"|(?P<number>\d+(?:[.,]\d+)*(?:%|(?:\s?[a-z]{{1,2}}\b))?)"
    rf"|(?P<word>[a-zα-ω]+(?:[0-9]+[a-z]*)*(?:'[a-z]+)?)"
    rf"|(?P<cjk>[{CJK}])"
    rf"|(?P<stop>[.!?;](?=\s|$|[{CJK}])|\n)"
)


@cache
def stem(word: str) -> str:
    if len(word) > 3:
        word = word.removesuffix("'s")
    return str(_STEMMER.stemWord(word))


def tokens_of(folded: Folded) -> list[Token]:
    tokens: list[Token] = []
    sentence = 0
    for found in _TOKEN.finditer(folded.text):
        word = found.group()
        match found.lastgroup:
            case "stop":
                sentence += 1
                continue
            case "word":
                key = stem(word)
            case "formula" | "number":
                key = re.sub(r"[\s*]|\*\*", "", word)
            case _:
                key = word
        tokens.append(Token(key, word, found.start(), found.end(), sentence))
    return tokens
