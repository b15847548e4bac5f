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
