"""The arithmetic of the optimizer questions, from first principles."""

from __future__ import annotations

import math

from tests.bank.figures.stated import stated


def too_large(step: int, beta1: float = 0.9, beta2: float = 0.999) -> float:
    """The step without bias correction over the step with it, for a constant gradient; by running both averages."""
    m = v = 0.0
    for _ in range(step):
        m, v = beta1 * m + (1 - beta1), beta2 * v + (1 - beta2)
    return m / math.sqrt(v)


def test_how_much_too_large_adams_first_steps_are_without_correction() -> None:
    ratios = {step: too_large(step) for step in range(1, 60)}
    peak = max(ratios, key=lambda step: ratios[step])
    assert (round(ratios[1], 1), peak, round(ratios[peak], 1)) == (3.2, 12, 6.6)
    assert too_large(1740) > 1.1 > too_large(1760)
    stated("adam-bias-correction-derivation", "3.2", "6.6", "12", "1,750")
