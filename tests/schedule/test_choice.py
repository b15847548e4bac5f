"""What is asked next, and the line that says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mockint.history import Result, Selection
from mockint.question import Question
from mockint.schedule import Choice, Standing, choose_next, level_of
from mockint.schedule.replay import replay
from tests.one_question import question

NOW = datetime(2026, 5, 1, 18, tzinfo=UTC)


def known(**answers: tuple[float, int]) -> dict[str, Standing]:
    """By question id: (score, days ago), of level 2."""
    return replay(
        Result(n, "s", id, "distributed", 2, (NOW - timedelta(days=days)).isoformat(), score, None, None, n)
        for n, (id, (score, days)) in enumerate(answers.items(), 1)
    )


def asked(*ids: str) -> list[Question]:
    return [question(id=id, level=2) for id in ids]


def chosen(questions: list[Question], standings: dict[str, Standing] | None = None, **how: object) -> Choice:
    choice = choose_next(questions, standings or {}, now=NOW, **how)  # type: ignore[arg-type]
    assert choice is not None
    return choice


def test_what_is_due_comes_before_what_is_weak_new_or_fresh() -> None:
    standings = known(due=(0.75, 60), weak=(0.3, 0), fresh=(1.0, 1))
    order = []
    left = asked("fresh", "new", "weak", "due")
    while left:
        order.append(chosen(left, standings).question.id)
        left = [one for one in left if one.id != order[-1]]

    assert order == ["due", "new", "fresh", "weak"]  # weak was answered within the hour


def test_a_failed_answer_comes_back_the_next_day_before_anything_new() -> None:
    choice = chosen(asked("new", "weak"), known(weak=(0.6, 1)))

    assert choice.question.id == "weak"
    assert choice.why is not None
    assert "60%" in choice.why.en
    assert "昨天" in choice.why.zh


def test_the_line_says_nothing_of_the_key_points() -> None:
    for standings in (known(), known(zero=(0.2, 40)), known(zero=(0.6, 1)), known(zero=(1.0, 2))):
        why = chosen(asked("zero"), standings).why
        assert why is not None
        assert not any(word in why.en for word in ("states", "gradients", "weights"))


def test_a_level_is_only_named_where_answers_earned_one() -> None:
    first = chosen(asked("zero")).why
    later = chosen(asked("zero"), asked=[(question(id="x", level=1), 0.9)]).why
    assert first is not None
    assert later is not None
    assert first.en == "New to you, level 2."
    assert "earn about level 2" in later.en


def test_good_answers_raise_the_level_and_bad_ones_lower_it() -> None:
    four = [question(id=f"level-{level}", level=level) for level in (1, 2, 3, 4)]
    asked_before = [(question(id="x", level=3), score) for score in (0.95,)]
    assert chosen(four, asked=asked_before).question.level == 4

    asked_before = [(question(id="x", level=2), 0.1)]
    assert chosen(four, asked=asked_before).question.level == 1
    assert level_of("distributed", {}, asked_before, Selection(levels=(2, 4))) == 2


def test_topics_take_turns_by_their_weights() -> None:
    bank = [question(id=f"{topic}-{n}", topic=topic, level=2) for topic in ("a", "b") for n in range(20)]
    before: list[tuple[Question, float | None]] = []
    for _ in range(12):
        choice = chosen(bank, asked=before, selection=Selection(topics={"a": 3, "b": 1}))
        before.append((choice.question, None))
    topics = [one.topic for one, _ in before]
    assert topics.count("a") == 9
    assert topics.count("b") == 3


def test_the_same_seed_chooses_the_same_and_another_another() -> None:
    bank = asked(*(f"q{n}" for n in range(30)))
    assert chosen(bank, seed=4) == chosen(list(reversed(bank)), seed=4)
    assert len({chosen(bank, seed=seed).question.id for seed in range(8)}) > 1


def test_nothing_is_chosen_outside_the_selection_or_twice() -> None:
    bank = asked("a")
    assert choose_next(bank, {}, now=NOW, selection=Selection(levels=(3, 5))) is None
    assert choose_next(bank, {}, now=NOW, selection=Selection(topics={"python": 1})) is None
    assert choose_next(bank, {}, now=NOW, asked=[(bank[0], None)]) is None
