"""Markdown -> card HTML: what Anki, MathJax or a browser would misread is made harmless."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.markdown import card


def no_picture(src: str, alt: str) -> str:
    return ""


def block(text: str) -> str:
    return card.block(text, no_picture)


def cloze(text: str) -> str:
    return card.cloze(text, no_picture)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("List<int>", "<p>List&lt;int&gt;</p>"),
        ("a < b", "<p>a &lt; b</p>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("costs $5 or $6", "<p>costs $5 or $6</p>"),
        ("{{Q}}", "<p>&#123;&#123;Q&#125;&#125;</p>"),
        ("a\x1fb", "<p>a␟b</p>"),
        ("[sound:x.mp3]", "<p>&#91;sound:x.mp3]</p>"),
        ("\\\\(x\\\\)", "<p>\\\u2060(x\\\u2060)</p>"),
        ("`\\(x\\)`", "<p><code>&#92;(x&#92;)</code></p>"),
        ("$a<b$", "<p>\\(a&lt;b\\)</p>"),
        ("$\\frac{a}{b_{c}}$", "<p>\\(\\frac{a}{b_{c} }\\)</p>"),
        ("$a \\\\[2pt] b \\\\(c) \\\\ d$", "<p>\\(a \\\\*[2pt] b \\\\ (c) \\\\ d\\)</p>"),
        ("$\\[$", "<p>\\(\\\u2060[\\)</p>"),
        ("$$\nx\n$$", '<div class="mi-scroll">\\[x\\]</div>'),
        ("中文\n换行", "<p>中文换行</p>"),
        ("two\nwords", "<p>two words</p>"),
        ("用 $x$，再", '<p>用 <span class="mi-together">\\(x\\)，</span>再</p>'),
        ("（$x$）", '<p><span class="mi-together">（\\(x\\)）</span></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ],
)
def test_text_is_shown_as_it_was_written(markdown: str, html: str) -> None:
    assert block(markdown) == html


@pytest.mark.parametrize(
    "mark", ["[sound:x.mp3]", "[latex]x[/latex]", "[$]x[/$]", "[$$]x[/$$]", "[anki:play:q:0]", "[[type:Id]]"]
)
def test_ankis_own_marks_are_obeyed_nowhere(mark: str) -> None:
    shown = [
        block(mark.replace("$", "\\$")),
        block(f"`{mark}`"),
        block(f"```\n{mark}\n```"),
        block(f"```text\n{mark}\n```"),
        card.plain(mark),
        card.attribute(mark),
    ]

    for html in shown:
        assert not re.search(r"\[(sound:|/?latex|/?\$|anki:|type:)", html)
        assert mark in unescape(re.sub("<[^>]+>", "", html))
    assert block("$x [sound:y]$") == "<p>\\(x &#91;sound:y]\\)</p>"


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("one two, $a + b$ three", "one\ntwo,   $a  +\nb$\tthree"),
        ("- one two\n- three", "- one\n  two\n- three"),
        ("中文 two，三", "中文\ntwo，\n三"),
    ],
)
def test_text_that_is_wrapped_anew_is_the_same_card(text: str, wrapped: str) -> None:
    assert block(wrapped) == block(text)


def test_code_is_highlighted_with_classes_and_without_colours() -> None:
    html = block("```python\nif a < b: print('}}')\n```")

    assert '<span class="h-k">if</span>' in html
    assert "style=" not in html
    assert "}}" not in html
    assert unescape(re.sub("<[^>]+>", "", html)) == "if a < b: print('}}')"


def test_a_language_that_nobody_knows_is_shown_plain() -> None:
    assert block("```nosuchlang\na < b\n```") == '<pre class="mi-code"><code>a &lt; b</code></pre>'


def test_a_table_scrolls_inside_itself_and_aligns_by_class() -> None:
    html = block("|a|b|\n|-|-:|\n|1|2|")

    assert html.startswith('<div class="mi-scroll"><table>')
    assert '<td class="mi-right">2</td>' in html


def test_a_program_with_its_output_folds_open_only_where_asked() -> None:
    text = "```python\nprint(1)\n```\n```output\n1\n```\n"

    assert "<details" not in block(text)
    assert card.block(text, no_picture, fold="Code").count("<details") == 1
    assert card.block(text, no_picture, fold="Code").count("</details>") == 1


@pytest.mark.parametrize(
    ("sentence", "html"),
    [
        ("It is [[one]].", "It is {{c1::one}}."),
        ("[[$x_{\\text{a}}$]], b", '<span class="mi-together">{{c1::\\(x_{\\text{a} }\\)}},</span> b'),
        ("[[`a::b`]]", "{{c1::<code>a&#58;&#58;b</code>}}"),
        ("[[{b}]]", "{{c1::{b&#125;}}"),
        ("[[a $x$]]，", "{{c1::a \\(x\\)}}，"),
        ("`x[[0]]` is [[it]]", "<code>x[[0]]</code> is {{c1::it}}"),
    ],
)
def test_a_cloze_ends_where_its_author_ended_it(sentence: str, html: str) -> None:
    assert cloze(sentence) == html


class Balance(HTMLParser):
    """Fails on a tag that is not closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "hr", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("br", "hr", "img")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(st.text(alphabet=st.sampled_from(list("ab1 \n{}[]()<>&$\\`*_|-:#!\"'，。（）中\x1f\x00")), max_size=60))
def test_whatever_the_text_its_html_is_balanced_and_gives_anki_nothing_to_expand(text: str) -> None:
    html = block(text)

    balance = Balance()
    balance.feed(html)
    assert balance.open == []
    assert not re.search(r"\{\{|\}\}|[\x00-\x08\x0b-\x1f]|\[sound:", html)
    assert html.count("\\(") == html.count("\\)")
    assert html.count("\\[") == html.count("\\]")
