"""Which questions a session asks, settled before it begins: chosen by the history, drawn by a number, or given.

Whichever it is, the plan that comes of it is the same value, kept by the history and read back from there.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from mockint.errors import UsageError
from mockint.history import History, Mode, Plan, Selection, Session
from mockint.question import Lang, Question
from mockint.schedule import Choice, choose_next, standings

DEFAULT_COUNT = 5
LONGEST_MINUTES = 600
NOTHING_TO_ASK = "no question is of this topic and level: 'mockint list' shows what there is"
_SEEDS = 1_000_000

# The next question of a session whose plan grows as it goes; None when there is no more.
ChooseNext = Callable[[Session], Choice | None]


@dataclass(frozen=True)
class Options:
    """What somebody wants of a session.

    count: how many questions; None for as many as the minutes hold, or DEFAULT_COUNT. minutes: the time for all of
    them, None for no limit in practice and for what the questions are meant to take in an exam.
    seed: draws the questions, not looking at the history; None to go by the history.
    follow_ups: at most so many a question; an exam has none. profile: the id of the role that is practised for.
    """

    lang: Lang
    selection: Selection = field(default_factory=Selection)
    mode: Mode = "practice"
    count: int | None = None
    minutes: int | None = None
    seed: int | None = None
    follow_ups: int = 1
    profile: str | None = None


@dataclass(frozen=True)
class LineUp:
    """A plan, and the minutes that all of its questions are meant to take, with those that it has yet to choose."""

    plan: Plan
    minutes: int


def line_up(history: History, questions: Sequence[Question], options: Options) -> LineUp:
    """As many questions as asked for, or as fit in the minutes, chosen by what the history shows.

    In practice only the first is settled: each later one is chosen when it is its turn, by how the others went.
    Raises UsageError when no question is in the selection.
    """
    options, seed = _seeded(options)
    known, now = standings(history), history.now()
    chosen: list[Choice] = []
    while len(chosen) < _most(options, questions):
        asked = [(choice.question, None) for choice in chosen]
        choice = choose_next(questions, known, asked=asked, selection=options.selection, seed=seed, now=now)
        if choice is None or (chosen and not _fits(chosen, choice, options)):
            break
        chosen.append(choice)
    settled = chosen if options.mode == "exam" else chosen[:1]
    return _planned(chosen, options, settled=len(settled))


def mixed_line_up(questions: Sequence[Question], options: Options) -> LineUp:
    """A mix of what the selection allows, the same for the same seed. Raises UsageError when it allows nothing."""
    options, seed = _seeded(options)
    return fixed_line_up(choose(allowed(questions, options), count=options.count or DEFAULT_COUNT, seed=seed), options)


def allowed(questions: Iterable[Question], options: Options) -> list[Question]:
    """Those that the selection allows. Raises UsageError when there is none."""
    found = [question for question in questions if options.selection.allows(question)]
    if not found:
        raise UsageError(NOTHING_TO_ASK)
    return found


def fixed_line_up(questions: Iterable[Question], options: Options) -> LineUp:
    """These questions in this order. Raises UsageError when there is none."""
    choices = [Choice(question) for question in questions]
    return _planned(choices, options, settled=len(choices))


def _planned(chosen: Sequence[Choice], options: Options, *, settled: int) -> LineUp:
    """The one place that knows how long a session may take."""
    if not chosen:
        raise UsageError(NOTHING_TO_ASK)
    meant = sum(choice.question.minutes for choice in chosen)
    limit = options.minutes if options.minutes is not None else meant if options.mode == "exam" else None
    plan = Plan(
        questions=[choice.question for choice in chosen[:settled]],
        whys=[choice.why for choice in chosen[:settled]],
        count=len(chosen),
        lang=options.lang,
        seed=_seeded(options)[1],
        follow_ups=0 if options.mode == "exam" else options.follow_ups,
        mode=options.mode,
        limit_seconds=None if limit is None else 60.0 * limit,
        profile=options.profile,
        selection=options.selection,
    )
    return LineUp(plan, meant)


def _most(options: Options, questions: Sequence[Question]) -> int:
    if options.count is not None:
        return options.count
    return DEFAULT_COUNT if options.minutes is None else len(questions)


def _fits(chosen: Sequence[Choice], choice: Choice, options: Options) -> bool:
    """Into the minutes, where they and no count say how many there are."""
    if options.count is not None or options.minutes is None:
        return True
    spent = sum(one.question.minutes for one in chosen)
    return spent + choice.question.minutes <= options.minutes


def _seeded(options: Options) -> tuple[Options, int]:
    """The options with a seed that is settled, and that seed."""
    seed = random.SystemRandom().randrange(_SEEDS) if options.seed is None else options.seed
    return replace(options, seed=seed), seed


def chooser(history: History, questions: Sequence[Question]) -> ChooseNext:
    """Chooses from these as the session goes, by what the history showed when it began."""
    known = standings(history)

    def choose_for(session: Session) -> Choice | None:
        asked = [(attempt.question, attempt.grade.score if attempt.grade else None) for attempt in session.attempts]
        plan = session.plan
        return choose_next(questions, known, asked=asked, selection=plan.selection, seed=plan.seed, now=history.now())

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
