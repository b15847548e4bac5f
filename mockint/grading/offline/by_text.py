"""A verdict from the text of a key point alone: what the answer says of it, where no author's wording was heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mockint.grading.offline import thresholds as t
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.match import Reading
from mockint.grading.offline.paraphrase import Covered, coverage
from mockint.grading.reasons import Code
from mockint.question import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of one criterion before it becomes a mark. spans: of tokens."""

    verdict: Verdict
    strength: float
    confidence: float
    spans: list[tuple[int, int]]
    code: Code


class _Stretch(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def spans(*stretches: _Stretch) -> list[tuple[int, int]]:
    return list(dict.fromkeys((stretch.start, stretch.end) for stretch in stretches))


def by_text(best: Covered | None, denying: Covered | None) -> Judged:
    strength = best.strength if best else 0.0
    if best and strength >= t.TEXT_MET and (denying or best.torn):
        return Judged("partial", 0.5 * strength, 0.5, spans(best, denying or best), "both")
    if best and strength >= t.TEXT_MET:
        return Judged("met", strength, 0.6 + 0.3 * strength, spans(best), "covered")
    if denying and denying.share + denying.against >= (best.share if best else 0.0):
        return Judged("contradicted", 0.0, 0.6, spans(denying), "opposite")
    if best and strength >= t.TEXT_PARTIAL:
        return Judged("partial", strength, 0.5, spans(best), "half_covered")
    return Judged("missing", strength, 1.0 - 0.5 * strength, [], "not_said")


def text_evidence(
    compiled: Compiled, reading: Reading, place: int, floor: float
) -> tuple[Covered | None, Covered | None, float]:
    """Of the text in both languages: the best saying, the best denial, the higher rank."""
    found = [
        coverage(compiled.forms[form], reading, reading.hits.get(form, ()), floor) for form in compiled.forms_of[place]
    ]
    best = max((f.saying for f in found if f.saying), key=lambda c: c.strength, default=None)
    denying = max((f.denying for f in found if f.denying), key=lambda c: c.share + c.against, default=None)
    return best, denying, max((f.rank for f in found), default=0.0)
