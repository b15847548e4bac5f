"""JSON lines of scored answers: what is read, and how a bad line is named while the rest is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.errors import UsageError
from mockint.evaluation.records import read_records

GOOD = {"answer_id": "a", "question_id": "q", "question": "Why?", "reference": "Because.", "answer": "So.", "score": 1}


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def test_a_reference_is_split_into_key_points_the_same_way_every_time(tmp_path: Path) -> None:
    two = GOOD | {"reference": "It shards the state. It costs no extra traffic."}
    file = written(tmp_path / "set.jsonl", two, two | {"answer_id": "b"})

    records, problems = read_records([file])

    assert not problems
    assert [point.text.en for point in records[0].questions[0].key_points] == [
        "It shards the state.",
        "It costs no extra traffic.",
    ]
    assert records[0].questions is records[1].questions


def test_several_references_are_several_ways_to_be_right(tmp_path: Path) -> None:
    file = written(tmp_path / "set.jsonl", GOOD | {"reference": ["It shards the state.", "The state is split."]})

    assert len(read_records([file])[0][0].questions) == 2


def test_labels_of_key_points_become_verdicts(tmp_path: Path) -> None:
    row = {
        "question": "",
        "key_points": ["one thing", "two things", "three"],
        "answer": "x",
        "point_labels": [1, 0, None],
    }
    record = read_records([written(tmp_path / "points.jsonl", row)])[0][0]

    assert list(record.verdicts.values()) == ["met", "missing"]
    assert record.binary
    assert record.score is None
    assert record.answer_id == "points:1"


def test_a_label_stands_for_a_score_that_is_not_given(tmp_path: Path) -> None:
    rows = [
        {"reference": "r r", "answer": "x", "label": label}
        for label in ("correct", "partially_correct_incomplete", "Incorrect", "contradictory")
    ]

    assert [record.score for record in read_records([written(tmp_path / "l.jsonl", *rows)])[0]] == [1, 0.5, 0, 0]


def test_the_names_of_adversarial_files_are_understood(tmp_path: Path) -> None:
    row = {"id": "adv:1", "qid": 7, "category": "echo", "key_points": ["a point"], "answer": "", "lo": 0, "hi": 0.1}
    record = read_records([written(tmp_path / "adv.jsonl", row)])[0][0]

    assert (record.answer_id, record.question_id, record.category, record.band) == ("adv:1", "7", "echo", (0, 0.1))


def test_an_answer_without_any_judgement_is_kept_for_its_prediction(tmp_path: Path) -> None:
    records, problems = read_records([written(tmp_path / "s.jsonl", {"reference": "a b", "answer": "x"})])

    assert len(records) == 1
    assert not problems


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "expected a JSON object, found list"),
        ("[" * 100_000, "not JSON"),
        ({k: v for k, v in GOOD.items() if k != "answer"}, "no 'answer'"),
        (GOOD | {"answer": 5}, "'answer' is 5: expected text"),
        ({k: v for k, v in GOOD.items() if k != "reference"}, "no 'key_points' and no 'reference'"),
        (GOOD | {"reference": [" "]}, "'reference' holds an empty text"),
        (GOOD | {"reference": {"a": 1}}, "expected text or a list of texts"),
        (GOOD | {"score": 1.5}, "'score' is 1.5: expected a number from 0 to 1"),
        (GOOD | {"score": "1"}, "'score' is \"1\""),
        (GOOD | {"score": True}, "'score' is true"),
        ('{"reference": "a", "answer": "b", "score": NaN}', "'score' is NaN"),
        (GOOD | {"score": None, "label": "fine"}, "the label 'fine' is not one of correct"),
        (GOOD | {"key_points": ["a", "b"], "point_labels": [1]}, "1 'point_labels' for 2 'key_points'"),
        (GOOD | {"key_points": ["a"], "point_labels": [2]}, "expected a list of 0, 1 and null"),
        (GOOD | {"lo": 0.1}, "'lo' and 'hi' come together"),
        (GOOD | {"lo": 0.5, "hi": 0.1}, "'lo' 0.5 is above 'hi' 0.1"),
        ('{"reference": "a", "answer": "\\ud800"}', "half of a surrogate pair"),
        (GOOD | {"question_id": []}, "'question_id' is []"),
    ],
)
def test_a_bad_line_is_named_with_its_place_and_the_rest_is_read(tmp_path: Path, line: object, said: str) -> None:
    file = written(tmp_path / "set.jsonl", GOOD, line, "", GOOD | {"answer_id": "c"})

    records, problems = read_records([file])

    assert [record.answer_id for record in records] == ["a", "c"]
    assert len(problems) == 1
    assert str(problems[0]).startswith(f"{file.as_posix()}:2: error: ")
    assert said in problems[0].message


def test_an_id_that_stands_twice_is_named_with_its_first_line(tmp_path: Path) -> None:
    _, problems = read_records([written(tmp_path / "set.jsonl", GOOD, GOOD)])

    assert "'a' stands on line 1 already" in problems[0].message


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    file = written(tmp_path / "set.jsonl", GOOD)
    file.write_bytes(file.read_bytes() + '{"answer": "答"}\n'.encode("gbk"))

    records, problems = read_records([file])

    assert len(records) == 1
    assert "not UTF-8" in problems[0].message
    assert problems[0].line == 2


def test_two_files_of_one_name_are_told_apart_by_their_folder(tmp_path: Path) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder / "set.jsonl", GOOD)

    records, _ = read_records([tmp_path / "old" / "set.jsonl", tmp_path / "new" / "set.jsonl"])

    assert [record.set for record in records] == ["set", "new/set"]


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_records([tmp_path / "none.jsonl"])
