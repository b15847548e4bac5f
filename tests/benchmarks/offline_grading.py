"""How long the offline grader takes: CPU milliseconds an answer, and whether time grows in line with length.

Prints figures and ratios; judges nothing. Run: python tests/benchmarks/offline_grading.py [BANK]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from mockint.bank import default_bank, load_bank
from mockint.grading.offline import OfflineGrader, questions_from_record

PLAIN = questions_from_record(
    question="What is the difference between batch normalisation and layer normalisation?",
    key_points=[
        "Batch normalisation computes the mean and variance of each feature over the mini-batch",
        "Layer normalisation computes them over the features of a single sample",
        "Batch normalisation uses running averages at inference",
        "Layer normalisation does not depend on the batch size",
        "Both have a learned scale and shift",
        "Transformers and recurrent networks use layer normalisation",
    ],
)[0]
HUNDRED_WORDS = (
    "Well, batch norm takes a feature and computes its mean and its variance over all the samples of the mini-batch, "
    "and then it standardises with them, while layer norm looks at one sample only and does so over its features. "
    "After that both of them have a scale and a shift that are learned. What people forget is that at inference time "
    "batch norm can't use the batch any more, so it keeps running averages during training and uses those. Layer norm "
    "doesn't care about the batch size at all, that's why the transformers have it and also RNNs."
)


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """The best of five rounds: what the work costs when nothing else disturbs it."""
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append((time.process_time() - start) * 1000 / times)
    return min(rounds)


def main() -> None:
    bank = load_bank(Path(sys.argv[1]) if len(sys.argv) > 1 else default_bank())
    grader = OfflineGrader(bank.wordings)
    words = len(HUNDRED_WORDS.split())
    print(f"plain, {words} words, 6 key points: {cpu_ms(lambda: grader.mark(PLAIN, HUNDRED_WORDS), 100):.2f} ms")
    pairs = [(question, sample.answer) for question in bank.questions for sample in question.samples]
    if pairs:
        criteria = sum(len(question.criteria) for question, _ in pairs) / len(pairs)
        each = cpu_ms(lambda: [grader.mark(question, answer) for question, answer in pairs], 1) / len(pairs)
        print(f"bank samples, {len(pairs)} answers, {criteria:.1f} criteria: {each:.2f} ms")
    base = None
    for copies in (1, 10, 100, 190):
        answer = " ".join([HUNDRED_WORDS] * copies)
        rate = cpu_ms(lambda answer=answer: grader.mark(PLAIN, answer), 1) / len(answer) * 1000
        base = base or rate
        print(f"{len(answer):7d} characters: {rate:.2f} ms per 1000 characters, {rate / base:.2f} times the shortest")


if __name__ == "__main__":
    main()
