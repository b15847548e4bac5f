"""Graders: who grades an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockint.errors import UsageError
from mockint.grading.ahead import answers_asked_about, marked_ahead
from mockint.grading.grade import Grade, Mark, grade_of
from mockint.grading.protocols import BatchGrader, ConversationGrader, Grader, LLMBacked
from mockint.grading.replies import mark_reply
from mockint.question import Question
from mockint.wordings import WordingSource

__all__ = [
    "BatchGrader",
    "ConversationGrader",
    "Grade",
    "Grader",
    "LLMBacked",
    "Mark",
    "answers_asked_about",
    "check_evidence",
    "grade_answer",
    "grader_named",
    "llm_backed",
    "mark_reply",
    "marked_ahead",
]


def grade_answer(grader: Grader, question: Question, answer: str) -> Grade:
    """Mark, then count."""
    marks = grader.mark(question, answer)
    check_evidence(marks, [answer], grader=grader.name)
    return grade_of(question, marks, grader=grader.name)


def check_evidence(marks: Sequence[Mark], parts: Sequence[str], *, grader: str) -> None:
    """Evidence or no credit. Raises ValueError when a quote is not in its part where the mark says, or is missing."""
    for mark in marks:
        if mark.verdict not in ("missing", "absent") and not mark.evidence:
            raise ValueError(f"{grader} marked {mark.criterion!r} {mark.verdict} without evidence")
        for evidence in mark.evidence:
            if not evidence.quote or parts[evidence.part][evidence.start : evidence.end] != evidence.quote:
                raise ValueError(
                    f"{grader} quotes {evidence.quote!r} for {mark.criterion!r}; the answer does not say so"
                )


def grader_named(
    name: str,
    *,
    wordings: WordingSource,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Grader:
    """`offline`: the deterministic grader; `openai:NAME`: an LLM; `auto`: the LLM when one is configured, else offline.

    wordings: how the offline grader listens to a question, by its id. flags: settings of the LLM from the command line
    (`mockint.llm.settings.Settings`), which win over the environment and the configuration file. say: told what is
    being waited for. Raises UsageError for a name nobody has, and for an LLM that lacks its key or its address.
    """
    kind, _, llm = name.partition(":")
    if name in ("auto", "openai") or (kind == "openai" and llm):
        from mockint.llm import configured_endpoint

        if endpoint := configured_endpoint(llm or None, flags=flags, say=say):
            from mockint.grading.llm.grader import LLMGrader

            return LLMGrader(endpoint)
        if name == "openai":
            raise UsageError("no LLM is configured: 'mockint llm check' says what is missing")
    if name in ("auto", "offline"):
        from platformdirs import user_cache_path

        from mockint.grading.offline import OfflineGrader

        return OfflineGrader(wordings, kept=user_cache_path("mockint") / "compiled")
    raise UsageError(f"unknown grader {name!r}: use auto, offline or openai:NAME")


def llm_backed(grader: Grader) -> LLMBacked | None:
    """The grader as one that asks an LLM; None when it is no such grader."""
    return grader if isinstance(grader, LLMBacked) else None
