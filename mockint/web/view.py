"""Values of the history and the bank -> what a template draws. Pure, but for the reader's own time zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from mockint.grading.grade import CREDIT, MUST_CAP, Grade, Mark, quality
from mockint.history import Attempt, Part, Session
from mockint.interview import follow_up_for
from mockint.markdown import html
from mockint.phrases import sentence
from mockint.phrases.formats import ICONS, when
from mockint.question import KeyPoint, Lang, Question, Verdict

MOST_SESSIONS = 30
MOST_WEAK = 12


@lru_cache(maxsize=4096)
def prose(text: str, topic: str) -> Markup:
    """The bank's Markdown. The pictures of a topic lie under /media/TOPIC/."""
    return Markup(html.block(text, lambda src, alt: picture(topic, src, alt)))


@lru_cache(maxsize=4096)
def line(text: str) -> Markup:
    """One paragraph of Markdown, without pictures."""
    return Markup(html.inline(text))


def first_line(text: str) -> str:
    """The first paragraph of a prompt, for a list."""
    return text.strip().split("\n\n")[0]


def program(source: str, language: str) -> Markup:
    return Markup(html.code(source, language))


def picture(topic: str, src: str, alt: str) -> str:
    """A drawing is there for day and night, and CSS shows one of them; a photograph is the same at night."""
    address = f"/media/{quote(topic)}/{quote(src.removeprefix('media/'))}"
    shown = f'alt="{html.plain(alt)}" loading="lazy"'
    if not src.endswith(".svg"):
        return f'<img class="photo" src="{address}" {shown}>'
    day = f'<img class="drawing by-day" src="{address}" {shown}>'
    return f'{day}<img class="drawing by-night" src="{address}?night=1" {shown}>'


def quality_class(score: float | None) -> str:
    """The class that colours a score; `none` for one that is not there."""
    return "none" if score is None else quality(score)


@dataclass(frozen=True)
class Row:
    """One criterion as it is shown. text: None while it must not be told. quotes: the candidate's own words."""

    number: int
    verdict: Verdict
    text: str | None
    quotes: tuple[str, ...]
    reason: str
    reason_lang: Lang
    must: bool = False
    weight: float = 1.0
    correction: str | None = None

    @property
    def icon(self) -> str:
        return ICONS[self.verdict]


def rows(question: Question, grade: Grade, *, lang: Lang, ui: Lang, interim: bool) -> list[Row]:
    """Every key point, then the misconceptions that were stated. interim: only what was heard, as far as it may be
    told before the follow-up: a point that was met whole, and the bare fact of one that was met in part."""
    told = []
    for number, point in enumerate(question.key_points, 1):
        mark = grade.mark(point.id)
        if not interim or mark.verdict in ("met", "partial"):
            text = point.text.in_(lang) if not interim or mark.verdict == "met" else None
            told.append(_row(number, mark, text, ui, must=point.must, weight=point.weight))
    if not interim:
        for number, wrong in enumerate(question.misconceptions, len(question.key_points) + 1):
            mark = grade.mark(wrong.id)
            if mark.verdict == "stated":
                correction = wrong.correction.in_(lang) if wrong.correction else None
                told.append(_row(number, mark, wrong.text.in_(lang), ui, correction=correction))
    return told


def _row(
    number: int,
    mark: Mark,
    text: str | None,
    ui: Lang,
    *,
    must: bool = False,
    weight: float = 1.0,
    correction: str | None = None,
) -> Row:
    reason, reason_lang = _reason(mark, ui)
    quotes = tuple(" ".join(piece.quote.split()) for piece in mark.evidence)
    return Row(number, mark.verdict, text, quotes, reason, reason_lang, must, weight, correction)


def _reason(mark: Mark, ui: Lang) -> tuple[str, Lang]:
    """The sentence and its language; an LLM's own is shown as it is."""
    if mark.code:
        return sentence(mark.code).in_(ui), ui
    return mark.reason, "en"


def not_heard(question: Question, grade: Grade) -> int:
    return sum(grade.mark(point.id).verdict != "met" for point in question.key_points)


def said(part: Part, question: Question, grade: Grade | None, *, interim: bool = False) -> Markup:
    """What was said in a part, the quoted words marked and numbered as the rows are."""
    text = part.answer
    if grade is None:
        return Markup(html.plain(text))
    spans = [
        html.Span(piece.start, piece.end, mark.verdict, str(number))
        for number, criterion in enumerate(question.criteria, 1)
        for mark in [grade.mark(criterion.id)]
        if not interim or mark.verdict in ("met", "partial")
        for piece in mark.evidence
        if piece.part == part.part
    ]
    return Markup(html.marked(text, spans))


def awaits_grade(attempt: Attempt) -> bool:
    return attempt.outcome in ("answered", "dont-know") and attempt.graded_parts < len(attempt.submitted)


def follow_up_comes(attempt: Attempt, session: Session) -> bool:
    """What was missed must not be shown yet."""
    if attempt.closed_at is not None or session.ended_at is not None or attempt.outcome != "answered":
        return False
    return attempt.parts[-1].outcome is None or follow_up_for(attempt, limit=session.plan.follow_ups) is not None


def is_hidden(session: Session) -> bool:
    """An exam that goes on says nothing of its verdicts."""
    return session.mode == "exam" and session.ended_at is None


def is_capped(grade: Grade) -> bool:
    return bool(grade.capped_by) and grade.score <= MUST_CAP


@dataclass(frozen=True)
class Bar:
    name: str
    score: float | None
    graded: int
    total: int


def by_topic(session: Session, topics: Mapping[str, str]) -> list[Bar]:
    found: dict[str, list[Attempt]] = {}
    for attempt in session.answered:
        found.setdefault(attempt.question.topic, []).append(attempt)
    return [_bar(topics.get(topic, topic), attempts) for topic, attempts in found.items()]


def _bar(name: str, attempts: Sequence[Attempt]) -> Bar:
    scores = [attempt.grade.score for attempt in attempts if attempt.grade]
    return Bar(name, mean(scores), len(scores), len(attempts))


def mean(scores: Sequence[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None


@dataclass(frozen=True)
class Point:
    """A session in the trend, in the units of its drawing, WIDTH by HEIGHT."""

    x: float
    y: float
    score: float
    session: str
    when: str


WIDTH, HEIGHT = 600.0, 150.0


def trend(sessions: Sequence[tuple[str, str, float]]) -> list[Point]:
    """(id, when it began, score) of the sessions, oldest first."""
    step = WIDTH / max(1, len(sessions) - 1)
    left = 0.0 if len(sessions) > 1 else WIDTH / 2
    return [
        Point(round(left + place * step, 1), round(HEIGHT * (1 - score), 1), score, id, when(started))
        for place, (id, started, score) in enumerate(sessions)
    ]


@dataclass(frozen=True)
class Weak:
    """A key point that the last answer to its question did not have whole."""

    question: Question
    point: KeyPoint
    verdict: Verdict

    @property
    def icon(self) -> str:
        return ICONS[self.verdict]


def weakest(marks: Iterable[tuple[Question, str, Verdict]]) -> list[Weak]:
    """(question, criterion, verdict), each criterion once -> the key points that cost most, the worst first."""
    weak = [
        Weak(question, point, verdict)
        for question, criterion, verdict in marks
        for point in question.key_points
        if point.id == criterion and verdict != "met"
    ]
    return sorted(weak, key=lambda one: (not one.point.must, -one.point.weight * (1 - CREDIT[one.verdict])))[:MOST_WEAK]
