"""What each sign of a pattern hears, and what a misspelt pattern is told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.notation import (
    AnyOf,
    AnyOrder,
    Beside,
    Both,
    Concept,
    Near,
    Node,
    Optional,
    PatternError,
    Words,
    examples,
    normal_form,
    parse,
    text_of_node,
)
from mockint.wordings import WordingsInMemory, Written
from tests.grading.questions import ZERO, wordings

ID = "optimizer-state"


def verdict(pattern: str, answer: str, **concepts: str) -> str:
    """Of a key point whose text no answer here comes near, with a second pattern that hears the same."""
    again = f"({pattern}) [please]" if "&" not in pattern else f"{pattern} & [please] {pattern.partition('&')[0]}"
    grader = OfflineGrader(WordingsInMemory(wordings(concepts=concepts, says={ID: [pattern, again]})))
    return next(mark.verdict for mark in grader.mark(ZERO, answer) if mark.criterion == ID)


@pytest.mark.parametrize(
    ("pattern", "heard", "unheard"),
    [
        ("green lamp", "The green lamps.", "A lamp in a green room."),
        ("green lamp", "All of the green and lamps", "the green, lamps"),
        ("lamp glows", "The lamp is just glowing", "The lamp is not glowing"),
        ("green|blue lamp", "It is green.", "a lamp, something blue"),
        ("(green|blue) lamp", "a blue lamp", "blue things, a lamp"),
        ("green [old] lamp", "a green lamp", "a green new lamp"),
        ("green [old] lamp", "a green old lamp", "an old lamp, green"),
        ("(lamp;green)", "a green lamp", "green walls near a lamp"),
        ("(lamp;green)", "the lamp is green", "green"),
        ("lamp .. green", "Green is what I chose for that lamp", "Green is all I can say"),
        ("80 % survive", "80 % survive", "80 % are dropped, the other 20 % survive"),
        ("all-reduce", "an all reduce", "reduce all"),
        ("all-reduce", "allreduce", "all of it is reduced"),
        ("O\\(n\\^2\\)", "It takes O(n²).", "It takes O(n)."),
        ("绿色 灯", "绿色的灯", "绿色不是灯"),
        ("<shade> lamp", "a crimson lamp", "a shade lamp"),
        ("<shade>", "it is crimson", "it is blue"),
    ],
)
def test_a_sign_hears_what_it_says_and_no_more(pattern: str, heard: str, unheard: str) -> None:
    assert verdict(pattern, heard, shade="red|crimson") == "met"
    assert verdict(pattern, unheard, shade="red|crimson") in ("missing", "contradicted")


def test_one_of_two_claims_is_half_the_point_and_both_may_stand_anywhere() -> None:
    pattern = "green lamp & blue door"
    apart = f"A green lamp. {'And so on and so forth. ' * 20} A blue door."

    assert verdict(pattern, apart) == "met"
    assert verdict(pattern, "A green lamp.") == "partial"
    assert verdict(pattern, "A blue door.") == "partial"
    assert verdict(pattern, "A blue lamp.") == "missing"
    assert verdict(pattern, "A green lamp, but no blue door.") == "partial"


def test_near_is_near() -> None:
    far = " ".join(["something"] * 40)
    assert verdict("lamp .. green", f"The lamp was bought {far} and it is green") == "missing"
    assert verdict("lamp .. green", "It has a lamp. Green, I think.") == "met"
    assert verdict("lamp .. green", "It has a lamp. One sentence. Another. Green.") == "missing"


def test_alternatives_bind_loosest_then_both_then_near_then_beside() -> None:
    assert parse("a b .. c & d | e") == AnyOf((Both((Near((Words("a b"), Words("c"))), Words("d"))), Words("e")))
    assert parse("[x] <y> (a;b c)") == Beside(
        (Optional(Words("x")), Concept("y", 4), AnyOrder((Words("a"), Words("b c"))))
    )


@pytest.mark.parametrize(
    ("pattern", "column", "said"),
    [
        ("(a|b", 5, "ends too early"),
        ("a)", 2, "')' cannot stand here"),
        ("a||b", 3, "'|' cannot stand here"),
        ("a ..", 5, "ends too early"),
        ("a & | b", 5, "cannot stand here"),
        ("<two words> a", 1, "expected a concept's name"),
        ("{a}", 1, "cannot stand here"),
        ("a; b", 2, "cannot stand here"),
        ("", 1, "ends too early"),
    ],
)
def test_a_misspelt_pattern_is_told_with_its_column(pattern: str, column: int, said: str) -> None:
    with pytest.raises(PatternError, match=re.escape(said)) as caught:
        parse(pattern)

    assert caught.value.offset + 1 == column


@pytest.mark.parametrize(
    ("pattern", "concepts", "said"),
    [
        ("a <shad>", {"shade": "red"}, "no concept <shad>: did you mean <shade>?"),
        ("a <shade>", {"shade": "<tint>", "tint": "<shade>"}, "names itself"),
        ("[a] [b]", {}, "nothing would have to be said"),
        ("(a & b) c", {}, "'&' stands between whole patterns only"),
    ],
)
def test_a_pattern_that_means_nothing_is_refused(pattern: str, concepts: dict[str, str], said: str) -> None:
    with pytest.raises(PatternError, match=re.escape(said)):
        verdict(pattern, "x", **concepts)


_WORDS = st.sampled_from(["green", "old lamp", "灯", "O(n)", "a;b", "x < y", "[1]"]).map(Words)
_NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(_WORDS, st.sampled_from(["shade", "tint"]).map(lambda name: Concept(name, 0))),
    lambda inner: st.lists(inner, min_size=2, max_size=3).map(tuple).map(AnyOf),
    max_leaves=6,
)


@given(node=_NODES)
def test_what_is_written_is_read_back(node: Node) -> None:
    assert normal_form(parse(text_of_node(node))) == normal_form(_flat(node))


def _flat(node: Node) -> Node:
    """Brackets inside brackets are undone by nobody, so they are compared as they are."""
    return node


def test_examples_are_texts_of_every_part() -> None:
    concepts = {"shade": (Written("red"), Written("绿色"))}

    assert examples(Written("(old|new) lamp .. <shade>"), concepts) == [["old lamp", "new lamp"], ["red", "绿色"]]
