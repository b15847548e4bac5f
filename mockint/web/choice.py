"""What a new session asks: the form of the start page -> the session."""

from __future__ import annotations

from mockint.errors import UsageError
from mockint.history import History, Mode, Selection
from mockint.interview import Interview, Options, fixed_line_up, line_up, mixed_line_up
from mockint.question import LANGS, Lang
from mockint.web.site import Site
from mockint.web.visit import RefusedError, SentForm

MOST_QUESTIONS = 50
MOST_FOLLOW_UPS = 3


def begin(site: Site, history: History, form: SentForm) -> Interview | None:
    """Keep a new session as the form wants it; None when no question fits. Raises RefusedError, UsageError."""
    options = _options(site, form)
    if not any(map(options.selection.allows, site.bank.questions)):
        return None
    if form.text("choice") == "due":
        chosen = line_up(history, site.bank.questions, options)
    else:
        chosen = mixed_line_up(site.bank.questions, options)
    return Interview.begin(history, chosen.plan, site.services())


def begin_one(site: Site, history: History, form: SentForm) -> Interview:
    """A session of one question of the bank. Raises UsageError for an unknown one."""
    question = site.bank.question(form.text("question"))
    return Interview.begin(history, fixed_line_up([question], Options(lang=_lang(form))).plan, site.services())


def _options(site: Site, form: SentForm) -> Options:
    selection, profile = _selection(site, form)
    mode: Mode = "exam" if form.text("mode") == "exam" else "practice"
    return Options(
        lang=_lang(form),
        selection=selection,
        mode=mode,
        count=form.number("count", 1, MOST_QUESTIONS, 5),
        follow_ups=form.number("follow_ups", 0, MOST_FOLLOW_UPS, 1),
        profile=profile,
    )


def _selection(site: Site, form: SentForm) -> tuple[Selection, str | None]:
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


def _lang(form: SentForm) -> Lang:
    lang = form.text("lang", "en")
    if lang not in LANGS:
        raise RefusedError("value", 422)
    return "zh" if lang == "zh" else "en"
