"""The cache spares work and never shows something old."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockint.decks import build, compile, package
from mockint.decks.build import plan, write
from mockint.decks.compile import DeckSource
from tests.decks.sample_bank import SVG, Release


def _cached(release: Release, cache: Path) -> DeckSource:
    return replace(release.source(), cache=cache)


def _build(release: Release, cache: Path) -> dict[str, bytes]:
    write(plan(_cached(release, cache), release.out, now=release.now), release.out)
    return {path.name: path.read_bytes() for path in release.out.iterdir()}


def _refuse(*args: object) -> None:
    raise AssertionError("this was done before")


def test_a_second_build_renders_nothing_and_packs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, cache = Release(tmp_path / "decks"), tmp_path / "cache.json"
    first = _build(release, cache)

    monkeypatch.setattr(compile, "notes_of", _refuse)
    monkeypatch.setattr(package, "package", _refuse)

    assert _build(release, cache) == first


def test_with_and_without_a_cache_the_decks_are_the_same(tmp_path: Path) -> None:
    plain, cached = Release(tmp_path / "plain"), Release(tmp_path / "cached")
    write(plain.plan(), plain.out)
    _build(cached, tmp_path / "cache.json")
    again = _build(cached, tmp_path / "cache.json")

    assert again == {path.name: path.read_bytes() for path in plain.out.iterdir()}


def test_what_only_compiles_keeps_its_notes_and_what_is_known_of_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, cache = Release(tmp_path / "decks"), tmp_path / "cache.json"
    first = _build(release, cache)
    release.questions["plain"]["answer"]["en"] = "Better."
    notes = compile.compile_whole(_cached(release, cache))
    release.questions["plain"]["answer"]["en"] = "It is plain."
    monkeypatch.setattr(package, "package", _refuse)

    assert _build(release, cache) == first

    compile.compile_whole(_cached(release, cache))
    monkeypatch.setattr(compile, "notes_of", _refuse)
    assert len(compile.compile_whole(_cached(release, cache))) == len(notes)


@pytest.mark.parametrize("what", ["text", "picture", "topic order"])
def test_a_change_is_seen_through_the_cache(tmp_path: Path, what: str) -> None:
    release, cache = Release(tmp_path / "decks"), tmp_path / "cache.json"
    _build(release, cache)
    release.now += 1
    if what == "text":
        release.questions["plain"]["answer"]["en"] = "Better."
    elif what == "picture":
        release.pictures["media/box.svg"] = SVG.replace(b"plain", b"other")
    else:
        release.questions["plain"]["level"] = 5
    after = _build(release, cache)

    fresh = Release(tmp_path / "fresh", questions=release.questions, pictures=release.pictures, now=release.now)
    fresh.out.mkdir()
    (fresh.out / "ledger.json").write_bytes(after["ledger.json"])
    write(fresh.plan(), fresh.out)
    assert after == {path.name: path.read_bytes() for path in fresh.out.iterdir()}


def test_a_damaged_cache_costs_only_time(tmp_path: Path) -> None:
    release, cache = Release(tmp_path / "decks"), tmp_path / "cache.json"
    first = _build(release, cache)
    cache.write_text("[not json")

    assert _build(release, cache) == first


def test_a_deck_that_somebody_changed_is_stale_whatever_the_cache_says(tmp_path: Path) -> None:
    release, cache = Release(tmp_path / "decks"), tmp_path / "cache.json"
    first = _build(release, cache)
    (release.out / "mockint-en.apkg").write_bytes(b"broken")

    assert build.stale_packages(plan(_cached(release, cache), release.out, now=release.now), release.out) == [
        "mockint-en.apkg"
    ]
    assert _build(release, cache) == first
