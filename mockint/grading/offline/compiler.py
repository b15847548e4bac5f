"""A question made ready for matching: one vocabulary for all its criteria, so that an answer is read once.

Two kinds of evidence are compiled: the table of the author's patterns (`patterns`), and for every criterion its own
text in each language, as a `Form` of weighted units (a word, or a Chinese character). What the wordings and the lexicon
hold for equal hits the same units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.lexicon import Lexicon
from mockint.grading.offline.negation import Negation, contrasts, negation_of
from mockint.grading.offline.non_answers import Asked, ReferenceWords, asked_of, reference_of
from mockint.grading.offline.patterns import Table, names_in, phrases_of, table_of
from mockint.grading.offline.spans import spans_of, text_of
from mockint.grading.offline.subjects import Rivals, rivals_of, subjects
from mockint.grading.offline.tokens import Tokens, in_small_letters, keys_of, tokens_of
from mockint.grading.offline.vocabulary import Vocabulary, vocabulary_of
from mockint.question import KeyPoint, Question
from mockint.wordings import NO_WORDINGS, Concepts, Wordings

Keys = tuple[str, ...]
Naming = tuple[tuple[int, ...], int]
"""Units of a text, and the concept they name."""


def grams_of(keys: Iterable[str]) -> frozenset[str]:
    """Runs of three letters over the words and the spaces between them; a second, blurred view for ranking."""
    line = f" {' '.join(keys)} "
    return frozenset(line[at : at + 3] for at in range(len(line) - 2))


@dataclass(frozen=True, slots=True)
class Form:
    """One text of one criterion, by unit. weights: for coverage. stance: to decide the side. denied: it is denied here,
    by which negator; heads: of each negator, the word that it denies first.

    polar: units that have an opposite. values: numbers and formulas. numerals: those not spelt out.
    about: which of the question's rivals it is about. compared: the rivals in the order of a comparison.
    name: the units of a name before a colon. paired: units that say the opposite of each other. full_stops,
    contrasts: inside it. opening: its first word. grams: letter runs.
    """

    criterion: int
    weights: list[float]
    denied: list[bool]
    negator: list[int | None]
    heads: dict[int, int]
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
    chinese: bool
    opening: str


class Hit(NamedTuple):
    """A match of units of a form: quality 0..1, negative when the word says the opposite."""

    form: int
    units: tuple[int, ...]
    quality: float


@dataclass(slots=True)
class Compiled:
    """hits, phrases: the words of the criteria's own texts. equals[node]: the units that a concept's words stand for;
    lexicon_hits: the same for a concept of the lexicon.

    owners[criterion]: the only rival that its text names. heard, told: the words of the patterns, of the criteria's
    texts. They are apart, since a word of a text may be another ending of a pattern's word: `cheaper` of `cheap`.
    """

    question: Question
    lexicon: Lexicon
    asked: Asked
    rivals: Rivals | None
    reference: ReferenceWords
    table: Table
    heard: Vocabulary
    told: Vocabulary
    forms: list[Form] = field(default_factory=list)
    forms_of: list[list[int]] = field(default_factory=list)
    owners: list[int | None] = field(default_factory=list)
    hits: dict[str, list[Hit]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[Keys, list[Hit]]]] = field(default_factory=dict)
    equals: dict[int, list[Hit]] = field(default_factory=dict)
    lexicon_hits: dict[int, list[Hit]] = field(default_factory=dict)
    _latin: Compiled | None = None

    def for_answer(self, *, chinese: bool) -> Compiled:
        """What of the criteria's texts an answer can say: one without Chinese says no Chinese text."""
        if chinese:
            return self
        if self._latin is None:
            other = {number for of in self.forms_of if len(of) > 1 for number in of if self.forms[number].chinese}
            self._latin = replace(
                self,
                hits={key: [hit for hit in hits if hit.form not in other] for key, hits in self.hits.items()},
                phrases={},
                equals={node: [hit for hit in hits if hit.form not in other] for node, hits in self.equals.items()},
                lexicon_hits={
                    concept: [hit for hit in hits if hit.form not in other]
                    for concept, hits in self.lexicon_hits.items()
                },
            )
        return self._latin

    def backed(self, criterion: int) -> bool:
        """Whether an author wrote how it is said."""
        return any(one.criterion == criterion and one.hears != "denies" for one in self.table.patterns)


class Compiler:
    """Compiles questions; knows the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._shared: tuple[Concepts, dict[str, list[tuple[Keys, str]]]] = ({}, {})

    def compile(self, question: Question, wordings: Wordings = NO_WORDINGS) -> Compiled:
        """Raises PatternError."""
        prompts = [keys_of(text) for text in dict.fromkeys((question.prompt.en, question.prompt.zh)) if text]
        texts = [keys_of(text) for one in question.criteria for text in (one.text.en, one.text.zh)]
        also = names_in(texts, self._phrases(wordings.shared))
        table = table_of(wordings, [criterion.id for criterion in question.criteria], self._lexicon, also=also)
        words = {key for entries in table.index.values() for entry in entries for key in entry.keys}
        reference = reference_of(question)
        compiled = Compiled(
            question=question,
            asked=asked_of(prompts),
            rivals=rivals_of((question.prompt.en, question.prompt.zh), self._lexicon),
            lexicon=self._lexicon,
            reference=replace(reference, keys=reference.keys | words),
            table=table,
            heard=vocabulary_of(words, words, self._lexicon),
            told=vocabulary_of((), (), self._lexicon),
        )
        asked = frozenset(key for keys in prompts for key in keys)
        grams = {keys[at : at + t.RESTATED_RUN] for keys in prompts for at in range(len(keys) - t.RESTATED_RUN + 1)}
        backed = {pattern.criterion for pattern in table.patterns}
        for place, criterion in enumerate(question.criteria):
            compiled.forms_of.append([])
            themes = isinstance(criterion, KeyPoint) and place not in backed
            named: set[int] = set()
            for text in dict.fromkeys((criterion.text.en, criterion.text.zh)):
                named |= self._add_form(compiled, place, text, asked, grams, themes=themes)
            compiled.owners.append(named.pop() if len(named) == 1 else None)
        self._index(compiled)
        return compiled

    def _phrases(self, shared: Concepts) -> dict[str, list[tuple[Keys, str]]]:
        """Those of the last concepts that were asked for are kept: all questions of a topic share theirs."""
        if self._shared[0] is not shared:
            self._shared = (shared, phrases_of(shared))
        return self._shared[1]

    def _add_form(
        self, compiled: Compiled, criterion: int, text: str, asked: frozenset[str], grams: set[Keys], *, themes: bool
    ) -> set[int]:
        """Adds one text of a criterion; gives the rivals that it names."""
        tokens = tokens_of(text)
        keys = tuple(tokens.keys)
        if not keys:
            return set()
        number = len(compiled.forms)
        lexicon = self._lexicon
        negation = negation_of(tokens)
        weights = self._weights(keys, negation.negators, asked, grams)
        values = frozenset(place for place, key in enumerate(keys) if key[0].isdigit() or key.startswith("o("))
        self._match_words(compiled, number, tokens, weights, themes=themes)
        named = self._concepts_in(keys)
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
                negator=[negation.by[place][0] if negation.flipped(place) else None for place in range(len(keys))],
                heads=negation.heads(tokens.keys, lexicon.function | lexicon.common),
                clauses=list(tokens.clauses),
                polar=frozenset(polar),
                values=values,
                numerals=frozenset(place for place in values if not tokens.words[place].isalpha()),
                total=sum(weights),
                full_stops=tokens.full_stops(0, len(tokens) - 1),
                contrasts=contrasts(tokens.words, 0, len(tokens)),
                chinese=any(map(tokens.is_cjk, range(len(tokens)))),
                opening=tokens.words[0],
                grams=grams_of(telling or keys) if themes else frozenset(),
            )
        )
        compiled.forms_of[criterion].append(number)
        return self._match_concepts(compiled, number, tokens, negation)

    def _match_concepts(self, compiled: Compiled, form: int, tokens: Tokens, negation: Negation) -> set[int]:
        """Lets the words of every concept of the wordings hit the units that name it; gives the rivals named.

        Only where one of them bears meaning: `all`, `keep` and `need` stand in wide concepts and say little of a text.
        """
        table = compiled.table
        text = text_of(tokens, negation, tokens.keys, [1.0] * len(tokens), self._lexicon.small)
        spans, _ = spans_of(table, text, lambda mentions: subjects(tokens, mentions))
        for node in table.concepts.values():
            for span in spans[node]:
                if max(self._lexicon.weight(tokens.keys[at]) for at in span.own) < 1.0:
                    continue
                compiled.equals.setdefault(node, []).append(Hit(form, span.own, t.EQUAL))
        return {rival for node, rival in table.rivals.items() if spans[node]}

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
                weight = t.NUMBER if key not in keys[:place] else t.NUMBER_AGAIN
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
    ) -> None:
        """Lets every word (and pair of Chinese characters) hit its own unit."""
        lexicon, keys = self._lexicon, tokens.keys
        for place, key in enumerate(keys):
            hit = Hit(form, (place,), t.LONE_CHARACTER if tokens.is_cjk(place) else 1.0)
            for read_as in dict.fromkeys((key, *in_small_letters((key,)))):
                _hit(compiled, (read_as,), hit)
            if place + 1 < len(keys) and tokens.is_cjk(place) and tokens.is_cjk(place + 1):
                _hit(compiled, (key, keys[place + 1]), Hit(form, (place, place + 1), 1.0))
            if themes and weights[place] >= 0.3 and key not in lexicon.function:
                for theme in lexicon.theme_of.get(key, ()):
                    for member in lexicon.themes[theme]:
                        _hit(compiled, (member,), Hit(form, (place,), t.THEME))

    def _concepts_in(self, keys: Keys) -> list[Naming]:
        """The units of a text that name a concept of the lexicon."""
        lexicon = self._lexicon
        named: list[Naming] = []
        for place, key in enumerate(keys):
            named += [((place,), concept) for concept in lexicon.of_key.get(key, ())]
            for phrase, concept in lexicon.of_phrase.get(key, ()):
                if keys[place : place + len(phrase)] == phrase:
                    named.append((tuple(range(place, place + len(phrase))), concept))
        return named

    def _spread(self, compiled: Compiled, form: int, units: tuple[int, ...], concept: int, *, against: bool) -> bool:
        """Lets the concept hit the units, and its opposite hit them from the other side."""
        compiled.lexicon_hits.setdefault(concept, []).append(Hit(form, units, t.SYNONYM))
        opposite = self._lexicon.opposite.get(concept)
        if opposite is None or not against:
            return False
        compiled.lexicon_hits.setdefault(opposite, []).append(Hit(form, units, -t.SYNONYM))
        return True

    def _index(self, compiled: Compiled) -> None:
        authored: set[str] = set()
        known = set(compiled.hits)
        for key, hits in compiled.hits.items():
            hits[:] = _distinct(hits)
            if any(hit.quality == 1.0 for hit in hits):
                authored.add(key)
        for first, entries in compiled.phrases.items():
            entries[:] = [(keys, _distinct(hits)) for keys, hits in entries]
            known.add(first)
            known.update(key for keys, _ in entries for key in keys)
        compiled.told = vocabulary_of(known, authored, self._lexicon)


def _hit(compiled: Compiled, keys: Keys, hit: Hit) -> None:
    if len(keys) == 1:
        compiled.hits.setdefault(keys[0], []).append(hit)
        return
    entries = compiled.phrases.setdefault(keys[0], [])
    for known, hits in entries:
        if known == keys:
            hits.append(hit)
            return
    entries.append((keys, [hit]))


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """Of hits on the same units for the same side, the best."""
    best: dict[tuple[int, tuple[int, ...], bool], Hit] = {}
    for hit in hits:
        same = (hit.form, hit.units, hit.quality < 0)
        if same not in best or abs(hit.quality) > abs(best[same].quality):
            best[same] = hit
    return list(best.values())


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
