"""What would look wrong on a card is found in the source, on its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import load_bank
from mockint.check import cards, lint
from mockint.check.tex import tex_fault
from mockint.errors import Problem

QUESTION = """\
id: {id}
topic: t
kind: explain
level: 1
minutes: 2
prompt: {{en: "What is {id}?", zh: "{id} 是什么？"}}
answer:
  en: |
    First line.

    ANSWER
  zh: |
    第一行。
key_points:
  - {{id: k1, text: {{en: A, zh: 甲}}, cloze: {{en: "CLOZE", zh: "是[[甲]]"}}}}
  - {{id: k2, text: {{en: B, zh: 乙}}}}
  - {{id: k3, text: {{en: C, zh: 丙}}}}
"""
ANSWER_LINE = 11


def _found(root: Path, answer: str = "Fine.", cloze: str = "It is [[one]].") -> list[Problem]:
    (root / "topics.yaml").write_text("- {id: t, name: {en: T, zh: 题}, line: {en: x, zh: x}}\n")
    (root / "t").mkdir(exist_ok=True)
    text = QUESTION.format(id="q").replace("ANSWER", answer.replace("\n", "\n    ")).replace("CLOZE", cloze)
    (root / "t" / "q.yaml").write_text(text, encoding="utf-8")
    rules = {"tex", "prose-in-maths", "maths-as-text", "html-as-text", "markdown-as-text", "control-character"}
    rules |= {"cloze-brackets", "same-prompt", "long-card"}
    return [problem for problem in lint(load_bank(root)) if problem.rule in rules]


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("so $\\frac{a}$ it is", "tex"),
        ("so $x_{a$ it is", "tex"),
        ("so $\\unheardof x$ it is", "tex"),
        ("it costs $five dollars and then$ more", "prose-in-maths"),
        ("so \\(x^2\\) it is", "maths-as-text"),
        ("so $x_{i} it is", "maths-as-text"),
        ("a<br>b", "html-as-text"),
        ("x<sup>2</sup>", "html-as-text"),
        ("这是**“重点”**的", "markdown-as-text"),
        ("an `unclosed code", "markdown-as-text"),
        ("a | b\n|---|", "markdown-as-text"),
    ],
)
def test_a_fault_is_found_on_its_line(tmp_path: Path, answer: str, rule: str) -> None:
    found = _found(tmp_path, answer)

    assert (rule, ANSWER_LINE) in [(problem.rule, problem.line) for problem in found] or (
        answer.startswith("a | b") and (rule, ANSWER_LINE + 1) in [(problem.rule, problem.line) for problem in found]
    )


@pytest.mark.parametrize(
    "answer",
    [
        "List<int>, a < b, {{x}}, $5 and $6, 50% of `\\(x\\)`.",
        "$\\begin{aligned} a &= b \\\\ c &= \\left[ d \\right) \\end{aligned}$ and $\\text{KV}_{\\text{cache}}$",
        "snake_case_name, `__init__`, 2 * 3 * 4 and [0, 1][0]",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "`x[[0]]`, https://example.org/a_b",
    ],
)
def test_what_a_card_shows_well_is_no_problem(tmp_path: Path, answer: str) -> None:
    assert _found(tmp_path, answer) == []


@pytest.mark.parametrize("cloze", ["It is [[one.", "[[a [[b]]]]", "a]] and [[b"])
def test_brackets_of_a_cloze_pair_up(tmp_path: Path, cloze: str) -> None:
    assert [problem.rule for problem in _found(tmp_path, cloze=cloze)] == ["cloze-brackets"]


@pytest.mark.parametrize("escape", ["\\x1f", "\\x9b", "\\u202e", "\\u2066", "\\u200e", "\\u200b", "\\ufeff"])
def test_a_control_character_is_found(tmp_path: Path, escape: str) -> None:
    problems = _found(tmp_path, cloze=f"It {escape} is [[one]].")
    assert [problem.rule for problem in problems] == ["control-character"]


def test_a_card_too_long_for_a_phone_is_a_warning(tmp_path: Path) -> None:
    problems = _found(tmp_path, "\n\n".join(["word " * 80] * 16))

    assert [(problem.rule, problem.severity) for problem in problems] == [("long-card", "warning")]


def test_two_questions_with_one_prompt_are_found(tmp_path: Path) -> None:
    _found(tmp_path)
    other = QUESTION.format(id="r").replace("ANSWER", "x").replace("CLOZE", "[[x]]")
    (tmp_path / "t" / "r.yaml").write_text(other.replace("What is r?", "What is q?"), encoding="utf-8")

    problems = [problem for problem in lint(load_bank(tmp_path)) if problem.rule == "same-prompt"]
    assert [(problem.path, problem.line) for problem in problems] == [("t/r.yaml", 6)]


def test_one_cloze_in_two_questions_is_found(tmp_path: Path) -> None:
    _found(tmp_path)
    other = QUESTION.format(id="r").replace("ANSWER", "x").replace("CLOZE", "It is [[one]].")
    (tmp_path / "t" / "r.yaml").write_text(other.replace("是[[甲]]", "是[[乙]]"), encoding="utf-8")

    problems = [problem for problem in lint(load_bank(tmp_path)) if problem.rule == "same-cloze"]
    assert [(problem.path, problem.line) for problem in problems] == [("t/r.yaml", 15)]


@pytest.mark.parametrize(
    "tex",
    [
        "x^a^b",
        "x_",
        "\\left( x",
        "\\begin{aligned} a",
        "a & b",
        "{x",
        "x}",
        "\\sqrt",
        "50%",
        "a#b",
        "\\begin{foo}x\\end{foo}",
        "\\bm{x}",
        "\\frac{a}{b}^2^3",
        "a \\[ b",
        "a \\) b",
    ],
)
def test_tex_that_mathjax_refuses_is_refused(tex: str) -> None:
    assert tex_fault(tex)


@pytest.mark.parametrize(
    "tex",
    [
        "\\frac12",
        "\\sqrt[3]{x}",
        "f'^2",
        "x_{a_b}^{c}",
        "\\operatorname*{argmin}_x",
        "\\mathbb R^n",
        "\\lVert x \\rVert_2",
        "{x^2}^3",
        "\\text{a & b}",
        "\\{a\\}",
        "\\left\\lfloor x \\right\\rfloor",
        "\\sum\\limits_{i} x_i",
        "\\newcommand{\\R}{\\mathbb{R}} \\R^n",
    ],
)
def test_tex_that_mathjax_sets_is_let_through(tex: str) -> None:
    assert tex_fault(tex) is None


def test_the_estimate_of_height_leaves_folded_code_out() -> None:
    program = "```python\n" + "x = 1\n" * 40 + "```\n"

    assert cards._height(program) > 800
    assert cards._height(program + "```output\n1\n```\n") < 60
