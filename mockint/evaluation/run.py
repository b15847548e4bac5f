"""Records through a grader: the score, the strength of each key point, the marks, and the time it took."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mockint.errors import ServiceError
from mockint.evaluation.records import Record
from mockint.grading import Grader, grade_answer
from mockint.grading.grade import Mark, soft_score, strength_of
from mockint.question import Question


@dataclass(frozen=True)
class GradedRecord:
    """What a grader made of one record.

    question: the one of the record's questions that it was graded against. graded: the score a candidate is shown.
    soft: the finer one, for ranking. strengths: one per key point, in order. All 0..1. seconds, cpu_seconds: for all
    questions of the record.
    """

    record: Record
    question: Question
    graded: float
    soft: float
    strengths: tuple[float, ...]
    marks: tuple[Mark, ...]
    seconds: float
    cpu_seconds: float

    @property
    def score(self) -> float:
        """What is compared with people. A band, or an author's verdicts, say what a candidate should be shown; a score
        given by people on a scale of their own can only be compared by how it ranks."""
        return self.graded if self.record.band or self.record.from_verdicts else self.soft

    def prediction(self) -> dict[str, Any]:
        """One line of a predictions file."""
        row: dict[str, Any] = {"answer_id": self.record.answer_id, "score": round(self.score, 6)}
        row["point_scores"] = [round(strength, 6) for strength in self.strengths]
        return row | {"graded": self.graded, "set": self.record.set}


@dataclass(frozen=True)
class UngradedRecord:
    """A record that the grader could not grade, and why. That is not a zero."""

    record: Record
    why: str


def run(grader: Grader, records: Iterable[Record]) -> Iterator[GradedRecord | UngradedRecord]:
    """Each record through the grader, in order. One that could not be graded is told as such."""
    for record in records:
        try:
            yield grade_record(grader, record)
        except ServiceError as fault:
            yield UngradedRecord(record, str(fault))


def grade_record(grader: Grader, record: Record) -> GradedRecord:
    """Against each of the record's questions; the best stands. Raises ServiceError when it could not be graded."""
    wall, cpu = time.perf_counter(), time.process_time()
    grades = [grade_answer(grader, question, record.answer) for question in record.questions]
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    soft = [soft_score(question, grade.marks) for question, grade in zip(record.questions, grades, strict=True)]
    best = max(range(len(grades)), key=lambda place: (grades[place].score, soft[place]))
    question, grade = record.questions[best], grades[best]
    return GradedRecord(
        record=record,
        question=question,
        graded=grade.score,
        soft=max(soft),
        strengths=tuple(strength_of(grade.mark(point.id)) for point in question.key_points),
        marks=tuple(grade.marks),
        seconds=seconds,
        cpu_seconds=cpu_seconds,
    )
