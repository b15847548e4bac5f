"""Answers with the verdicts they deserve: `<id>.samples.yaml`, and `<id>.blind.yaml` for those that are kept unread.

A blind answer was written without sight of wordings, samples and grader. Once somebody has read it while working on
the wordings, it moves to the samples (and stays `blind: true`), for then it measures them no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, TypeAdapter

from mockint.bank.files import BankFile, read_file, validate
from mockint.errors import BankError, Problem
from mockint.question import KeyPoint, KeyPointVerdict, MisconceptionVerdict, Question, Sample

SampleSet = Literal["samples", "blind"]
"""Those that one works with, and those that measure it unread."""
SAMPLE_SETS: tuple[SampleSet, ...] = get_args(SampleSet)


def _named(value: Any) -> Any:
    """A sample may leave out its id; it is then `sample-N` by its place."""
    if not isinstance(value, list):
        return value
    return [
        {"id": f"sample-{place}", **sample} if isinstance(sample, dict) else sample
        for place, sample in enumerate(value, 1)
    ]


_SAMPLES: TypeAdapter[list[Sample]] = TypeAdapter(Annotated[list[Sample], Field(), BeforeValidator(_named)])


class SampleFiles:
    """The samples of a bank's questions, read when asked for and kept."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[tuple[str, SampleSet], tuple[tuple[Sample, ...], BankFile | None, list[Problem]]] = {}

    def __call__(self, question: Question, which: SampleSet = "samples") -> tuple[Sample, ...]:
        """In the order of the file. Raises BankError."""
        samples, _, problems = self._of(question, which)
        if problems:
            raise BankError(tuple(problems))
        return samples

    def file(self, question: Question, which: SampleSet = "samples") -> BankFile | None:
        """The file and its lines; None when there is none."""
        return self._of(question, which)[1]

    def problems(self, question: Question) -> list[Problem]:
        """In either file."""
        return [problem for which in SAMPLE_SETS for problem in self._of(question, which)[2]]

    def _of(self, question: Question, which: SampleSet) -> tuple[tuple[Sample, ...], BankFile | None, list[Problem]]:
        key = question.id, which
        if key not in self._read:
            self._read[key] = _read(self._root, question, which)
        return self._read[key]


def _read(
    root: Path, question: Question, which: SampleSet
) -> tuple[tuple[Sample, ...], BankFile | None, list[Problem]]:
    path = root / question.topic / f"{question.id}.{which}.yaml"
    if not path.is_file():
        return (), None, []
    problems: list[Problem] = []
    file = read_file(root, path, problems)
    found = validate(file, _SAMPLES, problems) if file else None
    samples = tuple(found or ())
    if file:
        problems += _problems(question, samples, file)
    return samples, file, problems


def _problems(question: Question, samples: tuple[Sample, ...], file: BankFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, sample in enumerate(samples):
        if sample.id in seen:
            yield file.problem((place,), "duplicate-id", f"the sample {sample.id!r} stands here twice: rename one")
        seen.add(sample.id)
    yield from _verdict_problems(question, samples, file)


def _verdict_problems(question: Question, samples: tuple[Sample, ...], file: BankFile) -> Iterator[Problem]:
    allowed: dict[str, tuple[str, ...]] = {
        criterion.id: get_args(KeyPointVerdict if isinstance(criterion, KeyPoint) else MisconceptionVerdict)
        for criterion in question.criteria
    }
    for place, sample in enumerate(samples):
        where = (place, "verdicts")
        for id, verdict in sample.verdicts.items():
            if id not in allowed:
                message = f"a verdict for the unknown criterion {id!r}: use {', '.join(allowed)}"
                yield file.problem((*where, id), "unknown-criterion", message)
            elif verdict not in allowed[id]:
                message = f"the verdict on {id!r} cannot be {verdict!r}: use {', '.join(allowed[id])}"
                yield file.problem((*where, id), "wrong-verdict", message)
        if missing := [id for id in allowed if id not in sample.verdicts]:
            message = f"sample {sample.id!r} has no verdict on {', '.join(missing)}: add it"
            yield file.problem(where, "missing-verdict", message)
