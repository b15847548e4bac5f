"""Figures and reliability tables as values for JSON, for `test` and `eval` alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockint.evaluation.bootstrap import Figure
from mockint.evaluation.calibration import ReliabilityBin
from mockint.evaluation.verdicts import Family


def figures(found: Mapping[str, Figure]) -> dict[str, Any]:
    return {
        name: {"value": number(f.value), "low": number(f.low), "high": number(f.high), "n": f.n}
        for name, f in found.items()
    }


def reliability(tables: Mapping[Family, Sequence[ReliabilityBin]]) -> dict[str, Any]:
    return {
        family: [
            {"low": one.low, "high": one.high, "n": one.n}
            | {"confidence": number(one.confidence), "right": number(one.right)}
            for one in table
        ]
        for family, table in tables.items()
    }


def number(value: float) -> float | None:
    """JSON has no nan."""
    return None if value != value else round(value, 6)  # noqa: PLR0124
