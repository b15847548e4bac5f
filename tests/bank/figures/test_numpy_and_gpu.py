"""The arithmetic of the NumPy and GPU questions, from first principles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bank.figures.stated import stated


def test_a_matrix_product_is_right_of_the_ridge_and_an_addition_left_of_it() -> None:
    n, bytes_each = 4096, 2
    product = 2 * n**3 / (3 * n * n * bytes_each)
    addition = 1 / (3 * bytes_each)
    ridge = 312e12 / 2e12
    assert (round(product), round(addition, 2), ridge) == (1365, 0.17, 156)
    assert addition < ridge < product
    assert round(addition * 2, 2) == 0.33
    stated("roofline", "1,365", "0.17", "156", "0.33")


def test_the_largest_input_that_exp_can_take() -> None:
    largest = {kind: float(np.log(np.finfo(kind).max)) for kind in ("float32", "float64")}
    assert largest["float32"] == pytest.approx(88.72, abs=0.01)
    assert largest["float64"] == pytest.approx(709.78, abs=0.01)
    stated("stable-softmax", "88.7", "709")


def test_the_broadcast_shape() -> None:
    assert np.broadcast_shapes((3, 1, 5), (4, 1)) == (3, 4, 5)
    stated("broadcasting-rules", "(3, 4, 5)")
