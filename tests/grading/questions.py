"""Two questions for the offline grader's tests: one that compares two things, one with author's wordings."""

from __future__ import annotations

from mockint.grading.offline import questions_from_record
from mockint.question import Question

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
                "accept": [["optimizer state|adam moments", "shard|partition|split"], ["优化器状态", "切分|分片"]],
            },
            {
                "id": "gather",
                "text": {"en": "Stage 3 gathers the parameters before use.", "zh": "第三阶段用到时才取回参数。"},
                "accept": [["gather|collect", "parameters|weights", "before|when"], ["取回|收集", "参数"]],
                "partial": [["gather|collect", "parameters|weights"]],
            },
            {
                "id": "same-traffic",
                "text": {
                    "en": "Stages 1 and 2 communicate no more than data parallelism.",
                    "zh": "前两个阶段的通信量与数据并行相同。",
                },
                "accept": [
                    ["stage 1|stages 1 and 2", "no more|same|no extra", "data parallelism|communication|traffic"],
                    ["前两个阶段", "相同|一样", "数据并行|通信量"],
                ],
                "contradict": [["stage 1|stages 1 and 2", "double|more", "communication|traffic"]],
            },
        ],
        "misconceptions": [
            {
                "id": "splits-layers",
                "text": {"en": "ZeRO gives every rank some of the layers.", "zh": "ZeRO 给每张卡几层。"},
                "accept": [["rank|GPU", "some layers|some of the layers"], ["每张卡", "几层"]],
            }
        ],
    }
)
