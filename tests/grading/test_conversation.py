"""A conversation graded by the offline grader: what was open, by all that was said."""

from __future__ import annotations

import pytest

from mockint.bank import default_bank, load_bank
from mockint.grading import check_evidence, grade_answer
from mockint.grading.conversation import Conversation, Exchange
from mockint.grading.grade import Evidence, Grade, Mark, grade_of, with_follow_up
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.replies import RETRACTIONS, Retraction, takes_back
from mockint.question import LANGS, FollowUp, KeyPoint, Question, Text

BANK = load_bank(default_bank(), pictures=False)
GRADER = OfflineGrader(BANK.wordings)


def after(question: Question, answer: str, reply: str, follow_up: FollowUp | None = None) -> tuple[Grade, Grade]:
    """The grade of the answer, and of the answer with its reply."""
    first = grade_answer(GRADER, question, answer)
    conversation = Conversation(answer, (Exchange("And?", reply, follow_up),))
    later = GRADER.mark_reply(question, conversation, first.marks)
    check_evidence(later, conversation.parts, grader=GRADER.name)
    return first, grade_of(question, with_follow_up(first.marks, later), grader=GRADER.name)


def small(id: str, text: str) -> Question:
    """A question that no wordings belong to, with this key point and two that nobody speaks of."""
    others = ("Penguins breed on the ice in winter.", "企鹅冬天在冰上繁殖。"), ("Yeast needs sugar.", "酵母需要糖。")
    points = [KeyPoint(id=id, text=Text(en=text, zh=text))]
    points += [KeyPoint(id=f"other-{n}", text=Text(en=en, zh=zh)) for n, (en, zh) in enumerate(others)]
    changes = {"id": "small", "key_points": points, "misconceptions": [], "follow_ups": []}
    return BANK.questions[0].model_copy(update=changes)


def mediocre(question: Question) -> str:
    """The sample that half of its samples score less than."""
    samples = BANK.samples(question)
    by_score = sorted(samples, key=lambda sample: grade_answer(GRADER, question, sample.answer).score)
    return by_score[len(by_score) // 2].answer


def stated() -> tuple[Question, str, str]:
    """A question, a sample that states one of its misconceptions and no other, and which."""
    for question in BANK.questions:
        for sample in BANK.samples(question):
            found = [mark.criterion for mark in GRADER.mark(question, sample.answer) if mark.verdict == "stated"]
            if len(found) == 1:
                return question, sample.answer, found[0]
    raise AssertionError("no sample states a misconception")


def test_evidence_on_the_whole_is_evidence_on_its_parts() -> None:
    conversation = Conversation("It shards", (Exchange("What?", "the states"),))
    mark = Mark(criterion="a", verdict="met", evidence=[Evidence(start=3, end=14, quote="shards\n\nthe")])

    (split,) = conversation.in_parts([mark])

    assert [(one.part, one.start, one.end, one.quote) for one in split.evidence] == [
        (0, 3, 9, "shards"),
        (1, 0, 3, "the"),
    ]
    assert conversation.in_text(split.evidence[1]).start == conversation.text.index("the")


@pytest.mark.parametrize("retraction", RETRACTIONS, ids=lambda one: one.example)
def test_a_retraction_is_known_from_a_sentence_with_its_words(retraction: Retraction) -> None:
    assert takes_back(retraction.example)
    assert not takes_back(retraction.kept)


def test_a_right_answer_to_a_follow_up_does_not_lower_the_score() -> None:
    question = BANK.question("adam-bias-correction-derivation")
    scores = [(grade_answer(GRADER, question, sample.answer).score, sample.answer) for sample in BANK.samples(question)]
    answer = next(answer for score, answer in scores if 0.6 < score < 0.9)

    first, then = after(
        question,
        answer,
        "Once beta to the power t is practically zero, so after some thousand steps, or when there is a warmup: "
        "the factor is then one, and leaving it out changes nothing.",
    )

    assert then.score >= first.score


@pytest.mark.parametrize("question", BANK.questions, ids=lambda question: question.id)
def test_the_reference_answer_as_a_reply_never_lowers_a_score(question: Question) -> None:
    for sample in BANK.samples(question)[:4]:
        for reply in (question.answer.en, question.answer.zh):
            first, then = after(question, sample.answer, reply)
            assert then.score >= first.score


def test_what_was_half_said_first_and_half_later_is_whole() -> None:
    question = small("decoupled", "Weight decay is decoupled from the gradient and applied straight to the weights.")
    first, then = after(question, "Decay is decoupled from the gradient.", "It is applied straight to the weights.")

    assert first.mark("decoupled").verdict == "partial"
    assert then.mark("decoupled").verdict == "met"


@pytest.mark.parametrize("reply", ["Sorry, I take that back.", "我收回刚才的话。"])
def test_a_misconception_that_is_taken_back_costs_nothing(reply: str) -> None:
    question, sample, wrong = stated()

    first, then = after(question, sample, reply)

    assert first.mark(wrong).verdict == "stated"
    assert (then.mark(wrong).verdict, then.mark(wrong).code) == ("absent", "corrected")
    assert then.score >= first.score


def test_a_misconception_that_is_said_again_stays() -> None:
    question, sample, wrong = stated()

    _, then = after(question, sample, f"I was wrong about the rest. But {sample}")

    assert then.mark(wrong).verdict == "stated"


def test_a_reply_that_says_the_authored_answer_earns_the_points_that_are_named_there() -> None:
    question = small("early", "The correction matters only early in training.")
    follow_up = FollowUp(
        prompt=Text(en="When could you leave it out?", zh="什么时候可以去掉？"),
        probes=["early"],
        answer=Text(
            en="After some thousand steps, when beta to the power t has vanished.", zh="几千步之后，β 的幂已经消失。"
        ),
        earns=["early"],
    )
    reply = "After some thousand steps beta to the power t has vanished."

    _, plain = after(question, "Adam divides by it.", reply)
    _, told = after(question, "Adam divides by it.", reply, follow_up)

    assert plain.mark("early").verdict == "missing"
    assert told.mark("early").verdict == "met"
    assert told.mark("early").evidence[0].part == 1


def test_a_reply_that_says_the_authored_answer_is_never_held_against_the_candidate() -> None:
    question = BANK.question("mutable-default-argument")
    follow_up = question.follow_ups[0]
    best = max(BANK.samples(question), key=lambda sample: grade_answer(GRADER, question, sample.answer).score)
    assert follow_up.answer is not None

    first, then = after(
        question, best.answer, f"{follow_up.answer.en} It now prints `1 1`, `1` and `False`.", follow_up
    )

    assert then.score >= first.score


@pytest.mark.parametrize("question", BANK.questions, ids=lambda question: question.id)
def test_the_authored_reply_earns_what_it_says_it_earns(question: Question) -> None:
    answer = mediocre(question)
    authored = [(one, one.answer.in_(lang)) for one in question.follow_ups if one.answer for lang in LANGS]
    for follow_up, reply in authored:
        first, then = after(question, answer, reply, follow_up)
        assert then.score >= first.score, reply
        assert {id: then.mark(id).verdict for id in follow_up.earns} == dict.fromkeys(follow_up.earns, "met"), reply
