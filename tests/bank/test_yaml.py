"""No text makes the YAML reader crash, hang, or build something that is not plain data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.bank import yaml

PIECES = st.lists(
    st.sampled_from(
        ["a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", "&x ", "*x", "!!t ", "|\n", "'", '"', "\t", "\0", "中"]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(PIECES, st.text(max_size=200)))
def test_any_text_is_data_or_a_yaml_error_with_a_line(text: str) -> None:
    value, line = read(text)

    assert line >= 1
    assert plain(value)


def read(text: str) -> tuple[object, int]:
    try:
        return yaml.parse(text).value, 1
    except yaml.YamlError as fault:
        return None, fault.line


def plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(plain(inner) for inner in value)
    return value is None or isinstance(value, (str, int, float, bool))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: 1.5e3", {"a": 1500.0}),
        ("a: '1'", {"a": "1"}),
        ("a: yes", {"a": "yes"}),
        ("a: true", {"a": True}),
        ("a: ~", {"a": None}),
        ("a: 2026-11-24", {"a": "2026-11-24"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("a: .nan", {"a": ".nan"}),
        ("- [x, {y: z}]", [["x", {"y": "z"}]]),
        ("", None),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert yaml.parse(text).value == value


def test_every_key_and_item_has_its_line() -> None:
    document = yaml.parse("a:\n  - b\n  - c: d\n\ne: |\n  long\n  text\n")

    assert document.line_of(("a", 1, "c")) == 3
    assert document.line_of(("e",)) == 5
    assert document.line_of(("a", 1, "missing")) == 3
    assert document.line_of(("nowhere",)) == 1


def test_a_second_document_is_refused() -> None:
    with pytest.raises(yaml.YamlError, match="expected one document"):
        yaml.parse("a: 1\n---\nb: 2\n")
