"""What the grader knows of words: function words, common words, concepts with their opposites, themes.

The lists are text files beside this module, written for technical answers in general and not for any bank. A concept is
a set of terms that say the same thing, across English and Chinese; a theme only a field of meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mockint.grading.offline.tokens import keys_of, stem


def _lines(name: str) -> list[str]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return [line for raw in text.splitlines() if (line := raw.split("# ")[0].strip()) and not line.startswith("#")]


@dataclass(frozen=True)
class Lexicon:
    """members[c]: the terms of concept c, as key sequences. of_key: key -> concepts it names alone.
    of_phrase: first key -> (the whole sequence, concept), longest first. opposite[c]: the concept that denies c.
    small: what may stand between two words that belong side by side.
    """

    function: frozenset[str]
    small: frozenset[str]
    common: frozenset[str]
    members: list[tuple[tuple[str, ...], ...]]
    of_key: dict[str, tuple[int, ...]]
    of_phrase: dict[str, list[tuple[tuple[str, ...], int]]]
    opposite: dict[int, int]
    themes: list[tuple[str, ...]]
    theme_of: dict[str, tuple[int, ...]]

    def concepts_of(self, keys: tuple[str, ...]) -> list[int]:
        """The concepts that a word or a whole phrase names."""
        if len(keys) == 1:
            return list(self.of_key.get(keys[0], ()))
        return [concept for phrase, concept in self.of_phrase.get(keys[0], ()) if phrase == keys]

    def has_opposite(self, key: str) -> bool:
        return any(concept in self.opposite for concept in self.of_key.get(key, ()))

    def weight(self, key: str) -> float:
        """What a word adds to the meaning of a sentence: function words hardly anything, common words less."""
        if key in self.function:
            return 0.1
        return 0.6 if key in self.common else 1.0


@cache
def lexicon() -> Lexicon:
    members: list[tuple[tuple[str, ...], ...]] = []
    opposite: dict[int, int] = {}
    for line in _lines("concepts.txt"):
        sides = [tuple(dict.fromkeys(keys_of(term) for term in side.split(","))) for side in line.split("<>")]
        first = len(members)
        members += [tuple(keys for keys in side if keys) for side in sides]
        if len(sides) == 2:
            opposite[first], opposite[first + 1] = first + 1, first
    of_key: dict[str, list[int]] = {}
    of_phrase: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for concept, terms in enumerate(members):
        for keys in terms:
            if len(keys) == 1:
                of_key.setdefault(keys[0], []).append(concept)
            else:
                of_phrase.setdefault(keys[0], []).append((keys, concept))
    for phrases in of_phrase.values():
        phrases.sort(key=lambda phrase: -len(phrase[0]))
    themes = [tuple(dict.fromkeys(stem(word) for word in line.split(", "))) for line in _lines("themes.txt")]
    theme_of: dict[str, list[int]] = {}
    for theme, keys in enumerate(themes):
        for key in keys:
            theme_of.setdefault(key, []).append(theme)
    words = {
        name: [word for line in _lines(name) for word in line.split()]
        for name in ("function.txt", "common.txt", "small.txt")
    }
    return Lexicon(
        function=frozenset(words["function.txt"]) | frozenset(map(stem, words["function.txt"])),
        small=frozenset(words["small.txt"]),
        common=frozenset(words["common.txt"]) | frozenset(map(stem, words["common.txt"])),
        members=members,
        of_key={key: tuple(value) for key, value in of_key.items()},
        of_phrase=of_phrase,
        opposite=opposite,
        themes=themes,
        theme_of={key: tuple(value) for key, value in theme_of.items()},
    )
