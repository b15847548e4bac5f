"""`mockint grade`: files and standard input, three formats, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockint.cli import main
from tests.small_bank import write_small_bank

FULL = "The client sends a SYN, the server replies with a SYN-ACK, and the client confirms with an ACK."
HALF = "The client sends a SYN."


@pytest.fixture
def bank(tmp_path: Path) -> str:
    (tmp_path / "bank").mkdir()
    return str(write_small_bank(tmp_path / "bank"))


def answers(path: Path, *rows: dict[str, object]) -> str:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_scores_above_the_bar_pass_and_below_it_fail(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers(
        tmp_path / "a.jsonl",
        {"question_id": "tcp-handshake", "answer": FULL},
        {"question_id": "tcp-handshake", "answer": HALF},
    )

    assert main(["grade", file, "--bank", bank]) == 0
    assert main(["grade", file, "--bank", bank, "--fail-under", "0.3"]) == 0
    capsys.readouterr()
    assert main(["grade", file, "--bank", bank, "--fail-under", "0.7"]) == 1

    printed, told = capsys.readouterr()
    assert "1.00  tcp-handshake  line 1" in printed
    assert "0.33  tcp-handshake  line 2     syn-ack missing, ack missing" in printed
    assert "2 answers, mean 0.67, 1 at 0.7 or above" in printed
    assert "1 of 2 scores are below 0.7" in told


def test_bad_rows_are_named_the_good_ones_graded_and_the_exit_code_is_two(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers(
        tmp_path / "a.jsonl",
        {"question_id": "tcp-handshak", "answer": FULL},
        {"question_id": "tcp-handshake", "answer": FULL},
        {"question_id": "tcp-handshake"},
        {"question_id": "process-and-thread", "answer": ""},
    )

    assert main(["grade", file, "--bank", bank, "--fail-under", "0.7"]) == 2

    printed, told = capsys.readouterr()
    assert "1.00  tcp-handshake" in printed
    assert "0.00  process-and-thread" in printed
    assert f"{file}:1: error: unknown question 'tcp-handshak': did you mean tcp-handshake?" in told
    assert f"{file}:3: error: no 'answer'" in told


def test_csv_and_yaml_give_the_same_grades_as_jsonl(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(f'\ufeffid,answer\ntcp-handshake,"{FULL}"\n', encoding="utf-8")
    (tmp_path / "a.yaml").write_text(f"tcp-handshake: >-\n  {FULL}\n", encoding="utf-8")
    answers(tmp_path / "a.jsonl", {"question_id": "tcp-handshake", "answer": FULL})

    grades = []
    for name in ("a.csv", "a.yaml", "a.jsonl"):
        assert main(["grade", str(tmp_path / name), "--bank", bank, "--format", "json"]) == 0
        grades.append(json.loads(capsys.readouterr().out)["rows"][0]["grade"])

    assert grades[0] == grades[1] == grades[2]
    assert grades[0]["score"] == 1


def test_json_keeps_the_other_columns_beside_the_grade(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"question_id": "tcp-handshake", "answer": HALF, "score": "ten", "candidate": "小明"}

    assert main(["grade", answers(tmp_path / "a.jsonl", row), "--bank", bank, "--format", "json"]) == 0

    found = json.loads(capsys.readouterr().out)["rows"][0]
    assert found["columns"] == {"score": "ten", "candidate": "小明"}
    assert found["grade"]["score"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["line"] == 1


def test_junit_has_a_suite_a_topic_and_says_what_was_missing(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answers(
        tmp_path / "a.jsonl",
        {"question_id": "tcp-handshake", "answer": HALF, "team": "a\u0007 < b & \ufffe"},
        {"question_id": "process-and-thread", "answer": "A process has its own address space. \u0000\u001b[31m"},
        {"question_id": "nothing-like-it", "answer": "x\u0001"},
    )
    out = tmp_path / "junit.xml"

    code = main(["grade", file, "--bank", bank, "--format", "junit", "--fail-under", "0.7", "--out", str(out)])

    assert code == 2
    assert capsys.readouterr().out == ""
    root = ET.parse(out).getroot()
    assert [suite.get("name") for suite in root] == ["networks", "systems", "unusable rows"]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "2", "1")
    case = root.find(".//testcase[@name='tcp-handshake']")
    assert case is not None
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "score 0.33 is below 0.7"
    assert failure.text is not None
    assert "missing: The server replies with a SYN-ACK. [syn-ack]" in failure.text
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties["key_point.syn"] == "met"
    assert properties["misconception.one-message"] == "absent"
    assert properties["column.team"] == "a\ufffd < b & \ufffd"
    unusable = root.find(".//error")
    assert unusable is not None
    assert "unknown question 'nothing-like-it'" in str(unusable.get("message"))


def test_junit_without_a_bar_fails_nothing(bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = answers(tmp_path / "a.jsonl", {"question_id": "tcp-handshake", "answer": HALF})

    assert main(["grade", file, "--bank", bank, "--format", "junit"]) == 0
    assert ET.fromstring(capsys.readouterr().out).get("failures") == "0"


def test_two_answers_to_one_question_are_two_cases(
    bank: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"question_id": "tcp-handshake", "answer": HALF}

    main(["grade", answers(tmp_path / "a.jsonl", row, row), "--bank", bank, "--format", "junit"])

    cases = ET.fromstring(capsys.readouterr().out).iter("testcase")
    assert [case.get("name") for case in cases] == ["tcp-handshake [line 1]", "tcp-handshake [line 2]"]


def test_one_answer_comes_from_standard_input(
    bank: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "客户端发送 SYN。"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))

    assert main(["grade", "tcp-handshake", "--bank", bank, "--lang", "zh", "--fail-under", "0.7"]) == 1

    printed = capsys.readouterr().out
    assert "met          客户端发送 SYN。 [syn]" in printed
    assert "missing      服务器回复 SYN-ACK。 [syn-ack]" in printed
    assert "score 0.33 by offline/" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "none.jsonl"], "cannot read the answers 'none.jsonl'"),
        (["grade", "folder/answers.txt"], "expected a file that ends in .jsonl"),
        (["grade", "tcp-handshak"], "did you mean tcp-handshake?"),
        (["grade", "a.jsonl", "--format", "xml"], "use text, json or junit"),
        (["grade", "a.jsonl", "--grader", "nobody"], "unknown grader 'nobody'"),
        (["grade", "a.jsonl", "--fail-under", "70"], "'--fail-under'"),
        (["grade", "empty.jsonl"], "holds no answers"),
        (["grade", "gbk.csv"], "not UTF-8"),
        (["grade", "bad.yaml"], "bad.yaml:1"),
        (["grade", "a.jsonl", "--out", "no/such/folder"], "there is no folder 'no/such'"),
    ],
)
def test_what_cannot_be_used_is_exit_code_two(
    arguments: list[str],
    said: str,
    bank: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    answers(tmp_path / "a.jsonl", {"question_id": "tcp-handshake", "answer": FULL})
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "gbk.csv").write_bytes("id,answer\nq,答案\n".encode("gbk"))
    (tmp_path / "bad.yaml").write_text("q: *alias\n")

    assert main([*arguments, "--bank", bank]) == 2
    assert said in capsys.readouterr().err
