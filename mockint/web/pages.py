"""What is shown. A page changes nothing, except that showing a question opens its attempt, as it must to be resumed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from mockint import schedule
from mockint.bank.media import MEDIA_NAME
from mockint.decks.pictures import night_variant
from mockint.grading.grade import HINT_COST, MUST_CAP, PASS
from mockint.history import Attempt, Session
from mockint.interview import Ask, Interview, ToGrade
from mockint.question import Lang, Question
from mockint.reports import progress_of
from mockint.reports.sentences import trend_sentence
from mockint.reports.topics import scores_of_attempts, topic_scores
from mockint.web import reports, view
from mockint.web.choice import MOST_FOLLOW_UPS, MOST_QUESTIONS
from mockint.web.visit import RefusedError, Visit

RESUMABLE = 5
LISTED = 30
MOST_LISTED = 1000
MOST_MISSED = 12
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
_TYPES |= {"webp": "image/webp", "gif": "image/gif"}
# Drawings may hold style sheets of their own; opened as a page they can do nothing else.
_PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def home(visit: Visit) -> Response:
    """Sessions to resume, and the form for a new one. `?none`: no question fitted the last form."""
    recent = visit.history.sessions(limit=1)
    return visit.page(
        "home.html",
        first=not recent,
        open_sessions=visit.history.open_sessions(limit=RESUMABLE),
        profiles=visit.site.bank.profiles,
        counts=Counter(question.topic for question in visit.site.bank.questions),
        standing=None if visit.site.read_only else _standing(visit),
        most_questions=MOST_QUESTIONS,
        most_follow_ups=MOST_FOLLOW_UPS,
        none_fits="none" in visit.request.query_params,
    )


def _standing(visit: Visit) -> dict[str, int]:
    """How many questions of the bank are due, weak, and not asked yet. Keeps what it has replayed for the next time."""
    known = schedule.standings(visit.history)
    now = datetime.now(UTC)
    here = [known[question.id] for question in visit.site.bank.questions if question.id in known]
    return {
        "due": sum(one.due_at <= now for one in here),
        "weak": sum(one.last_score < PASS for one in here),
        "new": len(visit.site.bank.questions) - len(here),
    }


def session(visit: Visit) -> Response:
    """Where the session stands: its question, the verdict to come, or the summary."""
    session = visit.history.session(visit.path("session"))
    if visit.site.read_only:
        return _to(f"/session/{session.id}/summary")
    if visit.grading.is_at_work(session.id):
        return _to(_waiting_page(session))
    interview = visit.site.interview(visit.history, session)
    match interview.step():
        case Ask() as ask:
            return _question(visit, interview, ask)
        case ToGrade():
            visit.grading.start(session.id)
            return _to(_waiting_page(interview.session))
    return _to(f"/session/{session.id}/summary")


def _waiting_page(session: Session) -> str:
    if session.mode == "exam":
        return f"/session/{session.id}/grading"
    handed_in = [attempt for attempt in session.attempts if attempt.outcome]
    waiting = next((attempt for attempt in handed_in if view.awaits_grade(attempt)), handed_in[-1])
    return f"/session/{session.id}/verdict/{waiting.place}"


def _question(visit: Visit, interview: Interview, ask: Ask) -> Response:
    session = interview.session
    draft = ask.drafts[0] if ask.drafts else None
    before = session.attempts[ask.attempt.place]
    grade = before.grade if ask.part.part else None
    return visit.page(
        "question.html",
        session=session,
        ask=ask,
        question=ask.question,
        lang=session.lang,
        draft=draft,
        spent=max((one.seconds for one in ask.drafts), default=0.0),
        remaining=interview.remaining_seconds,
        hints=[hint.in_(session.lang) for hint in ask.question.hints[: before.hints]],
        hints_left=len(ask.question.hints) - before.hints,
        hint_cost=HINT_COST,
        can_clarify=visit.site.speaker is not None,
        clarification=visit.speaking.clarification(session.id, ask.attempt.place, ask.part.part),
        rows=view.rows(ask.question, grade, lang=session.lang, ui=visit.ui, interim=True) if grade else [],
        not_heard=view.not_heard(ask.question, grade) if grade else 0,
    )


def verdict(visit: Visit) -> Response:
    """The verdict of one attempt, or the page that waits for it. What is hidden yet leads to where the session is.

    `?live` shows the verdicts as they come, also those of a grader that was done before the page was asked for.
    """
    session, attempt = attempt_at(visit)
    if attempt is None or attempt.outcome is None or view.is_hidden(session):
        return _to(f"/session/{session.id}/summary" if visit.site.read_only else f"/session/{session.id}")
    if view.awaits_grade(attempt) and not visit.site.read_only and visit.grading.job(session.id) is None:
        visit.grading.start(session.id)
    live = "live" in visit.request.query_params and not visit.site.read_only
    if live or visit.grading.is_at_work(session.id):
        return visit.page("waiting.html", **about(session, attempt))
    return visit.page("verdict.html", **verdict_values(visit, *attempt_at(visit)))


def attempt_at(visit: Visit) -> tuple[Session, Attempt | None]:
    """The session of the address, and its attempt at that place; None when it was not asked yet.

    Raises UsageError for a session that is not in the history.
    """
    session = visit.history.session(visit.path("session"))
    place = int(visit.path("place"))
    return session, session.attempts[place] if place < len(session.attempts) else None


def about(session: Session, attempt: Attempt) -> dict[str, Any]:
    """What every page about an attempt draws."""
    return {"session": session, "attempt": attempt, "question": attempt.question, "lang": session.lang}


def verdict_values(visit: Visit, session: Session, attempt: Attempt | None) -> dict[str, Any]:
    """What the verdict's templates draw."""
    if attempt is None:
        raise RefusedError("value", 404)
    grade = attempt.grade
    interim = grade is not None and view.follow_up_comes(attempt, session)
    question = attempt.question
    job = visit.grading.job(session.id)
    return about(session, attempt) | {
        "grade": grade,
        "interim": interim,
        "rows": view.rows(question, grade, lang=session.lang, ui=visit.ui, interim=interim) if grade else [],
        "not_heard": view.not_heard(question, grade) if grade else 0,
        "before": attempt.grades[0].grade if attempt.grades else None,
        "capped": MUST_CAP if grade and view.is_capped(grade) else None,
        "failure": (job.failures.get(attempt.place) or job.trouble) if job else None,
        "bug": job is not None and job.has_bug,
        "is_last": session.ended_at is not None or len(session.attempts) >= session.total,
    }


def grading(visit: Visit) -> Response:
    """The page that waits for the verdicts of an exam."""
    session = visit.history.session(visit.path("session"))
    if not visit.grading.is_at_work(session.id):
        return _to(f"/session/{session.id}/summary" if visit.site.read_only else f"/session/{session.id}")
    job = visit.grading.job(session.id)
    return visit.page("grading.html", session=session, graded=len(job.graded) if job else 0)


def summary(visit: Visit) -> Response:
    """The scores of a session by topic and by question; of an exam that goes on only how far it is."""
    session = visit.history.session(visit.path("session"))
    hidden = view.is_hidden(session)
    wants_debrief = session.ended_at is not None and not hidden and session.debrief is None
    return visit.page(
        "summary.html",
        debrief_comes=wants_debrief and visit.speaking.debrief(session.id),
        session=session,
        hidden=hidden,
        bars=[] if hidden else scores_of_attempts(session.answered),
        has_report=reports.is_there(),
    )


def progress(visit: Visit) -> Response:
    """What a report of all practice says, as far as the pages show it."""
    bank = visit.site.bank
    made = progress_of(visit.history, lang=visit.ui, topics=bank.topics, keep_sums=not visit.site.read_only)
    in_bank = {question.id for question in bank.questions}
    scores = topic_scores((row.topic, row.last) for row in made.questions if row.question in in_bank)
    return visit.page(
        "progress.html",
        progress=made,
        dots=view.trend_dots(made.trend),
        trend_sentence=trend_sentence(made.trend, visit.words),
        scores={row.topic: row for row in scores},
        counts=Counter(question.topic for question in bank.questions),
        missed=made.missed[:MOST_MISSED],
        in_bank=in_bank,
        has_report=reports.is_there(),
    )


def history(visit: Visit) -> Response:
    """`?n`: how many sessions to list."""
    asked = visit.request.query_params.get("n", "")
    listed = min(
        MOST_LISTED, max(LISTED, int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0)
    )
    shown = visit.history.sessions(limit=listed + 1)
    more = len(shown) > listed < MOST_LISTED
    return visit.page("history.html", sessions=shown[:listed], more=2 * listed if more else None)


def bank(visit: Visit) -> Response:
    """All questions by topic, each with the score of its latest answer."""
    by_topic: dict[str, list[Question]] = {topic.id: [] for topic in visit.site.bank.topics}
    for question in visit.site.bank.questions:
        by_topic[question.topic].append(question)
    results = {result.question: result.score for result in visit.history.results()}
    return visit.page(
        "bank.html",
        by_topic={topic: questions for topic, questions in by_topic.items() if questions},
        count=len(visit.site.bank.questions),
        scores=results,
    )


def bank_question(visit: Visit) -> Response:
    """One question, its answer folded. Raises UsageError for one that the bank does not have."""
    question = visit.site.bank.question(visit.path("question"))
    lang: Lang = "zh" if visit.ui == "zh" else "en"
    return visit.page("bank_question.html", question=question, lang=lang)


def settings(visit: Visit) -> Response:
    return visit.page("settings.html", saved="saved" in visit.request.query_params)


def media(visit: Visit) -> Response:
    """A picture of the bank; a drawing at night on demand."""
    topic, name = visit.path("topic"), visit.path("name")
    folder = visit.site.bank.root / topic
    known = topic in {one.id for one in visit.site.bank.topics} and MEDIA_NAME.match(f"media/{name}")
    path = folder / "media" / name
    if not known or not path.resolve().is_relative_to(visit.site.bank.root.resolve()) or not path.is_file():
        raise RefusedError("value", 404)
    data = path.read_bytes()
    if "night" in visit.request.query_params and path.suffix == ".svg":
        data = night_variant(data)
    headers = {"Content-Security-Policy": _PICTURE_POLICY, "Cache-Control": "private, max-age=3600"}
    return Response(data, media_type=_TYPES[path.suffix.lower().lstrip(".")], headers=headers)


def refused(visit: Visit) -> Response:
    """What the guard sends here."""
    reasons = visit.words.refusals
    text = next((text for reason, text in reasons.items() if reason == visit.path("reason")), reasons["value"])
    return visit.notice(visit.words.refused, text, status=403, back="")


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)
