"""What the grader knows of words: function words, small words, common words, concepts with their opposites, themes.

The lists are text files beside this module, written for technical answers in general and not for any bank. A concept is
a set of terms that say the same thing, across English and Chinese; a theme only a field of meaning.

Stemming five thousand terms is most of the work, so the stemmed lists are kept in the user's cache, under a hash of the
lists, of the module that stems and of the stemmer's version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import Stemmer

from mockint import cache as file_cache
from mockint.grading.offline import tokens
from mockint.grading.offline.tokens import keys_of, stem

Keys = tuple[str, ...]
_LISTS = ("function", "small", "common", "concepts", "themes")


@dataclass(frozen=True)
class Lexicon:
    """members[c]: the terms of concept c, as key sequences. of_key: key -> concepts it names alone.
    of_phrase: first key -> (the whole sequence, concept), longest first. opposite[c]: the concept that denies c.
    small: what may stand between two words that belong side by side.
    """

    function: frozenset[str]
    small: frozenset[str]
    common: frozenset[str]
    members: list[tuple[Keys, ...]]
    of_key: dict[str, list[int]]
    of_phrase: dict[str, list[tuple[Keys, int]]]
    opposite: dict[int, int]
    themes: list[Keys]

    @cached_property
    def theme_of(self) -> dict[str, list[int]]:
        theme_of: dict[str, list[int]] = {}
        for theme, keys in enumerate(self.themes):
            for key in keys:
                theme_of.setdefault(key, []).append(theme)
        return theme_of

    def concepts_of(self, keys: Keys) -> list[int]:
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
    from platformdirs import user_cache_path

    texts = {name: files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8") for name in _LISTS}
    made_from = _hash([*texts.values(), Path(tokens.__file__).read_text(encoding="utf-8"), Stemmer.version()])
    path = user_cache_path("mockint") / "lexicon.json"
    kept = file_cache.read(path)
    if kept.get("of") != made_from:
        kept = {"of": made_from} | {name: _stemmed(name, text) for name, text in texts.items()}
        file_cache.write(path, kept)
    return _lexicon(kept["function"], kept["small"], kept["common"], kept["concepts"], kept["themes"])


def _hash(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := raw.split("# ")[0].strip()) and not line.startswith("#")]


def _stemmed(name: str, text: str) -> list[str]:
    """A list as strings to be split again: a concept is its terms, between tabs, each its keys, between blanks; a
    `<>` stands at the head of a concept that denies the one before it."""
    match name:
        case "concepts":
            return [
                "\t".join(["<>"] * (place > 0) + list(dict.fromkeys(filter(None, map(_spaced_keys, side.split(","))))))
                for line in _lines(text)
                for place, side in enumerate(line.split("<>"))
            ]
        case "themes":
            return [" ".join(dict.fromkeys(stem(word) for word in line.split(", "))) for line in _lines(text)]
        case "small":
            return _words(text)
        case _:
            words = _words(text)
            return sorted({*words, *map(stem, words)})


def _words(text: str) -> list[str]:
    return [word for line in _lines(text) for word in line.split()]


def _spaced_keys(term: str) -> str:
    return " ".join(keys_of(term.strip()))


def _lexicon(
    function: list[str], small: list[str], common: list[str], concepts: list[str], themes: list[str]
) -> Lexicon:
    members: list[tuple[Keys, ...]] = []
    opposite: dict[int, int] = {}
    of_key: dict[str, list[int]] = {}
    of_phrase: dict[str, list[tuple[Keys, int]]] = {}
    for concept, line in enumerate(concepts):
        terms = line.split("\t")
        if terms[0] == "<>":
            del terms[0]
            opposite[concept - 1], opposite[concept] = concept, concept - 1
        members.append(tuple([tuple(term.split(" ")) for term in terms]))
        for keys in members[-1]:
            if len(keys) == 1:
                of_key.setdefault(keys[0], []).append(concept)
            else:
                of_phrase.setdefault(keys[0], []).append((keys, concept))
    for phrases in of_phrase.values():
        phrases.sort(key=lambda phrase: -len(phrase[0]))
    return Lexicon(
        function=frozenset(function),
        small=frozenset(small),
        common=frozenset(common),
        members=members,
        of_key=of_key,
        of_phrase=of_phrase,
        opposite=opposite,
        themes=[tuple(theme.split(" ")) for theme in themes],
    )
