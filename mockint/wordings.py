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
from typing import Literal, get_args

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

    def hash(self) -> str:
        """sha256 over all text that decides what is heard, as hex; places do not count."""
        digest = hashlib.sha256()
        for concepts in (self.concepts, self.shared):
            for name, alternatives in concepts.items():
                digest.update("\0".join(("", name, *(one.text for one in alternatives))).encode())
        digest.update("\0".join(("", *(one.text for one in self.rivals))).encode())
        for hears, by_criterion in self.patterns.items():
            for id, patterns in by_criterion.items():
                digest.update("\0".join(("", hears, id, *(one.text for one in patterns))).encode())
        return digest.hexdigest()


NO_WORDINGS = Wordings()
