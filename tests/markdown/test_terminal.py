"""Chinese wraps as Chinese, maths reads as maths, and nothing in a text can drive the terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.syntax import Syntax

from mockint.bank import default_bank, read_bank
from mockint.markdown.characters import visible
from mockint.markdown.terminal import code, markdown
from mockint.markdown.unicode_maths import unicode_maths
from mockint.markdown.wrapped import Wrapped
from mockint.question import LANGS


def drawn(renderable: RenderableType, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    console.print(Group(renderable))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


def page(text: str, width: int = 40) -> str:
    lines = drawn(markdown(text, picture=lambda src, alt: f"[{alt}: {src}]"), width)
    return "\n".join(line.rstrip() for line in lines)


def test_chinese_fills_the_line_and_never_starts_one_with_a_full_stop() -> None:
    assert drawn(Wrapped("ZeRO 的第一阶段切分优化器状态，第二阶段再切分梯度（第三阶段切分参数）。"), 20) == [
        "ZeRO 的第一阶段切分",
        "优化器状态，第二阶段",
        "再切分梯度（第三阶段",
        "切分参数）。",
    ]


LATEX = [*r"\{}^_[]()$ a1%&~#|-", r"\frac", r"\sqrt", r"\begin{cases}", r"\end{cases}", r"\hat", r"\text", r"\left"]
LATEX += [r"\begin", r"\end", r"\\", r"\input", r"\verb", r"\newcommand", r"\begin{array}", r"\color", r"\mathbb"]


@given(
    text=st.text(alphabet="分布式训练，。（）《》 abc-def,.()\n", max_size=120),
    width=st.integers(8, 40),
)
def test_no_line_is_wider_than_the_screen_and_nothing_but_space_is_lost(text: str, width: int) -> None:
    lines = drawn(Wrapped(text), width)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"O(n^2)", "O(n²)"),
        (r"O(n\log n)", "O(n log n)"),
        (r"4\Psi + 12\Psi/N", "4Ψ + 12Ψ/N"),
        (r"\frac{QK^\top}{\sqrt{d_k}}", "QKᵀ/√dₖ"),
        (r"\frac{2(N-1)}{N}\Psi", "2(N-1)/N·Ψ"),
        (r"\frac{1}{\frac{a+b}{2}}", "1/((a+b)/2)"),
        (r"\hat m=m/(1-\beta_1^t)", "m̂ = m/(1-β₁ᵗ)"),
        (r"x_{t+1} = x_t - \eta H^{-1} \nabla f(x_t)", "xₜ₊₁ = xₜ - ηH⁻¹ ∇f(xₜ)"),
        (r"\mathbb{R}^{n \times d}", "ℝ^(n×d)"),
        (r"\sum_{i=1}^{N} x_i \le 10^{-5}", "∑ᵢ₌₁ᴺ xᵢ ≤ 10⁻⁵"),
        (r"\theta_{ref}", "θ_ref"),
        (r"d=-H^{-1}", "d = -H⁻¹"),
        (r"\frac{a", r"\frac{a"),
    ],
)
def test_maths_reads_on_one_line(latex: str, shown: str) -> None:
    assert unicode_maths(latex) == shown


@example(r"\sqrt{")
@example(r"\begin{array}\frac")
@given(st.lists(st.sampled_from(LATEX), max_size=14).map("".join))
def test_any_latex_gives_some_text(latex: str) -> None:
    assert isinstance(unicode_maths(latex), str)


def test_markdown_is_drawn_with_its_maths_its_code_and_its_pictures_named() -> None:
    text = (
        "It is **quadratic**: $O(n^2)$, in `torch`\nand elsewhere.\n\n- first\n- second\n  1. deep\n\n"
        "```python\nprint('$5 <b>')\n```\n\n| a | b |\n|---|--:|\n| 甲乙 | $x_1$ |\n\n![a chart](media/a.svg)\n\n"
        "> quoted\n\n[docs](https://example.org/x) <b>not html</b> [bold]\n"
    )

    assert page(text) == (
        "It is quadratic: O(n²), in torch and\nelsewhere.\n\n- first\n- second\n  1. deep\n\n  print('$5 <b>')\n\n"
        "a       b\n─────────\n甲乙   x₁\n\n[a chart: media/a.svg]\n\n  quoted\n\n"
        "docs (https://example.org/x) <b>not\nhtml</b> [bold]"
    )


def test_a_line_break_in_the_source_leaves_no_gap_in_chinese_prose() -> None:
    assert page("切分优化器状态，\n再切分梯度 (stage\n2)。") == "切分优化器状态，再切分梯度 (stage 2)。"


def test_what_could_drive_the_terminal_is_shown_instead() -> None:
    hostile = "a\x1b]0;title\x07b\x9b31mc\u202ed\r\x00"
    safe = visible(hostile)

    assert safe == "a␛]0;title␇b\ufffd31mc\ufffdd␍␀"
    assert len(safe) == len(hostile)
    assert "\x1b" not in page(hostile) + page(f"`{hostile}`") + page(f"${hostile}$")
    assert "\x1b" not in "".join(drawn(code(hostile, "python"), 40))


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("lang", LANGS)
def test_everything_in_the_bank_fits_the_screen(width: int, lang: str) -> None:
    bank, _ = read_bank(default_bank())
    assert bank.questions
    for question in bank.questions:
        for text in (question.prompt, question.answer):
            body = markdown(text.in_(lang), picture=lambda src, alt: f"{alt} {Path(src)}")  # type: ignore[arg-type]
            for line in drawn(Panel(body), width):
                assert cell_len(line) == width, line
                assert "\\frac" not in line
                assert "$" not in line or "`" not in line


def test_code_in_a_file_stands_as_it_does_in_a_terminal_without_its_colours() -> None:
    source = "def f(x):\n\treturn x * 2  # as long a line as there is any, and some more words\n\n\nprint(f(2))\n"

    def in_colours(width: int) -> list[str]:
        highlighted = Syntax(source.rstrip(), "python", background_color="default", word_wrap=True)
        return drawn(Padding(highlighted, (0, 0, 0, 2)), width)

    assert [drawn(code(source, "python"), width) for width in (24, 80)] == [in_colours(24), in_colours(80)]
