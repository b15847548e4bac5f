"""The arithmetic of confidence against result."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.reports.calibration import calibration, tallied

SHARES = st.floats(0, 1)
PAIRS = st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=30)


def test_a_brier_score_is_the_mean_squared_distance() -> None:
    found = calibration([tallied(0.9, 0.5), tallied(0.2, 0.2)])

    assert found
    assert found.brier == pytest.approx(0.08)
    assert found.bias == pytest.approx(0.2)
    assert [(one.low, one.count) for one in found.bins] == [(0.2, 1), (0.8, 1)]


def test_no_confidence_is_no_calibration() -> None:
    assert calibration([]) is None


@given(PAIRS)
def test_every_attempt_is_in_one_bin_and_everything_is_a_share(pairs: list[tuple[float, float]]) -> None:
    found = calibration([tallied(*pair) for pair in pairs])

    assert found
    assert sum(one.count for one in found.bins) == len(pairs)
    assert 0 <= found.brier <= 1
    assert all(one.low <= one.confidence + 1e-6 and one.confidence - 1e-6 <= one.high for one in found.bins)


@given(PAIRS)
def test_saying_the_score_each_time_is_perfect(pairs: list[tuple[float, float]]) -> None:
    found = calibration([tallied(score, score) for _, score in pairs])

    assert found
    assert (found.brier, found.bias) == (0.0, 0.0)


@given(PAIRS)
def test_always_saying_the_mean_score_earns_the_baseline(pairs: list[tuple[float, float]]) -> None:
    mean = sum(score for _, score in pairs) / len(pairs)
    found = calibration([tallied(mean, score) for _, score in pairs])

    assert found
    assert found.brier == pytest.approx(found.baseline, abs=1e-5)
