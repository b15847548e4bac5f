"""Many answers for one LLM: a batch ends with every answer that could be graded, and names the rest."""

from __future__ import annotations

from mockint.grading.grade import Mark
from mockint.llm.budget import BudgetSpentError
from mockint.question import Question
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Reply, honest

ANSWER = "It shards the optimizer states and the gradients, but no weights."
HONEST = honest({"It shards states.": "the optimizer states", "It shards gradients.": "the gradients"})
PRICE = {"input": 1.25, "output": 10}


def answers(zero: Question, count: int) -> list[tuple[Question, str]]:
    return [(zero, f"{ANSWER} Number {n}.") for n in range(count)]


def graded(outcomes: list[object]) -> int:
    return sum(isinstance(outcome, list) and isinstance(outcome[0], Mark) for outcome in outcomes)


def using(prompt: int, completion: int, seconds: float = 0.02) -> object:
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
    judge = grader(server, budget="6000", concurrency=4)
    outcomes = judge.mark_many(answers(zero, 12))
    assert graded(outcomes) == server.count == 4  # a fifth could use 6000 - 4800 only if its reply stayed short
    assert 4800 <= judge.usage.tokens <= 6000
    refused = [outcome for outcome in outcomes if isinstance(outcome, BudgetSpentError)]
    assert len(refused) == 8
    assert all("not sent" in str(error) and "4 requests, 3600 + 1200 tokens" in str(error) for error in refused)
