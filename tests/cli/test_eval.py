"""`mockint eval`: figures of files, of a bank's samples and of attacks; bars; predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.cli import main
from tests.small_bank import THREADS_SAMPLES, write_small_bank

POINTS = ["The client sends a SYN.", "The server replies with a SYN-ACK.", "The client confirms with an ACK."]
ANSWERS = [
    ("", 0.0),
    ("The client sends a SYN.", 0.25),
    ("The client sends a SYN and the server replies with a SYN-ACK.", 0.75),
    ("The client sends a SYN, the server replies with a SYN-ACK and the client confirms with an ACK.", 1.0),
    ("I like trains.", 0.0),
]


def scored(path: Path, *, questions: int = 2) -> str:
    rows = [
        {
            "question_id": f"q{number}",
            "answer_id": f"{path.stem}-{number}-{place}",
            "question": "How does TCP open a connection?",
            "key_points": POINTS,
            "answer": answer,
            "score": score,
            "point_labels": [int(score >= 0.25), int(score >= 0.75), int(score == 1)],
        }
        for number in range(questions)
        for place, (answer, score) in enumerate(ANSWERS)
    ]
    return write(path, rows)


def write(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def banded(path: Path) -> str:
    common = {"question": "How does TCP open a connection?", "key_points": POINTS}
    rows: list[dict[str, object]] = [
        common | {"id": "1", "category": "empty", "answer": "", "lo": 0, "hi": 0.1},
        common | {"id": "2", "category": "control", "answer": ANSWERS[3][0], "lo": 0.8, "hi": 1},
        common | {"id": "3", "category": "control", "answer": "No idea.", "lo": 0.8, "hi": 1},
    ]
    return write(path, rows)


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(["eval", *arguments, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def figures(document: dict[str, object], name: str) -> dict[str, float]:
    sets = document["sets"]
    assert isinstance(sets, dict)
    return {metric: figure["value"] for metric, figure in sets[name]["figures"].items()}


def test_a_set_of_scored_answers_gets_every_figure_it_has_gold_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(evaluated(capsys, scored(tmp_path / "tcp.jsonl")), "tcp")

    assert set(found) == {
        "r", "within_r", "rmse", "rmse_calibrated", "qwk",
        "kappa", "kappa.points", "score.r", "score.error", "calibration", "calibration.points",
        "point_auc", "point_ap", "cpu_ms",
    }  # fmt: skip
    assert found["within_r"] > 0.95
    assert found["kappa"] > 0.7  # without wordings the middle is wide
    assert found["point_auc"] > 0.9


def test_bands_are_reported_by_category(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = evaluated(capsys, banded(tmp_path / "adv.jsonl"))

    found = figures(document, "adv")
    assert found["in_band"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["in_band.empty"] == 1
    assert found["in_band.control"] == 0.5
    sets = document["sets"]
    assert isinstance(sets, dict)
    assert [worst["answer_id"] for worst in sets["adv"]["worst"]] == ["3"]


def test_predictions_hold_a_score_and_one_strength_a_key_point(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "predictions.jsonl"

    evaluated(capsys, scored(tmp_path / "tcp.jsonl", questions=1), "--out", str(out))

    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["answer_id"] for row in rows] == [f"tcp-0-{place}" for place in range(5)]
    assert all(len(row["point_scores"]) == 3 and 0 <= row["score"] <= 1 for row in rows)
    assert rows[0]["score"] == 0
    assert rows[3]["score"] > rows[2]["score"] > rows[1]["score"] > 0


def test_answers_without_a_judgement_are_only_predicted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "predictions.jsonl"
    file = write(tmp_path / "new.jsonl", [{"answer_id": "a", "key_points": POINTS, "answer": POINTS[0]}])

    found = figures(evaluated(capsys, file, "--out", str(out)), "new")

    assert set(found) == {"cpu_ms"}
    assert json.loads(out.read_text("utf-8"))["answer_id"] == "a"


def test_the_same_input_gives_the_same_report_but_for_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = scored(tmp_path / "tcp.jsonl", questions=10)

    once, again = (evaluated(capsys, file) for _ in range(2))

    for document in (once, again):
        sets = document["sets"]
        assert isinstance(sets, dict)
        del sets["tcp"]["figures"]["cpu_ms"]
    assert once == again


def test_a_bar_that_is_not_reached_fails_and_says_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, adversarial = scored(tmp_path / "tcp.jsonl"), banded(tmp_path / "adv.jsonl")
    bars = ["--fail-under", "in_band=0.9", "--fail-under", "tcp:within_r=0.9", "--fail-under", "rmse=0.0001"]

    assert main(["eval", file, adversarial, *bars]) == 1

    told = capsys.readouterr().err
    assert "adv: in_band 0.6667 is not at least 0.9" in told
    assert "tcp: rmse" in told
    assert "within_r" not in told
    assert main(["eval", file, adversarial, "--fail-under", "in_band.empty=1", "--fail-under", "cpu_ms=1e9"]) == 0


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        ("within_r", "expected METRIC=NUMBER"),
        ("within_r=high", "expected METRIC=NUMBER"),
        ("within_r=nan", "expected METRIC=NUMBER"),
        ("witin_r=0.5", "did you mean 'within_r'?"),
        ("kappa.point=0.5", "did you mean 'kappa.points'?"),
        ("tcp:kappa.misconceptions=0.5", "nothing to measure 'kappa.misconceptions' with; it has calibration"),
        ("other:r=0.5", "no set 'other' here: use adv or tcp"),
        ("adv:r=0.5", "the set 'adv' has nothing to measure 'r' with; it has cpu_ms, in_band"),
        ("in_band.echo=0.5", "nothing to measure 'in_band.echo' with"),
        ("attacks=0.9", "nothing to measure 'attacks' with"),
    ],
)
def test_a_bar_that_nothing_can_be_held_against_is_refused_before_grading(
    bar: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, adversarial, out = scored(tmp_path / "tcp.jsonl"), banded(tmp_path / "adv.jsonl"), tmp_path / "out.jsonl"

    assert main(["eval", file, adversarial, "--fail-under", bar, "--out", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_bad_lines_are_named_and_the_rest_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(scored(tmp_path / "tcp.jsonl"))
    file.write_text("{\n" + file.read_text("utf-8"), encoding="utf-8")

    assert main(["eval", str(file)]) == 0

    printed, told = capsys.readouterr()
    assert f"{file.as_posix()}:1: error: not JSON" in told
    assert "10 answers to 2 questions" in printed


def test_a_file_with_nothing_usable_is_exit_code_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.jsonl").write_text("{\n[]\n")

    assert main(["eval", str(tmp_path / "bad.jsonl")]) == 2
    assert "bad.jsonl:2" in capsys.readouterr().err
    assert main(["eval"]) == 2
    assert main(["eval", str(tmp_path / "none.jsonl")]) == 2
    assert main(["eval", str(tmp_path / "bad.jsonl"), "--out", "no/such/file"]) == 2


def test_the_samples_of_a_bank_are_a_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(write_small_bank(tmp_path))
    (tmp_path / "systems" / "process-and-thread.blind.yaml").write_text(THREADS_SAMPLES, encoding="utf-8")

    every = evaluated(capsys, "--bank", root)
    blind = evaluated(capsys, "--bank", root, "--blind")

    assert figures(every, "bank")["kappa"] == 1
    assert figures(every, "bank")["rmse"] == 0
    assert figures(every, "bank")["score.error"] == 0
    assert {"kappa.points", "kappa.misconceptions", "calibration"} <= set(figures(every, "bank"))
    sets = blind["sets"]
    assert isinstance(sets, dict)
    assert sets["bank"]["answers"] == 3


def test_bank_without_a_folder_means_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mockint.bank.default_bank", lambda: write_small_bank(tmp_path))

    assert main(["eval", "--bank", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sets"]["bank"]["answers"] == 4
    assert main(["eval", "--json", "--bank"]) == 0


def test_attacks_are_made_from_the_bank_and_gated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(write_small_bank(tmp_path))

    assert main(["eval", "--attacks", "--bank", root, "--fail-under", "attacks.empty=1"]) == 0
    printed = capsys.readouterr().out
    assert main(["eval", "--attacks", "--bank", root, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["attacks"]

    assert "attacks earn no more than they may" in printed
    assert found["empty"]["over"] == 0
    assert set(found) >= {"echo", "keywords", "negated", "swapped", "other-question"}


def test_an_attack_that_earns_credit_is_reported_and_fails_the_bar(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wordings of this bank are bare words, so that any list of them is as good as an answer."""
    gullible = "says:\n  syn: client\n  syn-ack: server\n  ack: client\n"
    root = str(write_small_bank(tmp_path, handshake_wordings=gullible))

    assert main(["eval", "--attacks", "--bank", root, "--fail-under", "attacks=1"]) == 1

    printed, told = capsys.readouterr()
    assert "attacks: attacks 0." in told
    assert "on tcp-handshake" in printed


def test_terminal_output_shows_confusion_bands_and_what_to_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = THREADS_SAMPLES.replace("threads-are-isolated: stated", "threads-are-isolated: absent")
    (tmp_path / "bank").mkdir()
    root = str(write_small_bank(tmp_path / "bank", threads_samples=broken))

    assert main(["eval", scored(tmp_path / "tcp.jsonl"), banded(tmp_path / "adv.jsonl"), "--bank", root]) == 0

    printed = capsys.readouterr().out
    for text in (
        "within_r",
        "in its band",
        "what people said, down",
        "precision",
        "how sure",
        "worst disagreements",
        "on 3 sets",
    ):
        assert text in printed
    assert "[control] No idea." in printed


def test_of_unread_blind_answers_no_word_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = write_small_bank(tmp_path / "bank")
    wrong = THREADS_SAMPLES.replace(": met", ": missing")  # so that there is something to disagree about
    (root / "systems" / "process-and-thread.samples.yaml").write_text(wrong, encoding="utf-8")
    (root / "systems" / "process-and-thread.blind.yaml").write_text(wrong, encoding="utf-8")

    def printed(*more: str) -> str:
        assert main(["eval", "--bank", str(root), "--resamples", "0", *more]) == 0
        return capsys.readouterr().out

    words = "one thread crashes the whole"
    assert words in printed("--worst", "5")
    assert words not in printed("--worst", "5", "--blind")
