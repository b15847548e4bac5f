"""What a new session asks: the form of the start page -> the session, and how a growing plan goes on."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from mockint import schedule
from mockint.bank import select
from mockint.errors import UsageError
from mockint.history import History, Selection, Session
from mockint.interview import ChooseNext, Interview, choose
from mockint.question import LANGS, Lang, Question, Text
from mockint.schedule import Choice
from mockint.web.site import Site
from mockint.web.visit import Form, RefusedError

MOST_QUESTIONS = 50
MOST_FOLLOW_UPS = 3


def begin(site: Site, history: History, form: Form) -> Interview | None:
    """Keep a new session as the form wants it; None when no question fits. Raises RefusedError, UsageError."""
    selection, profile = _selection(site, form)
    lang = _lang(form)
    count = form.number("count", 1, MOST_QUESTIONS, 5)
    seed = random.SystemRandom().randrange(1_000_000)
    exam = form.text("mode") == "exam"
    questions, whys, grows = _plan(site, history, form, selection, count, seed, whole=exam)
    if not questions:
        return None
    return Interview.begin(
        history,
        site.grader,
        questions,
        lang=lang,
        seed=seed,
        follow_ups=form.number("follow_ups", 0, MOST_FOLLOW_UPS, 1),
        mode="exam" if exam else "practice",
        limit_seconds=60.0 * sum(question.minutes for question in questions) if exam else None,
        profile=profile,
        count=count if grows else None,
        selection=selection if grows else None,
        whys=whys,
        fallback=site.fallback,
    )


def begin_one(site: Site, history: History, form: Form) -> Interview:
    """A session of one question of the bank. Raises UsageError for an unknown one."""
    question = site.bank.question(form.text("question"))
    seed = random.SystemRandom().randrange(1_000_000)
    return Interview.begin(
        history, site.grader, [question], lang=_lang(form), seed=seed, follow_ups=1, fallback=site.fallback
    )


def next_of(site: Site, history: History) -> ChooseNext:
    """How the plan of a session grows: by what is due, weak or new, and by the answers of the session so far."""

    def next_(session: Session) -> Choice | None:
        asked = [(one.question, one.grade.score if one.grade else None) for one in session.attempts]
        return _next(site, history, asked, session.selection or Selection(), session.seed)

    return next_


def _next(
    site: Site,
    history: History,
    asked: list[tuple[Question, float | None]],
    selection: Selection,
    seed: int,
) -> Choice | None:
    return schedule.choose_next(
        site.bank.questions,
        schedule.standings(history),
        asked=asked,
        selection=selection,
        seed=seed,
        now=datetime.now(UTC),
    )


def _plan(
    site: Site, history: History, form: Form, selection: Selection, count: int, seed: int, *, whole: bool
) -> tuple[list[Question], list[Text | None], bool]:
    """The questions, why each, and whether the plan grows. whole: all at once, as an exam wants them."""
    if form.text("choice") != "due":
        low, high = selection.levels
        fitting = select(site.bank, topics=[*selection.topics], levels=range(low, high + 1))
        return choose(fitting, count=count, seed=seed), [], False
    chosen: list[Choice] = []
    while len(chosen) < (count if whole else 1):
        asked: list[tuple[Question, float | None]] = [(one.question, None) for one in chosen]
        if (choice := _next(site, history, asked, selection, seed)) is None:
            break
        chosen.append(choice)
    return [one.question for one in chosen], [one.why for one in chosen], not whole


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
