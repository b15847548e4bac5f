"""The deterministic grader: no network, no training on human scores, the same marks on every machine.

The road of an answer
    tokens      fold what only looks different; cut into tokens that remember where they stood
    non_answers withhold what is no evidence: the question said back, text addressed to the grader, keyword lists, salad
    negation    which tokens are denied, rejected later, or only reported
    compiler    (once a question) one vocabulary: the units of every criterion's text, the terms of every wording, their
                equals from glossary and lexicon, the opposites, forgiven misspellings
    subjects    of two things that a question compares: which one a clause is about
    reading     one pass over the answer: every match, its place, its side
    wordings, paraphrase  the two kinds of evidence
    verdicts    evidence -> verdict, strength, spans, a sentence for the candidate
    records     questions made from records that are not of the bank

Two kinds of evidence. An author's wording (`accept`, `partial`, `contradict`) is primary: every term must occur, near
the others, not denied. The key point's own text in either language is secondary: how much of what it says one stretch
of the answer says. Where an author gave wordings, the text alone must be covered nearly whole to earn credit.

Nothing is learnt from scores: that does not transfer to another question and is gamed by length. Every number that
decides stands in `thresholds`. A mark's `strength` is the finer value for ranking; similarity alone never earns credit.
"""

from __future__ import annotations

from collections import OrderedDict

from mockint.grading.grade import Mark
from mockint.grading.offline.compiler import Compiled, Compiler
from mockint.grading.offline.lexicon import lexicon
from mockint.grading.offline.reading import read
from mockint.grading.offline.records import questions_from_record, split_reference
from mockint.grading.offline.verdicts import marks_of
from mockint.question import Glossary, Question

__all__ = ["OfflineGrader", "questions_from_record", "split_reference"]

_COMPILED_LIMIT = 256


class OfflineGrader:
    """Marks every criterion of a question. Compiled questions are kept, so one grader should mark many answers.

    Safe to share between threads that mark; the marks depend on question, glossary and answer alone.
    """

    name = "offline/3"

    def __init__(self, glossary: Glossary) -> None:
        self._compiler = Compiler(glossary, lexicon())
        self._compiled: OrderedDict[int, Compiled] = OrderedDict()

    def mark(self, question: Question, answer: str) -> list[Mark]:
        compiled = self._compile(question)
        return marks_of(compiled, read(compiled, answer))

    def _compile(self, question: Question) -> Compiled:
        """By identity: the kept value holds the question, so its id cannot be taken by another meanwhile."""
        compiled = self._compiled.get(id(question))
        if compiled is None or compiled.question is not question:
            compiled = self._compiler.compile(question)
            self._compiled[id(question)] = compiled
            while len(self._compiled) > _COMPILED_LIMIT:
                self._compiled.popitem(last=False)
        return compiled
