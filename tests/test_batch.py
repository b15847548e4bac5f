"""Rows of answers in three forms: what is read, what is kept, and how a bad row is named while the rest is graded."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockint.bank import load_bank, yaml
from mockint.batch import GradedRow, Row, UngradedRow, grade_rows, read_csv, read_jsonl, rows_of, unknown_questions
from mockint.errors import ServiceError, UsageError
from mockint.grading import Mark, grader_named
from mockint.question import Question
from tests.small_bank import write_small_bank


def test_jsonl_rows_keep_their_line_and_their_other_columns() -> None:
    rows, problems = read_jsonl(
        '{"question_id": "q", "answer": "a", "name": "Ada", "tries": 2}\n\n{"id": "r", "answer": ""}', "f"
    )

    assert not problems
    assert rows == [Row("f", 1, "q", "a", {"name": "Ada", "tries": 2}), Row("f", 3, "r", "")]


def test_an_id_beside_a_question_id_is_a_column_of_its_own() -> None:
    rows, _ = read_jsonl('{"id": "candidate-7", "question_id": "q", "answer": "a"}', "f")

    assert rows[0].question_id == "q"
    assert rows[0].columns == {"id": "candidate-7"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[]", "expected a row with 'question_id' and 'answer', found list"),
        ('{"answer": "a"}', "no 'question_id'"),
        ('{"question_id": "q"}', "no 'answer'"),
        ('{"question_id": "q", "answer": 5}', "'answer' is 5: expected text"),
        ('{"question_id": 5, "answer": "a"}', "'question_id' is 5: expected text"),
        ('{"question_id": "q", "answer": "\\ud800"}', "surrogates not allowed"),
        ('{"question_id": "q", "answer": "a", "score": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_row_is_named_and_the_next_is_read(line: str, said: str) -> None:
    rows, problems = read_jsonl(f'{line}\n{{"question_id": "q", "answer": "a"}}', "f.jsonl")

    assert [row.line for row in rows] == [2]
    assert str(problems[0]).startswith("f.jsonl:1: error: ")
    assert said in problems[0].message


def test_csv_answers_may_span_lines_and_hold_commas_and_chinese() -> None:
    text = 'name,question_id,answer\r\nAda,q,"one, two\nthree ""quoted"""\r\n小明,r,进程\r\nBob,s,\r\n'

    rows, problems = read_csv(text, "f.csv")

    assert not problems
    assert rows == [
        Row("f.csv", 2, "q", 'one, two\nthree "quoted"', {"name": "Ada"}),
        Row("f.csv", 4, "r", "进程", {"name": "小明"}),
        Row("f.csv", 5, "s", "", {"name": "Bob"}),
    ]


def test_csv_rows_that_are_too_long_or_too_short_are_named() -> None:
    rows, problems = read_csv("question_id,answer\nq,one, two\nr\ns,fine\n", "f.csv")

    assert [row.question_id for row in rows] == ["s"]
    assert [(p.line, p.message.partition(":")[0]) for p in problems] == [
        (2, "3 fields for 2 columns"),
        (3, "no 'answer'"),
    ]


def test_an_unclosed_quote_keeps_the_rows_before_it() -> None:
    rows, problems = read_csv('question_id,answer\nq,a\nr,"never closed\n', "f.csv")

    assert [row.question_id for row in rows] == ["q"]
    assert "not CSV" in problems[0].message


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("question,answer", "expected a column 'question_id' or 'id'; found 'question', 'answer'"),
        ("id,text", "expected a column 'answer'"),
        ("id,answer,answer", "'answer' stands twice"),
        ("", "found nothing"),
    ],
)
def test_a_csv_without_the_columns_is_a_usage_error(header: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_csv(f"{header}\nq,a\n", "f.csv")


def test_yaml_maps_ids_to_answers_or_lists_rows() -> None:
    mapping = yaml.parse("q: |\n  one\n  two\nr: {answer: a, name: Ada}\n")
    listed = yaml.parse("- {question_id: q, answer: a, name: Ada}\n- {question_id: q}\n")

    rows, problems = rows_of(mapping.value, "f", mapping.line_of)
    assert not problems
    assert rows == [Row("f", 1, "q", "one\ntwo\n"), Row("f", 4, "r", "a", {"name": "Ada"})]

    rows, problems = rows_of(listed.value, "f", listed.line_of)
    assert rows == [Row("f", 1, "q", "a", {"name": "Ada"})]
    assert (problems[0].line, problems[0].message) == (2, "no 'answer': add it, \"\" for an empty one")


def test_a_yaml_answer_that_is_a_number_has_to_be_quoted() -> None:
    document = yaml.parse("q: 42\n")

    assert "put it in quotes" in rows_of(document.value, "f", document.line_of)[1][0].message


def test_a_document_of_another_kind_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected question ids"):
        rows_of("text", "f", lambda _: 1)


def test_rows_are_graded_in_order_and_unknown_questions_are_named(tmp_path: Path) -> None:
    bank = load_bank(write_small_bank(tmp_path))
    questions = {question.id: question for question in bank.questions}
    rows = [
        Row("f", 1, "tcp-handshake", "The client sends a SYN."),
        Row("f", 2, "tcp-handshak", "x"),
        Row("f", 3, "process-and-thread", "Threads of one process share memory."),
    ]

    done = list(grade_rows(rows, questions, grader_named("offline", wordings=bank.wordings)))

    assert [(one.row.line, isinstance(one, GradedRow) and one.grade.score > 0) for one in done] == [
        (1, True),
        (3, True),
    ]
    assert "did you mean tcp-handshake?" in unknown_questions(rows, questions)[0].message


def test_a_row_that_the_grader_cannot_judge_is_not_a_zero(tmp_path: Path) -> None:
    class Unreachable:
        name = "unreachable/1"

        def mark(self, question: Question, answer: str) -> list[Mark]:
            raise ServiceError("no answer from 127.0.0.1")

    bank = load_bank(write_small_bank(tmp_path))
    row = Row("f", 1, "tcp-handshake", "x")

    done = list(grade_rows([row], {question.id: question for question in bank.questions}, Unreachable()))

    assert done == [UngradedRow(row, "no answer from 127.0.0.1")]
