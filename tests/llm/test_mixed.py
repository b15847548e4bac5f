"""The offline grader and LLMs together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.cli import main
from mockint.errors import ServiceError
from mockint.grading import grader_named, llm_backed
from mockint.grading.grade import Evidence, Mark
from mockint.grading.llm.grader import LLMGrader
from mockint.grading.mixed import ArbitratedGrader, MixedGrader
from mockint.question import Question, Sample
from mockint.wordings import no_wordings
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Reply, Script, asked, error, marks

ANSWER = "It shards the optimizer states and the gradients."


class Offline:
    """Sure of the states and of the misconception, unsure of the rest."""

    name = "offline/0"

    def __init__(self, **verdicts: str) -> None:
        self._verdicts = verdicts

    def mark(self, question: Question, answer: str) -> list[Mark]:
        return [self._mark(criterion.id) for criterion in question.criteria]

    def _mark(self, id: str) -> Mark:
        verdict = self._verdicts.get(id, "absent" if id == "layers" else "missing")
        evidence = [Evidence(start=0, end=9, quote="It shards")] if verdict in ("met", "partial") else []
        sure = 0.9 if id in ("states", "layers") else 0.4
        return Mark(criterion=id, verdict=verdict, confidence=sure, evidence=evidence)  # type: ignore[arg-type]


def told(**verdicts: str) -> Script:
    """An LLM that gives these verdicts, quoting the answer."""

    def script(body: Body) -> Reply:
        texts = {f"It shards {id}.": verdict for id, verdict in verdicts.items()}
        unsaid = {name: "missing" if name[0] == "k" else "absent" for name in asked(body)}
        return Reply(
            marks(
                **{
                    name: ("shards the optimizer", texts[text]) if text in texts else unsaid[name]
                    for name, text in asked(body).items()
                }
            )
        )

    return script


def verdicts(found: list[Mark]) -> dict[str, str]:
    return {mark.criterion: mark.verdict for mark in found}


def test_the_llm_is_asked_only_where_the_offline_grader_is_unsure(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    server = serve(told(gradients="met"))
    mixed = MixedGrader(Offline(states="met"), grader(server))

    assert verdicts(mixed.mark(zero, ANSWER)) == {
        **{"states": "met", "gradients": "met", "weights": "missing"},
        "layers": "absent",
    }
    assert set(asked(server.requests[0]).values()) >= {"It shards gradients.", "It shards weights."}
    assert "It shards states." not in asked(server.requests[0]).values()


def test_an_llm_that_fails_leaves_the_answer_ungraded(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    mixed = MixedGrader(Offline(states="met"), grader(serve(lambda _: error(401, "no such key"))))

    with pytest.raises(ServiceError, match="key"):
        mixed.mark(zero, ANSWER)


def test_an_answer_of_which_neither_can_assess_a_key_point_stays_ungraded(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    class Unsure(Offline):
        def mark(self, question: Question, answer: str) -> list[Mark]:
            return [mark.model_copy(update={"confidence": 0.1}) for mark in super().mark(question, answer)]

    server = serve(told(**dict.fromkeys(("states", "gradients", "weights"), "cannot_assess")))

    with pytest.raises(ServiceError, match="could not assess any key point"):
        MixedGrader(Unsure(), grader(server)).mark(zero, ANSWER)


@pytest.mark.parametrize(("second", "counts"), [("met", "met"), ("missing", "missing"), ("partial", "met")])
def test_where_the_llm_and_the_offline_grader_differ_a_second_llm_decides(
    serve: Serve, grader: MakeGrader, zero: Question, second: str, counts: str
) -> None:
    arbiter = serve(told(gradients=second) if second != "missing" else told())
    first = grader(serve(told(states="met", gradients="met")))
    graded = ArbitratedGrader(Offline(states="met"), first, grader(arbiter))

    assert verdicts(graded.mark(zero, ANSWER))["gradients"] == counts
    assert arbiter.count == 1
    assert [text for text in asked(arbiter.requests[0]).values() if text.startswith("It shards")] == [
        "It shards gradients."
    ]


def test_two_marked_answers_are_shown_and_never_the_answer_itself(
    serve: Serve, grader: MakeGrader, zero: Question
) -> None:
    def sample(id: str, answer: str, **found: str) -> Sample:
        return Sample.model_validate({"id": id, "answer": answer, "verdicts": found})

    samples = [
        sample("good", "States and gradients, all of it.", states="met", gradients="met"),
        sample("bad", "It copies everything.", states="contradicted", gradients="missing"),
        sample("same", ANSWER, states="met", gradients="met", weights="met"),
    ]
    server = serve(told(states="met"))
    shown = LLMGrader(grader(server).endpoint, samples=lambda _: samples)

    assert verdicts(shown.mark(zero, ANSWER))["states"] == "met"
    assert shown.name == "openai:tiny/2+examples"
    sent = server.requests[0]["messages"][1]["content"]
    assert "all of it" in sent
    assert "It copies everything." in sent
    assert sent.count(ANSWER) == 1


def test_eval_holds_an_llm_against_the_offline_grader_on_the_same_answers(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.small_bank import write_small_bank

    bank = write_small_bank(tmp_path / "bank")
    server = serve(told())
    command = ["eval", "--bank", str(bank), "--grader", "openai:tiny", "--base-url", server.url]

    assert main([*command, "--json", "--resamples", "0", "--examples"]) == 0

    compared = json.loads(capsys.readouterr().out)["compared"]
    assert [one["grader"].split("/")[0] for one in compared] == ["openai:tiny", "offline", "openai:tiny"]
    assert compared[0]["tokens"] > 0 == compared[1]["tokens"]
    assert set(compared[0]["figures"]) == set(compared[1]["figures"])
    assert main([*command, "--grader", "mixed:tiny", "--json", "--resamples", "0"]) == 0
    compared = json.loads(capsys.readouterr().out)["compared"]
    assert [one["grader"].split("/")[0] for one in compared] == ["mixed:tiny", "offline", "openai:tiny"]
    assert main([*command, "--resamples", "0"]) == 0
    assert "On the same answers" in capsys.readouterr().out


def test_whoever_waits_is_told_of_each_answer_as_it_ends(serve: Serve, grader: MakeGrader, zero: Question) -> None:
    server = serve(told(gradients="met"))
    mixed = MixedGrader(Offline(states="met"), grader(server, concurrency=1))
    told_when: list[tuple[int, int]] = []

    outcomes = mixed.mark_many(
        [(zero, f"{ANSWER} Number {n}.") for n in range(3)],
        on_done=lambda place, _: told_when.append((place, server.count)),
    )

    assert told_when == [(0, 1), (1, 2), (2, 3)]
    assert [verdicts(one)["gradients"] for one in outcomes if not isinstance(one, ServiceError)] == ["met"] * 3


def test_what_the_second_llm_uses_is_counted_with_the_first(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, zero: Question
) -> None:
    server = serve(told(states="met"))
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    graded = grader_named("openai:tiny", wordings=no_wordings, second="other")

    graded.mark(zero, ANSWER)

    llm = llm_backed(graded)
    assert llm is not None
    assert llm.endpoint.meter.used.requests == server.count == 2
    assert {body["model"] for body in server.requests} == {"tiny", "other"}
