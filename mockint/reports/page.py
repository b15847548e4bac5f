"""A Report as one HTML file: no script, nothing from outside, by day and by night, on a phone and on paper.

Jinja2 escapes whatever is put in; what the bank wrote as Markdown and what the candidate said go through
`mockint.html`, which escapes too. The page's own Content-Security-Policy forbids scripts and every address besides.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mockint.errors import UsageError
from mockint.markdown.characters import visible
from mockint.markdown.html import MarkedSpan, block, code, inline, marked, plain, prose_css
from mockint.phrases import ReportPhrases
from mockint.phrases.formats import SIGNS, change, duration, percent, when
from mockint.reports.latest import levels_in
from mockint.reports.marking import labels
from mockint.reports.progress import weakest_first
from mockint.reports.sentences import (
    about,
    compared_time,
    confidence_sentences,
    figures,
    standing,
    title,
    trend_sentence,
)
from mockint.reports.shapes import Answer, AnswerPart, Report

if TYPE_CHECKING:
    from markupsafe import Markup

_NEEDED = ("jinja2", "matplotlib", "latex2mathml")
LANGS = {"en": "en", "zh": "zh-Hans"}


def page(report: Report) -> str:
    """Raises UsageError when the extra `report` is not installed."""
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise UsageError(f"a report as HTML needs {', '.join(missing)}: pip install 'mockint[report]'")
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mockint.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = ReportPhrases(report.lang)
    return environment.get_template("report.html").render(_context(report, words)) + "\n"


def _shown(value: Any) -> Any:
    """Text that is put in as it is, with what could not be seen made visible."""
    return visible(value) if type(value) is str else value


def _context(report: Report, words: ReportPhrases) -> dict[str, Any]:
    from markupsafe import Markup

    css = prose_css() + (files("mockint.reports") / "templates" / "report.css").read_text(encoding="utf-8")
    return {
        "report": report,
        "words": words,
        "lang": LANGS[report.lang],
        "css": Markup(css),
        "title": title(report, words),
        "about": about(report, words),
        "figures": figures(report.totals, words, report=report),
        "levels": levels_in(report.heat),
        "weakest": weakest_first(report.questions),
        "trend_sentence": trend_sentence(report.trend, words),
        "confidence_sentences": confidence_sentences(report.calibration, words) if report.calibration else [],
        "trend_plot": _trend(report, words),
        "calibration_plot": _calibration(report, words),
        "signs": SIGNS,
        "standing": lambda answer: standing(answer, words),
        "compared_time": compared_time(report, words),
        "percent": percent,
        "change": change,
        "when": when,
        "duration": lambda seconds: duration(seconds, words),
        "labels": labels,
        "inline": lambda text: Markup(inline(text)),
        "prose": lambda text: Markup(block(text, _picture(words))),
        "code": lambda source: Markup(code(source, "python")),
        "marked_answer": _marked_answer,
        "timed": [answer for answer in report.answers if answer.seconds is not None],
        "heat_step": lambda share: "none" if share is None else str(min(9, int(share * 10))),
    }


def _picture(words: ReportPhrases) -> Any:
    """The history keeps no pictures: what one shows stands in its place."""
    return lambda _, alt: f"<em>{plain(words.picture.format(alt=alt))}</em>"


def _marked_answer(part: AnswerPart, answer: Answer) -> Markup:
    from markupsafe import Markup

    numbers = labels(answer)
    spans = [
        MarkedSpan(span.start, span.end, span.verdict, f"{SIGNS[span.verdict]}{numbers.get(span.criterion, '')}")
        for span in part.spans
    ]
    return Markup(marked(part.answer, spans))


def _trend(report: Report, words: ReportPhrases) -> Markup | str:
    from markupsafe import Markup

    from mockint.reports.plots import trend_plot

    if len(report.trend.points) < 2:
        return ""
    name = words.mean_over_time.format(grain=words.grains[report.trend.grain])
    svg = trend_plot(
        report.trend,
        pass_mark=report.totals.pass_mark,
        title=name,
        description=trend_sentence(report.trend, words) or name,
    )
    return Markup(svg)


def _calibration(report: Report, words: ReportPhrases) -> Markup | str:
    from markupsafe import Markup

    from mockint.reports.plots import calibration_plot

    if report.calibration is None:
        return ""
    svg = calibration_plot(
        report.calibration,
        x=words.mean_confidence,
        y=words.mean_score,
        title=words.plot_confidence,
        description=" ".join(confidence_sentences(report.calibration, words)),
    )
    return Markup(svg)
