"""An answer cut where marks start and end, for renderings that write one piece after the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mockint.question import Verdict
from mockint.reports.shapes import Answer, AnswerPart, AnswerSpan

MOST_CHARACTERS = 4000  # a longer answer is shown around its marks only, where room is dear
_HEAD, _TAIL, _AROUND = 1200, 400, 200
_GRAVEST: tuple[Verdict, ...] = ("stated", "contradicted", "met", "partial", "missing", "absent")


class Piece(NamedTuple):
    """Words under the same marks. verdict: the gravest of them, None for none. ended: the marks that end here."""

    text: str
    verdict: Verdict | None
    ended: list[AnswerSpan]


class LeftOut(NamedTuple):
    """So many characters are left out."""

    characters: int


def labels(answer: Answer) -> dict[str, str]:
    """criterion -> 1, 2 ... for the key points in order, A, B ... for the misconceptions that were stated."""
    points = {point.criterion: str(number) for number, point in enumerate(answer.points, 1)}
    return points | {belief.criterion: chr(ord("A") + place) for place, belief in enumerate(answer.beliefs)}


def pieces(part: AnswerPart, *, most: int | None = None) -> Iterator[Piece | LeftOut]:
    """The whole answer; of one longer than `most` its beginning, its end and what lies around the marks."""
    spans = [span for span in part.spans if span.start < span.end <= len(part.answer)]
    shown = _windows(len(part.answer), spans, most)
    reached = 0
    for start, end in shown:
        if start > reached:
            yield LeftOut(start - reached)
        yield from _cut(part.answer, start, end, spans)
        reached = end
    if reached < len(part.answer):
        yield LeftOut(len(part.answer) - reached)


def _windows(length: int, spans: Sequence[AnswerSpan], most: int | None) -> list[tuple[int, int]]:
    if most is None or length <= most:
        return [(0, length)] if length else []
    windows = [(0, _HEAD), (length - _TAIL, length)]
    windows += [(max(0, span.start - _AROUND), min(length, span.end + _AROUND)) for span in spans]
    merged: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, start: int, end: int, spans: Sequence[AnswerSpan]) -> Iterator[Piece]:
    """A piece lies under the marks that began before its end and have not ended before it."""
    inside = [span for span in spans if start <= span.start and span.end <= end]
    edges = sorted({start, end, *(span.start for span in inside), *(span.end for span in inside)})
    for first, last in itertools.pairwise(edges):
        over = [span for span in inside if span.start <= first and last <= span.end]
        verdict = min((span.verdict for span in over), key=_GRAVEST.index, default=None)
        yield Piece(text[first:last], verdict, [span for span in over if span.end == last])
