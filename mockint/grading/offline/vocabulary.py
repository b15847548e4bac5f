"""Which word that is looked for a word of an answer stands for: itself, another ending or a misspelling of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.lexicon import Lexicon

_ENDINGS = (
    "ization", "ational", "fulness", "ousness", "iveness", "ation", "ition", "ement", "ment", "ness", "ance", "ence",
    "ency", "ancy", "able", "ible", "ical", "ally", "ion", "ity", "ive", "ous", "ful", "ant", "ent", "iz", "at",
    "al", "ic", "er", "or", "ly", "y", "e", "i",
)  # fmt: skip
_MEMO_LIMIT = 20_000


def root(key: str) -> str:
    """A stem without its derivational ending, at least four letters long: `depend` of `dependence`."""
    for ending in _ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= 4:
            return key[: -len(ending)]
    return key


@dataclass(slots=True)
class Vocabulary:
    """known: every word that is looked for. roots: root -> the word that another word of that root is read as.
    forgiven: the words whose misspellings are read as them.
    """

    lexicon: Lexicon
    known: frozenset[str]
    roots: dict[str, str]
    forgiven: list[str]
    memo: dict[str, tuple[str, float]] = field(default_factory=dict)

    def read_as(self, key: str) -> tuple[str, float]:
        """The word that is looked for, and how surely it is meant; ("", 0) for none."""
        found = self.memo.get(key)
        if found is None:
            if len(self.memo) > _MEMO_LIMIT:
                self.memo.clear()
            found = self.memo[key] = self._resolve(key)
        return found

    def _resolve(self, key: str) -> tuple[str, float]:
        if key in self.known:
            return key, 1.0
        if len(key) < 4 or len(key) > 30 or not key.isascii() or not key.isalpha():
            return "", 0.0
        same_root = self.roots.get(root(key))
        if same_root is not None and key not in self.lexicon.common:
            return same_root, t.DERIVED
        if key in self.lexicon.common or key in self.lexicon.of_key:
            return "", 0.0
        near = extract(key, self.forgiven, scorer=OSA.distance, score_cutoff=_edits(len(key)), limit=None)
        found = [(distance, word) for word, distance, _ in near if distance <= _edits(len(word))]
        return (min(found)[1], t.TYPO) if found else ("", 0.0)


def vocabulary_of(known: Iterable[str], authored: Iterable[str], lexicon: Lexicon) -> Vocabulary:
    """authored: those of the words of which another ending and a misspelling count too."""
    roots: dict[str, str] = {}
    forgiven = []
    for key in sorted(authored):
        if len(key) >= 4 and key.isascii() and key.isalpha() and key not in lexicon.function:
            roots.setdefault(root(key), key)
            forgiven.append(key)
    return Vocabulary(lexicon, frozenset(known), roots, forgiven)


def _edits(length: int) -> int:
    return 0 if length < 5 else 1 if length < 8 else 2
