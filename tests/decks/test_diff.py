"""`mockint diff` says before a release what a learner will see, and what Anki will ignore."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mockint.cli import main
from mockint.decks import apkg, notetypes
from mockint.decks.diff import Difference, compare, to_text
from tests.decks.sample_bank import SVG, Release
from tests.small_bank import THREADS, write_small_bank


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path / "decks")


def _difference(release: Release) -> list[Difference]:
    old = apkg.read(release.out / "mockint-en.apkg")
    return compare(old, apkg.read_bytes(release.plan(retire_many=True).files["mockint-en.apkg"].data), "en")


def test_no_difference_is_said_in_words(release: Release) -> None:
    release.publish()

    assert to_text(_difference(release), markdown=False) == "No learner will see any difference."


def test_every_kind_of_change_is_told_in_learners_terms(release: Release) -> None:
    release.publish()
    release.now += 86_400
    release.questions["plain"].update(topic="alpha")
    release.questions["prints"]["level"] = 2
    release.pictures["media/box.svg"] = SVG.replace(b"plain ink", b"other")
    release.questions["new"] = {**release.questions["plain"], "id": "new", "prompt": {"en": "New <T>?", "zh": "新？"}}
    del release.questions["clozes"]

    found = {(line.kind, line.id): line.what for line in _difference(release)}

    assert found["changed", "escapes"] == "Answer"
    assert found["changed", "prints"] == "Level, +mockint::level::2, -mockint::level::1"
    assert found["added", "new"] == "New <T>?"
    assert found["retired", "clozes / one"] == "It is one."
    assert "the card stays in mockint-en::beta" in found["ignored", "plain"]
    assert len(found) == 8


def test_a_fix_that_is_not_newer_is_reported_as_ignored(release: Release, tmp_path: Path) -> None:
    release.publish()
    other = Release(tmp_path / "other", now=release.now - 10 * 86_400)
    other.questions["plain"]["answer"]["en"] = "Fixed."
    other.publish()

    new = apkg.read(other.out / "mockint-en.apkg")
    lines = compare(apkg.read(release.out / "mockint-en.apkg"), new, "en")

    assert [(line.kind, line.id) for line in lines] == [("ignored", "plain")]


def test_a_field_that_was_added_is_reported_as_a_conflict(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    release.publish()
    more = (*notetypes.CLOZE_FIELDS[:-1], notetypes.NoteField(42099, "Bad idea"), notetypes.CLOZE_FIELDS[-1])
    monkeypatch.setattr(notetypes, "CLOZE_FIELDS", more)
    notetypes.note_type.cache_clear()
    try:
        lines = _difference(release)
    finally:
        monkeypatch.undo()
        notetypes.note_type.cache_clear()

    assert any(line.kind == "ignored" and "conflicting" in line.what for line in lines)


def test_the_command_compares_with_decks_a_file_and_a_revision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, out = write_small_bank(tmp_path / "bank"), tmp_path / "decks"
    options = ["--bank", str(bank), "--out", str(out)]
    main(["build", *options])
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    write_small_bank(tmp_path / "bank", threads=THREADS.replace("level: 2", "level: 3"))
    old = tmp_path / "old.apkg"
    old.write_bytes((out / "mockint-en.apkg").read_bytes())
    capsys.readouterr()

    assert main(["diff", *options]) == 0
    here = capsys.readouterr().out
    assert "process-and-thread [en, zh] Level" in here
    main(["build", *options])
    capsys.readouterr()
    assert main(["diff", "--since", "HEAD", *options]) == 0
    assert capsys.readouterr().out == here
    assert main(["diff", str(old), "--markdown", *options]) == 0
    assert "- `process-and-thread` [en] Level" in capsys.readouterr().out
    assert main(["diff", "--since", "nowhere", *options]) == 2
    assert main(["diff", str(bank / "topics.yaml"), *options]) == 2
