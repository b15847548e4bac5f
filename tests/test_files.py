"""A file is written whole, or what was there stays."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mockint import cache
from mockint.cli import main
from mockint.decks.build import write
from mockint.errors import UsageError
from mockint.files import replacing, write_whole
from tests.decks.sample_bank import Release

FULL = OSError(28, "No space left on device")


def refuse(*args: Any, **options: Any) -> None:
    raise FULL


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and no file takes another's place any more."""
    return lambda: monkeypatch.setattr(Path, "replace", refuse)


def test_a_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data in (b"old", b"new"):
        write_whole(path, data)

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fault", [FULL, KeyboardInterrupt()])
def test_a_write_that_breaks_off_leaves_the_old_file_whole(tmp_path: Path, fault: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    with suppress(type(fault)), replacing(path) as file:
        file.write(b"half of the n")
        raise fault

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_as_long_as_names_may_be_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_whole(path, b"new")

    assert path.read_bytes() == b"new"


def test_a_deck_on_a_full_disk_stays_as_it_was(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    release = Release(tmp_path / "decks")
    release.publish()
    before = {path.name: path.read_bytes() for path in release.out.iterdir()}
    release.questions["plain"]["answer"]["en"] = "Better."
    full_disk()

    with pytest.raises(UsageError, match="No space left"):
        write(release.plan(), release.out)

    assert {path.name: path.read_bytes() for path in release.out.iterdir()} == before


def test_a_cache_on_a_full_disk_stays_as_it_was(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    cache.write(tmp_path / "cache.json", {"a": 1})
    full_disk()
    cache.write(tmp_path / "cache.json", {"a": 2})

    assert cache.read(tmp_path / "cache.json") == {"a": 1}
    assert list(tmp_path.iterdir()) == [tmp_path / "cache.json"]


@pytest.mark.parametrize(
    ("command", "out", "code"), [(["report", "--out"], "report.md", 2), (["export"], "history.jsonl", 3)]
)
def test_what_a_command_wrote_before_stays_on_a_full_disk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    full_disk: Callable[[], None],
    command: list[str],
    out: str,
    code: int,
) -> None:
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / out).write_text("old")
    full_disk()

    assert main([*command, str(folder / out)]) == code
    assert "No space left on device" in capsys.readouterr().err
    assert (folder / out).read_text() == "old"
    assert list(folder.iterdir()) == [folder / out]
