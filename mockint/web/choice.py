"""What a new session asks: the form of the start page -> the session."""

from __future__ import annotations

import random

from mockint.bank import select
from mockint.errors import UsageError
from mockint.history import History, Mode, Selection
from mockint.interview import Interview, LineUp, choose, line_up
from mockint.question import LANGS, Lang
from mockint.schedule import Choice
from mockint.web.site import Site
from mockint.web.visit import Form, RefusedError

MOST_QUESTIONS = 50
MOST_FOLLOW_UPS = 3


def begin(site: Site, history: History, form: Form) -> Interview | None:
    """Keep a new session as the form wants it; None when no question fits. Raises RefusedError, UsageError."""
    selection, profile = _selection(site, form)
    seed = _new_seed()
    mode: Mode = "exam" if form.text("mode") == "exam" else "practice"
    chosen = _line_up(site, history, form, selection, seed, mode)
    if chosen is None:
        return None
    return Interview.begin(
        history,
        site.grader,
        [choice.question for choice in chosen.choices],
        whys=[choice.why for choice in chosen.choices],
        lang=_lang(form),
        seed=seed,
        follow_ups=form.number("follow_ups", 0, MOST_FOLLOW_UPS, 1),
        mode=mode,
        limit_seconds=chosen.limit_seconds,
        profile=profile,
        count=chosen.count,
        selection=chosen.selection,
        fallback=site.fallback,
    )


def begin_one(site: Site, history: History, form: Form) -> Interview:
    """A session of one question of the bank. Raises UsageError for an unknown one."""
    question = site.bank.question(form.text("question"))
    return Interview.begin(
        history, site.grader, [question], lang=_lang(form), seed=_new_seed(), follow_ups=1, fallback=site.fallback
    )


def _line_up(site: Site, history: History, form: Form, selection: Selection, seed: int, mode: Mode) -> LineUp | None:
    """By what the history shows, or a mix; None when nothing is in the selection."""
    count = form.number("count", 1, MOST_QUESTIONS, 5)
    low, high = selection.levels
    fitting = select(site.bank, topics=[*selection.topics], levels=range(low, high + 1))
    if not fitting:
        return None
    if form.text("choice") == "due":
        return line_up(history, site.bank.questions, selection=selection, mode=mode, seed=seed, count=count)
    mixed = choose(fitting, count=count, seed=seed)
    minutes = sum(question.minutes for question in mixed)
    return LineUp(
        choices=tuple(Choice(question) for question in mixed),
        count=len(mixed),
        minutes=minutes,
        limit_seconds=60.0 * minutes if mode == "exam" else None,
        selection=selection,
    )


def _new_seed() -> int:
    return random.SystemRandom().randrange(1_000_000)


def _selection(site: Site, form: Form) -> tuple[Selection, str | None]:
    """Of the role when one is chosen, else of topics and levels; and the role's id."""
    if name := form.text("role"):
        role = next((profile for profile in site.bank.profiles if profile.id == name), None)
        if role is None:
            raise RefusedError("value", 422)
        return Selection(topics=role.topics, levels=role.levels), role.id
    low, high = sorted((form.number("level_from", 1, 5, 1), form.number("level_to", 1, 5, 5)))
    known = {topic.id for topic in site.bank.topics}
    topics = form.many("topic")
    if unknown := [topic for topic in topics if topic not in known]:
        raise UsageError(f"unknown topic {unknown[0]!r}")
    return Selection(topics=dict.fromkeys(topics, 1.0), levels=(low, high)), None


def _lang(form: Form) -> Lang:
    lang = form.text("lang", "en")
    if lang not in LANGS:
        raise RefusedError("value", 422)
    return "zh" if lang == "zh" else "en"
