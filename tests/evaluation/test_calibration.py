"""Confidence against how often it is right, by a worked example and its properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.evaluation.calibration import ReliabilityBin, expected_calibration_error, reliability

UNIT = st.floats(0, 1).map(lambda value: round(value, 4))
VERDICTS = st.lists(st.tuples(UNIT, st.booleans()), min_size=1, max_size=60)
WORKED = [
    (0.95, True),
    (0.95, True),
    (0.95, True),
    (0.95, False),
    (0.6, True),
    (0.52, False),
    (0.0, False),
    (1.0, True),
]


def test_the_table_and_the_error_by_hand() -> None:
    table = reliability(WORKED)

    assert table == [
        ReliabilityBin(0.0, 0.1, n=1, confidence=0.0, right=0.0),
        ReliabilityBin(0.5, 0.6, n=2, confidence=pytest.approx(0.56), right=0.5),
        ReliabilityBin(0.9, 1.0, n=5, confidence=pytest.approx(0.96), right=0.8),
    ]
    # (1 * 0 + 2 * .06 + 5 * .16) / 8
    assert expected_calibration_error(table) == pytest.approx(0.115)


@pytest.mark.parametrize(("confidence", "high"), [(0.7, 0.7), (0.3, 0.3), (0.7001, 0.8), (0.0, 0.1), (1.0, 1.0)])
def test_a_confidence_on_an_edge_belongs_to_the_bin_below(confidence: float, high: float) -> None:
    assert [one.high for one in reliability([(confidence, True)])] == [high]


def test_what_is_sure_and_always_right_has_no_error_and_always_wrong_has_all() -> None:
    assert expected_calibration_error(reliability([(1.0, True)] * 3)) == 0
    assert expected_calibration_error(reliability([(1.0, False)] * 3)) == 1


def test_the_error_of_nothing_is_not_defined() -> None:
    assert math.isnan(expected_calibration_error(reliability([])))


@given(VERDICTS)
def test_the_bins_hold_every_verdict_once_within_their_edges(verdicts: list[tuple[float, bool]]) -> None:
    table = reliability(verdicts)

    assert sum(one.n for one in table) == len(verdicts)
    assert sum(one.n * one.right for one in table) == pytest.approx(sum(right for _, right in verdicts))
    for one in table:
        assert one.low - 1e-9 <= one.confidence <= one.high + 1e-9


@given(VERDICTS)
def test_the_error_is_at_least_the_gap_of_the_means_and_at_most_one(verdicts: list[tuple[float, bool]]) -> None:
    error = expected_calibration_error(reliability(verdicts))
    sure = sum(confidence for confidence, _ in verdicts) / len(verdicts)
    right = sum(right for _, right in verdicts) / len(verdicts)

    assert abs(sure - right) - 1e-9 <= error <= 1
