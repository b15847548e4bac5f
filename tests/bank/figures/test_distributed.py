"""The figures in the questions on distributed training, computed from first principles."""

from __future__ import annotations

import pytest

from tests.bank.figures.stated import stated


def ring_sends(ranks: int, size: float) -> float:
    """What one rank sends: a chunk a step, in two rounds of a step fewer than there are ranks."""
    return sum(size / ranks for _ in range(2 * (ranks - 1)))


@pytest.mark.parametrize(("ranks", "figure"), [(8, "24.5 GB"), (64, "27.6 GB")])
def test_a_ring_of_any_size_sends_nearly_twice_the_tensor(ranks: int, figure: str) -> None:
    assert f"{ring_sends(ranks, 14):.1f} GB" == figure
    stated("ring-allreduce-cost", figure)


def idle_slots(stages: int, micro_batches: int) -> tuple[int, int]:
    """(idle, all) slots of a stage: the last one starts after the others, and equal slots come back in backward."""
    start = stages - 1
    length = start + micro_batches
    return 2 * (length - micro_batches), 2 * length


def test_a_pipeline_of_four_stages_loses_what_the_answer_says() -> None:
    for micro_batches, figures in ((4, ("75%", "43%")), (32, ("9.4%", "8.6%"))):
        idle, total = idle_slots(4, micro_batches)
        shares = idle / (total - idle), idle / total
        digits = 0 if micro_batches == 4 else 1
        assert tuple(f"{share:.{digits}%}" for share in shares) == figures
        stated("pipeline-bubble", *[figure.rstrip("%") for figure in figures])


def test_what_each_parallelism_sends_takes_as_long_as_the_table_says() -> None:
    hidden, length, tensor, pipeline, parameters, half = 8192, 4096, 8, 4, 70e9, 2
    boundary = hidden * length * half
    # Four all-reduces a layer, forward and backward, each of twice (t - 1) / t of the activations.
    sends = {
        "470 MB": (4 * 2 * (tensor - 1) / tensor * boundary, "1.0 ms", "9.4 ms"),
        "67 MB": (boundary, "0.15 ms", "1.3 ms"),
        "8.75 GB": (2 * parameters / (tensor * pipeline) * half, "19 ms", "175 ms"),
    }
    for figure, (size, nvlink, infiniband) in sends.items():
        number, unit = figure.split()
        assert size / {"MB": 1e6, "GB": 1e9}[unit] == pytest.approx(float(number), rel=0.01)
        for time, bandwidth in ((nvlink, 450e9), (infiniband, 50e9)):
            assert size / bandwidth * 1e3 == pytest.approx(float(time.split()[0]), rel=0.05)
            stated("topology-aware-parallelism", time)
        stated("topology-aware-parallelism", figure)
