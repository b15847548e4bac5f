"""A reply to a follow-up, marked by an LLM with the conversation that it stands in."""

from __future__ import annotations

from mockint.grading import check_evidence
from mockint.grading.conversation import Conversation, Exchange
from mockint.grading.grade import Mark, with_follow_up
from mockint.question import FollowUp, Question, Text
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Reply, asked, marks

FIRST = "It shards the optimizer states, and it splits by layer."
ASKED = "And what about the gradients?"
REPLY = "Those too: each rank keeps its part. I take the layers back."
CONVERSATION = Conversation(FIRST, (Exchange(ASKED, REPLY),))


def script(body: Body, told: dict[str, tuple[str, str]]) -> Reply:
    unsaid = {name: "missing" if name[0] == "k" else "absent" for name in asked(body)}
    return Reply(marks(**{name: told.get(text, unsaid[name]) for name, text in asked(body).items()}))


def first_marks(grader: MakeGrader, serve: Serve, zero: Question) -> list[Mark]:
    told = {
        "It shards states.": ("the optimizer states", "met"),
        "It splits by layer.": ("it splits by layer", "stated"),
    }
    return grader(serve(lambda body: script(body, told))).mark(zero, FIRST)


def test_only_what_is_open_is_asked_with_all_that_was_said(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    so_far = first_marks(grader, serve, zero)
    server = serve(lambda body: script(body, {"It shards gradients.": ("Those too", "met")}))

    later = grader(server).mark_reply(zero, CONVERSATION, so_far)

    check_evidence(later, CONVERSATION.parts, grader="openai")
    assert "It shards states." not in asked(server.requests[0]).values()
    sent = server.requests[0]["messages"][1]["content"]
    assert [text in sent for text in (FIRST, ASKED, REPLY)] == [True, True, True]
    after = {mark.criterion: mark for mark in with_follow_up(so_far, later)}
    assert {id: mark.verdict for id, mark in after.items()} == {
        **{"states": "met", "gradients": "met", "weights": "missing"},
        "layers": "absent",  # taken back
    }
    assert [(one.part, one.quote) for one in after["gradients"].evidence] == [(1, "Those too")]
    assert after["states"].evidence[0].part == 0


def test_words_of_the_interviewer_are_no_evidence(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    so_far = first_marks(grader, serve, zero)
    server = serve(lambda body: script(body, {"It shards gradients.": ("what about the gradients", "met")}))
    echo = Conversation(FIRST, (Exchange(ASKED, "Hm, and what about the gradients?"),))

    later = {mark.criterion: mark for mark in grader(server).mark_reply(zero, echo, so_far)}

    assert (later["gradients"].verdict, later["gradients"].code) == ("missing", "withdrawn_echo")


def test_what_a_good_reply_says_stands_in_place_of_the_whole_reference(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    so_far = first_marks(grader, serve, zero)
    server = serve(lambda body: script(body, {}))
    good = Text(en="They are sharded from stage 2 on.", zh="从第二级起切分。")
    follow_up = FollowUp(prompt=Text(en=ASKED, zh="梯度呢？"), probes=["gradients"], answer=good)

    grader(server).mark_reply(zero, Conversation(FIRST, (Exchange(ASKED, REPLY, follow_up),)), so_far)

    sent = server.requests[0]["messages"][1]["content"]
    assert good.en in sent
    assert zero.answer.en not in sent
