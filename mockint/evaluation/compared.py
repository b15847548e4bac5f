"""Graders held against each other on the same answers: how far they agree with the labels, what they cost and took."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockint.grading import Grader, llm_backed

if TYPE_CHECKING:
    from mockint.evaluation.report import SetReport

METRICS = ("kappa.points", "kappa.misconceptions", "score.r", "score.error")


@dataclass(frozen=True)
class ComparedGrader:
    """figures: of METRICS, by set and metric as `set:metric`. seconds: of wall clock, for all sets.

    tokens, dollars: what its LLM used for that; 0 and None without one, or without a price.
    """

    grader: str
    figures: Mapping[str, float | None]
    ungraded: int
    seconds: float
    tokens: int
    dollars: float | None


class Started:
    """The moment before a grader begins, to tell afterwards what it took."""

    def __init__(self, grader: Grader) -> None:
        self._name = grader.name
        llm = llm_backed(grader)
        self._meter = llm.endpoint.meter if llm else None
        self._at = time.monotonic()
        self._tokens = self._meter.used.tokens if self._meter else 0
        self._dollars = (self._meter.cost if self._meter else None) or 0.0

    def line(self, reports: Sequence[SetReport]) -> ComparedGrader:
        """What came of it."""
        cost = self._meter.cost if self._meter else None
        figures = {
            f"{report.name}:{metric}": value if math.isfinite(value := report.figures[metric].value) else None
            for report in reports
            for metric in METRICS
            if metric in report.figures
        }
        return ComparedGrader(
            grader=self._name,
            figures=figures,
            ungraded=sum(len(report.ungraded) for report in reports),
            seconds=time.monotonic() - self._at,
            tokens=self._meter.used.tokens - self._tokens if self._meter else 0,
            dollars=None if cost is None else cost - self._dollars,
        )
