"""The offline grader for a server: one answer at a time, each question compiled once, in a process of its own.

While Python compiles a question, which takes as long as thirty pages, none of its threads can draw a page. A process
apart leaves the pages a core. It ends with the server, however that ends.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from mockint.grading import Grader, Mark, grader_named
from mockint.question import Question
from mockint.wordings import WordingSource

MOST_SEEN = 200
_grader: Grader | None = None  # of the process apart


class OneAtATime:
    """The offline grader was made for one thread: its stemmer and its tables are shared.

    Compiling a question takes it a hundred times as long as marking an answer, and it knows a compiled question again
    only as the same value. Every thread reads its own from the history, so the first seen stands for all equal ones.
    """

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._turn = threading.Lock()
        self._seen: OrderedDict[str, Question] = OrderedDict()
        self.name = grader.name

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        hash = question.content_hash()
        with self._turn:
            question = self._seen.setdefault(hash, question)
            if len(self._seen) > MOST_SEEN:
                self._seen.popitem(last=False)
            return self._grader.mark(question, answer)


class Apart:
    """Marks in another process; here, when that one is gone."""

    def __init__(self, pool: ProcessPoolExecutor, grader: Grader) -> None:
        self._pool = pool
        self._here = grader
        self.name = grader.name

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        try:
            return self._pool.submit(_mark, question, answer).result()
        except BrokenProcessPool:
            return self._here.mark(question, answer)


@contextmanager
def apart(grader: Grader, wordings: WordingSource) -> Iterator[Grader]:
    """The offline grader in a process that ends with the context."""
    context = get_context("spawn")  # a copy of a process with threads and sockets would be neither safe nor small
    with ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(wordings,)) as pool:
        pool.submit(os.getpid)  # begins it now, so that the first answer need not wait
        yield Apart(pool, grader)


def _begin(wordings: WordingSource) -> None:
    """Ctrl-C is for the server, which then ends this one; a server that was killed is noticed."""
    global _grader  # noqa: PLW0603 - what a process of a pool keeps can be kept nowhere else
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    _grader = OneAtATime(grader_named("offline", wordings=wordings))


def _end_with_the_server() -> None:
    if server := parent_process():
        server.join()
    os._exit(0)


def _mark(question: Question, answer: str) -> Sequence[Mark]:
    if _grader is None:
        raise RuntimeError("the process was not begun")
    return _grader.mark(question, answer)
