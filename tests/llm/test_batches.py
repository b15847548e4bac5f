"""Many answers for one LLM: a batch ends with every answer that could be graded, and names the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from mockint.errors import NotSentError
from mockint.grading.grade import Mark
from mockint.llm import limits
from mockint.llm.budget import BudgetSpentError
from mockint.llm.faults import EndpointError
from mockint.question import Question
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Http, Reply, Script, answer_in, error, honest

ANSWER = "It shards the optimizer states and the gradients, but no weights."
HONEST = honest({"It shards states.": "the optimizer states", "It shards gradients.": "the gradients"})
PRICE = {"input": 1.25, "output": 10}


def answers(zero: Question, count: int) -> list[tuple[Question, str]]:
    return [(zero, f"{ANSWER} Number {n}.") for n in range(count)]


def graded(outcomes: Sequence[object]) -> int:
    return sum(isinstance(outcome, list) and isinstance(outcome[0], Mark) for outcome in outcomes)


def using(prompt: int, completion: int, seconds: float = 0.02) -> Script:
    """An honest LLM whose replies report this usage."""

    def script(body: Body) -> Reply:
        made = HONEST(body)
        assert isinstance(made, Reply)
        return Reply(made.text, prompt=prompt, completion=completion, seconds=seconds)

    return script


def test_a_budget_that_is_enough_grades_every_answer(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(using(prompt=1500, completion=600))
    judge = grader(server, budget="$0.21", price=PRICE, concurrency=8)  # 24 answers at $0.0079 each: $0.189
    outcomes = judge.mark_many(answers(zero, 24))
    assert graded(outcomes) == 24
    assert server.most_at_once > 4


def test_a_budget_that_is_not_enough_is_used_up_and_the_rest_is_not_sent(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(using(prompt=900, completion=300))
    judge = grader(server, budget="7500", concurrency=4)
    outcomes = judge.mark_many(answers(zero, 12))
    assert graded(outcomes) == server.count == 4  # a fifth could use 7500 - 4800 only if its reply stayed short
    assert 4800 <= judge.usage.tokens <= 7500
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetSpentError)]
    assert len(refused) == 8
    assert all("not sent" in str(error) and "4 requests, 3600 + 1200 tokens" in str(error) for error in refused)


def number_of(body: Body) -> int:
    return int(answer_in(body).rsplit(" ", 1)[-1].rstrip("."))


def failing(fault: Http | Reply, is_due: Callable[[int, int], bool]) -> Script:
    """An honest LLM that fails where is_due(count of requests so far, number of the answer) says so."""
    count = iter(range(1_000_000))
    return lambda body: fault if is_due(next(count), number_of(body)) else HONEST(body)


@pytest.mark.parametrize(
    "refusal",
    [
        Reply("", finish="content_filter"),
        Http(200, '{"choices": [{"message": {"content": null, "refusal": "I would rather not."}}]}'),
        error(400, "The response was filtered due to Azure OpenAI's content management policy"),
        error(400, "Content Exists Risk"),
        error(400, "This model's maximum context length is 512 tokens"),
    ],
)
def test_refused_answers_cost_no_other_answer_its_grade(
    serve: Serve, grader: MakeGrader, zero: Question, refusal: Http | Reply
) -> None:
    server = serve(failing(refusal, lambda _, number: number < 18))
    outcomes = grader(server, concurrency=2).mark_many(answers(zero, 24))
    assert graded(outcomes[:18]) == 0
    assert graded(outcomes[18:]) == 6
    assert server.count == 24


@pytest.mark.parametrize(
    "fault",
    [
        Http(200, '{"choices": []}'),
        Http(200, '{"error": {"code": 429, "message": "Rate limit exceeded"}}'),
        Http(200, "<html>Bad gateway</html>", {"Content-Type": "text/html"}),
        Http(200, '{"choices": [{"mess'),
        Http(drop=True),
        error(429, "slow down"),
        error(502, "bad gateway"),
    ],
)
def test_faults_that_pass_cost_no_answer_its_grade(
    serve: Serve, grader: MakeGrader, zero: Question, fault: Http
) -> None:
    server = serve(failing(fault, lambda count, _: count < 3))
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 6))) == 6


def test_a_limit_on_requests_that_nobody_announced_is_waited_out(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    started: list[float] = []

    def script(body: Body) -> Reply | Http:
        now = time.monotonic()
        if sum(now - at < 2 for at in started) >= 10:
            return error(429, "10 requests in 2 s, please")
        started.append(now)
        return HONEST(body)

    server = serve(script)
    assert graded(grader(server, concurrency=8).mark_many(answers(zero, 24))) == 24
    assert server.count < 24 + 40


def test_an_outage_in_the_middle_is_waited_out_and_nobody_hammers(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    began: list[float] = []

    def script(body: Body) -> Reply | Http:
        if server.count > 8:
            began.append(time.monotonic())
        down = bool(began) and time.monotonic() - began[0] < 3
        return error(503, "restarting") if down else HONEST(body)

    server = serve(script)
    assert graded(grader(server, concurrency=4).mark_many(answers(zero, 24))) == 24
    assert server.count < 24 + 20


def test_one_answer_that_always_fails_costs_only_itself(
    serve: Serve, grader: MakeGrader, zero: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_FIRST_PAUSE", 0.02)
    made = failing(error(500, "crash"), lambda _, number: number == 3)

    def script(body: Body) -> Reply | Http:
        reply = made(body)
        return Reply(reply.text, seconds=0.1) if isinstance(reply, Reply) else reply

    server = serve(script)
    outcomes = grader(server, concurrency=4).mark_many(answers(zero, 60))
    assert graded(outcomes) == 59
    assert "status 500 (crash)" in str(outcomes[3])


def test_an_endpoint_that_was_never_there_is_given_up_soon_and_what_it_said_is_told(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda _: error(502, "no upstream today"))
    began = time.monotonic()
    outcomes = grader(server, concurrency=4, patience=2).mark_many(answers(zero, 24))
    assert time.monotonic() - began < 6
    assert sum(isinstance(outcome, NotSentError) for outcome in outcomes) >= 20
    assert all("no upstream today" in str(outcome) for outcome in outcomes)


def test_a_pause_of_an_hour_ends_a_batch_at_once(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda _: error(429, "come back tomorrow", Retry_After="3600"))
    outcomes = grader(server, concurrency=4).mark_many(answers(zero, 24))
    assert all("asks to wait 3600 s" in str(outcome) for outcome in outcomes)
    assert server.count <= 4


def test_a_wrong_key_ends_a_batch_at_once(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda _: error(401, "no such key"))
    outcomes = grader(server, concurrency=2).mark_many(answers(zero, 24))
    assert isinstance(outcomes[0], EndpointError)
    assert server.count <= 2


def test_an_llm_that_never_fills_in_the_sheet_is_given_up(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda _: Reply("I like this answer."))
    outcomes = grader(server, concurrency=1).mark_many(answers(zero, 24))
    assert server.count == 20  # ten answers, two tries each
    assert all("without usable marks" in str(outcome) for outcome in outcomes)


def test_where_a_person_waits_a_busy_endpoint_is_waited_for_no_longer_than_that(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda _: error(429, "slow down"))
    began = time.monotonic()
    with pytest.raises(EndpointError, match="slow down"):
        grader(server, timeout=4).mark(zero, ANSWER)
    assert 1.5 < time.monotonic() - began < 4.5


def test_no_more_is_sent_in_a_minute_than_the_settings_say(
    serve: Serve, grader: MakeGrader, zero: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MINUTE", 1.0)
    at: list[float] = []

    def script(body: Body) -> Reply | Http:
        at.append(time.monotonic())
        return HONEST(body)

    server = serve(script)
    assert graded(grader(server, concurrency=8, requests_per_minute=5).mark_many(answers(zero, 13))) == 13
    assert all(later - earlier > 0.9 for earlier, later in zip(at, at[5:], strict=False))
    assert at[4] - at[0] < 0.5


def test_no_more_tokens_are_asked_for_in_a_minute_than_the_settings_say(
    serve: Serve, grader: MakeGrader, zero: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_MINUTE", 1.0)
    server = serve(using(prompt=1500, completion=500))
    began = time.monotonic()
    judge = grader(server, concurrency=4, tokens_per_minute=5000)
    assert graded(judge.mark_many(answers(zero, 5))) == 5
    assert 2 <= time.monotonic() - began < 6


def test_the_room_that_an_llm_needs_is_learned_and_remembered(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    def script(body: Body) -> Reply | Http:
        return HONEST(body) if body["max_tokens"] > 2000 else Reply('{"k01": {"evi', finish="length")

    server = serve(script)
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 5))) == 5
    assert server.count == 6
    grader(server).mark(zero, ANSWER)
    assert server.count == 7


def test_more_room_than_an_endpoint_allows_is_not_asked_for_again(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    def script(body: Body) -> Reply | Http:
        if body["max_tokens"] > 3000:
            return error(400, "Invalid max_tokens value, the valid range of max_tokens is [1, 3,000]")
        return HONEST(body) if body["max_tokens"] == 3000 else Reply("Let me think", finish="length")

    server = serve(script)
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 5))) == 5
    assert server.count == 7


def test_a_limit_of_ones_own_on_replies_is_never_exceeded(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(lambda _: Reply("Let me think", finish="length"))
    with pytest.raises(EndpointError, match="cut off"):
        grader(server, max_tokens=300).mark(zero, ANSWER)
    assert [body["max_tokens"] for body in server.requests] == [300]


def test_text_that_stands_only_among_the_thoughts_is_asked_for_in_another_form(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    def script(body: Body) -> Reply | Http:
        made = HONEST(body)
        assert isinstance(made, Reply)
        return Reply("", thoughts=made.text) if "response_format" in body else made

    server = serve(script)
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 3))) == 3
    assert server.count == 5


def test_where_every_form_puts_the_text_among_the_thoughts_it_is_read_there(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    def script(body: Body) -> Reply | Http:
        made = HONEST(body)
        assert isinstance(made, Reply)
        return Reply("", thoughts=made.text)

    server = serve(script)
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 3))) == 3
    assert server.count == 5


def test_a_500_on_the_schema_is_answered_with_another_form(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    def script(body: Body) -> Reply | Http:
        is_schema = body.get("response_format", {}).get("type") == "json_schema"
        return error(500, "Internal Server Error") if is_schema else HONEST(body)

    server = serve(script)
    judge = grader(server, concurrency=1)
    assert judge.mark(zero, ANSWER)
    assert graded(judge.mark_many(answers(zero, 3))) == 3
    assert server.count == 2 + 4


def test_a_500_after_the_schema_has_worked_teaches_nothing(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(failing(error(500, "oops"), lambda count, _: 1 <= count < 4))
    assert graded(grader(server, concurrency=1).mark_many(answers(zero, 4))) == 4
    assert {body["response_format"]["type"] for body in server.requests} == {"json_schema"}


def test_the_reasoning_effort_is_sent_and_left_out_where_it_is_refused(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(lambda body: error(400, "Unknown: reasoning_effort") if "reasoning_effort" in body else HONEST(body))
    assert graded(grader(server, concurrency=1, reasoning_effort="low").mark_many(answers(zero, 2))) == 2
    assert [body.get("reasoning_effort") for body in server.requests] == ["low", None, None]
