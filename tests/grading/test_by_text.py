"""Key points without wordings: coverage is shown as coverage, and nobody is said to contradict without proof."""

from __future__ import annotations

import pytest

from mockint.evaluation.plain_questions import questions_from_record
from mockint.grading.grade import Mark
from mockint.grading.offline import OfflineGrader

GRADER = OfflineGrader()


def mark(point: str, answer: str, prompt: str = "What do you know of it?") -> Mark:
    (question,) = questions_from_record(question=prompt, key_points=[point])
    return GRADER.mark(question, answer)[0]


ZERO = "Stage 1 shards the optimizer state over the ranks and communicates as much as data parallelism"


def test_half_of_the_words_of_a_point_are_shown_as_about_half() -> None:
    found = mark(ZERO, "It shards the optimizer state over the ranks.")

    assert found.verdict == "partial"
    assert found.code == "covers_half"
    assert found.reason.startswith("Your words cover about")
    assert found.confidence <= 0.5


def test_nothing_of_a_point_is_missing_and_not_surely_so() -> None:
    found = mark(ZERO, "I once had a dog.")

    assert (found.verdict, found.code) == ("missing", "uncovered")
    assert found.confidence <= 0.8


@pytest.mark.parametrize(
    ("point", "answer"),
    [
        ("The terminals are not connected", "The terminals are connected and the bulb is working."),
        ("The training error is low but the validation error is high", "High training error but low validation error."),
    ],
)
def test_the_plain_opposite_of_a_point_contradicts_it(point: str, answer: str) -> None:
    assert mark(point, answer).verdict == "contradicted"


@pytest.mark.parametrize(
    ("point", "answer"),
    [
        (
            "Terminal 1 and the positive terminal are not connected",
            "Terminal 1 is not connected to the positive terminal.",
        ),
        ("The circuit is not complete", "It is not a complete circuit."),
        ("Greta and Andre have hands of different size", "Their hands were not the same size."),
        ("If the string is longer, the pitch will be lower", "A short string makes a high pitch."),
        ("Children should not suffer from preventable diseases", "Vaccines prevent diseases of children."),
        ("No, the cookies are not pure sugar", "No, because pure sugar is higher than the cookies."),
        ("The terminals are not connected", "It may be that the terminals are connected or that the bulb is out."),
    ],
)
def test_who_says_the_same_with_another_denial_does_not_contradict(point: str, answer: str) -> None:
    assert mark(point, answer).verdict != "contradicted"


@pytest.mark.parametrize(
    ("point", "answer"),
    [
        (
            "Terminal 1 and the positive terminal are not connected",
            "Terminal 1 is not connected to the positive terminal.",
        ),
        ("The battery is not in a closed path", "The battery is in an open path."),
        ("If the string is longer, the pitch will be lower", "With a shorter string the pitch will be higher."),
    ],
)
def test_one_denial_on_both_sides_is_the_same_statement(point: str, answer: str) -> None:
    assert mark(point, answer).verdict in ("met", "partial")


def test_what_the_text_sets_against_each_other_may_not_change_places() -> None:
    point = "The training error is low, the validation error is high"

    assert mark(point, "The training error is high, the validation error is low.").verdict in (
        "missing",
        "contradicted",
    )


def test_a_denial_as_a_whole_agrees_with_nothing() -> None:
    found = mark("The terminals are not connected", "It is not true that the terminals are not connected.")

    assert found.verdict in ("missing", "contradicted")
