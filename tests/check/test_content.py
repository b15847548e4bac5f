"""Each rule has an input that it must find."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import default_bank, load_bank
from mockint.check import lint

GOOD = """\
id: q
topic: t
kind: compare
level: 1
minutes: 2
prompt: {en: "A or B?", zh: "A 还是 B？"}
answer:
  en: "|a|b|\\n|-|-|\\n|1|2|\\n\\n![p](media/p.svg)"
  zh: "|a|b|\\n|-|-|\\n|1|2|"
key_points:
  - {id: k1, text: {en: A, zh: 甲}, cloze: {en: "A is [[fast]]", zh: "甲[[快]]"}}
  - {id: k2, text: {en: A, zh: 甲}}
  - {id: k3, text: {en: A, zh: 甲}}
misconceptions:
  - {id: m1, text: {en: A, zh: 甲}, correction: {en: B, zh: 乙}}
follow_ups: [{prompt: {en: Why?, zh: 为什么？}, probes: [k1]}]
hints: [{en: Think., zh: 想。}]
references: [{title: Paper, url: "https://example.org/paper"}]
"""
SAMPLES = """\
- {answer: apple, verdicts: {k1: met, k2: met, k3: met, m1: absent}}
- {answer: b, verdicts: {k1: met, k2: met, k3: met, m1: absent}}
- {answer: c, verdicts: {k1: met, k2: met, k3: met, m1: absent}}
- {answer: d, verdicts: {k1: met, k2: met, k3: met, m1: absent}}
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect fill="#ddf4ff"/></svg>'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "topics.yaml").write_text("- {id: t, name: {en: T, zh: 题}, line: {en: x, zh: x}}\n")
    (tmp_path / "t" / "media").mkdir(parents=True)
    (tmp_path / "t" / "media" / "p.svg").write_text(SVG)
    (tmp_path / "t" / "q.yaml").write_text(GOOD)
    (tmp_path / "t" / "q.samples.yaml").write_text(SAMPLES)
    (tmp_path / "t" / "q.wordings.yaml").write_text("says: {k1: apple, k2: b, k3: c, m1: d}\n")
    return tmp_path


def test_a_good_question_is_clean(root: Path) -> None:
    assert lint(load_bank(root)) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        (", correction: {en: B, zh: 乙}", "", "no-correction", 15),
        ("[[fast]]", "fast", "empty-cloze", 11),
        ('zh: "|a|b|\\n|-|-|\\n|1|2|"', "zh: 表", "no-table", 9),
        ("kind: compare", "kind: code-output", "code-output", 3),
        ('references: [{title: Paper, url: "https://example.org/paper"}]\n', "", "no-reference", 1),
        ("follow_ups: [{prompt: {en: Why?, zh: 为什么？}, probes: [k1]}]\n", "", "no-follow-up", 1),
        ("hints: [{en: Think., zh: 想。}]\n", "", "no-hint", 1),
    ],
)
def test_a_rule_finds_its_defect(root: Path, old: str, new: str, rule: str, line: int) -> None:
    assert old in GOOD
    (root / "t" / "q.yaml").write_text(GOOD.replace(old, new))

    assert [(p.path, p.line, p.rule) for p in lint(load_bank(root))] == [("t/q.yaml", line, rule)]


def test_too_few_samples_are_told_in_their_file(root: Path) -> None:
    (root / "t" / "q.samples.yaml").write_text(SAMPLES.replace("- {answer: d", "# {answer: d"))
    (root / "t" / "q.wordings.yaml").write_text("says: {k1: apple, k2: b, k3: c, m1: c}\n")

    assert [(p.path, p.rule) for p in lint(load_bank(root))] == [("t/q.samples.yaml", "few-samples")]


def test_a_picture_keeps_to_the_palette(root: Path) -> None:
    (root / "t" / "media" / "p.svg").write_text(SVG.replace("#ddf4ff", "#abcdef"))

    assert [(p.rule, "#abcdef" in p.message) for p in lint(load_bank(root))] == [("picture-colours", True)]


def test_the_shipped_bank_has_no_error_and_no_warning_but_of_untried_patterns() -> None:
    found = lint(load_bank(default_bank()))
    assert [str(problem) for problem in found if problem.rule != "unheard-pattern"] == []
