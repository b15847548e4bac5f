"""The estimates of the design questions, from first principles."""

from __future__ import annotations

import math

import pytest

from tests.bank.figures.stated import stated

BILLION = 1e9


def test_the_size_of_a_vector_index() -> None:
    assert pytest.approx(153.6) == 1e7 * 10 * 768 * 2 / BILLION
    stated("design-rag-system", "154 GB")


def test_gpus_to_serve_a_thousand_requests_a_second() -> None:
    requests, prompt, output = 1000, 1000, 300
    prefill = 2 * 70 * BILLION * requests * prompt
    assert (prefill, prefill / 1e15) == (1.4e17, 140)

    token = 2 * 80 * 8 * 128  # bytes in FP8
    assert token == 160 * 1024
    sequence = token * (prompt + output / 2)
    assert sequence / BILLION == pytest.approx(0.19, abs=0.005)
    step = (70 * BILLION + 256 * sequence) / (4 * 3.35e12)
    assert step == pytest.approx(0.009, abs=0.0005)
    replicas = requests * output / (256 / 0.020)
    assert (256 / 0.020, math.ceil(replicas), math.ceil(replicas) * 4) == (12_800, 24, 96)
    assert requests * output * 0.020 == 6000
    stated("design-llm-serving", "140", "160 KiB", "0.19 GB", "12,800", "24", "96", "6,000", "300")


def test_how_long_70_billion_parameters_take_on_512_gpus() -> None:
    flops = 6 * 70 * BILLION * 2e12
    rate = 512 * 989e12 * 0.4
    assert flops == pytest.approx(8.4e23)
    assert rate == pytest.approx(2.0e17, rel=0.02)
    assert round(flops / rate / 86_400) == 48
    assert 16 * 70 == 1120
    assert 4 * 70 / 32 == 8.75
    assert pytest.approx(1.6, abs=0.05) == 12 * 70 / 512
    assert 8 * 4 * 16 == 512
    assert pytest.approx(4e6, rel=0.05) == 1024 * 4096
    assert pytest.approx(0.045, abs=0.0005) == 3 / 67
    between = 54 * 24 / 419  # hours, on 16,384 GPUs
    assert between == pytest.approx(3.1, abs=0.05)
    mean = between * 16_384 / 512
    assert mean / 24 == pytest.approx(4, abs=0.2)
    assert math.sqrt(2 * 60 * mean * 3600) / 3600 == pytest.approx(1.8, abs=0.05)
    stated("design-train-70b-cluster", "48", "1,120", "8.75", "1.6 GB", "4.5", "3.1", "1.8")


def test_how_often_a_thousand_gpus_fail_and_when_to_checkpoint() -> None:
    mean = 54 * 24 / 419 * 16_384 / 1000  # hours between failures
    assert mean / 24 == pytest.approx(2.1, abs=0.05)
    assert 30 * 24 / mean == pytest.approx(14.2, abs=0.1)
    assert 10 / 60 / mean == pytest.approx(0.003, abs=0.0005)
    for stall, every, lost in ((60, 78, 0.026), (5, 23, 0.007)):
        tau = math.sqrt(2 * stall / 3600 * mean)
        assert round(60 * tau) == every
        assert stall / 3600 / tau + tau / (2 * mean) == pytest.approx(lost, abs=0.0005)
    stated("design-fault-tolerant-training", "78 min", "23 min", "0.3")
