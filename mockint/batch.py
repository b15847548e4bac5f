"""Many answers in, many grades out. A row keeps its place and its other columns; a bad one is named, the rest graded.

A row has the question's id (`question_id`, or `id`), the `answer`, and any other columns. JSON lines and CSV are read
here; YAML (`id: answer`, or a list of rows) is parsed by its home and handed over as a value that knows its lines.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockint.errors import NotSentError, Problem, ServiceError, UsageError
from mockint.grading import Grade, Grader, grade_answer
from mockint.question import Question

ID_COLUMNS = ("question_id", "id")
_RULE = "bad-row"
_MAX_FIELD = 16 * 1024 * 1024
LineOf = Callable[[tuple[str | int, ...]], int]


@dataclass(frozen=True)
class Row:
    """One answer. path, line: where it was read. columns: what else stood in the row, as it was."""

    path: str
    line: int
    question_id: str
    answer: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GradedRow:
    row: Row
    question: Question
    grade: Grade


@dataclass(frozen=True)
class UngradedRow:
    """The grader could not grade it, for the reason it gave. That is not a zero. is_sent: the grader tried to."""

    row: Row
    why: str
    is_sent: bool = True


Read = tuple[list[Row], list[Problem]]


def read_jsonl(text: str, path: str) -> Read:
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line, parse_constant=_no_number)
                json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair could never be written out
            except (ValueError, RecursionError) as fault:
                problems.append(Problem(path, number, _RULE, f"not JSON: {fault}"))
            else:
                _take(value, path, number, rows, problems)
    return rows, problems


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def read_csv(text: str, path: str) -> Read:
    """The first line names the columns. Raises UsageError when there is none for the id or the answer."""
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_header(names, path)
        start = reader.line_num + 1
        for fields in reader:
            if len(fields) > len(names):
                extra = f"{len(fields)} fields for {len(names)} columns: put quotes around text with commas"
                problems.append(Problem(path, start, _RULE, extra))
            elif fields:
                _take(dict(zip(names, fields, strict=False)), path, start, rows, problems)
            start = reader.line_num + 1
    except csv.Error as fault:  # after an unclosed quote no later line can be trusted
        problems.append(Problem(path, reader.line_num, _RULE, f"not CSV: {fault}"))
    return rows, problems


def _check_header(names: Sequence[str], path: str) -> None:
    found = f"found {', '.join(map(repr, names)) or 'nothing'}"
    if not any(name in names for name in ID_COLUMNS):
        raise UsageError(f"{path}:1: expected a column 'question_id' or 'id'; {found}")
    if "answer" not in names:
        raise UsageError(f"{path}:1: expected a column 'answer'; {found}")
    if twice := {name for name in names if names.count(name) > 1}:
        raise UsageError(f"{path}:1: the column {min(twice)!r} stands twice: rename one")


def rows_of(value: Any, path: str, line_of: LineOf) -> Read:
    """A parsed document: a mapping of question id to answer, or a list of rows. Raises UsageError for anything else."""
    rows: list[Row] = []
    problems: list[Problem] = []
    if isinstance(value, dict):
        for id, answer in value.items():
            found = answer if isinstance(answer, dict) else {"answer": answer}
            _take({**found, "question_id": id}, path, line_of((id,)), rows, problems)
    elif isinstance(value, list):
        for place, row in enumerate(value):
            _take(row, path, line_of((place,)), rows, problems)
    else:
        raise UsageError(f"{path}: expected question ids with an answer each, or a list of rows")
    return rows, problems


def _take(value: Any, path: str, line: int, rows: list[Row], problems: list[Problem]) -> None:
    fault = _fault(value)
    if fault:
        problems.append(Problem(path, line, _RULE, fault))
        return
    key = _id_column(value)
    columns = {name: other for name, other in value.items() if name not in (key, "answer")}
    rows.append(Row(path, line, value[key].strip(), value["answer"], columns))


def _fault(value: Any) -> str | None:
    """Why it cannot be a row, and what was expected; None when it can."""
    if not isinstance(value, dict):
        return f"expected a row with 'question_id' and 'answer', found {type(value).__name__}"
    key = _id_column(value)
    if key not in value or value[key] in (None, ""):
        return "no 'question_id': say which question is answered"
    if value.get("answer") is None:
        return "no 'answer': add it, \"\" for an empty one"
    for name in (key, "answer"):
        text = value[name]
        if not isinstance(text, str):
            return f"{name!r} is {text!r:.60}: expected text; put it in quotes"
        if any("\ud800" <= char <= "\udfff" for char in text):
            return f"{name!r} holds half of a surrogate pair: expected text"
    return None


def _id_column(value: Mapping[str, Any]) -> str:
    return next((name for name in ID_COLUMNS if name in value), ID_COLUMNS[0])


def unknown_questions(rows: Iterable[Row], questions: Mapping[str, Question]) -> list[Problem]:
    """A problem for every row whose question is not in the bank, naming the nearest ids."""
    problems = []
    for row in rows:
        if row.question_id not in questions:
            near = difflib.get_close_matches(row.question_id, questions, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else "'mockint list' shows every id"
            problems.append(Problem(row.path, row.line, _RULE, f"unknown question {row.question_id!r}: {hint}"))
    return problems


def grade_rows(
    rows: Iterable[Row], questions: Mapping[str, Question], grader: Grader
) -> Iterator[GradedRow | UngradedRow]:
    """Grade each row whose question is known, in order; the others are for `unknown_questions` to name."""
    for row in rows:
        if question := questions.get(row.question_id):
            try:
                yield GradedRow(row, question, grade_answer(grader, question, row.answer))
            except ServiceError as fault:
                yield UngradedRow(row, str(fault), is_sent=not isinstance(fault, NotSentError))
