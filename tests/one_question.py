"""A few small questions, and a grader that credits a key point when the answer holds the key point's id as a word."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mockint.errors import ServiceError
from mockint.grading.grade import Evidence, Mark
from mockint.history import Plan
from mockint.question import Criterion, KeyPoint, Question

ZERO = {
    "id": "zero",
    "topic": "distributed",
    "kind": "explain",
    "level": 3,
    "minutes": 5,
    "prompt": {"en": "What does ZeRO shard?", "zh": "ZeRO 切分什么？"},
    "answer": {"en": "States, gradients, weights.", "zh": "状态、梯度、参数。"},
    "key_points": [
        {"id": "states", "text": {"en": "It shards states.", "zh": "切分状态。"}, "weight": 2, "must": True},
        {"id": "gradients", "text": {"en": "It shards gradients.", "zh": "切分梯度。"}},
        {"id": "weights", "text": {"en": "It shards weights.", "zh": "切分参数。"}, "weight": 3},
    ],
    "misconceptions": [
        {
            "id": "layers",
            "text": {"en": "It splits by layer.", "zh": "按层切分。"},
            "correction": {"en": "Each tensor is sharded.", "zh": "切分的是每个张量。"},
        }
    ],
    "follow_ups": [
        {"prompt": {"en": "What about backward?", "zh": "反向呢？"}, "probes": ["gradients"]},
        {"prompt": {"en": "What is left whole?", "zh": "还有什么是完整的？"}, "probes": ["weights"]},
        {"prompt": {"en": "What does Adam keep?", "zh": "Adam 存什么？"}, "probes": ["states"]},
    ],
}


def question(**changes: object) -> Question:
    return Question.model_validate({**ZERO, **changes})


def write_bank(root: Path, questions: Sequence[Question]) -> None:
    """A bank with these questions, all of the topic `distributed`. JSON is YAML."""
    (root / "distributed").mkdir(parents=True)
    (root / "topics.yaml").write_text(
        "- {id: distributed, name: {en: Distributed, zh: 分布式}, line: {en: x, zh: x}}\n", encoding="utf-8"
    )
    for one in questions:
        text = json.dumps(one.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        (root / "distributed" / f"{one.id}.yaml").write_text(text, encoding="utf-8")


class WordGrader:
    """`states` in the answer meets the key point `states`, `half states` half; `not states` contradicts it."""

    name = "word/1"

    def mark(self, question: Question, answer: str) -> list[Mark]:
        return [self._mark(criterion, answer) for criterion in question.criteria]

    def _mark(self, criterion: Criterion, answer: str) -> Mark:
        point = isinstance(criterion, KeyPoint)
        found = re.search(rf"(not |half )?\b{criterion.id}\b", answer)
        if found is None:
            return Mark(criterion=criterion.id, verdict="missing" if point else "absent")
        evidence = [Evidence(start=found.start(), end=found.end(), quote=found[0])]
        if not point:
            return Mark(criterion=criterion.id, verdict="stated", evidence=evidence)
        verdict = {"not ": "contradicted", "half ": "partial", None: "met"}[found[1]]
        return Mark(criterion=criterion.id, verdict=verdict, evidence=evidence)  # type: ignore[arg-type]


class BrokenGrader:
    """An endpoint that is down."""

    name = "broken/1"

    def mark(self, question: Question, answer: str) -> list[Mark]:
        raise ServiceError("the endpoint does not answer")


def plan(*questions: Question, **more: Any) -> Plan:
    """A plan of these questions, or of one, without follow-ups."""
    return Plan(**{"questions": questions or [question()], "lang": "en", "seed": 1, "follow_ups": 0} | more)
