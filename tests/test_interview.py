"""The session without a screen, step by step and interrupted anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.errors import ServiceError, UsageError
from mockint.grading import Grader
from mockint.grading.conversation import Conversation, Exchange
from mockint.grading.grade import Evidence, Mark
from mockint.history import Attempt, History
from mockint.interview import (
    Ask,
    Graded,
    Interview,
    Options,
    Services,
    ToGrade,
    choose,
    fixed_line_up,
    needs_regrade,
    regrade,
)
from mockint.llm.faults import EndpointError
from mockint.question import KeyPoint, Question, Text
from mockint.schedule import Choice
from tests.one_question import ZERO, BrokenGrader, WordGrader, plan, question

Begin = Callable[..., Interview]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "history.sqlite3") as opened:
        yield opened


@pytest.fixture
def begin(history: History) -> Begin:
    def begin(*questions: Question, grader: Grader | None = None, follow_ups: int = 0, lang: str = "en") -> Interview:
        services = Services(grader or WordGrader())
        return Interview.begin(history, plan(*questions, lang=lang, follow_ups=follow_ups), services)

    return begin


def asked(interview: Interview) -> Ask:
    step = interview.step()
    assert isinstance(step, Ask)
    return step


def graded(interview: Interview) -> Graded:
    step = interview.step()
    assert isinstance(step, ToGrade)
    return interview.grade(step)


def test_a_session_asks_every_question_and_ends(begin: Begin) -> None:
    interview = begin(question(id="a"), question(id="b"))
    seen = []
    while step := interview.step():
        if isinstance(step, Ask):
            seen.append((step.question.id, step.number, step.total, step.part.prompt))
            interview.save(step, "states", seconds=3)
        else:
            interview.grade(step)

    assert seen == [("a", 1, 2, "What does ZeRO shard?"), ("b", 2, 2, "What does ZeRO shard?")]
    session = interview.session
    assert session.ended_at
    assert all(attempt.closed_at for attempt in session.attempts)
    assert [attempt.parts[0].seconds for attempt in session.attempts] == [3, 3]


def test_the_prompt_is_in_the_sessions_language(begin: Begin) -> None:
    assert asked(begin(lang="zh")).part.prompt == "ZeRO 切分什么？"


def test_the_answer_is_on_disk_before_it_is_graded(begin: Begin, history: History) -> None:
    seen: list[str] = []

    class Looking(WordGrader):
        def mark(self, question: Question, answer: str) -> list[Mark]:
            with History(history.path) as other:
                seen.append(other.sessions(limit=1)[0].attempts[0].parts[0].answer)
            return super().mark(question, answer)

    interview = begin(grader=Looking())
    interview.save(asked(interview), "states")
    graded(interview)

    assert seen == ["states"]


def test_the_follow_up_probes_the_weightiest_missed_point(begin: Begin) -> None:
    interview = begin(follow_ups=3)
    interview.save(asked(interview), "states")
    assert graded(interview).follow_up

    first = asked(interview)
    assert (first.part.part, first.part.prompt) == (1, "What is left whole?")
    interview.save(first, "hmm")
    assert graded(interview).follow_up

    second = asked(interview)
    assert (second.part.part, second.part.prompt) == (2, "What about backward?")
    interview.save(second, "gradients")
    assert not graded(interview).follow_up
    assert interview.step() is None


def test_a_missed_must_have_is_probed_before_a_weightier_point(begin: Begin) -> None:
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "no idea really")
    graded(interview)

    assert asked(interview).part.prompt == "What does Adam keep?"


def test_the_follow_up_counts_and_its_evidence_points_into_it(begin: Begin) -> None:
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states")
    before = graded(interview)
    interview.save(asked(interview), "the weights")
    after = graded(interview)

    assert before.grade is not None
    assert after.grade is not None
    assert (before.grade.score, after.grade.score) == (pytest.approx(2 / 6), pytest.approx(5 / 6))
    assert after.grade.mark("weights").evidence == [Evidence(start=4, end=11, quote="weights", part=1)]
    assert [kept.parts for kept in interview.session.attempts[0].grades] == [1, 2]


def test_a_misconception_in_the_follow_up_costs(begin: Begin) -> None:
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states gradients")
    graded(interview)
    interview.save(asked(interview), "layers")

    grade = graded(interview).grade
    assert grade is not None
    assert grade.score == pytest.approx((3 - 1) / 6)


@pytest.mark.parametrize("answer", ["states gradients weights", "states gradients weights, by layers"])
def test_nothing_missed_means_no_follow_up(begin: Begin, answer: str) -> None:
    interview = begin(follow_ups=2)
    interview.save(asked(interview), answer)

    assert not graded(interview).follow_up
    assert interview.step() is None


def test_a_missed_point_that_no_follow_up_probes_is_left(begin: Begin) -> None:
    interview = begin(question(follow_ups=ZERO["follow_ups"][2:]), follow_ups=2)  # type: ignore[index]
    interview.save(asked(interview), "states")

    assert not graded(interview).follow_up


@pytest.mark.parametrize(("outcome", "answer"), [("dont-know", ""), ("answered", " \n "), ("answered", "")])
def test_dont_know_is_graded_0_without_asking_the_grader_or_asking_on(begin: Begin, outcome: str, answer: str) -> None:
    interview = begin(grader=BrokenGrader(), follow_ups=2)
    interview.save(asked(interview), answer, outcome=outcome)  # type: ignore[arg-type]

    result = graded(interview)
    assert result.grade is not None
    assert result.grade.score == 0
    assert {mark.verdict for mark in result.grade.marks} == {"missing", "absent"}
    assert interview.step() is None
    assert interview.session.attempts[0].outcome == "dont-know"


def test_a_skipped_question_is_not_graded(begin: Begin) -> None:
    interview = begin(question(id="a"), question(id="b"))
    interview.save(asked(interview), "", outcome="skipped")

    assert asked(interview).question.id == "b"
    assert interview.session.score is None
    assert interview.session.answered == []


def test_a_skipped_follow_up_changes_no_grade_and_ends_the_asking(begin: Begin) -> None:
    interview = begin(follow_ups=3)
    interview.save(asked(interview), "states")
    before = graded(interview)
    interview.save(asked(interview), "", outcome="skipped")
    after = graded(interview)

    assert after.grade == before.grade
    assert not after.follow_up
    assert interview.step() is None


def test_a_grader_that_fails_leaves_the_attempt_ungraded_and_the_interview_goes_on(begin: Begin) -> None:
    interview = begin(question(id="a"), question(id="b"), grader=BrokenGrader(), follow_ups=1)
    interview.save(asked(interview), "states")
    result = graded(interview)

    assert (result.grade, result.failure) == (None, "the endpoint does not answer")
    assert asked(interview).question.id == "b"
    attempt = interview.session.attempts[0]
    assert (attempt.grade, attempt.outcome) == (None, "answered")
    assert interview.session.score is None


def test_a_failure_on_the_follow_up_keeps_the_grade_of_the_answer(begin: Begin, history: History) -> None:
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states")
    before = graded(interview)
    interview.save(asked(interview), "weights")

    result = graded(Interview(history, interview.session_id, Services(BrokenGrader())))
    assert result.failure
    assert result.grade == before.grade
    assert interview.step() is None


@pytest.mark.parametrize("evidence", [[], [Evidence(start=0, end=6, quote="weight")]])
def test_a_grader_that_credits_words_nobody_said_is_a_bug_and_the_answer_is_safe(
    begin: Begin, evidence: list[Evidence]
) -> None:
    class Generous(WordGrader):
        def mark(self, question: Question, answer: str) -> list[Mark]:
            marks = super().mark(question, answer)
            return [Mark(criterion="states", verdict="met", evidence=evidence), *marks[1:]]

    interview = begin(grader=Generous())
    interview.save(asked(interview), "nothing of the kind")

    with pytest.raises(ValueError, match=r"without evidence|does not say so"):
        graded(interview)
    assert interview.session.attempts[0].parts[0].answer == "nothing of the kind"


def test_a_session_goes_on_from_wherever_it_stopped(begin: Begin, history: History) -> None:
    """A fresh Interview for every step gives the same session as one that was never interrupted."""
    answers = iter(["states", "weights", "not states", "weights", ""])
    first = begin(question(id="a"), question(id="b"), follow_ups=2)
    trace = []
    while step := Interview(history, first.session_id, Services(WordGrader())).step():
        again = Interview(history, first.session_id, Services(WordGrader()))
        assert again.step() == step
        if isinstance(step, Ask):
            trace.append((step.question.id, step.part.part))
            again.save(step, next(answers))
        else:
            again.grade(step)

    assert trace == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)]
    assert next(answers, None) is None
    first_attempt, second_attempt = first.session.attempts
    assert len(first_attempt.grades) == 3
    assert second_attempt.grade is not None


def test_an_answer_that_was_saved_but_not_graded_is_graded_on_resume(begin: Begin, history: History) -> None:
    interview = begin()
    interview.save(asked(interview), "states")

    resumed = Interview(history, interview.session_id, Services(WordGrader()))
    assert graded(resumed).grade is not None
    assert resumed.step() is None


def test_another_grader_grades_all_parts_again(begin: Begin, history: History) -> None:
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states")
    graded(interview)
    interview.save(asked(interview), "weights")

    class Other(WordGrader):
        name = "other/1"

    grade = graded(Interview(history, interview.session_id, Services(Other()))).grade
    assert grade is not None
    assert grade.grader == "other/1"
    assert grade.score == pytest.approx(5 / 6)


def test_two_windows_on_one_session_keep_the_first_answer(begin: Begin, history: History) -> None:
    interview = begin()
    other = Interview(history, interview.session_id, Services(WordGrader()))
    step, same = asked(interview), asked(other)
    interview.save(step, "states")

    with pytest.raises(UsageError, match="answered already in another window"):
        other.save(same, "weights")
    assert interview.session.attempts[0].parts[0].answer == "states"


def test_a_changed_bank_does_not_change_a_session_that_began(begin: Begin, history: History) -> None:
    interview = begin(question(prompt={"en": "Old words?", "zh": "旧？"}))
    history.begin_session(plan(), grader="word/1")

    assert asked(Interview(history, interview.session_id, Services(WordGrader()))).part.prompt == "Old words?"


def bank(sizes: dict[str, int]) -> list[Question]:
    return [
        question(id=f"{topic}-{number}", topic=topic, level=1 + number % 5)
        for topic, size in sizes.items()
        for number in range(size)
    ]


@given(
    sizes=st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 6)),
    count=st.integers(1, 12),
    seed=st.integers(),
)
def test_a_choice_is_of_the_bank_without_repeats_as_long_as_asked_and_as_even_as_can_be(
    sizes: dict[str, int], count: int, seed: int
) -> None:
    questions = bank(sizes)
    chosen = choose(questions, count=count, seed=seed)

    assert len(chosen) == len({q.id for q in chosen}) == min(count, len(questions))
    assert [q.level for q in chosen] == sorted(q.level for q in chosen)
    assert choose(list(reversed(questions)), count=count, seed=seed) == chosen
    taken = {topic: sum(q.topic == topic for q in chosen) for topic in sizes}
    for topic, size in sizes.items():
        assert taken[topic] == size or taken[topic] + 1 >= max(taken.values())


def test_another_seed_gives_another_choice() -> None:
    questions = bank({"a": 10})

    assert len({tuple(q.id for q in choose(questions, count=3, seed=seed)) for seed in range(20)}) > 10


def test_a_new_question_does_not_shuffle_the_others() -> None:
    questions = bank({"a": 9})
    before = choose(questions, count=9, seed=4)
    after = choose([*questions, question(id="new", topic="a")], count=10, seed=4)

    assert [q for q in after if q.id != "new"] == before


class Flaky(WordGrader):
    """Fails while `down`."""

    name = "flaky/1"

    def __init__(self) -> None:
        self.down = True
        self.asked: list[str] = []

    def mark(self, question: Question, answer: str) -> list[Mark]:
        self.asked.append(answer)
        if self.down:
            raise ServiceError("the endpoint does not answer")
        return super().mark(question, answer)


@pytest.fixture
def flaky(history: History) -> tuple[Flaky, Callable[..., Interview]]:
    grader = Flaky()

    def begin(*questions: Question, follow_ups: int = 0, **more: object) -> Interview:
        services = Services(grader, fallback=WordGrader(), **more)  # type: ignore[arg-type]
        return Interview.begin(history, plan(*questions, follow_ups=follow_ups), services)

    return grader, begin


def test_when_the_grader_fails_the_interview_goes_on_with_a_provisional_grade(
    flaky: tuple[Flaky, Callable[..., Interview]],
) -> None:
    grader, begin = flaky
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states")
    first = graded(interview)
    assert first.provisional
    assert first.failure == "the endpoint does not answer"
    assert first.grade
    assert first.grade.grader == "word/1"
    assert first.follow_up

    grader.down = False
    interview.save(asked(interview), "weights")
    second = graded(interview)
    assert not second.provisional
    assert second.grade
    assert second.grade.grader == "flaky/1"
    assert [mark.verdict for mark in second.grade.marks] == ["met", "missing", "met", "absent"]
    assert grader.asked == ["states", "states", "states\n\nweights"]


def test_a_grade_before_the_failure_is_kept_and_the_fallback_goes_on_from_it(
    flaky: tuple[Flaky, Callable[..., Interview]],
) -> None:
    grader, begin = flaky
    grader.down = False
    interview = begin(follow_ups=1)
    interview.save(asked(interview), "states")
    graded(interview)
    grader.down = True
    interview.save(asked(interview), "weights")
    assert graded(interview).provisional
    attempt = interview.session.attempts[0]
    assert [kept.grade.grader for kept in attempt.grades] == ["flaky/1", "word/1"]
    assert attempt.grade
    assert [mark.verdict for mark in attempt.grade.marks] == ["met", "missing", "met", "absent"]


def test_nobody_waits_for_the_same_silence_a_third_time(flaky: tuple[Flaky, Callable[..., Interview]]) -> None:
    grader, begin = flaky
    interview = begin(*(question(id=id) for id in "abcd"))
    while step := interview.step():
        if isinstance(step, Ask):
            interview.save(step, "states")
        else:
            assert interview.grade(step).provisional
    assert len(grader.asked) == 2
    assert len(interview.session.attempts) == 4


def test_an_answer_is_graded_again_later_and_both_grades_stay(
    flaky: tuple[Flaky, Callable[..., Interview]], history: History
) -> None:
    grader, begin = flaky
    interview = begin()
    interview.save(asked(interview), "gradients")
    graded(interview)
    assert interview.step() is None
    attempt = interview.session.attempts[0]
    assert needs_regrade(attempt, grader)

    failed = regrade(history, attempt, grader)
    assert failed.after is None
    assert failed.failure
    assert len(interview.session.attempts[0].grades) == 1

    grader.down = False
    done = regrade(history, attempt, grader)
    assert done.after
    assert done.changed == []
    attempt = interview.session.attempts[0]
    assert [kept.grade.grader for kept in attempt.grades] == ["word/1", "flaky/1"]
    assert not needs_regrade(attempt, grader)
    other = regrade(history, attempt, BetterGrader())
    assert [(old.verdict if old else None, new.criterion, new.verdict) for old, new in other.changed] == [
        ("missing", "states", "met")
    ]


class BetterGrader(WordGrader):
    name = "better/1"

    def mark(self, question: Question, answer: str) -> list[Mark]:
        evidence = [Evidence(start=0, end=len(answer), quote=answer)]
        better = Mark(criterion="states", verdict="met", evidence=evidence)
        return [better, *super().mark(question, answer)[1:]]


def test_a_follow_up_can_be_put_in_words_that_fit_and_those_are_kept(
    flaky: tuple[Flaky, Callable[..., Interview]],
) -> None:
    _, begin = flaky

    def in_own_words(attempt: Attempt, point: KeyPoint, authored: str) -> str:
        return f"You said {attempt.parts[0].answer!r}. {authored} ({point.id})"

    interview = begin(follow_ups=1, in_own_words=in_own_words)
    interview.save(asked(interview), "states")
    graded(interview)
    assert asked(interview).part.prompt == "You said 'states'. What is left whole? (weights)"
    assert asked(interview).part.prompt == interview.session.attempts[0].parts[1].prompt


@pytest.mark.parametrize("own", ["You said states. Is anything left whole?", None])
def test_where_no_follow_up_was_written_the_llm_may_ask_its_own(
    flaky: tuple[Flaky, Callable[..., Interview]], own: str | None
) -> None:
    _, begin = flaky
    seen: list[str | None] = []

    def in_own_words(attempt: Attempt, point: KeyPoint, authored: str | None) -> str | None:
        seen.append(authored)
        return own

    interview = begin(question(follow_ups=[]), question(id="next"), follow_ups=1, in_own_words=in_own_words)
    interview.save(asked(interview), "states")
    assert graded(interview).follow_up
    ask = asked(interview)

    assert seen[0] is None
    assert (ask.question.id, ask.part.prompt) == (("zero", own) if own else ("next", question().prompt.en))


def test_the_grader_of_a_follow_up_sees_what_was_asked(begin: Begin) -> None:
    seen: list[Conversation] = []

    class Following(WordGrader):
        def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> list[Mark]:
            seen.append(conversation)
            return []

    interview = begin(grader=Following(), follow_ups=1)
    interview.save(asked(interview), "states")
    graded(interview)
    interview.save(asked(interview), "weights")
    graded(interview)
    follow_up = question().follow_ups[1]
    assert seen == [Conversation("states", (Exchange("What is left whole?", "weights", follow_up),))]


def test_hints_come_from_weak_to_strong_and_each_costs_a_tenth(begin: Begin) -> None:
    hints = [{"en": "Think of memory.", "zh": "想想显存。"}, {"en": "What does Adam keep?", "zh": "Adam 存什么？"}]
    interview = begin(question(hints=hints))
    ask = asked(interview)
    assert [interview.hint(ask), interview.hint(ask), interview.hint(ask)] == [hint["en"] for hint in hints] + [None]
    interview.save(ask, "states gradients weights")
    grade = graded(interview).grade
    assert grade
    assert grade.score == pytest.approx(0.8)
    assert interview.session.attempts[0].hints == 2
    assert interview.hint(ask) is None


def test_a_regraded_answer_still_pays_for_its_hints(history: History, begin: Begin) -> None:
    interview = begin(question(hints=[{"en": "Think of memory.", "zh": "想想显存。"}]))
    ask = asked(interview)
    interview.hint(ask)
    interview.save(ask, "states gradients weights")
    graded(interview)
    again = regrade(history, interview.session.attempts[0], BetterGrader())
    assert again.after
    assert again.after.score == pytest.approx(0.9)


def exam(history: History, *questions: Question, minutes: int | None = None) -> Interview:
    line_up = fixed_line_up(questions, Options(lang="en", mode="exam", minutes=minutes, follow_ups=3))
    return Interview.begin(history, line_up.plan, Services(WordGrader()))


def test_an_exam_asks_everything_before_it_judges_anything(history: History) -> None:
    interview = exam(history, question(id="a"), question(id="b"))
    kinds = []
    while step := interview.step():
        kinds.append(type(step))
        if isinstance(step, Ask):
            interview.save(step, "states")
        else:
            interview.grade(step)

    assert kinds == [Ask, Ask, ToGrade, ToGrade]
    assert [attempt.grade is not None for attempt in interview.session.attempts] == [True, True]
    assert interview.session.ended_at


def test_the_answers_of_an_exam_are_given_together_to_a_grader_that_takes_many(history: History) -> None:
    taken: list[list[str]] = []

    class Together(WordGrader):
        def mark_many(
            self,
            answers: Iterable[tuple[Question, str]],
            *,
            on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
            someone_waits: bool = False,
        ) -> list[list[Mark] | ServiceError]:
            listed = list(answers)
            taken.append([answer for _, answer in listed])
            return [self.mark(question, answer) for question, answer in listed]

    line_up = fixed_line_up([question(id="a"), question(id="b")], Options(lang="en", mode="exam"))
    interview = Interview.begin(history, line_up.plan, Services(Together()))
    for answer in ("states", "weights"):
        interview.save(asked(interview), answer)
    while step := interview.step():
        assert isinstance(step, ToGrade)
        interview.grade(step)

    assert taken == [["states", "weights"]]
    assert all(attempt.grade for attempt in interview.session.attempts)


def test_refusals_of_single_answers_do_not_make_the_interview_give_up_on_the_grader(history: History) -> None:
    class Filtered(WordGrader):
        """Refuses to read an answer with `weights` in it, as a content filter does."""

        def mark(self, question: Question, answer: str) -> list[Mark]:
            if "weights" in answer:
                raise EndpointError("refused", own=True)
            return super().mark(question, answer)

    questions = [question(id=f"q{n}") for n in range(3)]
    interview = Interview.begin(history, plan(*questions), Services(Filtered(), fallback=BetterGrader()))
    for answer in ("weights", "weights", "states"):
        interview.save(asked(interview), answer)
        graded(interview)

    attempts = interview.session.attempts
    assert [attempt.grade and attempt.grade.grader for attempt in attempts] == ["better/1", "better/1", "word/1"]


def test_answers_of_an_exam_that_could_not_be_graded_say_nothing_of_those_that_were(history: History) -> None:
    class Refusing(WordGrader):
        """Takes many, and none about q0 and q1."""

        def mark_many(
            self,
            answers: Iterable[tuple[Question, str]],
            *,
            on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
            someone_waits: bool = False,
        ) -> list[list[Mark] | ServiceError]:
            return [
                ServiceError("refused") if question.id in ("q0", "q1") else self.mark(question, answer)
                for question, answer in answers
            ]

    line_up = fixed_line_up([question(id=f"q{n}") for n in range(3)], Options(lang="en", mode="exam"))
    interview = Interview.begin(history, line_up.plan, Services(Refusing(), fallback=BetterGrader()))
    for _ in range(3):
        interview.save(asked(interview), "states")
    while step := interview.step():
        assert isinstance(step, ToGrade)
        interview.grade(step)

    attempts = interview.session.attempts
    assert [attempt.grade and attempt.grade.grader for attempt in attempts] == ["better/1", "better/1", "word/1"]


def test_when_the_time_of_an_exam_is_over_nothing_new_is_asked_and_what_was_written_is_kept(history: History) -> None:
    interview = exam(history, question(id="a"), question(id="b"), minutes=1)
    interview.save(asked(interview), "states", seconds=90)

    assert isinstance(interview.step(), ToGrade)
    assert interview.remaining_seconds == -30
    assert interview.session.over_seconds == 30
    assert interview.session.attempts[0].parts[0].answer == "states"


def test_time_over_is_told_from_the_minutes_of_the_question(begin: Begin) -> None:
    interview = begin(question(minutes=1))
    interview.save(asked(interview), "states", seconds=75.5)

    assert interview.session.attempts[0].over_seconds == 15.5


def test_what_was_typed_before_a_crash_comes_back_with_the_question(history: History, begin: Begin) -> None:
    interview = begin()
    interview.draft(asked(interview), "It shards sta", seconds=12, writer="a")

    again = Interview(history, interview.session_id, Services(WordGrader()))

    (draft,) = asked(again).drafts
    assert (draft.text, draft.seconds) == ("It shards sta", 12)


def test_two_windows_keep_each_their_own_words(history: History, begin: Begin) -> None:
    interview = begin()
    ask = asked(interview)
    interview.draft(ask, "states", seconds=1, writer="one")
    interview.draft(ask, "gradients", seconds=1, writer="two")
    interview.save(ask, "states and weights", writer="one", confidence=0.7)

    with pytest.raises(UsageError, match="yours is kept as a draft"):
        interview.save(ask, "gradients, said late", writer="two")

    part = interview.session.attempts[0].parts[0]
    assert (part.answer, part.confidence) == ("states and weights", 0.7)
    assert [draft.text for draft in history.drafts(ask.attempt.id, 0)] == ["gradients, said late"]


def test_a_plan_grows_by_what_is_chosen_until_there_are_enough(history: History) -> None:
    chosen = iter([question(id="b"), question(id="c"), question(id="d")])
    why = Text(en="weak", zh="薄弱")
    services = Services(WordGrader(), choose_next=lambda session: Choice(next(chosen), why))
    interview = Interview.begin(history, plan(question(id="a"), count=3), services)
    seen = []
    while step := interview.step():
        if isinstance(step, Ask):
            seen.append((step.question.id, step.number, step.total, step.why))
            interview.save(step, "states")
        else:
            interview.grade(step)

    assert seen == [("a", 1, 3, None), ("b", 2, 3, why), ("c", 3, 3, why)]


def test_a_session_that_was_left_is_offered_until_it_is_over(history: History, begin: Begin) -> None:
    untouched, left = begin(), begin()
    asked(untouched)
    left.draft(asked(left), "words", seconds=1, writer="a")
    assert [session.id for session in history.open_sessions(limit=9)] == [left.session_id]

    left.save(asked(left), "words")
    graded(left)
    assert left.step() is None
    assert history.open_sessions(limit=9) == ()
