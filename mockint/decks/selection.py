"""Some of the bank's questions in decks of their own: the name of each deck, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from mockint.errors import UsageError
from mockint.question import Question


def selections(
    questions: Sequence[Question], topics: Sequence[str], level: str | None, *, per_topic: bool
) -> dict[str, frozenset[str]]:
    """Name of the deck -> ids of its questions.

    questions: those of these topics and levels. topics: as they were asked for, none for all. level: as it was asked
    for. Raises UsageError when no question is left.
    """
    if not questions:
        raise UsageError("no question of the bank is left by --topic and --level: widen them")
    suffix = [f"level-{level}"] if level else []
    if not per_topic:
        return {"-".join([*topics, *suffix]) or "all": frozenset(question.id for question in questions)}
    decks: dict[str, set[str]] = {}
    for question in questions:
        decks.setdefault("-".join([question.topic, *suffix]), set()).add(question.id)
    return {name: frozenset(ids) for name, ids in decks.items()}
