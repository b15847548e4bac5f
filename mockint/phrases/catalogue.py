"""The form of the catalogue: a class an area, a line a phrase, both languages side by side.

    class DoorPhrases(Phrases):
        open = Phrase("The door is open.", "门开着。")
        knocks = Phrase("{count} knocks", "敲了 {count} 下")

    words = DoorPhrases("zh")
    words.open                      # a str
    words.knocks.format(count=2)

mypy sees a phrase that nobody wrote. That both languages take the same values, that each phrase is given them where it
is said, and that each is said somewhere, is what `tests/test_phrases.py` sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Self, TypeVar, overload

from mockint.question import Lang

Key = TypeVar("Key")


@dataclass(frozen=True)
class Phrases:
    """Base of every area: its phrases in one language."""

    lang: Lang


@dataclass(frozen=True)
class Phrase:
    """One phrase in both languages; `{...}` is filled in where it is said.

    Read from an area in a language it is a str; read from the area's class it is the Phrase.
    """

    en: str
    zh: str

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh

    @overload
    def __get__(self, area: None, owner: type[Phrases]) -> Self: ...
    @overload
    def __get__(self, area: Phrases, owner: type[Phrases]) -> str: ...
    def __get__(self, area: Phrases | None, owner: type[Phrases]) -> Self | str:
        return self if area is None else self.in_(area.lang)


@dataclass(frozen=True)
class PhrasePer(Generic[Key]):
    """A phrase for each of a few keys. Read from an area in a language it is a mapping of key to str."""

    phrases: Mapping[Key, Phrase]

    @overload
    def __get__(self, area: None, owner: type[Phrases]) -> Self: ...
    @overload
    def __get__(self, area: Phrases, owner: type[Phrases]) -> Mapping[Key, str]: ...
    def __get__(self, area: Phrases | None, owner: type[Phrases]) -> Self | Mapping[Key, str]:
        return self if area is None else {key: phrase.in_(area.lang) for key, phrase in self.phrases.items()}
