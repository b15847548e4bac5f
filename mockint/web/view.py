"""Values of the history and the bank -> what a template draws. Pure, but for the reader's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from mockint.grading.grade import MUST_CAP, Grade, Mark, quality
from mockint.history import Attempt, Part, Session
from mockint.interview import follow_up_for
from mockint.markdown import html
from mockint.phrases import sentence
from mockint.phrases.formats import ICONS, day
from mockint.question import Lang, Question, Verdict
from mockint.reports import Trend


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


def code(source: str, language: str) -> Markup:
    """A program or what it prints, its words coloured."""
    return Markup(html.code(source, language))


def picture(topic: str, src: str, alt: str) -> str:
    """A drawing is there for day and night, and CSS shows one of them; a photograph is the same at night."""
    address = f"/media/{quote(topic)}/{quote(src.removeprefix('media/'))}"
    shown = f'alt="{html.plain(alt)}" loading="lazy"'
    if not src.endswith(".svg"):
        return f'<img class="photo" src="{address}" {shown}>'
    by_day = f'<img class="drawing by-day" src="{address}" {shown}>'
    return f'{by_day}<img class="drawing by-night" src="{address}?night=1" {shown}>'


def quality_class(score: float | None) -> str:
    """The class that colours a score; `none` for one that is not there."""
    return "none" if score is None else quality(score)


@dataclass(frozen=True)
class CriterionRow:
    """One criterion as it is shown. text: None while it must not be told. quotes: the candidate's own words."""

    number: int
    verdict: Verdict
    text: str | None
    quotes: tuple[str, ...]
    reason: str
    reason_lang: Lang
    must: bool = False
    correction: str | None = None

    @property
    def icon(self) -> str:
        return ICONS[self.verdict]


def rows(question: Question, grade: Grade, *, lang: Lang, ui: Lang, interim: bool) -> list[CriterionRow]:
    """Every key point, then the misconceptions that were stated. interim: only what was heard, as far as it may be
    told before the follow-up: a point that was met whole, and the bare fact of one that was met in part."""
    shown = []
    for number, point in enumerate(question.key_points, 1):
        mark = grade.mark(point.id)
        if not interim or mark.verdict in ("met", "partial"):
            text = point.text.in_(lang) if not interim or mark.verdict == "met" else None
            shown.append(_row(number, mark, text, ui, must=point.must))
    if not interim:
        for number, wrong in enumerate(question.misconceptions, len(question.key_points) + 1):
            mark = grade.mark(wrong.id)
            if mark.verdict == "stated":
                correction = wrong.correction.in_(lang) if wrong.correction else None
                shown.append(_row(number, mark, wrong.text.in_(lang), ui, correction=correction))
    return shown


def _row(
    number: int,
    mark: Mark,
    text: str | None,
    ui: Lang,
    *,
    must: bool = False,
    correction: str | None = None,
) -> CriterionRow:
    reason, reason_lang = _reason(mark, ui)
    quotes = tuple(" ".join(piece.quote.split()) for piece in mark.evidence)
    return CriterionRow(number, mark.verdict, text, quotes, reason, reason_lang, must, correction)


def _reason(mark: Mark, ui: Lang) -> tuple[str, Lang]:
    """The sentence and its language; an LLM's own is shown as it is."""
    if mark.code:
        return sentence(mark.code).in_(ui), ui
    return mark.reason, "en"


def not_heard(question: Question, grade: Grade) -> int:
    """How many key points the answer did not meet whole."""
    return sum(grade.mark(point.id).verdict != "met" for point in question.key_points)


def marked_answer(part: Part, question: Question, grade: Grade | None, *, interim: bool = False) -> Markup:
    """What was said in a part, the quoted words marked and numbered as the rows are."""
    text = part.answer
    if grade is None:
        return Markup(html.plain(text))
    spans = [
        html.MarkedSpan(piece.start, piece.end, mark.verdict, str(number))
        for number, criterion in enumerate(question.criteria, 1)
        for mark in [grade.mark(criterion.id)]
        if not interim or mark.verdict in ("met", "partial")
        for piece in mark.evidence
        if piece.part == part.part
    ]
    return Markup(html.marked(text, spans))


def awaits_grade(attempt: Attempt) -> bool:
    """Something was handed in that its grade has not seen."""
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
    """The score was held down because a must-have is missing."""
    return bool(grade.capped_by) and grade.score <= MUST_CAP


@dataclass(frozen=True)
class TrendDot:
    """A point of the trend in the units of its drawing, WIDTH by HEIGHT. day: when it begins."""

    x: float
    y: float
    score: float
    day: str


WIDTH, HEIGHT = 600.0, 150.0


def trend_dots(trend: Trend) -> list[TrendDot]:
    """Oldest first, evenly apart; a single one stands in the middle."""
    points = [(point.start, point.score) for point in trend.points if point.score is not None]
    step = WIDTH / max(1, len(points) - 1)
    left = 0.0 if len(points) > 1 else WIDTH / 2
    return [
        TrendDot(round(left + place * step, 1), round(HEIGHT * (1 - score), 1), score, day(start))
        for place, (start, score) in enumerate(points)
    ]
