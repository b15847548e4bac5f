"""What a report says, whatever the history holds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mockint.errors import UsageError
from mockint.history import History
from mockint.reports import Report, progress_report, session_report
from tests.one_question import question
from tests.reports.practice import CACHE, NOW, TOPICS, ZERO, practice, two_evenings


def session(home: Path, id: str, **more: object) -> Report:
    with History(home / "history.sqlite3") as history:
        return session_report(history, id, topics=TOPICS, now=NOW, **more)  # type: ignore[arg-type]


def progress(home: Path, **more: object) -> Report:
    with History(home / "history.sqlite3") as history:
        return progress_report(history, topics=TOPICS, now=NOW, **more)  # type: ignore[arg-type]


def test_an_empty_history_reports_nothing_and_no_made_up_zero(home: Path) -> None:
    report = progress(home)

    assert report.totals.asked == 0
    assert report.totals.score is None
    assert (report.trend.points, report.heat, report.missed, report.calibration) == ([], [], [], None)


def test_the_attempts_of_a_session_are_counted_by_what_became_of_them(home: Path) -> None:
    _, second = two_evenings(home)

    totals = session(home, second).totals

    assert (totals.asked, totals.answered, totals.dont_know, totals.skipped, totals.open) == (4, 2, 1, 0, 1)
    assert (totals.graded, totals.ungraded) == (2, 1)
    assert totals.hints == 1
    assert (totals.over, totals.over_seconds) == (1, 280)  # 400 s where the question allows 2 minutes
    assert totals.seconds == 60 + 30 + 400 + 60


def test_progress_counts_what_the_sessions_count(home: Path) -> None:
    first, second = two_evenings(home)

    alone = [session(home, id).totals for id in (first, second)]
    together = progress(home).totals

    for name in ("asked", "answered", "dont_know", "skipped", "open", "graded", "ungraded", "seconds", "over", "hints"):
        assert getattr(together, name) == sum(getattr(one, name) for one in alone), name
    scores = [(one.score or 0) * one.graded for one in alone]
    assert together.score == pytest.approx(sum(scores) / together.graded, abs=1e-5)
    assert together.sessions == 2
    assert together.questions == 2  # the ungraded one stands nowhere yet


def test_a_mark_points_at_the_words_of_its_part(home: Path) -> None:
    _, second = two_evenings(home)

    parts = session(home, second).answers[0].parts

    said = [
        [(part.answer[span.start : span.end], span.criterion, span.verdict) for span in part.spans] for part in parts
    ]
    assert said == [
        [("states", "states", "met"), ("weights", "weights", "met")],
        [("gradients", "gradients", "met")],
    ]


def test_a_missed_point_comes_with_the_right_wording_and_a_misconception_with_its_correction(home: Path) -> None:
    first, _ = two_evenings(home)

    report = session(home, first)

    missed = {point.criterion: point for point in report.missed}
    assert set(missed) == {"states", "gradients", "weights", "copies"}
    assert (missed["gradients"].verdict, missed["gradients"].said) == ("contradicted", ["not gradients"])
    assert report.missed[0].criterion == "states"  # the must-have first
    assert missed["states"].text == "It shards states."
    assert [(belief.correction, belief.said) for belief in report.beliefs] == [("Each tensor is sharded.", ["layers"])]


def test_progress_shows_where_a_question_stands_now_and_how_often_a_point_was_missed(home: Path) -> None:
    two_evenings(home)

    report = progress(home, lang="zh")

    assert {point.criterion: (point.missed, point.looked_at) for point in report.missed} == {
        "recent": (1, 2),
        "copies": (2, 2),
        "small": (1, 2),
    }
    assert [(row.topic, row.name, row.share) for row in report.heat] == [
        ("systems", "系统", 0.0),
        ("distributed", "分布式训练", 1.0),
    ]
    rows = {row.question: (row.attempts, row.first, row.last) for row in report.questions}
    assert rows == {"zero": (2, 0.0, pytest.approx(0.9)), "cache": (2, pytest.approx(2 / 3), 0.0)}


def test_a_partly_met_point_counts_half_in_the_heat_map(home: Path) -> None:
    with practice(home) as held:
        held.begin(ZERO)
        held.answer(0, "half states and gradients")

    cell = progress(home).heat[0].cells[2]

    assert (cell.level, cell.met, cell.of, cell.share) == (3, 1.5, 3, 0.5)


def test_a_grade_by_the_stand_in_is_provisional_and_an_unheard_follow_up_makes_it_so(home: Path) -> None:
    with practice(home) as held:
        held.begin(ZERO, CACHE, grader="openai:some")
        held.answer(0, "states", by="other/1", provisional=True)
        held.answer(1, "small", by="openai:some")
        held.begin(ZERO)
        held.answer(0, "states")
        held.follow_up(0, "gradients", graded=False)
        last = held.session

    assert progress(home).totals.provisional == 2
    assert session(home, last).totals.provisional == 1
    assert session(home, last).answers[0].provisional


def test_a_regrade_counts_instead_of_what_it_replaces(home: Path) -> None:
    with practice(home) as held:
        held.begin(ZERO)
        held.answer(0, "states", by="offline/1")
        held.grade(0, by="other/2")

    report = progress(home)

    assert (report.totals.graded, report.questions[0].attempts) == (1, 1)


def test_since_leaves_out_earlier_sessions_everywhere(home: Path) -> None:
    _, second = two_evenings(home)

    report = progress(home, since="2026-03-04")

    assert [point.session for point in report.trend.points] == [second]
    assert report.totals.sessions == 1
    assert report.totals.asked == session(home, second).totals.asked
    assert {row.question: row.attempts for row in report.questions} == {"zero": 1, "cache": 1}


def test_a_session_is_compared_point_by_point(home: Path) -> None:
    first, second = two_evenings(home)

    comparison = session(home, second, compare=first).comparison

    assert comparison
    changed = {
        one.question: {point.criterion: (point.before, point.after) for point in one.changed}
        for one in comparison.questions
    }
    assert changed == {
        "zero": {
            "states": ("missing", "met"),
            "gradients": ("contradicted", "met"),
            "weights": ("missing", "met"),
            "layers": ("stated", "absent"),
        },
        "cache": {"recent": ("met", "missing"), "small": ("met", "missing")},
    }
    assert (comparison.only_before, comparison.only_after) == ([], ["later"])


def test_a_session_cannot_be_compared_with_itself(home: Path) -> None:
    first, _ = two_evenings(home)

    with pytest.raises(UsageError, match="with itself"):
        session(home, first, compare=first)


def test_one_attempt_alone_is_a_report(home: Path) -> None:
    with practice(home) as held:
        id = held.begin(ZERO)
        held.answer(0, "states, gradients, weights", confidence=1.0)

    report = session(home, id)

    assert (report.totals.score, report.missed, report.beliefs) == (1.0, [], [])
    assert len(report.trend.points) == 1
    assert report.calibration
    assert (report.calibration.brier, report.calibration.baseline) == (0.0, 0.0)


def test_without_a_confidence_there_is_no_calibration(home: Path) -> None:
    with practice(home) as held:
        id = held.begin(ZERO)
        held.answer(0, "states", confidence=None)

    assert session(home, id).calibration is None
    assert progress(home).calibration is None


def test_versions_of_a_question_are_one_question(home: Path) -> None:
    reworded = question(prompt={"en": "And what does ZeRO shard?", "zh": "ZeRO 切分什么呢？"})
    with practice(home) as held:
        held.begin(ZERO)
        held.answer(0, "states")
        held.begin(reworded)
        held.answer(0, "gradients")

    assert [(row.question, row.attempts) for row in progress(home).questions] == [("zero", 2)]


def test_the_same_history_gives_the_same_report(home: Path) -> None:
    two_evenings(home)

    assert progress(home).model_dump_json() == progress(home).model_dump_json()


def test_times_of_a_clock_that_jumped_are_no_less_than_nothing(home: Path) -> None:
    with practice(home) as held:
        id = held.begin(ZERO, limit_seconds=60)
        held.answer(0, "states", seconds=-3600)

    assert session(home, id).totals.seconds == 0
    assert session(home, id).answers[0].seconds == 0
    assert progress(home).totals.seconds == 0


def test_more_sessions_than_can_be_told_apart_are_shown_by_day(home: Path) -> None:
    with practice(home) as held:
        for number in range(61):
            held.begin(CACHE)
            held.now -= timedelta(days=number % 3 > 0)
            held.answer(0, "small")
            if number == 59:
                few = progress_report(held.history).trend
        many = progress_report(held.history).trend

    assert (few.grain, len(few.points)) == ("session", 60)
    assert many.grain == "day"
    assert sum(point.sessions for point in many.points) == sum(point.graded for point in many.points) == 61
