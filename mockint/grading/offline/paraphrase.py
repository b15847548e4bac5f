"""How much of a criterion's own text one stretch of the answer says, and on which side.

A window is a sentence or two neighbours. In it, every unit of the text takes its best match for and its best match
against (a denied match, or a word that says the opposite). A unit with an opposite takes the side of the match that
stands nearest to its neighbours' matches, so that "high training error, low validation error" is not "low training
error, high validation error".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Form
from mockint.grading.offline.match import Match, Reading

_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Covered:
    """share: of the text's weight that is said. against: of it that is said from the other side. Places are tokens.

    torn: most of what is said of the text in this stretch is also denied in it.
    """

    share: float
    against: float
    denied: bool
    start: int
    end: int
    strength: float
    torn: bool


_Placed = tuple[int, int, tuple[int, ...], float, bool]
"""place, end, units, quality (negative: against), whether it is against by saying the opposite"""


def strength_of_share(share: float) -> float:
    return min(1.0, max(0.0, (share - t.COVERED_NOTHING) / (t.COVERED_ALL - t.COVERED_NOTHING)))


@dataclass(slots=True)
class _Sides:
    """unit -> (quality, place) of its best match for and against. opposite: those against by the opposite word.

    both: units that are affirmed and denied in the same stretch.
    """

    best: dict[int, tuple[float, int]]
    against: dict[int, tuple[float, int]]
    opposite: set[int]
    both: set[int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an answer holds of one text: the best stretch that says it, the best that denies it, a value for ranking."""

    saying: Covered | None
    denying: Covered | None
    rank: float


def coverage(form: Form, reading: Reading, hits: Sequence[Match], floor: float) -> Coverage:
    """Stretches under the share `floor` may be passed over. The time is linear in the number of matches."""
    if floor > 0 and reach(form, hits) < floor:
        return Coverage(None, None, 0.0)
    signed = _signed(form, reading, hits)
    if not signed or form.total <= 0:
        return Coverage(None, None, 0.0)
    sentences = _by_sentence(form, reading, signed, floor)
    sides = {sentence: _sides(form, reading, group) for sentence, group in sentences.items()}
    saying: Covered | None = None
    denying: Covered | None = None
    for sentence, here in sides.items():
        alone = _covered(form, reading, here)
        if alone and alone.denied:
            if denying is None or alone.share + alone.against > denying.share + denying.against:
                denying = alone
            continue
        following = sides.get(sentence + 1)
        both = _covered(form, reading, _merged(form, here, following)) if following else None
        for covered in (alone, both):
            if covered and not covered.denied and (saying is None or _order(covered) > _order(saying)):
                saying = covered
    return Coverage(saying, denying, _rank(form, reading, sides, saying) if form.grams else 0.0)


def reach(form: Form, hits: Sequence[Match]) -> float:
    """The share of the text that stands anywhere in the answer, on either side: no stretch of it says more."""
    weights = form.weights
    units = {unit for _, _, units, _ in hits for unit in units}
    return sum([weights[unit] for unit in units]) / form.total if form.total > 0 else 0.0


def _order(covered: Covered) -> tuple[float, float]:
    return covered.strength, covered.share


def _rank(form: Form, reading: Reading, sides: dict[int, _Sides], saying: Covered | None) -> float:
    """The finer value for ranking: what the whole answer says of the text, what its best stretch says, and letters."""
    said: dict[int, float] = {}
    unsaid: dict[int, float] = {}
    for here in sides.values():
        for side, total in ((here.best, said), (here.against, unsaid)):
            for unit, (quality, _) in side.items():
                if quality > total.get(unit, 0.0):
                    total[unit] = quality
    weights = form.weights
    whole = sum(weights[unit] * quality for unit, quality in said.items())
    whole *= _factor(form, reading, said, 0, len(reading.tokens))
    whole -= t.AGAINST * sum(weights[unit] * quality for unit, quality in unsaid.items() if unit not in said)
    window = saying.share - saying.against if saying else 0.0
    words = (1 - t.WINDOW_SHARE) * whole / form.total + t.WINDOW_SHARE * window
    letters = len(form.grams & reading.grams) / len(form.grams)
    return min(1.0, max(0.0, (1 - t.LETTERS) * words + t.LETTERS * letters * (words > 0)))


def _signed(form: Form, reading: Reading, hits: Sequence[Match]) -> list[_Placed]:
    """The matches that count, a denied one turned to the other side (unless the text denies it too)."""
    negation, withheld = reading.negation, reading.guarded.withheld
    over, reported, rejecting = negation.by, negation.reported, negation.rejecting
    compares = reading.about is not None or reading.rival_of is not None
    if not over and not reported and not withheld and not compares and not any(form.denied):
        return [(place, end, units, quality, quality < 0) for place, end, units, quality in hits]
    agreed = _agreeing(form, reading, hits)
    signed = []
    for place, end, units, quality in hits:
        if place in withheld or place in reported:
            continue
        if _of_another(form, reading, place, units):
            continue
        denied = place in over and len(over[place]) % 2 == 1
        denied_here = form.denied[units[0]]
        if not denied and place in over and not rejecting.isdisjoint(over[place]) and not denied_here:
            continue  # denied twice, but the second time with all that is said
        flipped = denied != denied_here
        by_opposite = quality < 0
        if flipped and not by_opposite:
            negator = over[place][0] if denied else form.negator[units[0]]
            flipped = (reading.tokens.clauses[place], denied, negator) not in agreed
        if form.compared and units[0] in form.polar:
            first = reading.compared.get(reading.tokens.clauses[place])
            if first is not None and first != form.compared[0]:
                flipped, by_opposite = not flipped, not by_opposite
        signed.append((place, end, units, -quality if flipped else quality, by_opposite))
    return signed


_Denial = tuple[int, bool, int | None]
"""clause of the answer, whether the negator is the answer's (or the text's), its place"""


def _of_another(form: Form, reading: Reading, place: int, units: tuple[int, ...]) -> bool:
    """Whether the token is about one of those that are compared, and the words of the text about another."""
    owner = reading.owners[form.criterion]
    if reading.rival_of is not None and owner is not None and reading.rival_of[place] not in (None, owner):
        return True
    if reading.about is None:
        return False
    who, whose = form.about[units[0]], reading.about[place]
    return who is not None and whose is not None and who != whose


def _agreeing(form: Form, reading: Reading, hits: Sequence[Match]) -> set[_Denial]:
    """Of the negators of both sides, whether both mean the same by them.

    Who denies what the text denies, or says the opposite of it, agrees with all that the text says under that negator:
    `is not connected to the terminal` with `the terminals are not connected`. Where the first word that a negator of
    the text denies is not spoken of at all, the others are not turned round by it: `prevents diseases` is not against
    `does not suffer from preventable diseases`.
    """
    over, rejecting, clauses = reading.negation.by, reading.negation.rejecting, reading.tokens.clauses
    agreed: set[_Denial] = set()
    heads_met: set[tuple[int, int | None]] = set()
    for place, _, units, quality in hits:
        if abs(quality) <= t.THEME or max([form.stance[unit] for unit in units]) < 0.5:
            continue
        if _of_another(form, reading, place, units):
            continue
        denied = place in over and len(over[place]) % 2 == 1
        clause, mine = clauses[place], form.negator[units[0]]
        if mine is not None and form.heads.get(mine) in units:
            heads_met.add((clause, mine))
        here = form.denied[units[0]]
        if (denied or here) and not (denied ^ here ^ (quality < 0)) and rejecting.isdisjoint(over.get(place, ())):
            if denied:
                agreed.add((clause, True, over[place][0]))
            if here:
                agreed.add((clause, False, mine))
    for place, _, units, _ in hits:
        mine = form.negator[units[0]]
        if mine in form.heads and (clauses[place], mine) not in heads_met and place not in over:
            agreed.add((clauses[place], False, mine))
    return agreed


def _by_sentence(form: Form, reading: Reading, hits: list[_Placed], floor: float) -> dict[int, list[_Placed]]:
    """The matches of every sentence that, with a neighbour, may reach the floor."""
    sentences = reading.tokens.sentences
    grouped: dict[int, list[_Placed]] = {}
    for hit in hits:
        grouped.setdefault(sentences[hit[0]], []).append(hit)
    if floor <= 0:
        return grouped
    weights, wanted = form.weights, floor * form.total
    reach = {
        sentence: sum(
            [sum([weights[unit] for unit in units]) * abs(quality) for _, _, units, quality, _ in group]
        )
        for sentence, group in grouped.items()
    }  # fmt: skip
    return {
        sentence: group
        for sentence, group in grouped.items()
        if max(reach.get(sentence - 1, 0.0), reach.get(sentence + 1, 0.0)) + reach[sentence] >= wanted
    }


def _sides(form: Form, reading: Reading, hits: list[_Placed]) -> _Sides:
    best: dict[int, tuple[float, int]] = {}
    against: dict[int, tuple[float, int]] = {}
    opposed: list[_Placed] = []
    for hit in hits:
        place, _, units, quality, by_opposite = hit
        if quality > 0:
            side, size = best, quality
        elif by_opposite:
            opposed.append(hit)
            continue
        else:
            side, size = against, -quality
        for unit in units:
            known = side.get(unit)
            if known is None or size > known[0]:
                side[unit] = (size, place)
    opposite = _opposites(form, reading, hits, opposed, against) if opposed else set()
    if _is_converse(form, against, opposite):
        for unit in opposite:
            best[unit] = max(best.get(unit, (0.0, 0)), against.pop(unit))
        opposite = set()
    both = best.keys() & against.keys()
    for unit in both:
        if _stands_against(form, reading, hits, unit):
            del best[unit]
        else:
            del against[unit]
    return _Sides(best, against, opposite, both)


def _is_converse(form: Form, against: dict[int, tuple[float, int]], opposite: set[int]) -> bool:
    """Whether two words are turned round: `a short string is high` says no other than `a long string is low`.

    Not where the text sets one against the other itself, as in `low training error, high test error`.
    """
    places = {against[unit][1] for unit in opposite if unit in against}
    return (
        len(places) == 2 and form.compared is None and opposite.isdisjoint(form.paired) and opposite <= against.keys()
    )


def _opposites(
    form: Form, reading: Reading, hits: list[_Placed], opposed: list[_Placed], against: dict[int, tuple[float, int]]
) -> set[int]:
    """Adds the opposite words to `against` where their clause speaks of the point, unless the text wants them too."""
    clauses = reading.tokens.clauses
    told: set[int] = set()
    wanted: dict[int, set[int]] = {}
    for place, _, units, quality, _ in hits:
        if quality > 0:
            if form.weights[units[0]] >= 0.15:
                told.add(clauses[place])
            if quality >= t.SYNONYM * t.DERIVED:
                wanted.setdefault(place, set()).update(units)
    opposite: set[int] = set()
    for place, _, units, quality, _ in opposed:
        if clauses[place] not in told or wanted.get(place, set()) - form.paired.get(units[0], frozenset()):
            continue
        opposite.update(units)
        for unit in units:
            if unit not in against or -quality > against[unit][0]:
                against[unit] = (-quality, place)
    return opposite


def _merged(form: Form, first: _Sides, second: _Sides) -> _Sides:
    """Two neighbours as one stretch; where they disagree on a unit, the one that says more of the text is heard."""

    def weight(sides: _Sides) -> float:
        return sum(form.weights[unit] for unit in sides.best) + sum(form.weights[unit] for unit in sides.against)

    louder, other = (first, second) if weight(first) >= weight(second) else (second, first)
    best, against = dict(louder.best), dict(louder.against)
    for side, rest, contrary in ((other.best, best, louder.against), (other.against, against, louder.best)):
        for unit, match in side.items():
            if unit not in contrary and (unit not in rest or match[0] > rest[unit][0]):
                rest[unit] = match
    return _Sides(best, against, louder.opposite | (other.opposite - louder.best.keys()), louder.both)


def _covered(form: Form, reading: Reading, sides: _Sides) -> Covered | None:
    if not sides.best and not sides.against:
        return None
    weights, stance = form.weights, form.stance
    said = unsaid = side_for = side_against = 0.0
    first, last = len(reading.tokens), -1
    for unit, (quality, place) in sides.best.items():
        if quality > t.THEME:
            said += weights[unit] * quality
            side_for += stance[unit] * quality
            first = min(first, place)
            last = max(last, place)
    for unit, (quality, place) in sides.against.items():
        if quality > t.THEME:
            unsaid += weights[unit] * quality
            side_against += stance[unit] * quality * (t.POLAR if unit in sides.opposite else 1.0)
            first = min(first, place)
            last = max(last, place)
    if last < 0 or said + unsaid <= 0:
        return None
    share, opposed = said / form.total, unsaid / form.total
    denied = side_against >= t.DENIED_SHARE * (side_for + side_against) and share + opposed >= t.DENIED_COVERAGE
    share *= _factor(form, reading, sides.best, first, last + 1)
    strength = 0.0 if denied else strength_of_share(share - opposed)
    if form.name and not denied and all(sides.best.get(unit, (0.0, 0))[0] > t.THEME for unit in form.name):
        strength = max(strength, t.NAMED)
    torn = len(sides.both) > 1 and sum(weights[unit] for unit in sides.both) >= t.TORN * (said + unsaid)
    return Covered(share, opposed, denied, first, last + 1, strength, torn)


def _stands_against(form: Form, reading: Reading, window: list[_Placed], unit: int) -> bool:
    """Whether the matches nearest to the unit's neighbours are the ones against it.

    Nearest means in the same clause, with no `and` between, then by distance. A value votes from all over its clause.
    """
    clauses, joints = reading.tokens.clauses, reading.joints
    own = [(place, quality > 0) for place, _, units, quality, _ in window if unit in units]
    said_in, weights = form.clauses, form.weights
    votes = 0.0
    for place, _, units, quality, _ in window:
        first = units[0]
        if quality <= 0 or said_in[first] != said_in[unit] or unit in units:
            continue
        alone = len(units) == 1
        if (
            first not in form.values
            and (abs(first - unit) if alone else min([abs(other - unit) for other in units])) > _NEIGHBOURS
        ):
            continue
        weight = weights[first] if alone else max([weights[other] for other in units])
        if weight <= 0.1:
            continue
        clause, joint = clauses[place], joints[place]
        _, _, _, agrees = min([(clauses[at] != clause, joints[at] != joint, abs(at - place), yes) for at, yes in own])
        votes += weight if agrees else -weight
    return votes < 0


def _factor(form: Form, reading: Reading, best: Collection[int], start: int, end: int) -> float:
    """Another formula or number in the place of the one that is wanted leaves little of the statement."""
    if not form.numerals:
        return 1.0
    keys = reading.tokens.keys[max(0, start - 3) : end + 4]
    formulas = sum(key.startswith("o(") for key in keys)
    wanted = [unit for unit in form.values if form.weights[unit] == t.FORMULA]
    if any(unit not in best for unit in wanted) and formulas >= len(wanted):
        return 0.3
    unsaid = sum(unit not in best for unit in form.numerals) / len(form.numerals)
    return 1.0 - unsaid * (t.OTHER_NUMBER if any(key[0].isdigit() for key in keys) else t.NO_NUMBER)
