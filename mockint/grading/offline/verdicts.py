"""Evidence to marks: which verdict, how strong, with which words, and why in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockint.grading.grade import Evidence, Mark
from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiled import Compiled
from mockint.grading.offline.coverage import Covered, coverage, ranking_strength
from mockint.grading.offline.guards import KEYWORDS, SALAD, WHY
from mockint.grading.offline.reading import Reading
from mockint.grading.offline.wordings import Said, said
from mockint.question import KeyPoint, Verdict


def marks_of(compiled: Compiled, reading: Reading) -> list[Mark]:
    return [
        _key_point(compiled, reading, place, criterion)
        if isinstance(criterion, KeyPoint)
        else _misconception(compiled, reading, place, criterion.id)
        for place, criterion in enumerate(compiled.question.criteria)
    ]


@dataclass(frozen=True, slots=True)
class _Judged:
    verdict: Verdict
    strength: float
    confidence: float
    spans: list[tuple[int, int]]
    reason: str


def _counts(stretch: Said) -> bool:
    return not stretch.denied and not stretch.hearsay and stretch.guard is None


def _best(stretches: list[Said]) -> Said:
    return max(stretches, key=lambda stretch: (stretch.quality, -(stretch.end - stretch.start), -stretch.start))


def _misconception(compiled: Compiled, reading: Reading, place: int, id: str) -> Mark:
    stated = [
        stretch
        for stretch in said(compiled, reading, place, "accept")
        if _counts(stretch) and stretch.quality > t.SYNONYM
    ]
    if stated and not reading.guarded.salad:
        best = _best(stated)
        judged = _Judged("stated", best.quality, 0.9, [(best.start, best.end)], "You say this, and it is not so.")
    else:
        judged = _Judged("absent", 0.0, 0.9, [], "You do not say this.")
    return _mark(reading, id, judged)


def _key_point(compiled: Compiled, reading: Reading, place: int, point: KeyPoint) -> Mark:
    backed = any((place, kind) in compiled.wordings for kind in ("accept", "partial"))
    accepted = said(compiled, reading, place, "accept")
    halves = said(compiled, reading, place, "partial")
    against = [
        s for s in said(compiled, reading, place, "contradict", strict=True) if _counts(s) and s.quality > t.SYNONYM
    ]
    best, denying = _text_evidence(compiled, reading, place)
    judged = _judge(accepted, halves, against, best, denying, backed=backed)
    if not backed:
        rank = max((ranking_strength(compiled, reading, form, best) for form in compiled.forms_of[place]), default=0.0)
        judged = replace(judged, strength=rank)
    return _mark(reading, point.id, _guarded(reading, judged, accepted))


def _text_evidence(compiled: Compiled, reading: Reading, place: int) -> tuple[Covered | None, Covered | None]:
    both = [coverage(compiled, reading, form) for form in compiled.forms_of[place]]
    best = max((b for b, _ in both if b), key=lambda c: c.strength, default=None)
    denying = max((w for _, w in both if w), key=lambda c: c.share + c.against, default=None)
    return best, denying


def _judge(
    accepted: list[Said],
    halves: list[Said],
    against: list[Said],
    best: Covered | None,
    denying: Covered | None,
    *,
    backed: bool,
) -> _Judged:
    strength = best.strength if best else 0.0
    affirmed = [s for s in accepted if _counts(s)]
    sure = [s for s in affirmed if s.quality > t.SYNONYM]
    denied = [s for s in accepted if s.denied and not s.hearsay and s.guard is None and s.quality > t.SYNONYM]
    if sure and not any(
        s.start < o.end and o.start < s.end and s.end - s.start < o.end - o.start
        for s in against
        for o in [_best(sure)]
    ):
        found = _best(sure)
        spans = [(found.start, found.end)]
        elsewhere = [s for s in against if not any(s.start < o.end and o.start < s.end for o in sure)]
        if elsewhere:
            other = _best(elsewhere)
            return _Judged(
                "partial", 0.5, 0.6, [*spans, (other.start, other.end)], "You say it, and also the opposite."
            )
        return _Judged("met", max(0.9, strength), 0.95, spans, "You say it in these words.")
    if against:
        found = _best(against)
        return _Judged("contradicted", 0.0, 0.9, [(found.start, found.end)], "You say the opposite.")
    met, half = (t.BACKED_MET, t.BACKED_PARTIAL) if backed else (t.TEXT_MET, t.TEXT_PARTIAL)
    if best and strength >= met:
        spans = [(best.start, best.end)]
        if denying and not backed:
            return _Judged(
                "partial",
                0.5 * strength,
                0.5,
                [*spans, (denying.start, denying.end)],
                "You say it, and also the opposite.",
            )
        return _Judged("met", strength, 0.6 + 0.3 * strength, spans, "These words cover the point.")
    if affirmed:
        found = _best(affirmed)
        if strength >= half:
            return _Judged("met", max(0.7, strength), 0.6, [(found.start, found.end)], "You say it in similar words.")
    good_halves = [s for s in halves if _counts(s) and s.quality > t.SYNONYM]
    if good_halves:
        found = _best(good_halves)
        return _Judged("partial", max(0.5, strength), 0.85, [(found.start, found.end)], "This is a part of the point.")
    if denied:
        found = _best(denied)
        return _Judged("contradicted", 0.0, 0.7, [(found.start, found.end)], "You deny the point.")
    if denying and not backed and denying.share + denying.against > (best.share if best else 0.0):
        return _Judged("contradicted", 0.0, 0.6, [(denying.start, denying.end)], "You say the opposite of the point.")
    if best and strength >= half:
        return _Judged("partial", strength, 0.5, [(best.start, best.end)], "These words cover a part of the point.")
    return _Judged("missing", strength, 1.0 - 0.5 * strength, [], "Your answer does not say this.")


def _guarded(reading: Reading, judged: _Judged, accepted: list[Said]) -> _Judged:
    """Credit is withheld from words in no order; a missing point says which guard withheld something."""
    if reading.guarded.salad and judged.verdict in ("met", "partial", "contradicted"):
        return _Judged("missing", 0.3 * judged.strength, 0.8, [], WHY[SALAD])
    if judged.verdict == "missing":
        withheld = sorted({s.guard for s in accepted if s.guard} or reading.guarded.reasons())
        if withheld:
            reason = WHY[KEYWORDS if KEYWORDS in withheld else withheld[0]]
            return _Judged("missing", judged.strength, judged.confidence, [], reason)
    return judged


def _mark(reading: Reading, id: str, judged: _Judged) -> Mark:
    evidence = [_evidence(reading, start, end) for start, end in judged.spans]
    return Mark.model_construct(
        criterion=id,
        verdict=judged.verdict,
        confidence=round(judged.confidence, 4),
        strength=round(judged.strength, 4),
        evidence=evidence,
        reason=judged.reason,
    )


def _evidence(reading: Reading, start: int, end: int) -> Evidence:
    tokens = reading.tokens
    first, last = tokens.folded.span(tokens.starts[start], tokens.ends[end - 1])
    return Evidence.model_construct(start=first, end=last, quote=reading.text[first:last], part=0)
