"""Figures in the answers on attention and architecture, computed from first principles."""

from __future__ import annotations

import pytest

from tests.bank.figures.stated import stated


def test_a_block_has_twelve_h_squared_parameters() -> None:
    h = 3
    attention = 4 * h * h
    ffn = h * 4 * h + 4 * h * h
    assert (attention, ffn) == (4 * h**2, 8 * h**2)
    stated("attention-complexity-count", "$4h^2$", "$8h^2$", "$12h^2$")


def test_the_flops_of_a_block_are_those_of_its_matrix_products() -> None:
    def matmul(m: int, k: int, n: int) -> int:
        return 2 * m * k * n

    s, h, heads = 5, 8, 2
    head = h // heads
    projections = 4 * matmul(s, h, h)
    scores = heads * matmul(s, head, s)
    values = heads * matmul(s, s, head)
    ffn = matmul(s, h, 4 * h) + matmul(s, 4 * h, h)
    assert (projections, scores, values, ffn) == (8 * s * h**2, 2 * s**2 * h, 2 * s**2 * h, 16 * s * h**2)
    stated("attention-complexity-count", "$8sh^2$", "$2s^2h$", "$16sh^2$", "24sh^2 + 4s^2h")
    stated("attention-complexity-count", "72sh^2 + 12s^2h")


def test_the_quadratic_part_catches_up_at_six_h() -> None:
    h = 4096
    s = 6 * h
    assert 4 * s * s * h == 24 * s * h * h
    stated("attention-complexity-count", f"{s:,}", "$s = 6h$")
    share = 4 * h**3 / (24 * h**3 + 4 * h**3)
    assert share == pytest.approx(1 / 7)


def test_cached_elements_of_the_attention_variants() -> None:
    heads, size, groups, latent, rotary = 128, 128, 8, 512, 64
    mha, gqa, mqa, mla = 2 * heads * size, 2 * groups * size, 2 * size, latent + rotary
    stated("mha-mqa-gqa-mla", f"{mha:,}", f"{gqa:,}", f"| {mqa} |", f"| {mla} |")


def test_a_head_of_64_has_scores_of_standard_deviation_8() -> None:
    assert 64**0.5 == 8
    stated("scaled-dot-product-why-sqrt-d", "64", "8")


def test_mixtral_has_46_7_billion_parameters_and_12_9_active() -> None:
    h, ffn, layers, kv, vocab = 4096, 14336, 32, 1024, 32000
    attention = 2 * h * h + 2 * h * kv
    total, active = (layers * (attention + n * 3 * h * ffn) + 2 * vocab * h for n in (8, 2))
    assert (round(total / 1e9, 1), round(active / 1e9, 1)) == (46.7, 12.9)
    stated("moe-layer", "46.7 B", "12.9 B")
