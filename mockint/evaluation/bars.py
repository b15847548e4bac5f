"""`--fail-under [SET:]METRIC=VALUE`: read and checked before anything is graded, held against the figures after."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mockint.errors import UsageError
from mockint.evaluation.bootstrap import Figure
from mockint.evaluation.report import LOWER_IS_BETTER, METRICS

_WITH_PARTS = ("in_band", "attacks")
"""They may be followed by a dot and a category or kind, which comes from the input."""


@dataclass(frozen=True)
class Bar:
    """set: None for every set that has the metric."""

    set: str | None
    metric: str
    value: float

    def __str__(self) -> str:
        return f"{self.set + ':' if self.set else ''}{self.metric}={self.value:g}"


def read_bars(texts: Iterable[str], available: Mapping[str, set[str]]) -> list[Bar]:
    """`available`: the metrics of each set. Raises UsageError for a bar that nothing could be sets_with_it against."""
    return [_read(text, available) for text in texts]


def _read(text: str, available: Mapping[str, set[str]]) -> Bar:
    left, equals, right = text.rpartition("=")
    try:
        value = float(right)
    except ValueError:
        value = math.nan
    if not equals or not left or not math.isfinite(value):
        raise UsageError(f"--fail-under {text!r}: expected METRIC=NUMBER or SET:METRIC=NUMBER, as in within_r=0.6")
    set_, _, metric = left.rpartition(":")
    if set_ and set_ not in available:
        raise UsageError(f"--fail-under {text!r}: no set {set_!r} here: use {' or '.join(sorted(available))}")
    everywhere = set().union(*available.values())
    if metric not in METRICS and metric.partition(".")[0] not in _WITH_PARTS:
        near = difflib.get_close_matches(metric, [*METRICS, "attacks"], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(METRICS)}, attacks"
        raise UsageError(f"--fail-under {text!r}: unknown metric {metric!r}: {hint}")
    if metric not in (available[set_] if set_ else everywhere):
        where = f"the set {set_!r} has" if set_ else "this input has"
        has = ", ".join(sorted(available[set_] if set_ else everywhere))
        raise UsageError(f"--fail-under {text!r}: {where} nothing to measure {metric!r} with; it has {has}")
    return Bar(set_ or None, metric, value)


def fallen(bars: Iterable[Bar], figures: Mapping[str, Mapping[str, Figure]]) -> list[str]:
    """A sentence for each bar that a set does not reach. A figure that is not defined reaches no bar."""
    sentences = []
    for bar in bars:
        sets_with_it = {
            name: of_set[bar.metric]
            for name, of_set in figures.items()
            if bar.set in (None, name) and bar.metric in of_set
        }
        if not sets_with_it:
            sentences.append(f"{bar}: nothing could be graded, so nothing was measured")
        for name, figure in sets_with_it.items():
            lower = bar.metric in LOWER_IS_BETTER
            if not (figure.value <= bar.value if lower else figure.value >= bar.value):
                shown = "is not defined, so not" if math.isnan(figure.value) else f"{figure.value:.4f} is not"
                sentences.append(f"{name}: {bar.metric} {shown} {'at most' if lower else 'at least'} {bar.value:g}")
    return sentences
