"""A question made ready for matching: one vocabulary for all its criteria, so that an answer is read once.

Two kinds of evidence are compiled. A `Form` is a criterion's own text in one language, as weighted units (a word, or a
Chinese character). A term is one part of an author's wording, as the key sequences of its variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.lexicon import Lexicon
from mockint.grading.offline.negation import contrasts, negation_of
from mockint.grading.offline.non_answers import Reference, echo_grams, reference_of
from mockint.grading.offline.subjects import Rivals, rivals_of, subjects
from mockint.grading.offline.tokens import Tokens, keys_of, tokens_of
from mockint.question import Criterion, Glossary, KeyPoint, Question, Wording

Keys = tuple[str, ...]
Naming = tuple[tuple[int, ...], int]
"""Units of a text, and the concept they name."""
_ENDINGS = (
    "ization", "ational", "fulness", "ousness", "iveness", "ation", "ition", "ement", "ment", "ness", "ance", "ence",
    "ency", "ancy", "able", "ible", "ical", "ally", "ion", "ity", "ive", "ous", "ful", "ant", "ent", "iz", "at",
    "al", "ic", "er", "or", "ly", "y", "e", "i",
)  # fmt: skip
_MEMO_LIMIT = 20_000


def grams_of(keys: Iterable[str]) -> frozenset[str]:
    """Runs of four letters over the words and the spaces between them; a second, blurred view for ranking."""
    line = f" {' '.join(keys)} "
    return frozenset(line[at : at + 4] for at in range(len(line) - 3))


def root(key: str) -> str:
    """A stem without its derivational ending, at least four letters long: `depend` of `dependence`."""
    for ending in _ENDINGS:
        if key.endswith(ending) and len(key) - len(ending) >= 4:
            return key[: -len(ending)]
    return key


@dataclass(frozen=True, slots=True)
class Form:
    """One text of one criterion, by unit. weights: for coverage. stance: to decide the side. denied: it is denied here.

    polar: units that have an opposite. values: numbers and formulas. numerals: those not spelt out (ZeRO is no
    number). about: which of the question's rivals it is about.
    compared: the rivals in the order of a comparison. name: the units of a name before a colon. paired: units that
    say the opposite of each other. full_stops, contrasts: inside it. grams: letter runs.
    """

    criterion: int
    weights: list[float]
    denied: list[bool]
    clauses: list[int]
    polar: frozenset[int]
    values: frozenset[int]
    numerals: frozenset[int]
    total: float
    grams: frozenset[str]
    stance: list[float]
    about: list[int | None]
    compared: tuple[int, int] | None
    name: frozenset[int]
    paired: dict[int, frozenset[int]]
    full_stops: int
    contrasts: bool


class Hit(NamedTuple):
    """A match of units of a form: quality 0..1, negative when the word says the opposite."""

    form: int
    units: tuple[int, ...]
    quality: float


class Variant(NamedTuple):
    """One way to say a term. anchor: which of its keys is looked up. gap: tokens that may stand between two of them.

    turns: two words that bear meaning, which may stand the other way round (`states of the optimizer`).
    """

    keys: Keys
    anchor: int
    term: int
    quality: float
    gap: int
    turns: bool


@dataclass(slots=True)
class Compiled:
    """hits, phrases, variants: first key -> what it may match. wordings[criterion, kind]: each the terms it needs.

    owners[criterion]: term -> which of the question's rivals it speaks of. known: every key that matches something.
    roots: root -> the known word that another word of that root is read as. authored: whose misspellings are forgiven.
    """

    question: Question
    lexicon: Lexicon
    echo: frozenset[Keys]
    rivals: Rivals | None
    reference: Reference
    forms: list[Form] = field(default_factory=list)
    forms_of: list[list[int]] = field(default_factory=list)
    owners: list[dict[int, int]] = field(default_factory=list)
    hits: dict[str, list[Hit]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[Keys, list[Hit]]]] = field(default_factory=dict)
    variants: dict[str, list[Variant]] = field(default_factory=dict)
    wordings: dict[tuple[int, str], list[tuple[int, ...]]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    roots: dict[str, str] = field(default_factory=dict)
    authored: list[str] = field(default_factory=list)
    memo: dict[str, tuple[str, float]] = field(default_factory=dict)

    def read_as(self, key: str) -> tuple[str, float]:
        """The word of the vocabulary that a word of the answer stands for, and how surely; ("", 0) for none."""
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
        near = extract(key, self.authored, scorer=OSA.distance, score_cutoff=_edits(len(key)), limit=None)
        forgiven = [(distance, word) for word, distance, _ in near if distance <= _edits(len(word))]
        return (min(forgiven)[1], t.TYPO) if forgiven else ("", 0.0)


def _edits(length: int) -> int:
    return 0 if length < 5 else 1 if length < 8 else 2


class Compiler:
    """Compiles questions; holds the glossary as concepts beside the lexicon's."""

    def __init__(self, glossary: Glossary, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._matching: dict[Keys, tuple[int, int, bool]] = {}
        self._glossary: dict[Keys, list[Keys]] = {}
        self._glossary_first: dict[str, list[Keys]] = {}
        for group in glossary.groups:
            terms = [keys for term in group if (keys := keys_of(term))]
            for keys in terms:
                self._glossary.setdefault(keys, []).extend(terms)
                self._glossary_first.setdefault(keys[0], []).append(keys)

    def compile(self, question: Question) -> Compiled:
        prompts = [keys_of(text) for text in dict.fromkeys((question.prompt.en, question.prompt.zh)) if text]
        compiled = Compiled(
            question=question,
            echo=echo_grams(prompts),
            rivals=rivals_of((question.prompt.en, question.prompt.zh), self._lexicon, self._glossary),
            lexicon=self._lexicon,
            reference=reference_of(question),
        )
        asked = frozenset(key for keys in prompts for key in keys)
        grams = {keys[at : at + t.RESTATED_RUN] for keys in prompts for at in range(len(keys) - t.RESTATED_RUN + 1)}
        terms: dict[tuple[str, ...], int] = {}
        for place, criterion in enumerate(question.criteria):
            compiled.forms_of.append([])
            wordings = _wordings(criterion)
            themes = isinstance(criterion, KeyPoint) and not wordings
            for text in dict.fromkeys((criterion.text.en, criterion.text.zh)):
                self._add_form(compiled, place, text, asked, grams, themes=themes)
            for kind, wording in wordings:
                numbers = tuple(terms.setdefault(tuple(term), len(terms)) for term in wording)
                compiled.wordings.setdefault((place, kind), []).append(numbers)
            compiled.owners.append(_owners(criterion, compiled.rivals, terms))
        for variants, term in terms.items():
            self._add_term(compiled, variants, term)
        self._index(compiled)
        return compiled

    def _add_form(
        self, compiled: Compiled, criterion: int, text: str, asked: frozenset[str], grams: set[Keys], *, themes: bool
    ) -> None:
        tokens = tokens_of(text)
        keys = tuple(tokens.keys)
        if not keys:
            return
        number = len(compiled.forms)
        lexicon = self._lexicon
        negation = negation_of(tokens)
        weights = self._weights(keys, negation.negators, asked, grams)
        values = frozenset(place for place, key in enumerate(keys) if key[0].isdigit() or key.startswith("o("))
        named = self._match_words(compiled, number, tokens, weights, themes=themes)
        named += self._match_phrases(compiled, number, keys)
        paired = _paired(named, lexicon.opposite)
        polar: set[int] = set()
        for units, concept in named:
            beside = any(abs(unit - other) <= t.BESIDE for unit in units for other in paired.get(unit, ()))
            if self._spread(compiled, number, units, concept, against=not beside):
                polar.update(units)
        about, compared = _about(tokens, keys, compiled.rivals)
        stance = [0.1 if place in negation.negators else lexicon.weight(key) for place, key in enumerate(keys)]
        last = max((place for place in range(len(keys)) if stance[place] >= 0.6), default=0)
        stance[last] *= t.PREDICATE
        telling = [key for key, weight in zip(keys, weights, strict=True) if weight > 0.4]
        compiled.forms.append(
            Form(
                stance=stance,
                about=about,
                compared=compared,
                paired=paired,
                name=_name_of(tokens, weights),
                criterion=criterion,
                weights=weights,
                denied=[negation.flipped(place) for place in range(len(keys))],
                clauses=list(tokens.clauses),
                polar=frozenset(polar),
                values=values,
                numerals=frozenset(place for place in values if not tokens.words[place].isalpha()),
                total=sum(weights),
                full_stops=tokens.full_stops(0, len(tokens) - 1),
                contrasts=contrasts(tokens.words, 0, len(tokens)),
                grams=grams_of(telling or keys) if themes else frozenset(),
            )
        )
        compiled.forms_of[criterion].append(number)

    def _weights(self, keys: Keys, negators: frozenset[int], asked: frozenset[str], grams: set[Keys]) -> list[float]:
        restated: set[int] = set()
        for at in range(len(keys) - t.RESTATED_RUN + 1):
            if keys[at : at + t.RESTATED_RUN] in grams:
                restated.update(range(at, at + t.RESTATED_RUN))
        weights = []
        for place, key in enumerate(keys):
            weight = self._lexicon.weight(key)
            if place in negators:
                weight = 0.1
            elif key.startswith("o("):
                weight = t.FORMULA
            elif key[0].isdigit():
                weight = t.NUMBER
            elif self._lexicon.has_opposite(key):
                weight = max(weight, t.POLAR_WEIGHT)
            if place in restated:
                weight *= t.RESTATED
            elif key in asked:
                weight *= t.QUESTION_WORD
            weights.append(weight)
        return weights if any(weights) else [self._lexicon.weight(key) for key in keys]

    def _match_words(
        self, compiled: Compiled, form: int, tokens: Tokens, weights: list[float], *, themes: bool
    ) -> list[Naming]:
        """Lets every word (and pair of Chinese characters) hit its own unit; gives the concepts that words name."""
        named: list[Naming] = []
        lexicon, keys = self._lexicon, tokens.keys
        for place, key in enumerate(keys):
            self._hit(compiled, (key,), Hit(form, (place,), t.LONE_CHARACTER if tokens.is_cjk(place) else 1.0))
            if place + 1 < len(keys) and tokens.is_cjk(place) and tokens.is_cjk(place + 1):
                self._hit(compiled, (key, keys[place + 1]), Hit(form, (place, place + 1), 1.0))
            named += [((place,), concept) for concept in lexicon.of_key.get(key, ())]
            if themes and weights[place] >= 0.3 and key not in lexicon.function:
                for theme in lexicon.theme_of.get(key, ()):
                    for member in lexicon.themes[theme]:
                        self._hit(compiled, (member,), Hit(form, (place,), t.THEME))
        return named

    def _match_phrases(self, compiled: Compiled, form: int, keys: Keys) -> list[Naming]:
        """Lets the equals of every glossary term hit its units; gives the concepts that phrases name."""
        named: list[Naming] = []
        for place in range(len(keys)):
            for phrase, concept in _at(self._lexicon.of_phrase.get(keys[place], ()), keys, place):
                named.append((tuple(range(place, place + len(phrase))), concept))
            for phrase in self._glossary_first.get(keys[place], ()):
                if keys[place : place + len(phrase)] == phrase:
                    units = tuple(range(place, place + len(phrase)))
                    for equal in self._glossary[phrase]:
                        self._hit(compiled, equal, Hit(form, units, t.GLOSSARY))
        return named

    def _spread(self, compiled: Compiled, form: int, units: tuple[int, ...], concept: int, *, against: bool) -> bool:
        """Lets every term of the concept hit the units, and every term of its opposite hit them from the other side."""
        for member in self._lexicon.members[concept]:
            self._hit(compiled, member, Hit(form, units, t.SYNONYM))
        opposite = self._lexicon.opposite.get(concept)
        if opposite is None or not against:
            return False
        for member in self._lexicon.members[opposite]:
            self._hit(compiled, member, Hit(form, units, -t.SYNONYM))
        return True

    def _hit(self, compiled: Compiled, keys: Keys, hit: Hit) -> None:
        if len(keys) == 1:
            compiled.hits.setdefault(keys[0], []).append(hit)
            return
        entries = compiled.phrases.setdefault(keys[0], [])
        for known, hits in entries:
            if known == keys:
                hits.append(hit)
                return
        entries.append((keys, [hit]))

    def _add_term(self, compiled: Compiled, variants: Sequence[str], term: int) -> None:
        seen: dict[Keys, float] = {}
        for variant in variants:
            keys = keys_of(variant)
            if not keys:
                continue
            seen[keys] = 1.0
            for equal in self._glossary.get(keys, ()):
                seen.setdefault(equal, 1.0)
            if len(keys) > 1 and variant.isascii():
                seen.setdefault(keys_of("".join(c for c in variant if c.isalnum())) or keys, 1.0)
        for keys in list(seen):
            for equal in self._synonyms(keys):
                seen.setdefault(equal, t.SYNONYM)
        for keys, quality in seen.items():
            anchor, gap, turns = self._matched(keys)
            compiled.variants.setdefault(keys[anchor], []).append(Variant(keys, anchor, term, quality, gap, turns))

    def _matched(self, keys: Keys) -> tuple[int, int, bool]:
        """The anchor, gap and turns of a variant; kept, since the synonyms of one term are those of many."""
        found = self._matching.get(keys)
        if found is None:
            function, common = self._lexicon.function, self._lexicon.common
            rarest = min((key in function, key in common, -len(key), at) for at, key in enumerate(keys))
            turns = len(keys) == 2 and all(k.isascii() and k.isalpha() and k not in function for k in keys)
            found = self._matching[keys] = rarest[-1], _gap(keys), turns
        return found

    def _synonyms(self, keys: Keys) -> Iterable[Keys]:
        lexicon = self._lexicon
        for concept in lexicon.concepts_of(keys):
            yield from lexicon.members[concept]

    def _index(self, compiled: Compiled) -> None:
        known = compiled.known
        known.update(compiled.hits)
        for hits in compiled.hits.values():
            hits[:] = _distinct(hits)
        for entries in compiled.phrases.values():
            entries[:] = [(keys, _distinct(hits)) for keys, hits in entries]
        for first, entries in compiled.phrases.items():
            known.add(first)
            known.update(key for keys, _ in entries for key in keys)
            entries.sort(key=lambda entry: -len(entry[0]))
        for variants in compiled.variants.values():
            known.update(key for variant in variants for key in variant.keys)
        authored: set[str] = set()
        for key, hits in compiled.hits.items():
            if any(abs(hit.quality) == 1.0 for hit in hits):
                authored.add(key)
        for variants in compiled.variants.values():
            authored.update(key for variant in variants if variant.quality == 1.0 for key in variant.keys)
        for key in sorted(authored):
            if len(key) >= 4 and key.isascii() and key.isalpha() and key not in self._lexicon.function:
                compiled.roots.setdefault(root(key), key)
                compiled.authored.append(key)


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits on the same units for the same side, the best."""
    best: dict[tuple[int, tuple[int, ...], bool], Hit] = {}
    for hit in hits:
        same = (hit.form, hit.units, hit.quality < 0)
        if same not in best or abs(hit.quality) > abs(best[same].quality):
            best[same] = hit
    return list(best.values())


def _gap(keys: Keys) -> int:
    """Symbols stand side by side: `(N-1)S` is not said by `N-1 steps of S/N`."""
    symbols = sum(key[0].isdigit() or (len(key) == 1 and key.isascii()) for key in keys)
    return 0 if symbols > 2 else t.GAP


def _owners(criterion: Criterion, rivals: Rivals | None, terms: Mapping[tuple[str, ...], int]) -> dict[int, int]:
    """term -> the rival it speaks of: the only one that the criterion names, or the one its words stand with."""
    wanted = {tuple(term): terms[tuple(term)] for _, wording in _wordings(criterion) for term in wording}
    if rivals is None or not wanted:
        return {}
    texts = [tokens_of(text) for text in dict.fromkeys((criterion.text.en, criterion.text.zh))]
    named = {who for tokens in texts for _, who in rivals.mentions(tokens.keys)}
    if len(named) == 1:
        return dict.fromkeys(wanted.values(), named.pop())
    owners: dict[int, int] = {}
    for variants, term in wanted.items():
        names = {name for keys in rivals.names.values() for name, _ in keys}
        about: set[int | None] = set()
        for keys in {keys_of(variant) for variant in variants} - names - {()}:
            for tokens in texts:
                who, compares = _about(tokens, tuple(tokens.keys), rivals)
                found = [at for at in range(len(tokens)) if tuple(tokens.keys[at : at + len(keys)]) == keys]
                about.update(None if compares else who[at] for at in found)
        if len(about) == 1 and (only := about.pop()) is not None:
            owners[term] = only
    return owners


def _paired(named: list[Naming], opposite: dict[int, int]) -> dict[int, frozenset[int]]:
    """unit -> the units of the same text that say its opposite: `low` and `high` of "low training, high test error"."""
    where: dict[int, set[int]] = {}
    for units, concept in named:
        where.setdefault(concept, set()).update(units)
    paired: dict[int, set[int]] = {}
    for units, concept in named:
        for other in where.get(opposite.get(concept, -1), ()):
            for unit in units:
                paired.setdefault(unit, set()).add(other)
    return {unit: frozenset(others) for unit, others in paired.items()}


def _about(tokens: Tokens, keys: Keys, rivals: Rivals | None) -> tuple[list[int | None], tuple[int, int] | None]:
    """Which of the two rivals each unit is about, where its clause names one; both, in order, of a comparison."""
    nobody: list[int | None] = [None] * len(keys)
    if rivals is None:
        return nobody, None
    mentions = rivals.mentions(keys)
    named: dict[int, set[int]] = {}
    for place, which in mentions:
        named.setdefault(tokens.clauses[place], set()).add(which)
    about = subjects(tokens, mentions)
    alone = {clause for clause, both in named.items() if len(both) == 1}
    if len(named) == 1 and len(next(iter(named.values()))) == 2:
        compares = any(key in COMPARING for key in keys)
        first = mentions[0][1]
        return nobody, (first, 1 - first) if compares else None
    mixed = any(len(both) == 2 for both in named.values())
    return [who if tokens.clauses[at] in alone or not mixed else None for at, who in enumerate(about)], None


def _name_of(tokens: Tokens, weights: list[float]) -> frozenset[int]:
    """The units of the name in `Circular wait: a cycle of processes ...`; empty when the text has no such name."""
    colon = tokens.folded.text.find(":")
    units = [place for place in range(len(tokens)) if tokens.ends[place] <= colon and weights[place] >= 0.3]
    return frozenset(units) if 0 < len(units) <= 8 and len(units) < len(tokens) else frozenset()


COMPARING = frozenset(("than", "比", "versus"))


def _wordings(criterion: Criterion) -> list[tuple[str, Wording]]:
    found = [("accept", wording) for wording in criterion.accept]
    if isinstance(criterion, KeyPoint):
        found += [("partial", wording) for wording in criterion.partial]
        found += [("contradict", wording) for wording in criterion.contradict]
    return found


def _at(entries: Iterable[tuple[Keys, int]], keys: Keys, place: int) -> Iterable[tuple[Keys, int]]:
    return ((phrase, concept) for phrase, concept in entries if keys[place : place + len(phrase)] == phrase)
