"""Two questions for the offline grader's tests: one that compares two things, one with author's wordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockint.evaluation.plain_questions import questions_from_record
from mockint.question import Question
from mockint.wordings import HEARS, Wordings, WordingsInMemory, Written

(NORMS,) = questions_from_record(
    question="What is the difference between batch normalisation and layer normalisation?",
    key_points=[
        "Batch normalisation computes the mean and variance of each feature over the mini-batch",
        "Layer normalisation computes them over the features of a single sample",
        "Batch normalisation uses running averages at inference",
        "Layer normalisation does not depend on the batch size",
    ],
)

ZERO = Question.model_validate(
    {
        "id": "zero",
        "topic": "distributed",
        "kind": "explain",
        "level": 3,
        "minutes": 5,
        "prompt": {
            "en": "What do the stages of ZeRO keep apart, and what does it cost?",
            "zh": "ZeRO 的各个阶段拆开了什么？",
        },
        "answer": {
            "en": "Stage 1 shards the optimizer state. Stage 3 gathers the parameters before use. "
            "Stages 1 and 2 communicate no more than data parallelism.",
            "zh": "第一阶段切分优化器状态。第三阶段用到时才取回参数。前两个阶段的通信量与数据并行相同。",
        },
        "key_points": [
            {
                "id": "optimizer-state",
                "weight": 2,
                "must": True,
                "text": {"en": "Stage 1 shards the optimizer state.", "zh": "第一阶段切分优化器状态。"},
            },
            {
                "id": "gather",
                "text": {"en": "Stage 3 gathers the parameters before use.", "zh": "第三阶段用到时才取回参数。"},
            },
            {
                "id": "same-traffic",
                "text": {
                    "en": "Stages 1 and 2 communicate no more than data parallelism.",
                    "zh": "前两个阶段的通信量与数据并行相同。",
                },
            },
        ],
        "misconceptions": [
            {
                "id": "splits-layers",
                "text": {"en": "ZeRO gives every rank some of the layers.", "zh": "ZeRO 给每张卡几层。"},
            }
        ],
    }
)


def wordings(
    *,
    concepts: Mapping[str, str] | None = None,
    rivals: Sequence[str] = (),
    shared: Mapping[str, str] | None = None,
    **patterns: Mapping[str, Sequence[str]],
) -> Wordings:
    """Wordings as a file would hold them: says, partly, denies by criterion."""
    return Wordings(
        path="zero.wordings.yaml",
        concepts={name: (Written(text),) for name, text in (concepts or {}).items()},
        shared={name: (Written(text),) for name, text in (shared or {}).items()},
        rivals=tuple(map(Written, rivals)),
        patterns={
            hears: {id: tuple(map(Written, texts)) for id, texts in patterns.get(hears, {}).items()} for hears in HEARS
        },
    )


ZERO_WORDINGS = wordings(
    concepts={
        "optimizer-state": "optimizer state|(states;optimizer)|adam moments|优化器状态",
        "shard": "shard|partition|split|切分|分片",
        "parameters": "parameters|weights|参数",
        "gather": "gather|collect|取回|收集",
        "first-stages": "stage 1|stages 1 and 2|前两个阶段",
        "traffic": "communication|traffic|通信量",
    },
    shared={"data-parallel": "data parallelism|DP|数据并行"},
    says={
        "optimizer-state": ["<optimizer-state> .. <shard>"],
        "gather": ["<gather> .. <parameters> .. (before|when)", "(取回|收集) .. 参数"],
        "same-traffic": ["<first-stages> .. (no more|same|no extra|相同|一样) .. (<traffic>|<data-parallel>)"],
        "splits-layers": ["(rank|GPU) .. some [of the] layers", "每张卡 .. 几层"],
    },
    partly={"gather": ["<gather> .. <parameters>"]},
    denies={"same-traffic": ["<first-stages> .. (double|more) .. <traffic>"]},
)


listening = WordingsInMemory(ZERO_WORDINGS)
"""A criterion of another question has none of these ids."""
