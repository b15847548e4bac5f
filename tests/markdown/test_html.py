"""Markdown, maths and marked answers as HTML: what a reader sees, and that nothing in a text becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.bank import default_bank, load_bank
from mockint.markdown.html import MarkedSpan, block, code, inline, marked, maths, plain

TAGS = set(
    "p em strong s a ul ol li h3 h4 h5 h6 hr br blockquote code pre div span sup mark table thead tbody tr th td math"
    " mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr"
    " munder munderover".split()
)
SAFE = {"class", "tabindex", "href", "rel", "start"}


class Seen(HTMLParser):
    """What a browser would make of it: tags, attributes, and the text that is left."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def no_picture(src: str, alt: str) -> str:
    return f"<em>{plain(src)} {plain(alt)}</em>"


def test_a_paragraph_with_code_maths_and_a_table_is_drawn() -> None:
    html = block("Use `x`: $n^2$\n\n| a | b |\n|---|--:|\n| 1 | 2 |", no_picture)

    assert "<code>x</code>" in html
    assert '<math display="inline"><mrow><msup><mi>n</mi><mn>2</mn></msup></mrow></math>' in html
    assert '<td class="m-right">2</td>' in html


def test_a_program_has_classed_tokens_and_an_unknown_language_is_plain() -> None:
    assert '<span class="h-k">def</span>' in code("def f(): pass", "python")
    assert "<span" not in code("def f(): pass", "no-such-language")


def test_headings_stand_below_those_of_the_page() -> None:
    assert block("# One\n\n##### Five", no_picture) == "<h3>One</h3>\n<h6>Five</h6>"


def test_a_wrapped_chinese_sentence_has_no_space_where_it_was_wrapped() -> None:
    assert inline("梯度\n同步") == "梯度同步"
    assert inline("all\nreduce") == "all\nreduce"


def test_a_picture_is_what_the_page_makes_of_it() -> None:
    assert block("![a <b>](media/x.svg)", no_picture) == "<p><em>media/x.svg a &lt;b&gt;</em></p>"
    assert inline("![a <b>](media/x.svg)") == "a &lt;b&gt;"


@pytest.mark.parametrize(
    ("tex", "sign"),
    [
        (r"\mathcal L", "ℒ"),
        (r"\mathbf{x}", "𝐱"),
        (r"\boldsymbol{\theta}", "𝜽"),
        (r"\mathtt{a1}", "𝟷"),
        (r"\mathbb{R}", "ℝ"),
        (r"\le", "≤"),
        (r"\text{显存}", "显存"),
    ],
)
def test_a_sign_is_the_character_that_browsers_draw(tex: str, sign: str) -> None:
    assert sign in Seen(maths(tex)).text


def test_aligned_rows_are_a_table() -> None:
    html = maths(r"\begin{aligned}a&=b\\c&=d\end{aligned}", display=True)

    assert html.count("<mtr>") == 2
    assert '<mtd class="m-right">' in html


@pytest.mark.parametrize("tex", ["x_{", r"\left( x", r"\sqrt", "{" * 5000, r"\frac", "^", r"\begin{array}{"])
def test_tex_that_cannot_be_converted_is_shown_as_it_was_written(tex: str) -> None:
    assert Seen(maths(tex)).text == tex


def test_all_maths_of_the_bank_is_converted() -> None:
    def texts() -> list[str]:
        found = []
        for question in load_bank(default_bank()).questions:
            both = [question.prompt, question.answer, *(point.text for point in question.key_points)]
            found += [text.in_(lang) for text in both for lang in ("en", "zh")]
        return found

    html = "".join(block(text, no_picture) for text in texts())

    assert html.count("<math") > 100
    assert "m-tex" not in html
    assert not re.search(r"<m[ion]>[^<]*\\", html)


ATTACKS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    '![x" onerror="alert(1)](media/x.svg)',
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{background:url(//evil)}{x}$",
    r"$\class{evil}{x}$",
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$$",
    r"$\color{red;}{x}$",
    '```"><script>\nx\n```',
    "<!-- --><svg onload=alert(1)>",
    "| <b> |\n|---|\n| <i onclick=x> |",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_what_would_be_active_stays_text(text: str) -> None:
    for html in (
        block(text, no_picture),
        inline(text),
        plain(text),
        code(text),
        marked(text, [MarkedSpan(0, 9, "met", text)]),
    ):
        assert_harmless(html)


def assert_harmless(html: str) -> None:
    seen = Seen(html)
    assert set(seen.tags) <= TAGS
    for name, value in seen.attributes:
        assert not name.startswith("on")
        assert name != "style"
        assert name != "src"
        if name == "href":
            assert re.match(r"(https?://|mailto:|#)", value or "")
        if name == "class":
            assert re.fullmatch(r"[a-z0-9 -]*", value or "")


@given(st.text(alphabet=r"\{}$^_&<>'" + '"ab1 \n[]()|#`*', max_size=60))
def test_no_text_gives_other_markup_than_the_modules_own(text: str) -> None:
    assert_harmless(block(f"$${text}$$\n\n{text}\n\n${text}$", no_picture))
    assert_harmless(maths(text))


def test_an_answer_shows_which_words_earned_what() -> None:
    html = marked("a <b> c", [MarkedSpan(2, 5, "met", "1")])

    assert html == 'a <mark class="v-met">&lt;b&gt;</mark><sup class="m-ref">1</sup> c'


def test_overlapping_quotes_are_marked_piece_by_piece() -> None:
    html = marked("abcdef", [MarkedSpan(0, 4, "met", "1"), MarkedSpan(2, 6, "stated", "2")])

    assert html == (
        '<mark class="v-met">ab</mark><mark class="v-stated">cd</mark><sup class="m-ref">1</sup>'
        '<mark class="v-stated">ef</mark><sup class="m-ref">2</sup>'
    )


@given(
    st.text(max_size=40),
    st.lists(
        st.builds(MarkedSpan, st.integers(-5, 50), st.integers(-5, 50), st.sampled_from(["met", "stated"])),
        max_size=6,
    ),
)
def test_marking_loses_no_word(text: str, spans: list[MarkedSpan]) -> None:
    assert Seen(marked(text, spans)).text == Seen(plain(text)).text
