"""Endpoints that misbehave, over real HTTP: each ends in the right grade or an ungraded answer, never a wrong one."""

from __future__ import annotations

import json
import time
from collections import Counter
from email.utils import formatdate

import pytest

from mockint.errors import NotSentError, ServiceError
from mockint.grading.grade import Mark
from mockint.grading.llm.sheet import DECOYS
from mockint.llm.budget import BudgetSpentError
from mockint.llm.faults import EndpointError
from mockint.question import Question
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Http, Reply, answer_in, asked, error, honest, marks

ANSWER = "It shards the optimizer states and the gradients, but no weights."
QUOTES = {"It shards states.": "the optimizer states", "It shards gradients.": "the gradients"}
JUDGE = honest(QUOTES)
RIGHT = {"states": "met", "gradients": "met", "weights": "missing", "layers": "absent"}
GOOD = marks(k01=("the optimizer states", "met"), k02=("the gradients", "met"), k03="missing", m01="absent")


def verdicts(found: list[Mark]) -> dict[str, str]:
    return {mark.criterion: mark.verdict for mark in found}


def after(*faults: Http | Reply) -> object:
    """The faults in turn, then an honest judge."""
    left = list(faults)
    return lambda body: left.pop(0) if left else JUDGE(body)


def form_of(body: Body) -> str:
    return str(body.get("response_format", {}).get("type", "plain"))


@pytest.mark.parametrize("status", [400, 422, 500])
def test_an_endpoint_without_json_schema_is_asked_for_a_json_object_and_remembered(
    serve: Serve, grader: MakeGrader, zero: Question, status: int
) -> None:
    refusal = error(status, "This response_format type is unavailable now: json_schema")
    server = serve(lambda body: refusal if form_of(body) == "json_schema" else JUDGE(body))
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    assert [form_of(body) for body in server.requests] == ["json_schema", "json_object"]
    grader(server).mark(zero, ANSWER + " Yes.")
    assert form_of(server.requests[2]) == "json_object"


def test_an_endpoint_that_knows_no_response_format_at_all_is_asked_in_plain_text(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda body: error(400, "unknown field") if "response_format" in body else JUDGE(body))
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    assert [form_of(body) for body in server.requests] == ["json_schema", "json_object", "plain"]


def test_a_refusal_that_no_form_mends_teaches_nothing(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    broken = True
    server = serve(lambda body: error(400, "no such thing") if broken else JUDGE(body))
    judge = grader(server)
    with pytest.raises(EndpointError, match="status 400"):
        judge.mark(zero, ANSWER)
    broken = False
    judge.mark(zero, ANSWER)
    assert form_of(server.requests[-1]) == "json_schema"


def test_sorted_keys_do_not_mix_up_criteria_or_their_order(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda body: Reply(json.dumps(json.loads(JUDGE(body).text), sort_keys=True)))  # type: ignore[union-attr]
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    schema = server.requests[0]["response_format"]["json_schema"]["schema"]
    for form in [schema, *schema["properties"].values()]:
        names = list(form["properties"])
        assert names == sorted(names) == form["required"]
        assert form["additionalProperties"] is False


@pytest.mark.parametrize(
    "wrapped",
    [
        f"```json\n{GOOD}\n```",
        f'<think>Is it met? {{"k01": {{"verdict": "missing"}}}} Yes.</think>\n{GOOD}',
        f"Still thinking</think>{GOOD}",
        f'The candidate wrote {{"verdict": "met"}}. My marks:\n\n{GOOD}\n\nI hope this helps.',
        GOOD.replace('"met"', '"Met "'),
    ],
)
def test_fences_thoughts_and_chatter_around_the_json_are_taken_off(
    serve: Serve, grader: MakeGrader, zero: Question, wrapped: str
) -> None:
    server = serve(lambda _: Reply(wrapped))
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    assert server.count == 1


def test_a_cut_off_reply_is_asked_for_once_more_with_more_room_and_both_are_paid_for(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(after(Reply(GOOD[:60], finish="length", prompt=70, completion=30)))
    judge = grader(server)
    assert verdicts(judge.mark(zero, ANSWER)) == RIGHT
    assert server.requests[1]["max_tokens"] > server.requests[0]["max_tokens"]
    assert (judge.usage.requests, judge.usage.prompt, judge.usage.completion) == (2, 170, 50)


@pytest.mark.parametrize(
    "unusable",
    [
        "I think it is a good answer.",
        GOOD.replace('"m01"', '"m02"'),
        GOOD.replace('"met"', '"excellent"'),
        "[" * 5000,
        '{"k01": ' * 5000,
        "",
    ],
)
def test_a_reply_that_cannot_be_used_twice_leaves_the_answer_ungraded(
    serve: Serve, grader: MakeGrader, zero: Question, unusable: str
) -> None:
    server = serve(lambda _: Reply(unusable))
    judge = grader(server)
    with pytest.raises(ServiceError, match="ungraded"):
        judge.mark(zero, ANSWER)
    assert server.count == judge.usage.requests == 2


def test_a_busy_endpoint_is_asked_again_after_the_pause_it_wants(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(after(error(429, "slow down", Retry_After="1"), error(500, "oops", Retry_After="0")))
    began = time.monotonic()
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    assert server.count == 3
    assert time.monotonic() - began >= 1


def test_a_pause_can_be_asked_for_as_a_date(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(after(error(503, "later", Retry_After=formatdate(time.time() + 1, usegmt=True))))
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT


def test_a_longer_pause_than_a_person_waits_fails_at_once_and_says_so(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda _: error(429, "slow down", Retry_After="3600"))
    with pytest.raises(EndpointError, match="asks to wait 3600 s"):
        grader(server).mark(zero, ANSWER)
    assert server.count == 1


def test_429_then_500_then_a_hang_ends_ungraded_within_the_time_given(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    faults = [error(429, "slow down", Retry_After="0.1"), error(500, "oops"), Http(200, "{}", seconds=30)]
    server = serve(lambda _: faults[min(server.count, 3) - 1])
    with pytest.raises(EndpointError, match="within 2 s"):
        grader(server, timeout=2).mark(zero, ANSWER)
    assert server.count == 3


def test_a_temperature_is_sent_only_when_set_and_dropped_once_when_refused(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    said = (
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
    )
    server = serve(lambda body: error(400, said) if "temperature" in body else JUDGE(body))
    grader(server).mark(zero, ANSWER)
    assert "temperature" not in server.requests[0]
    judge = grader(server, temperature=0)
    assert verdicts(judge.mark(zero, ANSWER + " So.")) == RIGHT
    judge.mark(zero, ANSWER + " Right.")
    assert ["temperature" in body for body in server.requests[1:]] == [True, False, False]
    assert {form_of(body) for body in server.requests} == {"json_schema"}


def test_the_limit_on_a_reply_goes_by_the_name_the_endpoint_wants(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server = serve(lambda body: error(400, said) if "max_tokens" in body else JUDGE(body))
    assert verdicts(grader(server).mark(zero, ANSWER)) == RIGHT
    assert "max_completion_tokens" in server.requests[-1]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error(401, "Incorrect API key"), "key"),
        (error(402, "Insufficient Balance"), "no credit"),
        (error(404, "The model does not exist"), "knows no LLM 'tiny'"),
        (error(400, "This model's maximum context length is 512 tokens"), "too long"),
        (error(400, "The response was filtered by our content management policy"), "refused to grade"),
        (error(403, "Your input was flagged by moderation"), "refused to grade"),
        (Http(200, '{"choices": [{"message": {"content": null, "refusal": "no"}}]}'), "refused to grade"),
        (Reply("", finish="content_filter"), "refused to grade"),
    ],
)
def test_what_cannot_be_mended_by_asking_again_is_said_in_plain_words(
    serve: Serve, grader: MakeGrader, zero: Question, reply: Http | Reply, said: str
) -> None:
    server = serve(lambda _: reply)
    with pytest.raises(EndpointError, match=said):
        grader(server).mark(zero, ANSWER)
    assert server.count == 1


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Http(200, "<html>hello</html>", {"Content-Type": "text/html"}), "OpenAI-compatible"),
        (Http(200, "not json"), "not JSON"),
        (Http(200, "{}"), "sent no reply"),
        (Http(200, '{"error": {"code": 502, "message": "Provider returned error"}}'), "Provider returned error"),
    ],
)
def test_a_success_that_holds_no_reply_is_tried_again_and_then_told(
    serve: Serve, grader: MakeGrader, zero: Question, reply: Http, said: str
) -> None:
    server = serve(lambda _: reply)
    with pytest.raises(EndpointError, match=said):
        grader(server).mark(zero, ANSWER)
    assert server.count == 3


def test_a_connection_that_breaks_is_tried_again_and_then_told(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda _: Http(drop=True))
    with pytest.raises(EndpointError, match="cannot reach"):
        grader(server).mark(zero, ANSWER)
    assert server.count == 3


def test_nobody_listening_is_told_with_the_address(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(JUDGE)
    server.url = "http://127.0.0.1:9/v1"
    with pytest.raises(EndpointError, match=r"cannot reach the endpoint http://127.0.0.1:9/v1: is it running"):
        grader(server).mark(zero, ANSWER)


def test_an_endpoint_that_dies_leaves_the_rest_ungraded_and_is_not_hammered(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda body: JUDGE(body) if server.count <= 4 else error(503, "gone", Retry_After="0"))
    judge = grader(server, concurrency=1, patience=2)
    outcomes = judge.mark_many([(zero, f"{ANSWER} Number {n}.") for n in range(50)])
    assert [verdicts(found) for found in outcomes[:4] if isinstance(found, list)] == [RIGHT] * 4
    assert isinstance(outcomes[4], EndpointError)
    assert all(isinstance(outcome, NotSentError) and "gone" in str(outcome) for outcome in outcomes[5:])
    assert len(outcomes) == 50
    assert server.count <= 4 + 5  # at once, at once, and then after ever longer pauses of one answer


def test_a_batch_keeps_its_order_and_never_exceeds_its_concurrency(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    def script(body: Body) -> Reply:
        slow = "4" in answer_in(body)
        return Reply(JUDGE(body).text, seconds=0.2 if slow else 0.02)  # type: ignore[union-attr]

    server = serve(script)
    answers = [(zero, f"{ANSWER} Number {n}.") for n in range(12)]
    answers[5] = (zero, "nothing of the kind, sorry")
    done: list[int] = []
    outcomes = grader(server, concurrency=3).mark_many(answers, on_done=lambda place, _: done.append(place))
    met = [Counter(mark.verdict for mark in found)["met"] for found in outcomes if isinstance(found, list)]
    assert met == [2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2, 2]
    assert server.most_at_once == 3
    assert sorted(done) == list(range(12)) != done


def test_a_budget_is_kept_under_concurrency(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda body: Reply(JUDGE(body).text, prompt=900, completion=300))  # type: ignore[union-attr]
    judge = grader(server, budget="6000", concurrency=4)
    outcomes = judge.mark_many([(zero, f"{ANSWER} Number {n}.") for n in range(12)])
    assert 0 < judge.usage.tokens <= 6000
    assert isinstance(outcomes[-1], BudgetSpentError)
    assert isinstance(outcomes[0], list)


def test_usage_that_the_endpoint_does_not_report_is_estimated(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda body: Reply(JUDGE(body).text, prompt=None))  # type: ignore[union-attr]
    judge = grader(server)
    judge.mark(zero, ANSWER)
    assert judge.usage.estimated == judge.usage.tokens > 100
    assert "estimate" in str(judge.endpoint.meter)


def test_every_criterion_is_asked_once_and_the_answer_comes_last(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(JUDGE)
    judge = grader(server)
    judge.mark(zero, ANSWER)
    judge.mark(zero, "It shards the optimizer states.")
    first, second = (body["messages"] for body in server.requests)
    *points, decoy, layers = asked(server.requests[0]).values()
    assert [*points, layers] == [c.text.en for c in zero.criteria]
    assert decoy in {text.en for text in DECOYS}
    assert first[0] == second[0]
    shared = first[1]["content"].split("# The candidate's answer")[0]
    assert second[1]["content"].startswith(shared)
    assert answer_in(server.requests[0]) == ANSWER
