"""JSON lines -> Record: answers that people have scored, or that must score inside a band. Every bad line is named.

    question        text, may be empty or absent
    key_points      list of texts; or else
    reference       text, or a list of texts that each stand for a full answer
    answer          text
    score           0..1; or label (correct, partially correct, incorrect, contradictory, ...); or both
    point_labels    1 (said), 0 (not said) or null, one per key point
    lo, hi          the band in which an honest score lies, with its category
    answer_id, question_id (also id, qid), lang

A record with none of score, label, point_labels and lo/hi is graded all the same, for its prediction.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mockint.errors import Problem, UsageError
from mockint.evaluation.plain_questions import questions_from_record
from mockint.question import Question, Verdict

SCORE_OF_LABEL: Mapping[str, float] = {
    "correct": 1.0,
    "partially correct": 0.5,
    "partially correct incomplete": 0.5,
    "contradictory": 0.0,
    "incorrect": 0.0,
    "irrelevant": 0.0,
    "non domain": 0.0,
}
"""The labels of SemEval-2013 task 7 and their like, for records that have no score. `_` and `-` read as a space."""

_RULE = "bad-record"
_MAX_LINE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """One answer, the question or questions it is graded against, and what people said of it.

    questions: more than one when several references stand for the answer; the best one counts. Answers to the same
    question share the same value. score: 0..1. verdicts: by criterion; `binary` when people only said yes (met) or no
    (missing). from_verdicts: the score is what the verdicts come to. band: the scores that are honest for an answer
    made to test the grader. place: file:line.
    """

    set: str
    place: str
    answer_id: str
    question_id: str
    questions: tuple[Question, ...]
    answer: str
    score: float | None = None
    label: str = ""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    binary: bool = False
    from_verdicts: bool = False
    category: str = ""
    band: tuple[float, float] | None = None


@cache
def _questions(prompt: str, key_points: tuple[str, ...], references: tuple[str, ...]) -> tuple[Question, ...]:
    return questions_from_record(question=prompt, key_points=key_points, reference=references)


def read_records(paths: Iterable[Path]) -> tuple[list[Record], list[Problem]]:
    """The usable records in order, and a problem for each line that is not. Raises UsageError for an unreadable file.

    A file is a set, named by its stem; of two files with one stem the later is named with its folder too.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    names: dict[str, Path] = {}
    for path in paths:
        name = path.stem if path.stem not in names else f"{path.resolve().parent.name}/{path.stem}"
        if name in names:
            raise UsageError(f"{str(path)!r} and {str(names[name])!r} cannot be told apart: rename one")
        names[name] = path
        seen: dict[str, int] = {}
        for number, line in _lines(path):
            try:
                record = _record(line, set_=name, path=path, number=number)
                if (first := seen.setdefault(record.answer_id, number)) != number:
                    raise _BadRecordError(f"answer_id {record.answer_id!r} stands on line {first} already: number them")
            except _BadRecordError as fault:
                problems.append(Problem(path.as_posix(), number, _RULE, str(fault)))
            else:
                records.append(record)
    return records, problems


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except OSError as fault:
        raise UsageError(f"cannot read {str(path)!r}: {fault.strerror or fault}") from fault


class _BadRecordError(Exception):
    """Why a line is no record, and what was expected."""


def _record(line: bytes, *, set_: str, path: Path, number: int) -> Record:
    row = _row(line)
    key_points = _texts(row, "key_points")
    references = _texts(row, "reference")
    if not key_points and not references:
        raise _BadRecordError("no 'key_points' and no 'reference': give one, text or a list of texts")
    prompt = _text(row, "question", default="")
    questions = _questions(prompt, key_points, references)
    labels = _point_labels(row, len(key_points))
    return Record(
        set=set_,
        place=f"{path.as_posix()}:{number}",
        answer_id=_name(row, "answer_id", "id") or f"{set_}:{number}",
        question_id=_name(row, "question_id", "qid") or prompt or " ".join(key_points or references),
        questions=questions,
        answer=_text(row, "answer"),
        score=_score(row),
        label=_text(row, "label", default=""),
        verdicts={
            point.id: "met" if label else "missing"
            for point, label in zip(questions[0].key_points, labels or (), strict=bool(labels))
            if label is not None
        },
        binary=True,
        category=_text(row, "category", default=""),
        band=_band(row),
    )


def _row(line: bytes) -> dict[str, Any]:
    if len(line) > _MAX_LINE_BYTES:
        raise _BadRecordError(f"longer than {_MAX_LINE_BYTES // 1024**2} MiB")
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise _BadRecordError(f"not UTF-8 ({fault.reason} at byte {fault.start})") from fault
    except (ValueError, RecursionError) as fault:
        raise _BadRecordError(f"not JSON: {fault}") from fault
    if not isinstance(row, dict):
        raise _BadRecordError(f"expected a JSON object, found {type(row).__name__}")
    return row


def _text(row: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    value = row.get(key)
    if value is None:
        if default is None:
            raise _BadRecordError(f'no {key!r}: add it, "" for an empty one')
        return default
    return _checked(value, key)


def _checked(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise _BadRecordError(f"{key!r} is {_shown(value)}: expected text")
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise _BadRecordError(f"{key!r} holds half of a surrogate pair: expected text")
    return value


def _texts(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = row.get(key)
    texts = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise _BadRecordError(f"{key!r} is {_shown(value)}: expected text or a list of texts")
    checked = [_checked(text, key) for text in texts]
    if any(not text.strip() for text in checked):
        raise _BadRecordError(f"{key!r} holds an empty text: remove it")
    return tuple(checked)


def _name(row: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        value = row.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return _checked(str(value), key)
        if value is not None:
            raise _BadRecordError(f"{key!r} is {_shown(value)}: expected a name or a number")
    return ""


def _score(row: Mapping[str, Any]) -> float | None:
    if row.get("score") is not None:
        return _unit(row, "score")
    label = row.get("label")
    if not isinstance(label, str):
        return None
    name = label.casefold().replace("_", " ").replace("-", " ")
    if name not in SCORE_OF_LABEL:
        raise _BadRecordError(f"no 'score', and the label {label!r} is not one of {', '.join(SCORE_OF_LABEL)}")
    return SCORE_OF_LABEL[name]


def _unit(row: Mapping[str, Any], key: str) -> float:
    value = row[key]
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or not 0 <= value <= 1:
        raise _BadRecordError(f"{key!r} is {_shown(value)}: expected a number from 0 to 1")
    return float(value)


def _point_labels(row: Mapping[str, Any], count: int) -> tuple[int | None, ...]:
    labels = row.get("point_labels")
    if labels is None:
        return ()
    if not isinstance(labels, list) or any(isinstance(v, bool) or v not in (0, 1, None) for v in labels):
        raise _BadRecordError(f"'point_labels' is {_shown(labels)}: expected a list of 0, 1 and null")
    if len(labels) != count:
        raise _BadRecordError(f"{len(labels)} 'point_labels' for {count} 'key_points': give one each")
    return tuple(None if label is None else int(label) for label in labels)


def _band(row: Mapping[str, Any]) -> tuple[float, float] | None:
    if row.get("lo") is None and row.get("hi") is None:
        return None
    if row.get("lo") is None or row.get("hi") is None:
        raise _BadRecordError("'lo' and 'hi' come together: add the other")
    band = _unit(row, "lo"), _unit(row, "hi")
    if band[0] > band[1]:
        raise _BadRecordError(f"'lo' {band[0]:g} is above 'hi' {band[1]:g}: swap them")
    return band


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 60 else text[:57] + "..."
