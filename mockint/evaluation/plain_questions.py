"""Questions made from records that are not of the bank: key points as plain strings, or one or more references.

A record need not keep the bank's limits (3 to 8 key points, both languages), so its question is constructed without
validation; every grader takes it like any other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from mockint.question import KeyPoint, Question, Text

_LIST_SIGN = re.compile(r"(?:^|(?<=\s))(?:\(?\d{1,2}[.):](?=\s|[^\d\s])|[-*•](?=\s))", re.MULTILINE)
_CLAUSE_END = re.compile(r"(?<=[.!?])\s+|[;；。！？\n]+")
_MIN_CLAUSE = 2


def split_reference(text: str) -> list[str]:
    """A reference answer as its clauses, in order: at sentence ends, semicolons, line breaks and list signs.

    A clause that is a heading or of fewer than two words (or Chinese characters) joins the clause after it.
    """
    pieces = [piece.strip() for part in _LIST_SIGN.split(text) for piece in _CLAUSE_END.split(part or "")]
    clauses: list[str] = []
    pending = ""
    for piece in filter(None, pieces):
        whole = f"{pending} {piece}".strip()
        if _length(whole) < _MIN_CLAUSE or whole.endswith(":"):
            pending = whole
            continue
        clauses.append(whole)
        pending = ""
    if pending:
        clauses.append(pending)
    return clauses or [text]


def questions_from_record(
    *, question: str = "", key_points: Sequence[str] = (), reference: str | Sequence[str] = ()
) -> tuple[Question, ...]:
    """The record as questions. More than one when several references stand for the same answer: the best counts.

    key_points, when there are any, are taken as they are (ids `p1`, `p2`, ...); otherwise each reference is split
    into clauses.
    """
    if key_points:
        return (_question(question, list(key_points), given=True),)
    references = [reference] if isinstance(reference, str) else list(reference)
    return tuple(_question(question, split_reference(text), given=False) for text in references)


def _question(prompt: str, points: list[str], *, given: bool) -> Question:
    return Question.model_construct(
        id="record",
        topic="record",
        kind="explain",
        level=3,
        minutes=5,
        tags=[],
        prompt=_text(prompt),
        code=None,
        answer=_text(" ".join(points)),
        key_points=[
            KeyPoint.model_construct(
                id=f"p{number}", text=_text(point), weight=1.0 if given else _news(point, prompt), must=False
            )
            for number, point in enumerate(points, 1)
        ],
        misconceptions=[],
        follow_ups=[],
        hints=[],
        references=[],
        source=None,
        samples=[],
    )


def _text(text: str) -> Text:
    return Text.model_construct(en=text, zh=text)


def _news(clause: str, prompt: str) -> float:
    """What a clause of a reference counts: the root of its number of words that the question does not hold already."""
    asked = set(_words(prompt))
    return max(0.1, math.sqrt(sum(word not in asked for word in _words(clause))))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-zA-Z0-9]+|[\u3400-\u9fff]", text.lower())


def _length(text: str) -> int:
    return len(_words(text))
