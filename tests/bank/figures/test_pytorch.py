"""Figures in the answers on PyTorch, computed from first principles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bank.figures.stated import stated


def test_the_transpose_of_two_by_three_swaps_the_strides() -> None:
    a = np.arange(6, dtype=np.int64).reshape(2, 3)
    elements = [tuple(step // a.itemsize for step in m.strides) for m in (a, a.T)]
    assert elements == [(3, 1), (1, 3)]
    stated("view-vs-reshape-contiguous", "(3, 1)", "(1, 3)", f"{a.strides} {a.T.strides}")


def test_a_fragmented_pool_has_24_of_60_megabytes_free_and_no_hole_of_10() -> None:
    segments = [
        [(8, True), (6, False), (6, True)],
        [(10, True), (4, False), (6, True)],
        [(6, False), (6, True), (8, False)],
    ]
    blocks = [block for segment in segments for block in segment]
    free = [size for size, used in blocks if not used]
    assert sum(size for size, _ in blocks) == 60
    assert sum(free) == 24
    assert max(free) < 10
    stated("cuda-caching-allocator", "60", "24", "10")


def test_the_gradient_of_a_sum_of_products_is_the_other_factor() -> None:
    w, x, step = np.array([1.0, 2.0]), np.array([3.0, 4.0]), 1e-6
    slopes = [((w + step * unit) @ x - w @ x) / step for unit in np.eye(2)]
    assert slopes == pytest.approx(x, rel=1e-6)
    stated("autograd-graph-basics", "tensor([3., 4.])")
