"""A report as it reads in a terminal and as Markdown, in both languages. The texts lie in golden/."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len
from rich.console import Console

from mockint.history import History
from mockint.markdown.rewrite import rewritten, rewritten_line
from mockint.question import Lang
from mockint.reports import Report, progress_report, session_report
from mockint.reports.markdown import markdown
from mockint.terminal.report import draw_report
from tests.reports.golden import assert_golden
from tests.reports.practice import NOW, TOPICS, ZERO, practice, two_evenings

HOSTILE = (
    "<script>alert(1)</script>\n# not a heading\n- no list\n1. none\n    no code\n**no** _emphasis_ `no code` [no](http://x.y)"
    "\n| no | table |\n\x1b[2J\x00 \u202eright\u202c ]]> &amp; $x$ states"
)


def drawn(report: Report, *, width: int = 60, styled: bool = False) -> str:
    page = io.StringIO()
    console = Console(file=page, width=width, markup=False, emoji=False, highlight=False, force_terminal=styled)
    for block in draw_report(report, styled=styled):
        console.print(block)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_session_and_progress_read_as_they_should(home: Path, lang: Lang) -> None:
    first, second = two_evenings(home, lang)
    with History(home / "history.sqlite3") as history:
        one = session_report(history, second, compare=first, topics=TOPICS, now=NOW)
        all_of_them = progress_report(history, lang=lang, topics=TOPICS, now=NOW)

    for report, name in ((one, "session"), (all_of_them, "progress")):
        assert_golden(drawn(report), f"{name}-{lang}.txt", FIRST=first, SECOND=second)
        assert_golden(markdown(report), f"{name}-{lang}.md", FIRST=first, SECOND=second)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_wider_than_a_narrow_terminal(home: Path, lang: Lang) -> None:
    first, second = two_evenings(home, lang)
    with History(home / "history.sqlite3") as history:
        one = session_report(history, second, compare=first, topics=TOPICS, now=NOW)

    text = drawn(one)

    assert [line for line in text.splitlines() if cell_len(line) > 60] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_history_says_what_to_do(home: Path, lang: Lang) -> None:
    with History(home / "history.sqlite3") as history:
        report = progress_report(history, lang=lang, now=NOW)

    assert "mockint interview" in drawn(report)
    assert "mockint interview" in markdown(report)


def hostile(home: Path) -> Report:
    with practice(home) as held:
        id = held.begin(ZERO, profile=HOSTILE)
        held.answer(0, HOSTILE)
        return session_report(held.history, id, topics=TOPICS, now=NOW)


def test_what_was_typed_cannot_drive_the_terminal(home: Path) -> None:
    text = drawn(hostile(home))

    assert not set(text) & {"\x1b", "\x00", "\u202e"}
    assert "␛[2J␀" in text


def test_colour_is_never_the_only_sign(home: Path) -> None:
    report = hostile(home)

    plain, styled = drawn(report), drawn(report, styled=True)

    assert "[states]✔1" in plain
    assert "\x1b[" in styled
    assert "✔1" in styled


def test_what_was_typed_is_text_to_a_markdown_renderer(home: Path) -> None:
    html = MarkdownIt("commonmark").enable("table").render(markdown(hostile(home)))

    assert "<script" not in html
    said = html[html.index("<blockquote>") : html.index("</blockquote>")]
    assert not [tag for tag in ("<h1", "<li", "<table", "<strong", "<em", "<code", "<a ", "<pre") if tag in said]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in said
    assert "# not a heading" in said
    assert "<b>states</b><sup>✔1</sup>" in said


@pytest.mark.parametrize(
    "prompt",
    [
        "\\`<script>alert(1)</script>\\`",
        "`` <script>alert(1)</script> `",
        "$a<script>alert(1)</script>$ and $5",
        "```\n<script>alert(1)</script>",
        "<!-- \n\n<script>alert(1)</script>",
        "- <script>alert(1)</script>\n  1. <img src=x onerror=alert(1)>",
        "[x](javascript:alert(1)) ![<script>](http://x.y/z.png)",
        "| <b> | `|` |\n|---|---|\n| <script>alert(1)</script> | 2 |",
    ],
)
def test_a_prompt_is_obeyed_by_no_renderer_beyond_the_banks_own_markdown(prompt: str) -> None:
    outer = MarkdownIt("commonmark").enable("table")

    for text in (rewritten(prompt), rewritten_line(prompt)):
        html = outer.render(f"{text}\n\nafter")
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
        assert html.endswith("<p>after</p>\n")


def test_a_long_answer_is_shortened_around_its_marks_but_not_in_the_report(home: Path) -> None:
    said = "word " * 10_000 + "states " + "word " * 10_000
    with practice(home) as held:
        id = held.begin(ZERO)
        held.answer(0, said)
        report = session_report(held.history, id, now=NOW)

    assert report.answers[0].parts[0].answer == said
    for text in (drawn(report), markdown(report)):
        assert len(text) < 8_000
        assert "states" in text
        assert text.count("characters left out") == 2
