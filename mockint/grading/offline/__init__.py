"""The deterministic grader: no network, no training on human scores, the same marks on every machine.

The road of an answer, from left to right; no module is entered twice
    tokens        fold what only looks different; cut into words that remember where they stood
    negation, subjects, non_answers     what is denied or only reported; whom a clause is about; what is no evidence
    compiler      (once a question) the table of the author's `patterns`, written in the `notation`, and the criteria's
                  own texts; misspellings that are forgiven
    match         every stretch that a pattern hears (`spans`), annotated once
    paraphrase    how much of a criterion's own text one stretch says
    verdicts      evidence -> verdict, strength, quotes, a sentence for the candidate
    replies       the same for a reply to a follow-up, with all that was said before

Two kinds of evidence. An author's pattern is primary: what it names must stand side by side, or near, and not be
denied. The criterion's own text in either language is secondary: where an author wrote patterns, it must be covered
nearly whole to earn credit.

No verdict is learnt from scores: that does not transfer to another question and is gamed by length. Every number that
decides stands in `thresholds`, and so does how sure a verdict is, which was read off blind answers. A mark's `strength`
is the finer value for ranking; similarity alone never earns credit.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from mockint.grading.conversation import Conversation
from mockint.grading.grade import Mark
from mockint.grading.offline.compiled_files import CompiledFiles
from mockint.grading.offline.compiler import Compiled, Compiler
from mockint.grading.offline.lexicon import lexicon
from mockint.grading.offline.match import read
from mockint.grading.offline.replies import marks_after_reply
from mockint.grading.offline.verdicts import marks_of
from mockint.question import Question
from mockint.wordings import WordingSource, no_wordings

__all__ = ["OfflineGrader"]

_COMPILED_LIMIT = 256


class OfflineGrader:
    """Marks every criterion of a question, listening as `wordings(question id)` says.

    folder: where compiled questions are kept between runs; nowhere when it is left out. In memory they are kept by what
    they were made of, so one grader should mark many answers. Safe to share between
    threads; the marks depend on question, wordings and answer alone. Raises PatternError for a pattern that cannot be
    read.
    """

    name = "offline/5"

    def __init__(self, wordings: WordingSource = no_wordings, *, folder: Path | None = None) -> None:
        self._wordings = wordings
        self._files = CompiledFiles(folder) if folder else None
        self._compiler = Compiler(lexicon())
        self._compiled: OrderedDict[tuple[str, str], Compiled] = OrderedDict()
        self._turn = threading.Lock()

    def mark(self, question: Question, answer: str) -> list[Mark]:
        compiled = self.compiled(question)
        return marks_of(compiled, read(compiled, answer))

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> list[Mark]:
        """Marks on the criteria that are still open, by the whole conversation; see `replies`."""
        return marks_after_reply(self.mark, question, conversation, so_far)

    def compiled(self, question: Question) -> Compiled:
        """The question ready for matching."""
        key = question.content_hash(), self._wordings.key(question.id)
        with self._turn:
            compiled = self._compiled.get(key)
            if compiled is None:
                compiled = self._compiled[key] = self._from_disk_or_anew(key, question)
                while len(self._compiled) > _COMPILED_LIMIT:
                    self._compiled.popitem(last=False)
            return compiled

    def _from_disk_or_anew(self, key: tuple[str, str], question: Question) -> Compiled:
        if self._files is None:
            return self._compiler.compile(question, self._wordings(question.id))
        compiled = self._files.get(key, question, lexicon())
        if compiled is None:
            compiled = self._compiler.compile(question, self._wordings(question.id))
            self._files.put(key, compiled)
        return compiled
