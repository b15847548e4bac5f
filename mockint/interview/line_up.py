"""Which questions a session asks: chosen by what the history shows, drawn by a number, or given."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mockint.errors import UsageError
from mockint.history import History, Mode, Selection, Session
from mockint.question import Question
from mockint.schedule import Choice, choose_next, standings

# The next question of a session whose plan grows as it goes; None when there is no more.
ChooseNext = Callable[[Session], Choice | None]
DEFAULT_COUNT = 5


@dataclass(frozen=True)
class LineUp:
    """What a session is to ask. choices: those that are settled before it begins. count: how many in all.

    minutes: what all of them are meant to take. limit_seconds: when nothing new is asked any more, None for never.
    """

    choices: tuple[Choice, ...]
    count: int
    minutes: int
    limit_seconds: float | None
    selection: Selection


def line_up(
    history: History,
    questions: Sequence[Question],
    *,
    selection: Selection,
    mode: Mode,
    seed: int,
    count: int | None = None,
    minutes: int | None = None,
) -> LineUp:
    """As many questions as asked for, or as fit in the minutes, chosen by what the history shows.

    In practice only the first is settled: each later one is chosen when it is its turn, by how the others went.
    Raises UsageError when no question is in the selection.
    """
    known, now = standings(history), history.now()
    chosen: list[Choice] = []
    most = count if count is not None else DEFAULT_COUNT if minutes is None else len(questions)
    while len(chosen) < most:
        asked = [(choice.question, None) for choice in chosen]
        choice = choose_next(questions, known, asked=asked, selection=selection, seed=seed, now=now)
        if choice is None:
            break
        spent = sum(one.question.minutes for one in chosen)
        if chosen and count is None and minutes is not None and spent + choice.question.minutes > minutes:
            break
        chosen.append(choice)
    if not chosen:
        raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
    meant = sum(one.question.minutes for one in chosen)
    limit = minutes if minutes is not None else meant if mode == "exam" else None
    return LineUp(
        choices=tuple(chosen if mode == "exam" else chosen[:1]),
        count=len(chosen),
        minutes=meant,
        limit_seconds=None if limit is None else 60.0 * limit,
        selection=selection,
    )


def chooser(history: History, questions: Sequence[Question]) -> ChooseNext:
    """Chooses from these as the session goes, by what the history showed when it began."""
    known = standings(history)

    def choose_for(session: Session) -> Choice | None:
        asked = [(attempt.question, attempt.grade.score if attempt.grade else None) for attempt in session.attempts]
        return choose_next(
            questions, known, asked=asked, selection=session.selection, seed=session.seed, now=history.now()
        )

    return choose_for


def choose(questions: Sequence[Question], *, count: int, seed: int) -> list[Question]:
    """`count` questions (fewer when there are fewer), spread evenly over the topics, easier ones first.

    The same seed and questions give the same choice; a question added to the bank does not shuffle the others.
    """
    by_topic: dict[str, list[Question]] = defaultdict(list)
    for question in sorted(questions, key=lambda question: _draw(seed, question.id)):
        by_topic[question.topic].append(question)
    topics = sorted(by_topic, key=lambda topic: _draw(seed, topic))
    rounds = itertools.zip_longest(*(by_topic[topic] for topic in topics))
    chosen = [question for one_each in rounds for question in one_each if question is not None][:count]
    return sorted(chosen, key=lambda question: question.level)


def _draw(seed: int, id: str) -> bytes:
    return hashlib.sha256(f"{seed}:{id}".encode()).digest()
