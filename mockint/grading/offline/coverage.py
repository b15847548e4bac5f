"""How much of a criterion's own text one stretch of the answer says, and on which side.

A window is a sentence or two neighbours. In it, every unit of the text takes its best match for and its best match
against (a denied match, or a word that says the opposite). A unit with an opposite takes the side of the match that
stands nearest to its neighbours' matches, so that "high training error, low validation error" is not "low training
error, high validation error".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiled import Compiled, Form
from mockint.grading.offline.reading import Reading

_NEIGHBOURS = 4


@dataclass(frozen=True, slots=True)
class Covered:
    """share: of the text's weight that is said. against: of it that is said from the other side. Places are tokens."""

    share: float
    against: float
    denied: bool
    start: int
    end: int
    strength: float


_Placed = tuple[int, int, tuple[int, ...], float, bool]
"""place, end, units, quality (negative: against), whether it is against by saying the opposite"""


def strength_of_share(share: float) -> float:
    return min(1.0, max(0.0, (share - t.COVERED_NOTHING) / (t.COVERED_ALL - t.COVERED_NOTHING)))


def ranking_strength(compiled: Compiled, reading: Reading, form_number: int, best: Covered | None) -> float:
    """The finer value for ranking: what the whole answer says of the text and what its best stretch says."""
    form = compiled.forms[form_number]
    hits = _signed(form, reading, reading.hits.get(form_number, ()))
    if not hits or form.total <= 0:
        return 0.0
    whole = _cover(compiled, form, reading, hits)
    if whole is None:
        return 0.0
    window = best.share - best.against if best else 0.0
    words = (1 - t.WINDOW_SHARE) * (whole.share - whole.against) + t.WINDOW_SHARE * window
    letters = sum(gram in reading.grams for gram in form.grams) / max(1, len(form.grams))
    return min(1.0, max(0.0, (1 - t.LETTERS) * words + t.LETTERS * letters * (words > 0)))


def coverage(
    compiled: Compiled, reading: Reading, form_number: int, floor: float
) -> tuple[Covered | None, Covered | None]:
    """The best stretch that says the text, and the best that denies it. Stretches under `floor` may be passed over."""
    form = compiled.forms[form_number]
    hits = _signed(form, reading, reading.hits.get(form_number, ()))
    if not hits or form.total <= 0:
        return None, None
    windows = _windows(form, reading, [hit for hit in hits if abs(hit[3]) > t.THEME], floor)
    best: Covered | None = None
    worst: Covered | None = None
    for window, is_pair in windows:
        covered = _cover(compiled, form, reading, window)
        if covered is None:
            continue
        if covered.denied:
            if is_pair:
                continue
            if worst is None or covered.share + covered.against > worst.share + worst.against:
                worst = covered
        elif best is None or (covered.strength, covered.share) > (best.strength, best.share):
            best = covered
    return best, worst


def _signed(form: Form, reading: Reading, hits: Sequence[tuple[int, int, tuple[int, ...], float]]) -> list[_Placed]:
    """The matches that count, a denied one turned to the other side (unless the text denies it too)."""
    polarity, withheld = reading.polarity, reading.guarded.withheld
    over, hearsay = polarity.by, polarity.hearsay
    about = reading.about
    if not over and not hearsay and not withheld and about is None and not any(form.denied):
        return [(place, end, units, quality, quality < 0) for place, end, units, quality in hits]
    signed = []
    for place, end, units, quality in hits:
        if place in withheld or place in hearsay:
            continue
        who = form.about[units[0]]
        if about is not None and who is not None and about[place] is not None and about[place] != who:
            continue
        denied = place in over and len(over[place]) % 2 == 1
        flipped = denied != form.denied[units[0]]
        if form.compared and units[0] in form.polar:
            first = reading.compared.get(reading.tokens.clauses[place])
            flipped ^= first is not None and first != form.compared[0]
        signed.append((place, end, units, -quality if flipped else quality, (quality < 0) != (flipped and quality < 0)))
    return signed


def _windows(form: Form, reading: Reading, hits: list[_Placed], floor: float) -> list[tuple[list[_Placed], bool]]:
    sentences = reading.tokens.sentences
    grouped: dict[int, list[_Placed]] = {}
    reach: dict[int, float] = {}
    weights, wanted = form.weights, floor * form.total
    for hit in hits:
        sentence = sentences[hit[0]]
        grouped.setdefault(sentence, []).append(hit)
        units = hit[2]
        weight = weights[units[0]] if len(units) == 1 else sum([weights[unit] for unit in units])
        reach[sentence] = reach.get(sentence, 0.0) + weight * abs(hit[3])
    windows = [(group, False) for sentence, group in grouped.items() if reach[sentence] >= wanted]
    for sentence, group in grouped.items():
        following = grouped.get(sentence + 1)
        if following and reach[sentence] + reach[sentence + 1] >= wanted:
            windows.append((group + following, True))
    return windows


def _cover(compiled: Compiled, form: Form, reading: Reading, window: list[_Placed]) -> Covered | None:
    best: dict[int, tuple[float, int]] = {}
    against: dict[int, tuple[float, int]] = {}
    opposite: set[int] = set()
    clauses = reading.tokens.clauses
    told = {clauses[place] for place, _, units, quality, _ in window if quality > 0 and form.weights[units[0]] >= 0.15}
    for place, _, units, quality, by_opposite in window:
        if by_opposite and quality < 0:
            if clauses[place] not in told:
                continue
            opposite.update(units)
        side = best if quality > 0 else against
        size = abs(quality)
        for unit in units:
            known = side.get(unit)
            if known is None or size > known[0]:
                side[unit] = (size, place)
    contested = [unit for unit in against if unit in best]
    for unit in contested:
        if _stands_against(form, reading, window, unit):
            del best[unit]
        else:
            del against[unit]
    weights = form.weights
    said = sum(weights[unit] * quality for unit, (quality, _) in best.items())
    unsaid = sum(weights[unit] * quality for unit, (quality, _) in against.items())
    if said + unsaid <= 0:
        return None
    stance = form.stance
    side_for = sum(stance[unit] * quality for unit, (quality, _) in best.items())
    side_against = sum(
        stance[unit] * quality * (t.POLAR if unit in opposite else 1.0) for unit, (quality, _) in against.items()
    )
    share, opposed = said / form.total, unsaid / form.total
    denied = side_against >= t.DENIED_SHARE * (side_for + side_against) and share + opposed >= t.DENIED_COVERAGE
    places = [place for side in (best, against) for _, place in side.values()]
    start, end = min(places), max(places) + 1
    share *= _factor(form, reading, best, start, end)
    strength = 0.0 if denied else strength_of_share(share - opposed)
    if form.name and not denied and form.name <= best.keys():
        strength = max(strength, t.NAMED)
    return Covered(share, opposed, denied, start, end, strength)


def _stands_against(form: Form, reading: Reading, window: list[_Placed], unit: int) -> bool:
    """Whether the matches nearest to the unit's neighbours are the ones against it."""
    clauses = reading.tokens.clauses
    own = [(place, quality > 0) for place, _, units, quality, _ in window if unit in units]
    votes = 0
    for place, _, units, quality, _ in window:
        if quality <= 0 or unit in units:
            continue
        if not any(abs(other - unit) <= _NEIGHBOURS and form.clauses[other] == form.clauses[unit] for other in units):
            continue
        if max(form.weights[other] for other in units) <= 0.1:
            continue
        nearest = min(own, key=lambda mine: (clauses[mine[0]] != clauses[place], abs(mine[0] - place)))
        votes += 1 if nearest[1] else -1
    return votes < 0


def _factor(form: Form, reading: Reading, best: dict[int, tuple[float, int]], start: int, end: int) -> float:
    """Another formula or number in the place of the one that is wanted leaves little of the statement."""
    if not form.values or any(unit in best for unit in form.values):
        return 1.0
    keys = reading.tokens.keys
    wanted_formula = any(form.weights[unit] == t.FORMULA for unit in form.values)
    others = [key for key in keys[max(0, start - 3) : end + 4] if key.startswith("o(") or key[0].isdigit()]
    if not others:
        return 0.85
    return 0.3 if wanted_formula and any(key.startswith("o(") for key in others) else 0.7
