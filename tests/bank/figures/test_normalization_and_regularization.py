"""The figures in the questions on normalisation and regularisation, computed from first principles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bank.figures.stated import stated


def test_the_mean_square_is_variance_plus_squared_mean() -> None:
    x = np.array([1.0, 2.0, 3.0, 6.0])
    assert (x**2).mean() == pytest.approx(x.var() + x.mean() ** 2)


def test_dividing_the_survivors_keeps_the_expectation() -> None:
    p, x = 0.2, 1.0
    survivor = x / (1 - p)
    assert p * 0 + (1 - p) * survivor == pytest.approx(x)
    stated("dropout-train-vs-eval", f"{survivor:.2f}")


def test_dropout_raises_the_variance() -> None:
    p, x = 0.2, 1.0
    second_moment = (1 - p) * (x / (1 - p)) ** 2
    assert second_moment - x**2 == pytest.approx(p / (1 - p))


def test_the_stream_of_pre_norm_grows_linearly_and_that_of_post_norm_does_not() -> None:
    rng = np.random.default_rng(0)
    width, layers = 512, 64

    def norm(x: np.ndarray) -> np.ndarray:
        return np.asarray((x - x.mean()) / x.std())

    def branch(x: np.ndarray) -> np.ndarray:
        return np.asarray(rng.normal(size=(width, width)) @ x / width**0.5)

    pre = post = rng.normal(size=width)
    for _ in range(layers):
        pre = pre + branch(norm(pre))
        post = norm(post + branch(post))
    assert pre.var() == pytest.approx(1 + layers, rel=0.25)
    assert post.var() == pytest.approx(1)


def test_a_score_of_normed_queries_and_keys_is_at_most_root_d() -> None:
    rng = np.random.default_rng(0)
    d = 64
    q, k = (x / np.sqrt((x**2).mean(-1, keepdims=True)) for x in 100 * rng.normal(size=(2, 200, d)))
    assert np.abs(q @ k.T / d**0.5).max() <= d**0.5
    assert (q[0] @ q[0]) / d**0.5 == pytest.approx(d**0.5)
    stated("qk-norm-and-logit-softcap", "\\sqrt{d}")


def test_the_soft_cap_bounds_and_its_slope_fades() -> None:
    c, z, step = 50.0, np.array([0.0, 10.0, 100.0]), 1e-5
    slope = c * (np.tanh((z + step) / c) - np.tanh((z - step) / c)) / (2 * step)
    assert slope == pytest.approx(1 - np.tanh(z / c) ** 2, abs=1e-6)
    assert (np.abs(c * np.tanh(z / c)) < c).all()
    stated("qk-norm-and-logit-softcap", "$c \\tanh(z/c)$", "$1 - \\tanh^2(z/c)$")


def test_softmax_does_not_notice_a_common_shift() -> None:
    z = np.array([1.0, 2.0, 4.0])
    shares = [np.exp(x) / np.exp(x).sum() for x in (z, z + 7)]
    assert shares[0] == pytest.approx(shares[1])
