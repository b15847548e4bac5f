"""What a form does. Each ends in a redirect, so that loading the next page again repeats nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response

from mockint.errors import ServiceError, UsageError
from mockint.history import Outcome, Session
from mockint.interview import Ask
from mockint.phrases.formats import time_of_day
from mockint.question import LANGS
from mockint.web import view
from mockint.web.choice import begin, begin_one
from mockint.web.visit import THEMES, RefusedError, Visit

YEAR = 365 * 86_400
OUTCOMES: dict[str, Outcome] = {"answered": "answered", "dont-know": "dont-know", "skipped": "skipped"}
MOST_WRITER = 40


def new_session(visit: Visit) -> Response:
    """Of one question when the form names it, else as the form chooses."""
    if visit.form.text("question"):
        return visit.go(f"/session/{begin_one(visit.site, visit.history, visit.form).session_id}")
    interview = begin(visit.site, visit.history, visit.form)
    return visit.go(f"/session/{interview.session_id}" if interview else "/?none=1")


def answer(visit: Visit) -> Response:
    """Hand in. Words that come too late, or that the disk does not take, are shown with what became of them."""
    session, ask = _asked(visit)
    text, form, words = visit.form.text("text"), visit.form, visit.words
    outcome = OUTCOMES.get(form.text("outcome"))
    if outcome is None:
        raise RefusedError("value", 422)
    try:
        visit.site.interview(visit.history, session).save(
            ask,
            text,
            outcome=outcome,
            seconds=form.seconds("seconds"),
            confidence=form.share("confidence") if outcome == "answered" else None,
            writer=_writer(visit),
        )
    except UsageError:
        line = words.answered_elsewhere if visit.wants_json else words.conflict_line
        return visit.notice(words.conflict, line, status=409, typed=text or None, back=f"/session/{session.id}")
    except ServiceError as error:
        line = f"{error} {words.unsaved}" if text else str(error)
        return visit.notice(words.trouble, line, status=503, typed=text or None, back=f"/session/{session.id}")
    if session.mode == "exam" or outcome == "skipped":
        return visit.go(f"/session/{session.id}")
    visit.grading.start(session.id)
    return visit.go(f"/session/{session.id}/verdict/{ask.attempt.place}?live=1")


def draft(visit: Visit) -> Response:
    """Keep what was typed so far; says so, and whether another window has answered meanwhile."""
    session, ask = _asked(visit)
    text = visit.form.text("text")
    answered = ask.part.outcome is not None
    if not (answered and text.strip() in ask.part.answer):
        interview = visit.site.interview(visit.history, session)
        interview.draft(ask, text, seconds=visit.form.seconds("seconds") or 0.0, writer=_writer(visit))
    saved = time_of_day(datetime.now(UTC))
    return JSONResponse({"saved": saved, "answered": answered})


def hint(visit: Visit) -> Response:
    """What is typed is kept first."""
    session, ask = _asked(visit)
    interview = visit.site.interview(visit.history, session)
    if ask.part.outcome is None:
        if text := visit.form.text("text"):
            interview.draft(ask, text, seconds=visit.form.seconds("seconds") or 0.0, writer=_writer(visit))
        interview.hint(ask)
    return visit.go(f"/session/{session.id}")


def clarify(visit: Visit) -> Response:
    """Ask the LLM what the question means. What is typed is kept first."""
    session, ask = _asked(visit)
    if ask.part.outcome is None:
        if text := visit.form.text("text"):
            interview = visit.site.interview(visit.history, session)
            interview.draft(ask, text, seconds=visit.form.seconds("seconds") or 0.0, writer=_writer(visit))
        asked = visit.form.text("asked").strip()
        visit.speaking.clarify(visit.history, session.id, ask.attempt.place, ask.part.part, asked)
    return visit.go(f"/session/{session.id}")


def grade(visit: Visit) -> Response:
    """Try again what could not be graded."""
    session = visit.history.session(visit.path("session"))
    if not view.is_hidden(session) or all(attempt.outcome for attempt in session.attempts):
        visit.grading.start(session.id)
    return visit.go(f"/session/{session.id}")


def settings(visit: Visit) -> Response:
    """Kept in the browser: the pages' language and colours."""
    lang, theme = visit.form.text("lang"), visit.form.text("theme")
    response = visit.go(_back(visit.form.text("back")) or "/settings?saved=1")
    if lang in LANGS:
        response.set_cookie("mockint-lang", lang, max_age=YEAR, samesite="strict", httponly=True)
    if theme in THEMES:
        response.set_cookie("mockint-theme", theme, max_age=YEAR, samesite="strict", httponly=True)
    return response


def _back(address: str) -> str | None:
    """A page of ours to return to; an address elsewhere is none."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and address.isascii() and address.isprintable() else None


def _asked(visit: Visit) -> tuple[Session, Ask]:
    """The part that the form is about, whether it waits for an answer still or not."""
    session = visit.history.session(visit.path("session"))
    place = visit.form.number("place", 0, 10_000)
    part = visit.form.number("part", 0, 100)
    if place >= len(session.attempts) or part >= len(session.attempts[place].parts):
        raise RefusedError("value", 422)
    attempt = session.attempts[place]
    return session, Ask(attempt, attempt.parts[part], number=place + 1, total=session.total)


def _writer(visit: Visit) -> str:
    """The window that it was typed in."""
    return visit.form.text("writer")[:MOST_WRITER] or "web"
