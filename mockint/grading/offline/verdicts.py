"""Evidence to marks: which verdict, how strong, with which words, and why in one sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockint.grading.grade import Evidence, Mark
from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.negation import contrasts
from mockint.grading.offline.non_answers import KEYWORDS, SALAD, WHY
from mockint.grading.offline.paraphrase import Covered, coverage
from mockint.grading.offline.reading import Reading
from mockint.grading.offline.wordings import Said, said
from mockint.grading.reasons import Code, sentence
from mockint.question import KeyPoint, Question, Verdict


def marks_of(compiled: Compiled, reading: Reading) -> list[Mark]:
    marks = [
        _key_point(compiled, reading, place, criterion)
        if isinstance(criterion, KeyPoint)
        else _misconception(compiled, reading, place, criterion.id)
        for place, criterion in enumerate(compiled.question.criteria)
    ]
    return _with_denials(compiled.question, marks)


def _with_denials(question: Question, marks: list[Mark]) -> list[Mark]:
    """Whoever states a misconception denies the key points that are its opposite, unless they are said elsewhere."""
    by_id = {mark.criterion: mark for mark in marks}
    for wrong in question.misconceptions:
        stated = by_id[wrong.id]
        if stated.verdict != "stated":
            continue
        for id in wrong.denies:
            point = by_id[id]
            if point.verdict != "contradicted" and all(_within(piece, stated.evidence) for piece in point.evidence):
                changes = {"verdict": "contradicted", "strength": 0.0, "confidence": 0.8, "code": "opposite"}
                why = {"reason": sentence("opposite").en, "evidence": stated.evidence}
                by_id[id] = point.model_copy(update={**changes, **why})
    return list(by_id.values())


def _within(piece: Evidence, others: list[Evidence]) -> bool:
    return any(piece.start < other.end and other.start < piece.end for other in others)


@dataclass(frozen=True, slots=True)
class _Judged:
    verdict: Verdict
    strength: float
    confidence: float
    spans: list[tuple[int, int]]
    code: Code


def _counts(stretch: Said) -> bool:
    return not stretch.denied and not stretch.hearsay and stretch.guard is None


def _best(stretches: list[Said]) -> Said:
    return max(stretches, key=lambda stretch: (stretch.quality, -(stretch.end - stretch.start), -stretch.start))


def _misconception(compiled: Compiled, reading: Reading, place: int, id: str) -> Mark:
    stated = _outright(said(compiled, reading, place, "accept", strict=True))
    if stated and not reading.guarded.salad:
        judged = _Judged("stated", stated[0].quality, 0.9, _spans(_best(stated)), "stated")
    elif (whole := _said_whole(compiled, reading, place)) and not reading.guarded.salad:
        judged = _Judged("stated", whole.strength, 0.7, _spans(whole), "stated")
    else:
        judged = _Judged("absent", 0.0, 0.9, [], "not_stated")
    return _mark(reading, id, judged)


def _said_whole(compiled: Compiled, reading: Reading, place: int) -> Covered | None:
    """The misconception's own text, said almost whole in as many sentences as it has itself."""
    best, _, _ = _text_evidence(compiled, reading, place, t.STATED_SHARE)
    if best is None or best.share - best.against < t.STATED_SHARE:
        return None
    forms = [compiled.forms[form] for form in compiled.forms_of[place]]
    if contrasts(reading.tokens.words, best.start, best.end) and not any(form.contrasts for form in forms):
        return None
    allowed = max(form.full_stops for form in forms)
    return best if reading.tokens.full_stops(best.start, best.end - 1) <= allowed else None


def _key_point(compiled: Compiled, reading: Reading, place: int, point: KeyPoint) -> Mark:
    backed = any((place, kind) in compiled.wordings for kind in ("accept", "partial"))
    accepted = said(compiled, reading, place, "accept")
    against = _outright(said(compiled, reading, place, "contradict", strict=True))
    judged = _by_wordings(_outright(accepted), against)
    if judged is None:
        best, denying, rank = _text_evidence(compiled, reading, place, t.BACKED_FLOOR if backed else 0.0)
        if backed:
            halves = _outright(said(compiled, reading, place, "partial"))
            judged = _by_wordings_and_text(reading, accepted, halves, best)
        else:
            judged = _by_text(best, denying)
            judged = replace(judged, strength=rank)
    return _mark(reading, point.id, _guarded(reading, judged, accepted))


def _outright(stretches: list[Said]) -> list[Said]:
    """Said in the author's words, not in a synonym of ours."""
    return [stretch for stretch in stretches if _counts(stretch) and stretch.quality > t.SYNONYM]


def _spans(*stretches: Said | Covered) -> list[tuple[int, int]]:
    return list(dict.fromkeys((stretch.start, stretch.end) for stretch in stretches))


def _overlap(one: Said, other: Said) -> bool:
    return one.start < other.end and other.start < one.end


def _inside(tight: Said, wide: Said) -> bool:
    return _overlap(tight, wide) and tight.end - tight.start < wide.end - wide.start


def _by_wordings(sure: list[Said], against: list[Said]) -> _Judged | None:
    """Of two that overlap, the tighter one is what was said: `training normalises with the running mean`."""
    if not sure and not against:
        return None
    if not sure:
        return _Judged("contradicted", 0.0, 0.9, _spans(_best(against)), "opposite")
    standing = [stretch for stretch in sure if not any(_inside(other, stretch) for other in against)]
    if not standing:
        return _Judged("contradicted", 0.0, 0.7, _spans(_best(against)), "opposite")
    found = _best(standing)
    elsewhere = [other for other in against if not any(_overlap(other, stretch) for stretch in standing)]
    if elsewhere:
        return _Judged("partial", 0.5, 0.6, _spans(found, _best(elsewhere)), "both")
    return _Judged("met", 0.95, 0.95, _spans(found), "said")


def _in_one_sentence(reading: Reading, stretch: Said | Covered) -> bool:
    return reading.tokens.full_stops(stretch.start, stretch.end - 1) == 0


def _by_wordings_and_text(reading: Reading, accepted: list[Said], halves: list[Said], best: Covered | None) -> _Judged:
    strength = best.strength if best else 0.0
    if best and strength >= t.BACKED_MET:
        return _Judged("met", strength, 0.6 + 0.3 * strength, _spans(best), "covered")
    similar = [stretch for stretch in accepted if _counts(stretch)]
    if similar and strength >= t.BACKED_SIMILAR:
        return _Judged("met", max(0.7, strength), 0.6, _spans(_best(similar)), "similar_words")
    if halves:
        return _Judged("partial", max(0.5, strength), 0.85, _spans(_best(halves)), "half")
    denied = [
        s
        for s in accepted
        if s.denied and not s.hearsay and s.guard is None and s.quality > t.SYNONYM and _in_one_sentence(reading, s)
    ]
    if denied:
        return _Judged("contradicted", 0.0, 0.7, _spans(_best(denied)), "denied")
    return _Judged("missing", strength, 1.0 - 0.5 * strength, [], "not_said")


def _by_text(best: Covered | None, denying: Covered | None) -> _Judged:
    strength = best.strength if best else 0.0
    if best and strength >= t.TEXT_MET and (denying or best.torn):
        return _Judged("partial", 0.5 * strength, 0.5, _spans(best, denying or best), "both")
    if best and strength >= t.TEXT_MET:
        return _Judged("met", strength, 0.6 + 0.3 * strength, _spans(best), "covered")
    if denying and denying.share + denying.against >= (best.share if best else 0.0):
        return _Judged("contradicted", 0.0, 0.6, _spans(denying), "opposite")
    if best and strength >= t.TEXT_PARTIAL:
        return _Judged("partial", strength, 0.5, _spans(best), "half_covered")
    return _Judged("missing", strength, 1.0 - 0.5 * strength, [], "not_said")


def _text_evidence(
    compiled: Compiled, reading: Reading, place: int, floor: float
) -> tuple[Covered | None, Covered | None, float]:
    """Of the text in both languages: the best saying, the best denial, the higher rank."""
    found = [
        coverage(compiled.forms[form], reading, reading.hits.get(form, ()), floor) for form in compiled.forms_of[place]
    ]
    best = max((f.saying for f in found if f.saying), key=lambda c: c.strength, default=None)
    denying = max((f.denying for f in found if f.denying), key=lambda c: c.share + c.against, default=None)
    return best, denying, max((f.rank for f in found), default=0.0)


def _guarded(reading: Reading, judged: _Judged, accepted: list[Said]) -> _Judged:
    """Credit is withheld from words in no order; a missing point says which guard withheld something."""
    if reading.guarded.salad and judged.verdict in ("met", "partial", "contradicted"):
        return _Judged("missing", 0.3 * judged.strength, 0.8, [], WHY[SALAD])
    if judged.verdict == "missing":
        withheld = sorted({s.guard for s in accepted if s.guard} or reading.guarded.reasons())
        if withheld:
            code = WHY[KEYWORDS if KEYWORDS in withheld else withheld[0]]
            return _Judged("missing", judged.strength, judged.confidence, [], code)
    return judged


def _mark(reading: Reading, id: str, judged: _Judged) -> Mark:
    evidence = [_evidence(reading, start, end) for start, end in judged.spans]
    return Mark.model_construct(
        criterion=id,
        verdict=judged.verdict,
        confidence=round(judged.confidence, 4),
        strength=round(judged.strength, 4),
        evidence=evidence,
        reason=sentence(judged.code).en,
        code=judged.code,
    )


def _evidence(reading: Reading, start: int, end: int) -> Evidence:
    tokens = reading.tokens
    if start and tokens.keys[start][0].isdigit() and tokens.clauses[start - 1] == tokens.clauses[start]:
        start -= 1  # `stage 2`, not `2`
    first, last = tokens.folded.span(tokens.starts[start], tokens.ends[end - 1])
    return Evidence.model_construct(start=first, end=last, quote=reading.text[first:last], part=0)
