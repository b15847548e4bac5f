"""The figures in the questions on inference, computed again from first principles."""

from __future__ import annotations

import re

import pytest

from mockint.question import LANGS
from tests.bank.figures.stated import bank, stated

GIB = 2**30


def test_a_kv_cache_of_80_layers_is_320_kib_a_token_and_160_gib_in_all() -> None:
    token = 2 * 80 * 8 * 128 * 2
    total = token * 32_768 * 16
    with_64_heads = total * 64 // 8
    assert token % 1024 == 0
    figures = [
        f"{token // 1024}\\ \\text{{KiB}}",
        f"{token:,}",
        f"{token * 32_768 // GIB} GiB",
        f"{total // GIB} GiB",
        f"{total / 1e9:.0f} GB",
        f"{with_64_heads // GIB:,} GiB",
    ]
    stated("kv-cache-size-calc", *figures)
    assert total > 2 * 80e9


def test_fourteen_gigabytes_over_two_terabytes_a_second_are_143_tokens_a_second() -> None:
    weights = 7e9 * 2
    seconds = weights / 2e12
    stated("decode-memory-bound", f"{seconds * 1e3:.0f}\\ \\text{{ms}}", f"\\approx {1 / seconds:.0f}")
    stated(
        "decode-memory-bound",
        f"{2 * 7:.0f} GFLOP",
        f"{weights / 300e12 * 1e3:.2f} ms",
        f"{7e9 / 2 / 1e9:.1f} GB",
        "570",
    )
    assert round(seconds / (weights / 300e12)) == 150
    assert round(2e12 / (7e9 / 2), -1) == 570


def test_a_kv_cache_of_4k_tokens_adds_two_gigabytes_to_a_decode_step() -> None:
    token = 2 * 32 * 4096 * 2
    stated("decode-memory-bound", f"{token / 1e6:.1f} MB", f"{token * 4096 / 1e9:.0f} GB")


def test_a_drafted_round_is_worth_2_8_target_steps() -> None:
    alpha, gamma, cost = 0.8, 4, 0.05
    tokens = sum(alpha**accepted for accepted in range(gamma + 1))
    steps = 1 + gamma * cost
    stated("speculative-decoding", f"{tokens:.2f}", f"{steps:.1f}", f"{tokens / steps:.1f}")


def test_accepted_and_resampled_shares_add_up_to_the_target() -> None:
    target, draft = (0.5, 0.3, 0.2), (0.2, 0.7, 0.1)
    accepted = [q * min(1, p / q) for p, q in zip(target, draft, strict=True)]
    residual = [max(0.0, p - q) for p, q in zip(target, draft, strict=True)]
    rejected = 1 - sum(accepted)
    drawn = [a + rejected * r / sum(residual) for a, r in zip(accepted, residual, strict=True)]
    assert drawn == pytest.approx(target)
    stated("speculative-decoding", r"\min(p,q)+\max(0,p-q)=p")


def test_two_hundred_gaps_of_25_ms_and_a_first_token_make_5_4_seconds() -> None:
    total = 0.4 + (201 - 1) * 0.025
    stated("latency-metrics", f"{total:.1f}$", f"{1 / 0.025:.0f} tokens/s")


def test_the_timelines_of_six_requests_take_ten_and_eight_steps() -> None:
    lengths = [3, 6, 2, 4, 2, 3]
    static = max(lengths[:3]) + max(lengths[3:])
    slots = [0, 0, 0]
    for length in lengths:
        slots[slots.index(min(slots))] += length
    alt_en, alt_zh = (bank().question("continuous-batching").answer.in_(lang) for lang in LANGS)
    assert (static, max(slots)) == (10, 8)
    assert re.search("takes ten steps.*takes eight", alt_en)
    assert re.search("10 步.*8 步", alt_zh)
