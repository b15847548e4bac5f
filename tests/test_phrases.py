"""The catalogue of phrases: both languages say the same, each phrase is said, and is given what it asks for."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from jinja2 import Environment, nodes

from mockint.grading.offline.non_answers import WHY
from mockint.history import Mode, Outcome
from mockint.phrases import (
    PagePhrases,
    Phrase,
    PhrasePer,
    Phrases,
    ReasonCode,
    Refusal,
    ReportPhrases,
    SchedulePhrases,
    SharedPhrases,
    TerminalPhrases,
    sentence,
)
from mockint.phrases.reasons import ReasonPhrases
from mockint.question import Verdict
from mockint.reports.shapes import Grain
from mockint.web.visit import THEMES

PACKAGE = Path(__file__).resolve().parent.parent / "mockint"
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
AREAS: tuple[type[Phrases], ...] = (
    SharedPhrases,
    TerminalPhrases,
    PagePhrases,
    ReportPhrases,
    SchedulePhrases,
    ReasonPhrases,
)
SAID_IN: dict[type[Phrases], tuple[str, ...]] = {
    TerminalPhrases: (
        "terminal/draw.py",
        "terminal/entry.py",
        "terminal/llm.py",
        "terminal/session.py",
        "cli/history.py",
        "cli/interview.py",
    ),
    PagePhrases: ("web/*.py", "web/templates/*.html"),
    ReportPhrases: ("reports/*.py", "reports/templates/*.html", "terminal/report.py"),
    SchedulePhrases: ("cli/schedule.py", "schedule/*.py"),
}
SHARED_SAID_IN = ("terminal/pieces.py", "phrases/formats.py", "interview/interviewer.py")
# The pages ask for these by a name that is put together.
COMPOSED = {"practise", "progress", "history", "bank", "settings"}


class Use(NamedTuple):
    """`words.NAME` somewhere. values: what it is filled in with; None where it is said as it stands."""

    name: str
    values: frozenset[str] | None
    where: str


def own(area: type[Phrases]) -> dict[str, Phrase | PhrasePer[Any]]:
    return {name: one for name, one in vars(area).items() if isinstance(one, Phrase | PhrasePer)}


def phrases(area: type[Phrases]) -> Iterator[tuple[str, Phrase]]:
    for name, one in own(area).items():
        if isinstance(one, Phrase):
            yield name, one
        else:
            yield from ((f"{name}[{key}]", phrase) for key, phrase in one.phrases.items())


def values_of(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def uses_in(path: Path) -> Iterator[Use]:
    where = path.relative_to(PACKAGE).as_posix()
    text = path.read_text(encoding="utf-8")
    yield from _in_python(text, where) if path.suffix == ".py" else _in_template(text, where)


def _in_python(text: str, where: str) -> Iterator[Use]:
    tree = ast.parse(text)
    filled = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            filled[node.func.value] = frozenset(keyword.arg or "**" for keyword in node.keywords)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _are_words(node.value):
            yield Use(node.attr, filled.get(node), f"{where}:{node.lineno}")


def _are_words(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("words", "_words")


def _in_template(text: str, where: str) -> Iterator[Use]:
    tree = Environment().parse(text)
    filled = {}
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr == "format":
            filled[id(call.node.node)] = frozenset(keyword.key for keyword in call.kwargs)
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == "words":
            yield Use(node.attr, filled.get(id(node)), f"{where}:{node.lineno}")


def uses(patterns: tuple[str, ...]) -> list[Use]:
    paths = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    return [use for path in sorted(paths) for use in uses_in(path)]


@pytest.mark.parametrize("area", AREAS)
def test_every_phrase_is_there_in_both_languages_with_the_same_values(area: type[Phrases]) -> None:
    for name, phrase in phrases(area):
        assert values_of(phrase.en) == values_of(phrase.zh), name
        assert CHINESE.search(phrase.zh), name
        assert phrase.en.isprintable() or name == "commands", name
        assert phrase.en.strip(), name
        assert not CHINESE.search(phrase.en), name


@pytest.mark.parametrize("area", SAID_IN)
def test_no_phrase_is_there_that_nobody_says(area: type[Phrases]) -> None:
    said = {use.name for use in uses(SAID_IN[area])} | (COMPOSED if area is PagePhrases else set())

    assert set(own(area)) - said == set()


def test_no_shared_phrase_is_there_that_nobody_says() -> None:
    assert (
        set(own(SharedPhrases)) - {use.name for use in uses((*chain.from_iterable(SAID_IN.values()), *SHARED_SAID_IN))}
        == set()
    )


@pytest.mark.parametrize("area", SAID_IN)
def test_every_phrase_is_given_the_values_that_it_asks_for(area: type[Phrases]) -> None:
    """Phrases by a key take none: see below."""
    for use in uses((*SAID_IN[area], *SHARED_SAID_IN)):
        phrase = getattr(area, use.name, None)
        assert phrase is not None, use
        if isinstance(phrase, Phrase):
            assert (use.values or frozenset()) == values_of(phrase.en), use


def test_phrases_by_a_key_take_no_values() -> None:
    for area in AREAS:
        for name, one in own(area).items():
            if isinstance(one, PhrasePer):
                assert not any(values_of(phrase.en) for phrase in one.phrases.values()), name


def test_what_several_faces_say_stands_once() -> None:
    for one, other in combinations(AREAS, 2):
        said = {phrase: name for name, phrase in phrases(other)}
        for name, phrase in phrases(one):
            assert phrase not in said, (one.__name__, name, other.__name__, said[phrase])
        assert not set(own(one)) & set(own(other)) or SharedPhrases not in (one, other), (one, other)


@pytest.mark.parametrize(
    ("phrase", "keys"),
    [
        (SharedPhrases.verdicts, set(get_args(Verdict))),
        (SharedPhrases.modes, set(get_args(Mode))),
        (SharedPhrases.outcomes, {*get_args(Outcome), None}),
        (ReportPhrases.grains, set(get_args(Grain))),
        (PagePhrases.refusals, set(get_args(Refusal))),
        (PagePhrases.themes, set(THEMES)),
        (ReasonPhrases.sentences, set(get_args(ReasonCode))),
    ],
)
def test_there_is_a_phrase_for_every_key(phrase: PhrasePer[Any], keys: set[str]) -> None:
    assert set(phrase.phrases) == keys


def test_an_area_speaks_its_language() -> None:
    assert TerminalPhrases("en").score == "Score"
    assert TerminalPhrases("zh").score == "得分"
    assert TerminalPhrases("zh").verdicts["met"] == "答到"


def test_a_reason_is_a_sentence_that_no_other_code_has() -> None:
    codes: tuple[ReasonCode, ...] = get_args(ReasonCode)
    for code in codes:
        assert re.fullmatch(r"[A-Z][ -~]+\.", sentence(code).en)
        assert sentence(code).zh.endswith("。")

    assert len({sentence(code).en for code in codes}) == len({sentence(code).zh for code in codes}) == len(codes)


def test_every_guard_says_why_by_a_code() -> None:
    assert set(WHY.values()) <= set(get_args(ReasonCode))


def test_nobody_judges_where_an_answer_is_graded() -> None:
    for area in AREAS:
        for name, phrase in phrases(area):
            assert not re.search("judg|裁判", phrase.en + phrase.zh, re.IGNORECASE), name


def test_the_check_itself_sees_a_wrong_value_in_code_and_in_a_template() -> None:
    assert list(_in_python("self.words.begin.format(count=1)", "x.py")) == [
        Use("begin", frozenset({"count"}), "x.py:1")
    ]
    assert list(_in_template("{{ words.begin.format(count=1) }}{{ words.score }}", "x.html")) == [
        Use("begin", frozenset({"count"}), "x.html:1"),
        Use("score", None, "x.html:1"),
    ]
