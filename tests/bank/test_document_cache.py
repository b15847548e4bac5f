"""A large bank is parsed once; what is remembered of it never changes what is read."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from mockint.bank import document_cache, load_bank, read_bank, yaml
from tests.small_bank import write_small_bank


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: folder)
    monkeypatch.setattr(document_cache, "WORTH_BYTES", 0)
    return folder


@pytest.fixture
def root(tmp_path: Path, cache: Path) -> Path:
    root = tmp_path / "bank"
    write_small_bank(root)
    return root


def questions_parsed(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many questions are parsed when the bank is loaded once more."""
    parsed: list[str] = []
    plain = yaml.parse

    def parse(text: str) -> yaml.Document:
        parsed.append(text)
        return plain(text)

    with monkeypatch.context() as patch:
        patch.setattr(yaml, "parse", parse)
        load_bank(root)
    return sum("key_points:" in text for text in parsed)


def test_what_did_not_change_is_not_parsed_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_bank(root)

    assert questions_parsed(root, monkeypatch) == 0
    assert load_bank(root).questions == first.questions


def test_a_changed_question_is_parsed_and_read_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_bank(root)
    file = root / "systems" / "process-and-thread.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("minutes: 3", "minutes: 4"), encoding="utf-8")

    assert questions_parsed(root, monkeypatch) == 1
    assert load_bank(root).question("process-and-thread").minutes == 4
    assert questions_parsed(root, monkeypatch) == 0


def test_a_remembered_question_still_knows_its_lines(root: Path) -> None:
    before = load_bank(root).files["process-and-thread"]
    after = load_bank(root).files["process-and-thread"]

    assert isinstance(after.document, yaml.LazyDocument)
    for place in (("minutes",), ("key_points", 1), ("samples", 0, "answer"), ("nothing", "here")):
        assert after.document.line_of(place) == before.document.line_of(place)


def test_a_fault_is_named_with_its_line_each_time(root: Path) -> None:
    file = root / "systems" / "process-and-thread.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("minutes: 3", "minutes: soon"), encoding="utf-8")

    first, second = (read_bank(root)[1] for _ in range(2))
    assert [(problem.path, problem.line) for problem in first] == [("systems/process-and-thread.yaml", 5)]
    assert second == first


@pytest.mark.parametrize("content", ["", "[]", '{"parser": "another", "values": {}}', '{"values": 3}', "\x00\xff"])
def test_a_spoilt_memory_is_passed_over_and_mended(
    root: Path, cache: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = load_bank(root)
    (memory,) = (cache / "banks").iterdir()
    memory.write_bytes(content.encode("latin-1"))

    assert load_bank(root).questions == good.questions
    assert questions_parsed(root, monkeypatch) == 0


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(root: Path, cache: Path) -> None:
    cache.write_text("a file where the folder should be")

    assert len(load_bank(root).questions) == len(load_bank(root).questions) > 0


def test_two_banks_in_turn_are_both_remembered(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write_small_bank(tmp_path / "other")
    load_bank(root)
    load_bank(other)

    assert questions_parsed(root, monkeypatch) == 0
    assert questions_parsed(other, monkeypatch) == 0


def test_nothing_is_kept_of_a_small_bank(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_cache, "WORTH_BYTES", 1_000_000)
    load_bank(root)

    assert not cache.exists()
