"""How long the offline grader takes: to be ready, to compile a question or take it from the disk, to mark an answer.

    python -m tests.benchmarks.offline_grading [BANK]

CPU milliseconds, each the least of several runs: other work on the machine can only add. Fails at the end when a bar is
missed. `growth` is the time per character of a very long answer over that of a short one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

from mockint.bank import Bank, default_bank, load_bank
from mockint.evaluation.plain_questions import questions_from_record
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.compiled_files import CompiledFiles
from mockint.grading.offline.compiler import Compiler
from mockint.grading.offline.lexicon import lexicon

ROUNDS = 5
WORDS = range(75, 126)
"""Of an answer of about 100 words."""
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


class Figure(NamedTuple):
    """bar: the most that is allowed; None for what is only shown."""

    name: str
    value: float
    bar: float | None = None
    unit: str = "ms"

    @property
    def is_met(self) -> bool:
        return self.bar is None or self.value <= self.bar

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"bar {self.bar:4.1f}  {'met' if self.is_met else 'MISSED'}"
        return f"{self.name:<40} {self.value:8.2f} {self.unit:<5} {bar}".rstrip()


def cpu_ms(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    least = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
    return 1000 * least


def p99(values: Sequence[float]) -> float:
    return sorted(values)[int(0.99 * (len(values) - 1))]


def marking(bank: Bank, grader: OfflineGrader) -> list[Figure]:
    pairs = [(question, sample.answer) for question in bank.questions for sample in bank.samples(question)]
    pairs = [(question, answer) for question, answer in pairs if len(answer.split()) in WORDS]
    if not pairs:
        return []
    took = [cpu_ms(partial(grader.mark, question, answer)) for question, answer in pairs]
    criteria = mean(len(question.criteria) for question, _ in pairs)
    print(
        f"{len(pairs)} samples of about 100 words, {criteria:.1f} criteria a question; the least CPU of {ROUNDS} runs"
    )
    return [Figure("mark, mean", mean(took), 1.5), Figure("  99th of 100", p99(took))]


def from_disk(bank: Bank) -> list[Figure]:
    """CompiledFiles by another process, as by another interview: what compiles all questions scatters its memory."""
    with tempfile.TemporaryDirectory() as folder:
        process = get_context("spawn").Process(target=_keep_all, args=(bank.root, Path(folder)))
        process.start()
        process.join()
        kept = CompiledFiles(Path(folder))
        took = []
        for question in bank.questions:
            key = question.content_hash(), bank.wordings.key(question.id)
            assert kept.get(key, question, lexicon()), f"{question.id} is not kept"
            took.append(cpu_ms(partial(kept.get, key, question, lexicon())))
    return [Figure("compiled question from the disk, median", median(took), 2.0), Figure("  worst", max(took))]


def _keep_all(root: Path, folder: Path) -> None:
    bank = load_bank(root, pictures=False)
    grader = OfflineGrader(bank.wordings, folder=folder)
    for question in bank.questions:
        grader.compiled(question)


def compiling(bank: Bank) -> list[Figure]:
    """From wordings that were read."""
    compiler = Compiler(lexicon())
    wordings = {question.id: bank.wordings(question.id) for question in bank.questions}
    compiler.compile(bank.questions[0], wordings[bank.questions[0].id])  # the notation's parser is made once
    cold = [cpu_ms(partial(compiler.compile, one, wordings[one.id]), rounds=2) for one in bank.questions]
    return [Figure("compile, median", median(cold), 10.0), Figure("  worst", max(cold))]


def growth(grader: OfflineGrader) -> Figure:
    def a_character(copies: int) -> float:
        answer = " ".join([HUNDRED_WORDS] * copies)
        return cpu_ms(lambda: grader.mark(PLAIN, answer)) / len(answer)

    return Figure("growth, 190 times the length", a_character(190) / a_character(1), 1.5, "times")


def main() -> int:
    bank = load_bank(Path(sys.argv[1]) if len(sys.argv) > 1 else default_bank(), pictures=False)
    lexicon()  # stemmed once and kept
    grader = OfflineGrader(bank.wordings)
    figures = [
        Figure("lexicon", cpu_ms(lexicon.__wrapped__), 5.0),
        *from_disk(bank),
        *compiling(bank),
        *marking(bank, grader),
        growth(grader),
    ]
    for figure in figures:
        print(figure)
    return int(not all(figure.is_met for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
