"""How the offline grader listens to a question, as it stands in the files: concepts, and patterns per criterion.

    bank/concepts.yaml              words that mean the same, for the whole bank
    bank/<topic>/concepts.yaml      the same for a topic
    bank/<topic>/<id>.wordings.yaml concepts of this question, its rivals, and patterns:
        says      state the criterion (a misconception is `stated`, a key point `met`)
        partly    are worth half of a key point
        denies    say the opposite of a key point, or take a misconception back

Text only: `grading.offline.notation` knows what a pattern means. A name stands for one thing in all three files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from mockint.question import Id

Hears = Literal["says", "partly", "denies"]
HEARS: tuple[Hears, ...] = get_args(Hears)


@dataclass(frozen=True, slots=True)
class Written:
    """One pattern as it stands in a file. line, column: of its first character, 1-based."""

    text: str
    path: str = ""
    line: int = 0
    column: int = 0


Concepts = Mapping[str, tuple[Written, ...]]
"""name -> its alternatives. A pattern names it as `<name>`."""


@dataclass(frozen=True, slots=True)
class Wordings:
    """patterns[hears][criterion]. rivals: the concepts that the question sets against each other.

    concepts: the question's own. shared: those of its topic and of the bank.
    """

    path: str = ""
    concepts: Concepts = field(default_factory=dict)
    shared: Concepts = field(default_factory=dict)
    rivals: tuple[Written, ...] = ()
    patterns: Mapping[Hears, Mapping[Id, tuple[Written, ...]]] = field(default_factory=dict)


NO_WORDINGS = Wordings()


class WordingSource(Protocol):
    """Where a grader gets the wordings of a question from."""

    def __call__(self, question_id: str) -> Wordings:
        """Empty for a question that has none. Raises BankError for a file that cannot be read."""
        ...

    def key(self, question_id: str) -> str:
        """Changes whenever something that the question is heard by may have changed."""
        ...


class WordingsInMemory:
    """The same wordings for every question, or none."""

    def __init__(self, wordings: Wordings = NO_WORDINGS) -> None:
        self._wordings = wordings
        self._key = hashlib.sha256(repr(wordings).encode()).hexdigest()

    def __call__(self, question_id: str) -> Wordings:
        return self._wordings

    def key(self, question_id: str) -> str:
        return self._key


no_wordings = WordingsInMemory()
