"""Small pieces that an interview and a report draw alike. Each reads without colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from mockint.grading.grade import quality
from mockint.markdown.characters import visible
from mockint.markdown.terminal import markdown
from mockint.markdown.wrapped import Wrapped
from mockint.phrases import SharedPhrases
from mockint.phrases.formats import SIGNS, percent, quoted
from mockint.question import Verdict

COLOURS: dict[Verdict, str] = {
    "met": "green",
    "partial": "yellow",
    "missing": "red",
    "contradicted": "red",
    "stated": "red",
    "absent": "",
}
_BAR_CELLS = 20


def score_colour(score: float) -> str:
    """score: 0..1."""
    return {"good": "green", "fair": "yellow", "poor": "red"}[quality(score)]


def score_text(score: float | None) -> Text:
    """A score of 0..1 in percent, four cells wide; a dash when there is none."""
    if score is None:
        return Text(percent(score), "dim")
    return Text(percent(score).rjust(4), f"bold {score_colour(score)}")


def bar(share: float, cells: int = _BAR_CELLS) -> Text:
    """share: 0..1 of the cells are full."""
    full = round(share * cells)
    return Text.assemble(("█" * full, ""), ("░" * (cells - full), "dim"))


def verdict_text(verdict: Verdict, words: SharedPhrases) -> Text:
    """Its sign and its name."""
    return Text(f"{SIGNS[verdict]} {words.verdicts[verdict]}", COLOURS[verdict])


def point_text(text: str, words: SharedPhrases, *, must: bool) -> Text:
    """A key point, and whether it is a must-have."""
    shown = inline(text)
    if must:
        shown.append(words.aside.format(what=words.must), "dim")
    return shown


def inline(text: str) -> Text:
    """One paragraph of the bank's Markdown, its code and maths drawn."""
    group = markdown(text, picture=lambda _, alt: alt)
    first = group.renderables[0] if isinstance(group, Group) and group.renderables else None
    return first if isinstance(first, Text) else Wrapped(visible(text))


def correction_text(text: str, words: SharedPhrases) -> Text:
    """What is true instead of a misconception."""
    shown = Wrapped(words.in_fact + words.colon)
    shown.stylize("bold")
    shown.append(inline(text))
    return shown


def quotes_text(quotes: Iterable[str], verdict: Verdict, *, before: str = "") -> Text:
    """The candidate's own words. before: what stands in front of them."""
    return Wrapped(before + quoted(visible(quote) for quote in quotes), style=f"italic {COLOURS[verdict]}")


@dataclass(frozen=True)
class Barred:
    """Text with a bar on its left, which stays when the text is copied or printed without colours."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.text, options.update_width(max(10, options.max_width - 4)), pad=False):
            yield Segment("  │ ", Style(dim=True))
            yield from line
            yield Segment.line()
