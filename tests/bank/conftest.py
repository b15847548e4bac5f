"""A folder that is a valid bank of one question, and a way to break it by editing text."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from mockint.bank import read_bank
from mockint.errors import Problem

TOPICS = """\
- id: distributed
  name: {en: Distributed, zh: 分布式}
  line: {en: Many GPUs., zh: 多卡。}
"""

QUESTION = """\
id: zero-stages
topic: distributed
kind: explain
level: 3
minutes: 5
tags: [zero]
prompt:
  en: What does each stage of ZeRO shard?
  zh: ZeRO 的每个 stage 切分什么？
answer:
  en: Optimizer states, gradients, parameters.
  zh: 优化器状态、梯度、参数。
key_points:
  - id: stage1
    weight: 2
    must: true
    text: {en: Stage 1 shards the optimizer state., zh: stage 1 切分优化器状态。}
  - id: stage2
    text: {en: Stage 2 also shards gradients., zh: stage 2 还切分梯度。}
  - id: stage3
    text: {en: Stage 3 also shards parameters., zh: stage 3 还切分参数。}
misconceptions:
  - id: by-layer
    text: {en: ZeRO splits by layer., zh: ZeRO 按层切分。}
follow_ups:
  - prompt: {en: And the memory?, zh: 显存呢？}
    probes: [stage1]
"""
SAMPLES = """\
- id: strong
  answer: It shards states, then gradients, then weights.
  verdicts: {stage1: met, stage2: met, stage3: met, by-layer: absent}
"""
WORDINGS = """\
concepts:
  shard: shard|split
says:
  stage1: [<optimizer-state> .. <shard>]
  by-layer: layer per rank
"""


class Write(Protocol):
    def __call__(
        self, old: str = "", new: str = "", *, file: str = "distributed/zero-stages.yaml"
    ) -> list[Problem]: ...


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    (tmp_path / "distributed").mkdir()
    (tmp_path / "concepts.yaml").write_text("optimizer-state: optimizer state|优化器状态\n", encoding="utf-8")
    (tmp_path / "distributed" / "zero-stages.yaml").write_text(QUESTION, encoding="utf-8")
    (tmp_path / "distributed" / "zero-stages.samples.yaml").write_text(SAMPLES, encoding="utf-8")
    (tmp_path / "distributed" / "zero-stages.wordings.yaml").write_text(WORDINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def problems_after(root: Path) -> Write:
    """Replace `old` by `new` in a file of the valid bank; return what loading then finds."""

    def write(old: str = "", new: str = "", *, file: str = "distributed/zero-stages.yaml") -> list[Problem]:
        path = root / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1) if old else new, encoding="utf-8")
        return read_bank(root)[1]

    return write
