"""Graders: who grades an answer. `Grader` is the seam; `grader_named` the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mockint.errors import UsageError
from mockint.grading.ahead import answers_asked_about, marked_ahead
from mockint.grading.grade import Grade, Mark, grade_of
from mockint.grading.protocols import BatchGrader, ConversationGrader, Grader, LLMBacked
from mockint.grading.replies import mark_reply
from mockint.question import Question
from mockint.wordings import WordingSource

if TYPE_CHECKING:
    from mockint.grading.llm.grader import LLMGrader, Samples

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
    samples: Samples | None = None,
    second: str | None = None,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Grader:
    """`offline`: the deterministic grader; `openai:NAME`: an LLM; `mixed:NAME`: the LLM only where offline is unsure.

    `auto` is the LLM when one is configured, else offline; `openai` and `mixed` without a name are the configured one.
    wordings: how the offline grader listens to a question, by its id. samples: where examples for the LLM come from, if
    its settings ask for them. second: the name of another LLM, which decides where the first and the offline grader
    differ. flags: settings of the LLM from the command line (`mockint.llm.settings.Settings`), which win over the
    environment and the configuration file. say: told what is being waited for. Raises UsageError for a name nobody has,
    and for an LLM that lacks its key or its address.
    """
    kind, _, llm = name.partition(":")
    is_known = kind in ("auto", "offline", "openai", "mixed") and not (llm and kind in ("auto", "offline"))
    if not is_known or name.endswith(":"):
        raise UsageError(f"unknown grader {name!r}: use auto, offline, openai:NAME or mixed:NAME")
    offline = _offline(wordings)
    if kind == "offline":
        return offline
    first = _llm(llm or None, samples, flags, say)
    if first is None:
        if kind == "auto":
            return offline
        raise UsageError("no LLM is configured: 'mockint llm check' says what is missing")
    if kind != "mixed" and second is None:
        return first
    from mockint.grading.mixed import ArbitratedGrader, MixedGrader

    if second is None:
        return MixedGrader(offline, first)
    if kind == "mixed":
        raise UsageError("--second is for openai:NAME: the mixed grader asks its LLM only where it is unsure")
    arbiter = _llm(second, samples, flags, say)
    if arbiter is None:
        raise UsageError(f"the second LLM {second!r} is not configured: 'mockint llm check' says what is missing")
    arbiter.endpoint.meter = first.endpoint.meter  # one budget, and one account of what was used
    return ArbitratedGrader(offline, first, arbiter)


def _offline(wordings: WordingSource) -> Grader:
    from platformdirs import user_cache_path

    from mockint.grading.offline import OfflineGrader

    return OfflineGrader(wordings, folder=user_cache_path("mockint") / "compiled")


def _llm(
    llm: str | None, samples: Samples | None, flags: Mapping[str, Any] | None, say: Callable[[str], None] | None
) -> LLMGrader | None:
    from mockint.llm import configured_endpoint

    endpoint = configured_endpoint(llm, flags=flags, say=say)
    if endpoint is None:
        return None
    from mockint.grading.llm.grader import LLMGrader

    return LLMGrader(endpoint, samples=samples if endpoint.settings.examples else None)


def llm_backed(grader: Grader) -> LLMBacked | None:
    """The grader as one that asks an LLM; None when it is no such grader."""
    return grader if isinstance(grader, LLMBacked) else None
