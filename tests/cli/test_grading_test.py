"""`mockint test`: the samples of a bank against a grader, read as its author would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from mockint.cli import main
from mockint.phrases import ReasonCode
from tests.small_bank import HANDSHAKE_SAMPLES, THREADS_SAMPLES, write_small_bank


def test_samples_that_all_agree_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(tmp_path)

    assert main(["test", "--bank", str(root)]) == 0

    printed = capsys.readouterr().out
    assert "systems/process-and-thread.yaml ..." in printed
    assert "0 of 19 verdicts differ, in 0 of 4 samples" in printed
    assert "DISAGREEMENTS" not in printed


def test_a_disagreement_reads_like_a_diff_and_names_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = HANDSHAKE_SAMPLES.replace("syn-ack: met, ack: met, one-message", "syn-ack: missing, ack: met, one-message")
    root = write_small_bank(tmp_path, handshake_samples=wrong)

    assert main(["test", "--bank", str(root)]) == 0  # one verdict of 19 leaves kappa above the default bar

    printed = capsys.readouterr().out
    line = 1 + wrong.splitlines().index(next(text for text in wrong.splitlines() if "syn-ack: missing" in text))
    assert "tcp-handshake :: strong" in printed
    assert "syn-ack: The server replies with a SYN-ACK." in printed
    assert "E   - missing      the author\nE   + met          the grader\n" in printed
    assert "server replies with a SYN-ACK" in printed.partition("evidence:")[2]
    assert f"networks/tcp-handshake.samples.yaml:{line}: expected missing, got met" in printed
    assert "1 of 19 verdicts differ, in 1 of 4 samples" in printed


def test_kappa_below_the_bar_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(
        tmp_path,
        handshake_samples=HANDSHAKE_SAMPLES.replace("{syn: met, syn-ack: met", "{syn: missing, syn-ack: missing"),
    )

    assert main(["test", "--bank", str(root), "--fail-under", "1"]) == 1
    assert "is not at least 1" in capsys.readouterr().err
    assert main(["test", "--bank", str(root), "--fail-under", "0.5"]) == 0


def test_any_figure_may_have_a_bar_and_an_error_must_stay_below_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_small_bank(
        tmp_path,
        handshake_samples=HANDSHAKE_SAMPLES.replace("{syn: met, syn-ack: met", "{syn: missing, syn-ack: missing"),
    )
    bars = ["kappa.points=0.99", "kappa.misconceptions=0.99", "score.r=0.1", "score.error=0.1", "calibration=0.001"]

    assert main(["test", "--bank", str(root), *(word for bar in bars for word in ("--fail-under", bar))]) == 1

    told = capsys.readouterr().err
    assert "samples: kappa.points" in told
    assert "samples: score.error 0.1667 is not at most 0.1" in told
    assert "samples: calibration" in told
    assert "kappa.misconceptions" not in told
    assert "score.r" not in told


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        ("high", "expected METRIC=NUMBER"),
        ("kapa.points=1", "did you mean 'kappa.points'?"),
        ("within_r=1", "nothing to measure 'within_r' with; it has calibration, calibration.misconceptions"),
    ],
)
def test_a_bar_that_cannot_be_held_is_refused_before_grading(
    bar: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", "--bank", str(write_small_bank(tmp_path)), "--fail-under", bar]) == 2

    printed, told = capsys.readouterr()
    assert said in told
    assert printed == ""


def test_the_summary_has_kappa_apart_scores_and_how_sure_the_grader_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_small_bank(
        tmp_path, handshake_samples=HANDSHAKE_SAMPLES.replace("{syn: met, syn-ack: met", "{syn: missing, syn-ack: met")
    )

    assert main(["test", "--bank", str(root), "--quiet"]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    names = [words[0] for words in lines if words and words[-1] in ("verdicts", "samples")]
    assert names == [
        "kappa", "kappa.points", "kappa.misconceptions", "score.r", "score.error",
        "calibration", "calibration.points", "calibration.misconceptions",
    ]  # fmt: skip
    assert ["confidence", "verdicts", "mean", "right"] in lines
    assert [words[-1] for words in lines if words[:1] == ["score.error"]] == ["samples"]


def test_of_unread_blind_answers_only_the_figures_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(tmp_path)
    (root / "systems" / "process-and-thread.blind.yaml").write_text(
        THREADS_SAMPLES.replace("threads-are-isolated: stated", "threads-are-isolated: absent"), encoding="utf-8"
    )

    main(["test", "--bank", str(root)])
    samples = capsys.readouterr().out
    main(["test", "--bank", str(root), "--blind", "--fail-under", "0"])
    blind = capsys.readouterr().out

    assert "0 of 19 verdicts differ, in 0 of 4 samples" in samples
    assert "1 of 15 verdicts differ, in 1 of 3 samples" in blind
    assert "DISAGREEMENTS" not in blind
    assert "isolated from" not in blind


def test_one_question_is_tested_while_another_file_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_small_bank(tmp_path, threads="id: [")

    assert main(["test", "tcp-handshake", "--bank", str(root)]) == 0
    assert "problems elsewhere" in capsys.readouterr().err
    assert main(["test", "process-and-thread", "--bank", str(root)]) == 2
    assert "systems/process-and-thread.yaml:2: error: not valid YAML" in capsys.readouterr().err
    assert main(["test", "--bank", str(root)]) == 2


def test_a_misspelt_id_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "tcp-handshak", "--bank", str(write_small_bank(tmp_path))]) == 2
    assert "did you mean tcp-handshake?" in capsys.readouterr().err


def test_a_bank_without_samples_has_nothing_to_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(tmp_path, threads_samples="[]", handshake_samples="[]")

    assert main(["test", "--bank", str(root)]) == 2
    assert "add answers to a question's .samples.yaml" in capsys.readouterr().err


def test_json_has_every_verdict_with_reason_and_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(tmp_path)

    assert main(["test", "tcp-handshake", "--bank", str(root), "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed["kappa"] == 1
    assert printed["figures"]["kappa.points"] == {"value": 1, "low": 1, "high": 1, "n": 3}
    assert sum(row["n"] for row in printed["reliability"]["key point"]) == 3
    assert [row["criterion"] for row in printed["verdicts"]] == ["syn", "syn-ack", "ack", "one-message"]
    assert printed["verdicts"][1]["evidence"][0]["quote"] in HANDSHAKE_SAMPLES
    assert printed["verdicts"][1]["code"] in get_args(ReasonCode)
