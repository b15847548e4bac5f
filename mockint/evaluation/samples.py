"""The bank's samples through a grader, compared verdict by verdict with what their author said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mockint.evaluation.records import Record
from mockint.evaluation.verdicts import Family, LabelledVerdict
from mockint.grading import Grader, grade_answer
from mockint.grading.grade import Mark, grade_of
from mockint.question import KeyPoint, Question, Sample, Verdict


@dataclass(frozen=True)
class SampleVerdict:
    """One criterion of one sample: what the author expected and what the grader marked."""

    question: Question
    sample: Sample
    criterion: str
    expected: Verdict
    mark: Mark

    @property
    def agrees(self) -> bool:
        """The grader says what the author said."""
        return self.mark.verdict == self.expected

    @property
    def family(self) -> Family:
        return family_of(self.question, self.criterion)


def family_of(question: Question, criterion: str) -> Family:
    """Whether the criterion is a key point or a misconception."""
    return "key point" if isinstance(question.criterion(criterion), KeyPoint) else "misconception"


def samples_of(
    questions: Iterable[Question], samples: Callable[[Question], Iterable[Sample]]
) -> Iterator[tuple[Question, Sample]]:
    """Every sample with its question. samples: those of a question."""
    for question in questions:
        for sample in samples(question):
            yield question, sample


def compare(grader: Grader, question: Question, sample: Sample) -> list[SampleVerdict]:
    """One comparison per criterion that the sample has a verdict on. Raises ServiceError if it could not be graded."""
    grade = grade_answer(grader, question, sample.answer)
    return [
        SampleVerdict(question, sample, mark.criterion, sample.verdicts[mark.criterion], mark)
        for mark in grade.marks
        if mark.criterion in sample.verdicts
    ]


def record_of(question: Question, sample: Sample, *, set_: str, place: str = "") -> Record:
    """The sample as a record. Its score is what its author's verdicts come to."""
    marks = [Mark(criterion=id, verdict=verdict) for id, verdict in sample.verdicts.items()]
    return Record(
        set=set_,
        place=place,
        answer_id=f"{question.id}/{sample.id}",
        question_id=question.id,
        questions=(question,),
        answer=sample.answer,
        score=grade_of(question, marks, grader="the author").score,
        verdicts=sample.verdicts,
        from_verdicts=True,
    )


def labelled_verdicts(comparisons: Iterable[SampleVerdict]) -> list[LabelledVerdict]:
    """For the statistics."""
    return [
        LabelledVerdict(c.question.id, c.sample.id, c.family, c.expected, c.mark.verdict, c.mark.confidence)
        for c in comparisons
    ]
