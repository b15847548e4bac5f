"""The figures in the questions on distributed training, computed from first principles."""

from __future__ import annotations

import pytest

from mockint.bank import Bank, default_bank, load_bank
from mockint.question import LANGS


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(default_bank())


def both_answers_say(bank: Bank, id: str, figure: str) -> bool:
    """Whether the answer in either language holds the figure as it is printed."""
    question = bank.question(id)
    return all(figure in question.answer.in_(lang) for lang in LANGS)


def ring_sends(ranks: int, size: float) -> float:
    """What one rank sends: a chunk a step, in two rounds of a step fewer than there are ranks."""
    return sum(size / ranks for _ in range(2 * (ranks - 1)))


@pytest.mark.parametrize(("ranks", "figure"), [(8, "24.5 GB"), (64, "27.6 GB")])
def test_a_ring_of_any_size_sends_nearly_twice_the_tensor(bank: Bank, ranks: int, figure: str) -> None:
    assert f"{ring_sends(ranks, 14):.1f} GB" == figure
    assert both_answers_say(bank, "ring-allreduce-cost", figure)


def idle_slots(stages: int, micro_batches: int) -> tuple[int, int]:
    """(idle, all) slots of a stage: the last one starts after the others, and equal slots come back in backward."""
    start = stages - 1
    length = start + micro_batches
    return 2 * (length - micro_batches), 2 * length


def test_a_pipeline_of_four_stages_loses_what_the_answer_says(bank: Bank) -> None:
    for micro_batches, figures in ((4, ("75%", "43%")), (32, ("9.4%", "8.6%"))):
        idle, total = idle_slots(4, micro_batches)
        shares = idle / (total - idle), idle / total
        digits = 0 if micro_batches == 4 else 1
        assert tuple(f"{share:.{digits}%}" for share in shares) == figures
        assert all(both_answers_say(bank, "pipeline-bubble", figure.rstrip("%")) for figure in figures)
