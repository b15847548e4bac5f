"""How often a grader that is asked the same thing again says something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mockint.evaluation.run import GradedRecord, UngradedRecord
from mockint.grading.grade import PASS


@dataclass(frozen=True)
class Flips:
    """Of the answers that every run graded: the verdicts and the passes that were not the same in all runs."""

    runs: int
    answers: int
    changed_sides: int
    verdicts: int
    changed: int

    @property
    def rate(self) -> float:
        """The share of verdicts that changed, 0..1."""
        return self.changed / self.verdicts if self.verdicts else 0.0


def flips_in(runs: Sequence[Sequence[GradedRecord | UngradedRecord]]) -> Flips:
    """The runs hold the same records in the same order."""
    answers = changed_sides = verdicts = changed = 0
    for outcomes in zip(*runs, strict=True):
        graded = [outcome for outcome in outcomes if isinstance(outcome, GradedRecord)]
        if len(graded) < len(runs):
            continue
        answers += 1
        changed_sides += len({outcome.graded >= PASS for outcome in graded}) > 1
        said: dict[tuple[str, str], set[str]] = {}
        for outcome in graded:
            for mark in outcome.marks:
                said.setdefault((outcome.question.content_hash(), mark.criterion), set()).add(mark.verdict)
        verdicts += len(said)
        changed += sum(len(found) > 1 for found in said.values())
    return Flips(len(runs), answers, changed_sides, verdicts, changed)
