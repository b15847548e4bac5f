"""The arithmetic of a grade."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.grading.grade import MUST_CAP, Mark, grade_of, with_follow_up
from mockint.question import KeyPoint, Misconception, Question, Text, Verdict

T = Text(en="x", zh="x")
QUESTION = Question(
    id="q",
    topic="t",
    kind="explain",
    level=1,
    minutes=1,
    prompt=T,
    answer=T,
    key_points=[
        KeyPoint(id="a", text=T, weight=2, must=True),
        KeyPoint(id="b", text=T, weight=1),
        KeyPoint(id="c", text=T, weight=1),
    ],
    misconceptions=[Misconception(id="m", text=T, weight=1)],
)


def marks(a: Verdict, b: Verdict, c: Verdict, m: Verdict = "absent") -> list[Mark]:
    return [Mark(criterion=id, verdict=verdict) for id, verdict in zip("abcm", (a, b, c, m), strict=True)]


@pytest.mark.parametrize(
    ("verdicts", "score"),
    [
        (("met", "met", "met"), 1.0),
        (("met", "partial", "missing"), 0.625),
        (("partial", "missing", "missing"), 0.25),
        (("met", "met", "met", "stated"), 0.75),
        (("met", "contradicted", "missing"), 0.375),
        (("missing", "missing", "missing", "stated"), 0.0),
        (("missing", "missing", "missing"), 0.0),
    ],
)
def test_the_score_is_the_weighted_credit_less_what_misconceptions_cost(
    verdicts: tuple[Verdict, ...], score: float
) -> None:
    assert grade_of(QUESTION, marks(*verdicts), grader="test/1").score == score


def test_a_missed_must_caps_the_score() -> None:
    cheap = QUESTION.model_copy(
        update={
            "key_points": [p.model_copy(update={"weight": 9.0 if p.id == "b" else 1.0}) for p in QUESTION.key_points]
        }
    )

    grade = grade_of(cheap, marks("missing", "met", "met"), grader="test/1")

    assert (grade.score, grade.capped_by) == (MUST_CAP, ["a"])


@pytest.mark.parametrize(
    "wrong", [marks("met", "met", "met")[:3], [*marks("met", "met", "met"), *marks("met", "met", "met")]]
)
def test_every_criterion_is_marked_exactly_once(wrong: list[Mark]) -> None:
    with pytest.raises(ValueError, match="must mark each of"):
        grade_of(QUESTION, wrong, grader="test/1")


def test_a_verdict_of_the_other_kind_is_a_bug() -> None:
    with pytest.raises(ValueError, match="'stated'"):
        grade_of(QUESTION, marks("stated", "met", "met"), grader="test/1")


KEY_POINT_VERDICTS = st.sampled_from(["met", "partial", "missing", "contradicted"])
ALL_MARKS = st.builds(
    marks, KEY_POINT_VERDICTS, KEY_POINT_VERDICTS, KEY_POINT_VERDICTS, st.sampled_from(["stated", "absent"])
)
BETTER: dict[Verdict, Verdict] = {"contradicted": "missing", "missing": "partial", "partial": "met", "stated": "absent"}


@given(ALL_MARKS)
def test_a_score_lies_between_0_and_1_and_no_better_verdict_lowers_it(given_marks: list[Mark]) -> None:
    before = grade_of(QUESTION, given_marks, grader="test/1").score

    assert 0 <= before <= 1
    for place, mark in enumerate(given_marks):
        if better := BETTER.get(mark.verdict):
            improved = [*given_marks]
            improved[place] = mark.model_copy(update={"verdict": better})
            assert grade_of(QUESTION, improved, grader="test/1").score >= before


@given(ALL_MARKS, ALL_MARKS)
def test_a_reply_without_mistakes_never_lowers_the_score(first: list[Mark], later: list[Mark]) -> None:
    clean = [
        m.model_copy(update={"verdict": {"contradicted": "missing", "stated": "absent"}.get(m.verdict, m.verdict)})
        for m in later
    ]

    merged = with_follow_up(first, clean)

    assert grade_of(QUESTION, merged, grader="t/1").score >= grade_of(QUESTION, first, grader="t/1").score


@pytest.mark.parametrize(
    ("first", "later", "after"),
    [
        ("missing", "met", "met"),
        ("contradicted", "met", "met"),
        ("contradicted", "missing", "missing"),
        ("missing", "contradicted", "contradicted"),
        ("partial", "contradicted", "partial"),
        ("partial", "missing", "partial"),
        ("met", "contradicted", "met"),
    ],
)
def test_a_point_is_raised_by_a_reply_and_lowered_only_from_missing(
    first: Verdict, later: Verdict, after: Verdict
) -> None:
    (mark,) = with_follow_up([Mark(criterion="a", verdict=first)], [Mark(criterion="a", verdict=later)])

    assert mark.verdict == after


def test_a_misconception_that_is_taken_back_is_gone_and_what_no_reply_was_about_stays() -> None:
    first = marks("missing", "met", "met", "stated")

    merged = with_follow_up(first, [Mark(criterion=first[3].criterion, verdict="absent")])

    assert [mark.verdict for mark in merged] == ["missing", "met", "met", "absent"]


def test_a_changed_copy_of_a_question_has_a_hash_of_its_own() -> None:
    first = QUESTION
    before = first.content_hash()

    assert first.model_copy(update={"level": 4}).content_hash() != before
    assert first.model_copy().content_hash() == before
