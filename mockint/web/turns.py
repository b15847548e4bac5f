"""The offline grader for many threads: one answer at a time, each question compiled once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from mockint.grading import Grader, Mark
from mockint.question import Question

MOST_SEEN = 200


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
