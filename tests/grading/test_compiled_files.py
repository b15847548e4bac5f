"""Compiled questions on disk: the same marks as without, and nothing that is wrong with a file stops anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.compiler import Compiler
from mockint.wordings import WordingsInMemory
from tests.grading.questions import NORMS, ZERO, ZERO_WORDINGS, listening, wordings

ANSWERS = [
    "Stage 1 shards the optimizer states. Stages 1 and 2 need no extra traffic.",
    "每张卡存几层，第一阶段切分优化器状态。",
    "Batch norm computes the mean over the mini-batch; layer norm does not depend on the batch size.",
]


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that are compiled from here on."""
    seen: list[str] = []
    plain = Compiler.compile

    def compile(self: Compiler, question, wordings):  # type: ignore[no-untyped-def]
        seen.append(question.id)
        return plain(self, question, wordings)

    monkeypatch.setattr(Compiler, "compile", compile)
    return seen


def test_what_comes_from_the_disk_marks_as_what_was_compiled(tmp_path: Path, compiles: list[str]) -> None:
    first = OfflineGrader(listening, folder=tmp_path)
    fresh = [first.mark(question, answer) for question in (ZERO, NORMS) for answer in ANSWERS]
    assert len(compiles) == 2

    second = OfflineGrader(listening, folder=tmp_path)
    assert [second.mark(question, answer) for question in (ZERO, NORMS) for answer in ANSWERS] == fresh
    assert len(compiles) == 2


def test_other_wordings_or_another_question_are_compiled_anew(tmp_path: Path, compiles: list[str]) -> None:
    OfflineGrader(listening, folder=tmp_path).mark(ZERO, "x")
    other = WordingsInMemory(wordings(says={"optimizer-state": ["something else"]}))

    heard = OfflineGrader(other, folder=tmp_path).mark(ZERO, "It is something else.")
    assert heard[0].code == "half"
    OfflineGrader(listening, folder=tmp_path).mark(ZERO.model_copy(update={"level": 5}), "x")
    assert len(compiles) == 3


@pytest.mark.parametrize("spoilt", [b"", b"\xff" * 40, b"i\x01\x00\x00\x00", b"{0"])
def test_a_spoilt_file_is_compiled_anew_and_mended(tmp_path: Path, spoilt: bytes, compiles: list[str]) -> None:
    good = OfflineGrader(listening, folder=tmp_path).mark(ZERO, ANSWERS[0])
    (file,) = tmp_path.iterdir()
    file.write_bytes(spoilt)

    assert OfflineGrader(listening, folder=tmp_path).mark(ZERO, ANSWERS[0]) == good
    assert OfflineGrader(listening, folder=tmp_path).mark(ZERO, ANSWERS[0]) == good
    assert len(compiles) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    grader = OfflineGrader(WordingsInMemory(ZERO_WORDINGS), folder=tmp_path / "file" / "folder")

    assert grader.mark(ZERO, ANSWERS[0])[0].verdict == "met"
