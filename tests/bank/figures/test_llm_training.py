"""The figures in the questions on training language models, computed from first principles."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bank.figures.stated import stated

GB = 1e9
DAY = 86_400


def test_seven_billion_parameters_need_112_gb_of_model_states() -> None:
    half, single = np.dtype(np.float16).itemsize, np.dtype(np.float32).itemsize
    optimizer = 3 * single
    per_parameter = 2 * half + optimizer
    total = 7e9 * per_parameter / GB
    assert (per_parameter, optimizer, total) == (16, 12, 112)
    stated("training-memory-budget", f"{total:.0f}\\ \\text{{GB}}", f"{7 * half} GB", f"{7 * single} GB")
    assert per_parameter + half == 18
    assert total / 8 == 14


def test_activations_of_one_sequence_with_and_without_checkpointing() -> None:
    layers, s, b, h, vocabulary = 32, 4096, 1, 4096, 32_000
    kept, inputs = 34 * s * b * h * layers / GB, 2 * s * b * h * layers / GB
    logits = s * vocabulary * 4 / GB
    stated("training-memory-budget", f"{kept:.0f} GB", f"{inputs:.0f} GB", f"{logits:.1f} GB")


def test_one_trillion_tokens_take_about_fifteen_days() -> None:
    multiply_and_add, products_in_backward = 2, 2
    flops = (multiply_and_add + products_in_backward * multiply_and_add) * 7e9 * 1e12
    rate = 256 * 312e12 * 0.4
    figures = (f"{flops / 1e22:.1f}e22", f"{rate / 1e16:.1f}e16", f"{flops / rate / DAY:.1f}")
    assert figures == ("4.2e22", "3.2e16", "15.2")
    stated("training-flops-6nd", *figures)


def test_the_part_of_attention_that_6nd_leaves_out() -> None:
    s, h = 4096, 4096
    of_a_token = 2 * s * h + 2 * s * h  # one query with s keys, s weights with s values
    assert of_a_token == 4 * s * h
    assert of_a_token / (24 * h * h) == pytest.approx(s / (6 * h))
    stated("training-flops-6nd", "$4sh$", "$24h^2$", "$s/6h$", "$8ND$")


def test_the_ranges_of_the_half_precision_formats() -> None:
    half = np.finfo(np.float16)
    assert (int(half.max), half.nmant, half.nexp) == (65_504, 10, 5)
    assert f"{float(half.smallest_normal):.0e}" == "6e-05"
    assert f"{float(half.smallest_subnormal):.0e}" == "6e-08"
    bf16_max = (2 - 2.0**-7) * 2.0**127
    assert f"{bf16_max:.1e}" == "3.4e+38"
    assert 2.0**-7 / 2.0**-10 == 8
    stated("fp16-vs-bf16", "65,504", "$6\\times10^{-5}$", "$6\\times10^{-8}$", "$3.4\\times10^{38}$")


def test_an_update_below_half_a_step_of_bf16_is_lost() -> None:
    def bf16(x: float) -> float:
        bits = int(np.float32(x).view(np.uint32))
        return float(np.uint32((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32))

    assert bf16(1 + 0.9 / 256) == 1
    assert bf16(1 + 1.1 / 256) > 1


def test_full_recomputation_adds_a_third() -> None:
    forward, step = 2, 6
    assert (step + forward) / step == pytest.approx(4 / 3)
    stated("activation-checkpointing", "$8ND$", "$6ND$", "$34\\,sbh + 5\\,as^2b$", "$2\\,sbh$")


def test_the_compute_and_the_ratio_of_chinchilla() -> None:
    n, d = 70e9, 1.4e12
    assert d / n == 20
    assert f"{6 * n * d:.1e}" == "5.9e+23"
    assert f"{15e12 / 8e9:.0f}" == "1875"
    stated("scaling-laws-chinchilla", "20", "5.9\\times10^{23}", "1,900", "175B", "300B")


def test_gopher_cost_about_as_much_as_chinchilla() -> None:
    gopher, chinchilla = 280e9 * 300e9, 70e9 * 1.4e12
    assert gopher / chinchilla == pytest.approx(1, abs=0.2)


def test_the_second_moment_averages_about_a_thousand_steps() -> None:
    decay = 0.999
    steps = 1 / (1 - decay)
    assert steps == pytest.approx(1000)
    stated("loss-spikes", "1,000", "0.999")


def test_the_share_that_lora_trains() -> None:
    d, r = 4096, 8
    trained, whole = r * d + d * r, d * d
    assert (f"{trained:,}", f"{100 * trained / whole:.1f}") == ("65,536", "0.4")
    assert f"{whole / 1e6:.1f}" == "16.8"
    stated("lora-mechanics", f"{trained:,}", "0.4")


def test_the_partition_function_cancels_in_the_preference() -> None:
    rng = np.random.default_rng(0)
    beta, reference, reward = 0.3, rng.dirichlet(np.ones(5)), rng.normal(size=5)
    optimum = reference * np.exp(reward / beta)
    z = optimum.sum()
    optimum /= z
    implicit = beta * np.log(optimum / reference)
    assert implicit + beta * math.log(z) == pytest.approx(reward)
    assert implicit[0] - implicit[1] == pytest.approx(reward[0] - reward[1])


def test_the_closed_form_maximises_reward_minus_kl() -> None:
    rng = np.random.default_rng(1)
    beta, reference, reward = 0.5, rng.dirichlet(np.ones(4)), rng.normal(size=4)

    def objective(policy: np.ndarray) -> float:
        return float(policy @ reward - beta * policy @ np.log(policy / reference))

    optimum = reference * np.exp(reward / beta)
    optimum /= optimum.sum()
    assert all(objective(optimum) >= objective(policy) for policy in rng.dirichlet(np.ones(4), size=500))


def test_the_capacity_of_an_expert() -> None:
    capacity = 1.25 * 2 * 8192 / 64
    stated("moe-load-balancing", "8,192", f" {capacity:.0f}")


def test_the_auxiliary_loss_is_smallest_when_shares_and_probabilities_are_uniform() -> None:
    experts = 8
    rng = np.random.default_rng(0)
    uniform = np.full(experts, 1 / experts)
    assert experts * (uniform @ uniform) == pytest.approx(1)
    assert all(experts * (skewed @ skewed) >= 1 for skewed in rng.dirichlet(np.ones(experts), size=100))


def test_the_loss_before_training_and_the_perplexity_of_two() -> None:
    assert f"{math.log(50_000):.1f}" == "10.8"
    assert f"{math.exp(2.0):.1f}" == "7.4"
    stated("next-token-loss-and-perplexity", "10.8", "7.4")
