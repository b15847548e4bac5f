"""The shipped bank under the offline grader: what its own words are worth."""

from __future__ import annotations

import pytest

from mockint.bank import Bank, default_bank, load_bank
from mockint.grading import grade_answer
from mockint.grading.offline import OfflineGrader
from mockint.question import LANGS, Lang


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(default_bank())


@pytest.mark.parametrize("lang", LANGS)
def test_the_reference_answer_of_every_question_earns_at_least_95_percent(bank: Bank, lang: Lang) -> None:
    grader = OfflineGrader(bank.wordings)
    scores = {q.id: grade_answer(grader, q, q.answer.in_(lang)).score for q in bank.questions}
    assert {id: score for id, score in scores.items() if score < 0.95} == {}


@pytest.mark.parametrize("lang", LANGS)
def test_the_question_said_back_and_silence_earn_nothing(bank: Bank, lang: Lang) -> None:
    grader = OfflineGrader(bank.wordings)
    for question in bank.questions:
        assert grade_answer(grader, question, question.prompt.in_(lang)).score == 0, question.id
        assert grade_answer(grader, question, "").score == 0, question.id


@pytest.mark.parametrize("lang", LANGS)
def test_stating_a_missing_point_as_its_author_does_never_lowers_the_score(bank: Bank, lang: Lang) -> None:
    grader = OfflineGrader(bank.wordings)
    for question in bank.questions:
        for sample in bank.samples(question):
            before = grade_answer(grader, question, sample.answer)
            for point in question.key_points:
                if before.mark(point.id).verdict == "missing":
                    after = grade_answer(grader, question, f"{sample.answer.rstrip()} {point.text.in_(lang)}")
                    assert after.score >= before.score, (question.id, sample.id, point.id)
