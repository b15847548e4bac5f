"""The figures against hand-computed values, against NumPy and SciPy, and their properties."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mockint.evaluation.bootstrap import interval, resampling_units, share_figure
from mockint.evaluation.ranking import Ranked, ranking_figures
from mockint.evaluation.report import verdict_figures
from mockint.evaluation.scores import (
    Scored,
    calibrated_rmse,
    quadratic_kappa,
    r_and_error,
    score_figures,
    within_question,
)
from mockint.evaluation.verdicts import LabelledVerdict, by_verdict, coverage, kappa, kappa_figure

VERDICTS = st.sampled_from(["met", "partial", "missing", "contradicted"])
UNIT = st.floats(0, 1).map(lambda value: round(value, 3))
ROWS = st.lists(st.builds(Scored, st.integers(0, 4), UNIT, UNIT), min_size=1, max_size=60)


def test_kappa_of_cohens_textbook_table() -> None:
    # 50 decisions: 20 both yes, 15 both no, 5 and 10 differ; p_o = .70, p_e = .50
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}

    assert kappa(table) == pytest.approx(0.4)


def test_kappa_takes_chance_within_each_family() -> None:
    """Two families, each guessed at random: pooled naively they would look better than chance."""
    points = {("met", "met"): 1, ("met", "missing"): 1, ("missing", "met"): 1, ("missing", "missing"): 1}
    wrong = {("stated", "stated"): 1, ("stated", "absent"): 1, ("absent", "stated"): 1, ("absent", "absent"): 1}

    assert kappa(points, wrong) == pytest.approx(0)
    assert kappa({**points, **wrong}) > 0.3


@given(st.lists(VERDICTS, min_size=1))
def test_kappa_of_identical_verdicts_is_one(verdicts: list[str]) -> None:
    assert kappa(Counter(zip(verdicts, verdicts, strict=True))) == pytest.approx(1)


@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1))
def test_kappa_is_symmetric_and_at_most_one(pairs: list[tuple[str, str]]) -> None:
    forwards = kappa(Counter(pairs))

    assert forwards <= 1
    assert forwards == pytest.approx(kappa(Counter((b, a) for a, b in pairs)))


def test_kappa_of_nothing_is_not_defined() -> None:
    assert math.isnan(kappa())


def test_precision_and_recall_of_each_verdict() -> None:
    found = by_verdict({("met", "met"): 3, ("met", "missing"): 1, ("missing", "met"): 2, ("partial", "missing"): 1})

    assert (found["met"].precision, found["met"].recall, found["met"].n) == (3 / 5, 3 / 4, 4)
    assert (found["missing"].precision, found["missing"].recall) == (0, 0)
    assert math.isnan(found["partial"].precision)


def test_the_score_figures_by_hand() -> None:
    rows = [Scored("q", p, g) for p, g in ((0.0, 0.0), (0.5, 1.0), (1.0, 0.5))]

    found = score_figures(rows, resamples=0)

    assert found["r"].value == pytest.approx(0.5)
    assert found["rmse"].value == pytest.approx(math.sqrt(0.5 / 3))
    # the best line is g = .25 + .5 p, with the errors .25, .5 and .25
    assert found["rmse_calibrated"].value == pytest.approx(math.sqrt((0.25**2 + 0.5**2 + 0.25**2) / 3))
    assert math.isnan(found["within_r"].value)  # three answers are too few


@given(ROWS)
def test_the_score_figures_agree_with_numpy(rows: list[Scored]) -> None:
    p, g = np.array([row.predicted for row in rows]), np.array([row.gold for row in rows])

    found = score_figures(rows, resamples=0)

    assert found["rmse"].value == pytest.approx(float(np.sqrt(np.mean((p - g) ** 2))), abs=1e-9)
    if p.std() > 1e-6 and g.std() > 1e-6:
        assert found["r"].value == pytest.approx(float(np.corrcoef(p, g)[0, 1]), abs=1e-6)
        slope, offset = np.polyfit(p, g, 1)
        fitted = np.clip(slope * p + offset, 0, 1)
        assert found["rmse_calibrated"].value == pytest.approx(float(np.sqrt(np.mean((fitted - g) ** 2))), abs=1e-6)


@given(ROWS)
def test_calibration_never_makes_the_error_larger(rows: list[Scored]) -> None:
    assert calibrated_rmse(rows) <= score_figures(rows, resamples=0)["rmse"].value + 1e-9


def test_within_question_r_is_not_moved_by_easy_and_hard_questions() -> None:
    """Pooled, the scores go together only because one question is easy and one is hard."""
    easy = [Scored("easy", 0.8 + p, 0.8 + g) for p, g in ((0, 0.2), (0.05, 0.1), (0.1, 0.15), (0.15, 0.05), (0.2, 0))]
    hard = [Scored("hard", row.predicted - 0.8, row.gold - 0.8) for row in easy]

    found = score_figures([*easy, *hard], resamples=0)

    assert found["r"].value > 0.9
    assert found["within_r"].value < -0.8
    assert found["within_r"].n == 2


def test_a_question_counts_zero_when_all_its_answers_are_scored_alike() -> None:
    ranked = [Scored("a", g, g) for g in (0, 0.25, 0.5, 0.75, 1)]
    alike = [Scored("b", 0.3, g) for g in (0, 0.25, 0.5, 0.75, 1)]
    few = [Scored("c", g, g) for g in (0, 0.5, 1, 0.2)]
    agreed = [Scored("d", p, 1.0) for p in (0, 0.25, 0.5, 0.75, 1)]

    assert within_question([*ranked, *alike, *few, *agreed]) == [pytest.approx(1), 0.0]


def test_quadratic_kappa_by_hand() -> None:
    # seen 4 x 1 of 16ths; by chance: gold (2,0,0,0,2) x said (1,1,0,1,1), weights /16
    table = {(0, 0): 1, (0, 1): 1, (4, 4): 1, (4, 3): 1}
    chance = (2 * (0 + 1 + 9 + 16) + 2 * (16 + 9 + 1 + 0)) / 4

    assert quadratic_kappa(table) == pytest.approx(1 - 2 / chance)
    assert quadratic_kappa({(0, 0): 3, (4, 4): 2}) == 1
    assert math.isnan(quadratic_kappa({(2, 2): 5}))


def test_auc_and_average_precision_by_hand() -> None:
    strengths = [(0.9, True), (0.8, False), (0.7, True), (0.1, False)]
    rows = [Ranked("q", strength, positive) for strength, positive in strengths]

    found = ranking_figures(rows, resamples=0)

    assert found["auc"].value == pytest.approx(3 / 4)
    assert found["ap"].value == pytest.approx((1 + 2 / 3) / 2)


def test_ties_count_half_and_do_not_depend_on_the_order() -> None:
    rows = [Ranked("q", 0.5, True), Ranked("q", 0.5, False), Ranked("q", 0.5, False)]

    for order in (rows, rows[::-1]):
        found = ranking_figures(order, resamples=0)
        assert found["auc"].value == 0.5
        assert found["ap"].value == pytest.approx(1 / 3)


@given(st.lists(st.tuples(UNIT, st.booleans()), min_size=2, max_size=50))
def test_auc_is_the_mann_whitney_statistic(rows: list[tuple[float, bool]]) -> None:
    yes = [strength for strength, positive in rows if positive]
    no = [strength for strength, positive in rows if not positive]
    found = ranking_figures([Ranked(0, strength, positive) for strength, positive in rows], resamples=0)["auc"].value

    if yes and no:
        assert found == pytest.approx(stats.mannwhitneyu(yes, no).statistic / (len(yes) * len(no)))
    else:
        assert math.isnan(found)


def test_an_interval_is_the_same_for_the_same_seed_and_holds_the_figure() -> None:
    rows = [Scored(n // 5, (n * 7 % 11) / 10, (n * 7 % 13) / 12) for n in range(100)]

    once, again = (score_figures(rows, resamples=200, seed=1) for _ in range(2))
    other = score_figures(rows, resamples=200, seed=2)

    assert once == again
    assert once["r"].low != other["r"].low
    for figure in once.values():
        assert figure.low <= figure.value <= figure.high


def test_an_interval_covers_the_true_mean_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    covered = 0
    for trial in range(100):
        values = list(draw.normal(0.5, 0.1, 40))
        low, high = interval(values, lambda drawn: sum(drawn) / len(drawn), resamples=200, seed=trial)
        covered += low <= 0.5 <= high

    assert 85 <= covered <= 100


def test_questions_are_drawn_whole_so_one_question_repeated_says_no_more() -> None:
    """Answers that agree within a question leave the interval wide; drawn one by one they would narrow it."""
    rows = [(question, question % 2 == 0) for question in range(8) for _ in range(50)]

    figure = share_figure(rows, resamples=500)

    assert figure.high - figure.low > 0.4


def test_few_questions_are_resampled_by_answer() -> None:
    assert len(resampling_units([("q", n) for n in range(6)], lambda row: row[0])) == 6
    assert len(resampling_units([(n, n) for n in range(9) for _ in range(2)], lambda row: row[0])) == 9


def test_kappa_has_an_interval_over_questions() -> None:
    labelled = [LabelledVerdict(q, 0, "key point", "met", "met" if q % 3 else "missing", 1.0) for q in range(12)]
    labelled += [LabelledVerdict(q, 1, "key point", "missing", "missing", 1.0) for q in range(12)]

    found = kappa_figure(labelled, resamples=200)

    assert found.low < found.value < found.high
    assert found.n == 24


VERDICTS_OF_TWO_ANSWERS = [
    LabelledVerdict("q", "a", "key point", "met", "met", 0.95),
    LabelledVerdict("q", "a", "key point", "partial", "met", 0.95),
    LabelledVerdict("q", "a", "misconception", "absent", "stated", 0.9),
    LabelledVerdict("q", "b", "key point", "contradicted", "missing", 1.0),
    LabelledVerdict("q", "b", "key point", "missing", "missing", 0.5),
    LabelledVerdict("q", "b", "misconception", "stated", "stated", 0.9),
]


def test_coverage_is_the_mean_worth_of_the_key_points_of_each_answer() -> None:
    assert coverage(VERDICTS_OF_TWO_ANSWERS) == [Scored("q", predicted=1.0, gold=0.75), Scored("q", 0.0, 0.0)]


def test_verdict_figures_tell_key_points_and_misconceptions_apart() -> None:
    found = {name: figure.value for name, figure in verdict_figures(VERDICTS_OF_TWO_ANSWERS, resamples=0).items()}

    # of 4 points 2 agree, by chance (1 * 2 + 1 * 2) / 4 = 1; of 2 misconceptions 1 agrees, by chance 1
    assert found["kappa.points"] == pytest.approx((2 - 1) / (4 - 1))
    assert found["kappa.misconceptions"] == pytest.approx(0)
    assert found["kappa"] == pytest.approx((3 - 2) / (6 - 2))
    assert found["score.r"] == pytest.approx(1)
    assert found["score.error"] == pytest.approx(0.125)
    # bins of points: .95, .95, 1.0 with 1 of 3 right; .5, right
    assert found["calibration.points"] == pytest.approx((3 * abs(1 / 3 - 2.9 / 3) + 0.5) / 4)
    assert found["calibration.misconceptions"] == pytest.approx(0.4)
    assert set(found) == {
        "kappa", "kappa.points", "kappa.misconceptions", "score.r", "score.error",
        "calibration", "calibration.points", "calibration.misconceptions",
    }  # fmt: skip


def test_verdicts_on_misconceptions_alone_give_no_score() -> None:
    wrong = [one for one in VERDICTS_OF_TWO_ANSWERS if one.family == "misconception"]

    assert set(verdict_figures(wrong)) == {"kappa", "kappa.misconceptions", "calibration", "calibration.misconceptions"}


@given(ROWS)
def test_r_and_error_agree_with_numpy(rows: list[Scored]) -> None:
    p, g = np.array([row.predicted for row in rows]), np.array([row.gold for row in rows])

    r, error = r_and_error(rows, resamples=0)

    assert error.value == pytest.approx(float(np.mean(np.abs(p - g))), abs=1e-9)
    if p.std() > 1e-6 and g.std() > 1e-6:
        assert r.value == pytest.approx(float(np.corrcoef(p, g)[0, 1]), abs=1e-6)
