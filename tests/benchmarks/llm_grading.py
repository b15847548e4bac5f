"""Grade 200 answers against a loopback server that takes 200 ms a reply: wall time against the ideal, and our own CPU.

    python -m tests.benchmarks.llm_grading

The server runs in a process of its own, so that the CPU that is counted is the client's. Ideal: answers x latency /
concurrency.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from multiprocessing.connection import Connection

from mockint.grading.llm.grader import LLMGrader
from mockint.llm.endpoint import Endpoint
from mockint.llm.settings import Settings
from tests.llm.loopback import Body, Reply, honest, serving
from tests.one_question import question

ANSWERS, LATENCY, CONCURRENCY = 200, 0.2, 8
MOST_TIMES_IDEAL, MOST_CPU = 1.10, 0.005
_QUOTES = {"It shards states.": "the optimizer states", "It shards gradients.": "the gradients"}
_PADDING = "Every rank updates its own part and then gathers the rest, which costs no more traffic than before. " * 4


def _serve(pipe: Connection) -> None:
    judge = honest(_QUOTES)

    def script(body: Body) -> Reply:
        made = judge(body)
        assert isinstance(made, Reply)
        return Reply(made.text, seconds=LATENCY)

    with serving(script) as server:
        pipe.send(server.url)
        pipe.recv()


def main() -> int:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    settings = Settings(llm="tiny", base_url=ours.recv(), concurrency=CONCURRENCY)
    grader = LLMGrader(Endpoint(settings))
    zero = question()
    grader.mark(zero, "It shards the optimizer states.")  # imports and first connection are not what is measured
    answers = [
        (zero, f"It shards the optimizer states and the gradients, {n} of them. {_PADDING}") for n in range(ANSWERS)
    ]

    wall, cpu = time.perf_counter(), time.process_time()
    outcomes = grader.mark_many(answers)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    ours.send("stop")
    process.join()

    ideal = ANSWERS * LATENCY / CONCURRENCY
    graded = sum(isinstance(outcome, list) for outcome in outcomes)
    print(f"graded {graded} of {ANSWERS} answers, {CONCURRENCY} at a time, {LATENCY * 1000:.0f} ms a reply")
    print(f"wall  {wall:.2f} s, ideal {ideal:.2f} s: {wall / ideal:.3f} times (bar {MOST_TIMES_IDEAL})")
    print(f"cpu   {cpu / ANSWERS * 1000:.2f} ms an answer (bar {MOST_CPU * 1000:.0f})")
    return int(graded < ANSWERS or wall / ideal > MOST_TIMES_IDEAL or cpu / ANSWERS > MOST_CPU)


if __name__ == "__main__":
    sys.exit(main())
