"""The published JSON Schema is that of the shapes, and real reports keep to it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mockint.cli import main
from mockint.reports.schema import generated_schema, published_schema
from tests.reports.practice import two_evenings

MEND = "run: python -c 'from mockint.reports.schema import *; print(generated_schema(), end=\"\")' > the schema"


def test_the_committed_schema_is_that_of_the_shapes() -> None:
    assert published_schema() == generated_schema(), MEND


def test_the_schema_is_one_itself_and_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--schema"]) == 0

    printed = capsys.readouterr().out
    assert printed == published_schema()
    jsonschema.Draft202012Validator.check_schema(json.loads(printed))


@pytest.mark.parametrize("what", [[], ["last"], ["last", "--compare", "FIRST"], ["--since", "2026-03-04"]])
def test_real_reports_keep_to_the_schema(home: Path, what: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = two_evenings(home)
    words = [first if word == "FIRST" else word for word in what]

    assert main(["report", *words, "--format", "json"]) == 0

    jsonschema.validate(json.loads(capsys.readouterr().out), json.loads(published_schema()))


def test_an_empty_history_keeps_to_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--format", "json"]) == 0

    jsonschema.validate(json.loads(capsys.readouterr().out), json.loads(published_schema()))


def test_the_schema_refuses_what_is_no_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", "--format", "json"])
    report = json.loads(capsys.readouterr().out)

    for wrong in (report | {"version": 2}, report | {"totals": {}}, report | {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, json.loads(published_schema()))
