"""Evidence to marks: which verdict, how strong, with which words, and why in one sentence.

An author's patterns come first. Of two stretches that overlap, one for and one against, the tighter one is what was
said; where both stand apart, the opposite is said too, and that contradicts the point. A pattern of two halves that
heard only one is worth half. What no pattern heard, the criterion's own text may still cover (`paraphrase`); where an
author wrote patterns, nearly all of it must be covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mockint.grading.grade import Evidence, Mark
from mockint.grading.offline import thresholds as t
from mockint.grading.offline.by_text import Finding, by_text, spans, text_evidence, text_reach
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.match import Heard, Reading
from mockint.grading.offline.negation import contrasts
from mockint.grading.offline.non_answers import DISORDER, DOUBTED, KEYWORDS, WHY
from mockint.grading.offline.paraphrase import Covered
from mockint.phrases.reasons import sentence
from mockint.question import KeyPoint, Question
from mockint.wordings import Hears


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
class _Said:
    """What the patterns of one kind heard of one criterion. whole: the stretches of each pattern heard in full.

    half: patterns of which only a part was heard. every: all stretches that count, not only the best of each pattern.
    """

    whole: list[tuple[Heard, ...]]
    half: list[tuple[Heard, ...]]
    denied: list[Heard]
    withheld: set[str]
    every: list[Heard]


def _said(reading: Reading, criterion: int, hears: Hears, *, strict: bool = False) -> _Said:
    """strict: what counts against somebody stands in one sentence, without a contrast."""
    said = _Said([], [], [], set(), [])
    for pattern in reading.patterns.get((criterion, hears), ()):
        found: list[Heard] = []
        for half in pattern.halves:
            counting = [heard for heard in half if heard.outright and not (strict and heard.apart)]
            said.every.extend(counting)
            if counting:
                found.append(_best(counting))
            elif len(pattern.halves) == 1:
                said.denied.extend(heard for heard in half if heard.denies)
            said.withheld.update(heard.withheld for heard in half if heard.withheld)
        if len(found) == len(pattern.halves):
            said.whole.append(tuple(found))
        elif found:
            said.half.append(tuple(found))
    return said


def _best(stretches: Iterable[Heard]) -> Heard:
    return max(stretches, key=lambda heard: (heard.quality, heard.start - heard.end, -heard.start))


def _tightest(heard: Iterable[tuple[Heard, ...]]) -> tuple[Heard, ...]:
    return max(heard, key=lambda parts: (min(h.quality for h in parts), sum(h.start - h.end for h in parts)))


def _misconception(compiled: Compiled, reading: Reading, place: int, id: str) -> Mark:
    against = _said(reading, place, "denies").every
    stated = [
        parts
        for parts in _said(reading, place, "says", strict=True).whole
        if not any(_inside(other, one) for other in against for one in parts)
    ]
    if stated and not reading.guarded.in_disorder:
        finding = Finding("stated", 0.95, 0.95, spans(*_tightest(stated)), "stated")
    elif (whole := _said_whole(compiled, reading, place, against)) and not reading.guarded.in_disorder:
        finding = Finding("stated", whole.strength, 0.7, spans(whole), "stated")
    else:
        sure = _sure(t.SURE_ABSENT, text_reach(compiled, reading, place))
        finding = Finding("absent", 0.0, sure, [], "not_stated")
    return _mark(reading, id, finding)


def _said_whole(compiled: Compiled, reading: Reading, place: int, against: list[Heard]) -> Covered | None:
    """The misconception's own text, said almost whole in as many sentences as it has itself, and not taken back."""
    best = text_evidence(compiled, reading, place, t.STATED_SHARE).best
    if best is None or best.share - best.against < t.STATED_SHARE:
        return None
    if any(heard.start < best.end and best.start < heard.end for heard in against):
        return None
    forms = [compiled.forms[form] for form in compiled.forms_of[place]]
    if contrasts(reading.tokens.words, best.start, best.end) and not any(form.contrasts for form in forms):
        return None
    allowed = max(form.full_stops for form in forms)
    return best if reading.tokens.full_stops(best.start, best.end - 1) <= allowed else None


def _key_point(compiled: Compiled, reading: Reading, place: int, point: KeyPoint) -> Mark:
    says = _said(reading, place, "says")
    finding = _by_patterns(says.whole, _said(reading, place, "denies", strict=True).whole)
    if finding is None:
        backed = compiled.backed(place)
        text = text_evidence(compiled, reading, place, t.BACKED_FLOOR if backed else 0.0)
        if backed:
            finding = _by_halves_and_text(says, _said(reading, place, "partly"), text.best)
        else:
            finding = replace(by_text(text), strength=text.rank)
            return _mark(reading, point.id, _guarded(reading, finding, says.withheld))
    finding = _weighed(finding, len(says.whole), text_reach(compiled, reading, place))
    return _mark(reading, point.id, _guarded(reading, finding, says.withheld))


def _overlap(one: Heard, other: Heard | Covered) -> bool:
    return one.start < other.end and other.start < one.end


def _inside(tight: Heard, wide: Heard) -> bool:
    return _overlap(tight, wide) and tight.end - tight.start < wide.end - wide.start


def _by_patterns(sure: list[tuple[Heard, ...]], against: list[tuple[Heard, ...]]) -> Finding | None:
    """Of two that overlap, the tighter one is what was said: `training normalises with the running mean`."""
    if not sure and not against:
        return None
    denials = [heard for parts in against for heard in parts]
    if not sure:
        return Finding("contradicted", 0.0, 0.9, spans(_best(denials)), "opposite")
    standing = [parts for parts in sure if not any(_inside(other, one) for other in denials for one in parts)]
    if not standing:
        return Finding("contradicted", 0.0, 0.7, spans(_best(denials)), "opposite")
    found = _tightest(standing)
    elsewhere = [other for other in denials if not any(_overlap(other, one) for parts in standing for one in parts)]
    if elsewhere:
        return Finding("contradicted", 0.0, 0.6, spans(*found, _best(elsewhere)), "both")
    return Finding("met", 0.95, 0.95, spans(*found), "said")


def _weighed(finding: Finding, patterns: int, reach: float) -> Finding:
    """How sure a verdict from patterns is, by how much of the point's own text stands in the answer.

    A single pattern is half a proof where hardly a third of the point is spoken of at all: people who label such
    answers mostly ask again.
    """
    match finding.code:
        case "said" if patterns < 2 and reach < t.SPOKEN_OF:
            return Finding("partial", 0.5, 0.5, finding.spans, "half")
        case "said":
            return replace(finding, confidence=_sure(t.SURE_ONCE if patterns < 2 else t.SURE_TWICE, reach))
        case "not_said":
            return replace(finding, confidence=_sure(t.SURE_MISSING, reach))
        case _:
            return finding


def _sure(table: Sequence[tuple[float, float]], reach: float) -> float:
    return next(confidence for below, confidence in table if reach < below)


def _by_halves_and_text(says: _Said, partly: _Said, best: Covered | None) -> Finding:
    strength = best.strength if best else 0.0
    covered = best is not None and best.end - best.start >= t.FEWEST_WORDS and strength >= t.BACKED_MET
    if best and covered and not any(_overlap(denied, best) for denied in says.denied):
        return Finding("met", strength, 0.7, spans(best), "covered")
    if halves := [*partly.whole, *says.half]:
        return Finding("partial", max(0.5, strength), 0.65, spans(*_tightest(halves)), "half")
    if says.denied:
        return Finding("contradicted", 0.0, 0.4, spans(_best(says.denied)), "denied")
    return Finding("missing", strength, 1.0 - 0.5 * strength, [], "not_said")


def _guarded(reading: Reading, finding: Finding, withheld: set[str]) -> Finding:
    """Credit is withheld from words in no order; a missing point says which guard withheld something."""
    if reading.guarded.in_disorder and finding.verdict in ("met", "partial", "contradicted"):
        return Finding("missing", 0.3 * finding.strength, 0.8, [], WHY[DISORDER])
    if finding.verdict == "missing" and (reasons := sorted(withheld or reading.guarded.reasons())):
        reason = WHY[KEYWORDS if KEYWORDS in reasons else reasons[0]]
        return Finding("missing", finding.strength, finding.confidence, [], reason)
    return replace(finding, confidence=DOUBTED * finding.confidence) if reading.guarded.doubt else finding


def _mark(reading: Reading, id: str, finding: Finding) -> Mark:
    evidence = [_evidence(reading, start, end) for start, end in finding.spans]
    return Mark.model_construct(
        criterion=id,
        verdict=finding.verdict,
        confidence=round(finding.confidence, 4),
        strength=round(finding.strength, 4),
        evidence=evidence,
        reason=sentence(finding.code).en,
        code=finding.code,
    )


def _evidence(reading: Reading, start: int, end: int) -> Evidence:
    tokens = reading.tokens
    if start and tokens.keys[start][0].isdigit() and tokens.clauses[start - 1] == tokens.clauses[start]:
        start -= 1  # `stage 2`, not `2`
    first, last = tokens.folded.span(tokens.starts[start], tokens.ends[end - 1])
    return Evidence.model_construct(start=first, end=last, quote=reading.text[first:last], part=0)
