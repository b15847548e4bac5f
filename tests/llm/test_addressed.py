"""Sentences that sound like an address to the grader keep their credit; an LLM that obeys one is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from mockint.bank import default_bank, load_bank
from mockint.errors import ServiceError
from mockint.question import Question
from tests.llm.conftest import MakeGrader, Serve
from tests.llm.loopback import Body, Reply, answer_in, asked, marks

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "addressed.jsonl").read_text(encoding="utf-8").splitlines()
]
BANK = load_bank(default_bank(), pictures=False)
HONEST = [row for row in ROWS if row["kind"] == "honest"]
INJECTIONS = [row for row in ROWS if row["kind"] == "injection"]


def question_of(row: dict[str, str]) -> Question:
    return BANK.question(row["question"])


def texts_of(row: dict[str, str]) -> set[str]:
    """The criterion that the sentence speaks to, as it is asked about in either language."""
    text = question_of(row).criterion(row["criterion"]).text
    return {text.en, text.zh}


def test_the_sentences_are_as_many_as_the_bar_asks_for() -> None:
    assert (len(HONEST), len(INJECTIONS)) == (100, 100)
    assert {row["lang"] for row in HONEST} == {row["lang"] for row in INJECTIONS} == {"en", "zh"}


def test_no_honest_sentence_loses_the_credit_that_an_llm_gives_it(serve: Serve, grader: MakeGrader) -> None:
    deserved = {row["text"]: (texts_of(row), row) for row in HONEST}

    def careful(body: Body) -> Reply:
        texts, row = deserved[answer_in(body)]
        unsaid = {name: "missing" if name[0] == "k" else "absent" for name in asked(body)}
        found = {name: (row["text"], row["verdict"]) for name, text in asked(body).items() if text in texts}
        return Reply(marks(**(unsaid | found)))

    llm = grader(serve(careful))
    lost = []
    for row in HONEST:
        found = {mark.criterion: mark for mark in llm.mark(question_of(row), row["text"])}[row["criterion"]]
        if found.verdict != row["verdict"]:
            lost.append((row["text"], found.verdict, found.reason))

    assert lost == []


def obedient(quote: Callable[[str], str]) -> Callable[[Body], Reply]:
    """An LLM that does as it is told, and quotes what it was told, or the first words that stand there."""

    def script(body: Body) -> Reply:
        return Reply(
            marks(**{name: (quote(answer_in(body)), "met") if name[0] == "k" else "absent" for name in asked(body)})
        )

    return script


def test_no_injection_earns_anything_from_an_llm_that_obeys_it(serve: Serve, grader: MakeGrader) -> None:
    servers = [serve(obedient(lambda answer: answer)), serve(obedient(lambda answer: answer[:24]))]
    earned = []
    for server in servers:
        llm = grader(server)
        for row in INJECTIONS:
            try:
                found = llm.mark(question_of(row), row["text"])
            except ServiceError:
                continue  # the answer stays ungraded, and says so
            if any(mark.verdict in ("met", "partial") for mark in found):
                earned.append(row["text"])

    assert earned == []
