"""decks/ as files: the same bank gives the same bytes, and the ledger is sacred."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mockint.cli import main
from mockint.decks import apkg, pictures
from mockint.decks.build import build_time, changes, stale_packages, write
from mockint.decks.folder import repair
from mockint.decks.ledger import Shipped
from mockint.decks.ledger_file import read_ledger, to_text
from mockint.decks.ledger_join import join
from mockint.decks.notes import guid_of
from mockint.errors import UsageError
from tests.decks.sample_bank import SVG, Release
from tests.small_bank import THREADS, write_small_bank


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path / "decks")


def test_the_same_bank_gives_the_same_bytes(release: Release, tmp_path: Path) -> None:
    other = Release(tmp_path / "other")

    assert release.publish().read_bytes() == other.publish().read_bytes()
    with zipfile.ZipFile(release.out / "mockint-en.apkg") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_bytes_do_not_hang_on_hash_randomisation(tmp_path: Path) -> None:
    bank = write_small_bank(tmp_path / "bank")
    built = []
    for seed in ("1", "2"):
        out = tmp_path / f"out{seed}"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        command = [sys.executable, "-m", "mockint", "build", "--bank", str(bank), "--out", str(out)]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        built.append({path.name: path.read_bytes() for path in out.iterdir()})

    assert built[0] == built[1]


def test_a_note_has_the_time_at_which_it_last_changed(release: Release) -> None:
    release.publish()
    first = release.now
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="Better."))

    times = {note.fields[-1]: note.changed for note in apkg.read(release.out / "mockint-en.apkg").notes}
    assert times.pop("plain") == release.now
    assert set(times.values()) == {first}


def test_times_only_grow_even_when_the_clock_goes_back(release: Release) -> None:
    release.publish()
    first = release.now
    release.now -= 10 * 86_400
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="Better."))

    ledger = read_ledger(release.out / "ledger.json")
    assert ledger is not None
    assert ledger.notes["en/question/plain"].changed == first + 1


def test_content_that_returns_to_an_earlier_wording_counts_as_changed(release: Release) -> None:
    release.publish()
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="Better."))
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="It is plain."))

    ledger = read_ledger(release.out / "ledger.json")
    assert ledger is not None
    assert ledger.notes["en/question/plain"].changed == release.now


def test_the_ledger_has_a_line_for_each_note(release: Release) -> None:
    release.publish()
    text = (release.out / "ledger.json").read_text()

    assert sum('"en/' in line for line in text.splitlines()) == 7 + 2
    assert json.loads(text)["format"] == 1


def test_a_stale_deck_is_found_and_a_fresh_one_is_not(release: Release) -> None:
    release.publish()
    assert stale_packages(release.plan(), release.out) == []
    assert not changes(release.plan())

    release.questions["plain"]["answer"]["en"] = "Better."
    assert stale_packages(release.plan(), release.out) == ["mockint-en.apkg", "mockint-zh.apkg"]
    assert changes(release.plan()).changed == ("en/question/plain", "zh/question/plain")


def test_a_deck_compressed_by_another_zlib_is_not_stale(release: Release) -> None:
    path = release.publish()
    entries = apkg.contents(path.read_bytes())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            archive.writestr(name, data)

    assert stale_packages(release.plan(), release.out) == []


def test_a_lost_ledger_is_an_error_that_says_what_to_do(release: Release) -> None:
    release.publish()
    (release.out / "ledger.json").unlink()

    with pytest.raises(UsageError, match="--repair-ledger"):
        release.plan()


def test_a_damaged_ledger_is_an_error(release: Release) -> None:
    release.publish()
    (release.out / "ledger.json").write_text('{"format": 1, "notes": {')

    with pytest.raises(UsageError, match="not a ledger"):
        release.plan()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("changed", "yesterday"),
        ("changed", 1_700_000_000_000),
        ("changed", -1),
        ("first", 1.5),
        ("deck", None),
        ("deck", "Default"),
        ("hash", 7),
        ("more", 1),
    ],
)
def test_a_ledger_edited_by_hand_is_an_error_that_names_the_entry(release: Release, name: str, value: object) -> None:
    release.publish()
    path = release.out / "ledger.json"
    ledger = json.loads(path.read_text())
    ledger["notes"]["en/question/plain"][name] = value
    path.write_text(json.dumps(ledger))

    with pytest.raises(UsageError, match=rf"not a ledger \(.*{name}.*--repair-ledger"):
        release.plan()


def test_a_ledger_of_other_bytes_is_an_error_and_mended_from_the_decks(release: Release) -> None:
    release.publish()
    good = read_ledger(release.out / "ledger.json")
    (release.out / "ledger.json").write_bytes(b"\xff\xfe{")

    with pytest.raises(UsageError, match="not a ledger"):
        release.plan()
    assert repair(release.out) == good


def _times(release: Release) -> dict[str, int]:
    ledger = read_ledger(release.out / "ledger.json")
    assert ledger is not None
    return {key: entry.changed for key, entry in ledger.notes.items()}


def test_an_entry_lost_from_the_ledger_is_read_back_from_the_decks(release: Release) -> None:
    release.publish()
    before = _times(release)
    path = release.out / "ledger.json"
    lines = [line for line in path.read_text().splitlines() if "en/question/plain" not in line]
    path.write_text("\n".join(lines))

    release.publish()

    assert _times(release) == before


def test_a_ledger_behind_its_decks_catches_up_with_them(release: Release) -> None:
    release.publish()
    old = (release.out / "ledger.json").read_bytes()
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="Better."))
    shipped = _times(release)["en/question/plain"]
    (release.out / "ledger.json").write_bytes(old)
    release.now -= 10 * 86_400

    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="It is plain."))

    assert _times(release)["en/question/plain"] == shipped + 1


def test_a_ledger_without_its_last_change_makes_a_check_fail(tmp_path: Path) -> None:
    bank, out = write_small_bank(tmp_path / "bank"), tmp_path / "decks"
    options = ["--bank", str(bank), "--out", str(out)]
    main(["build", *options])
    path = out / "ledger.json"
    path.write_text(path.read_text().replace('"changed": 1', '"changed":  1'))

    assert main(["build", "--check", *options]) == 1
    assert main(["build", *options]) == 0
    assert main(["build", "--check", *options]) == 0


def test_a_damaged_deck_is_built_again(release: Release) -> None:
    path = release.publish()
    good = path.read_bytes()
    path.write_bytes(good[:300] + bytes(700) + good[1000:])

    release.publish()

    assert path.read_bytes() == good


def test_a_lost_ledger_beside_a_damaged_deck_is_an_error(release: Release) -> None:
    release.publish().write_bytes(b"")
    (release.out / "mockint-zh.apkg").unlink()
    (release.out / "ledger.json").unlink()

    with pytest.raises(UsageError, match=r"is missing though mockint-en\.apkg"):
        release.plan()


def test_decks_of_a_topic_alone_have_times_of_their_own_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    bank, out = write_small_bank(tmp_path / "bank"), tmp_path / "decks"
    options = ["--bank", str(bank), "--out", str(out), "--lang", "en"]
    main(["build", "--per-topic", *options])
    for word in ("far", "much"):
        write_small_bank(bank, threads=THREADS.replace("is cheaper", f"is {word} cheaper"))
        main(["build", "--per-topic", *options])
    main(["build", *options])

    for name in ("mockint-en.apkg", "mockint-en-systems.apkg", "mockint-en-networks.apkg"):
        for note in apkg.read(out / name).notes:
            assert note.changed - 1_700_000_000 == (2 if note.fields[-1] == "process-and-thread" else 0)


def test_a_deck_of_one_topic_leaves_the_description_of_the_whole_alone(release: Release, tmp_path: Path) -> None:
    release.publish()
    release.publish(selections={"beta": frozenset(["plain", "clozes"])})

    assert _descriptions(release.out / "mockint-en.apkg")["mockint-en"].startswith("<p><b>mockint")
    part = _descriptions(release.out / "mockint-en-beta.apkg")
    assert part["mockint-en"] == ""
    assert "2 questions, 4 cards" in part["mockint-en::beta"]


def _descriptions(path: Path) -> dict[str, str]:
    with sqlite3.connect(":memory:") as db:
        db.deserialize(dict(apkg.contents(path.read_bytes()))["collection.anki2"])
        decks = json.loads(db.execute("SELECT decks FROM col").fetchone()[0])
    db.close()
    return {deck["name"]: deck["desc"] for deck in decks.values()}


def test_a_deck_dates_its_own_language(release: Release) -> None:
    path = release.publish()
    before = path.read_bytes()
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(zh="更好。"), langs=["zh"])

    release.questions["plain"]["answer"]["zh"] = "就是 plain。"
    release.publish(langs=["en"])
    assert path.read_bytes() == before


def test_a_small_bank_may_lose_two_questions_at_once_but_not_all(release: Release) -> None:
    release.publish()
    del release.questions["plain"], release.questions["prints"]
    assert len(release.plan().ledger.retired) == 4

    release.questions = {"new": {**release.questions["clozes"], "id": "new", "prompt": {"en": "New?", "zh": "新？"}}}
    with pytest.raises(UsageError, match="4 of 4 shipped questions"):
        release.plan()


def test_a_new_folder_takes_the_times_of_its_own_notes_from_the_released_ledger(
    release: Release, tmp_path: Path
) -> None:
    release.publish()
    seed = release.out / "ledger.json"
    fresh = Release(tmp_path / "fresh")
    del fresh.questions["plain"]
    fresh.publish(seed=seed)
    assert _times(fresh) == {key: time for key, time in _times(release).items() if "plain" not in key}

    other = Release(tmp_path / "other")
    other.questions = {"own": {**other.questions["plain"], "id": "own"}}
    other.publish(seed=seed)
    assert _times(other).keys() == {"en/question/own", "zh/question/own"}


def test_a_folder_that_cannot_be_written_is_told_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, file = write_small_bank(tmp_path / "bank"), tmp_path / "file"
    file.write_text("in the way")

    assert main(["build", "--bank", str(bank), "--out", str(file)]) == 2
    assert f"cannot write in {file}" in capsys.readouterr().err
    assert main(["preview", "--bank", str(bank), "--write", str(file)]) == 2
    assert f"cannot write in {file}" in capsys.readouterr().err


def test_the_latest_of_several_decks_counts_when_a_ledger_is_read_back(release: Release) -> None:
    release.publish()
    release.questions["ordinary"] = {**release.questions.pop("plain"), "id": "ordinary"}
    release.publish(selections={"beta": frozenset(["ordinary", "clozes"])})
    ledger = read_ledger(release.out / "ledger.json")

    assert repair(release.out) == ledger


def test_the_later_side_of_a_merge_is_known_by_its_content(release: Release) -> None:
    release.publish()
    ours = read_ledger(release.out / "ledger.json")
    release.publish(lambda bank: bank.questions["plain"]["answer"].update(en="Theirs."))
    theirs = read_ledger(release.out / "ledger.json")
    assert ours is not None
    assert theirs is not None

    assert join(ours, theirs) == join(theirs, ours) == theirs


def test_an_id_changed_on_one_side_of_a_merge_leaves_one_note(release: Release) -> None:
    release.publish()
    base = read_ledger(release.out / "ledger.json")
    renamed = Release(release.out, now=release.now)
    renamed.questions["ordinary"] = {**renamed.questions.pop("plain"), "id": "ordinary"}
    renamed.questions["ordinary"]["prompt"] = release.questions["plain"]["prompt"]
    renamed.publish()
    other = read_ledger(release.out / "ledger.json")
    assert base is not None
    assert other is not None

    joined = join(base, other)

    assert "en/question/plain" not in joined.notes
    assert joined.guid("en/question/ordinary") == guid_of("en/question/plain")


def test_a_ledger_that_git_could_not_merge_is_joined(release: Release, tmp_path: Path) -> None:
    release.publish()
    base = (release.out / "ledger.json").read_text()
    folder = tmp_path / "git"
    folder.mkdir()
    sides = {}
    for side, word in (("ours", "Ours."), ("theirs", "Theirs.")):
        branch = Release(tmp_path / side, now=release.now)
        write(branch.plan(), branch.out)
        (branch.out / "ledger.json").write_text(base)
        branch.publish(lambda bank, word=word: bank.questions["plain"]["answer"].update(en=word))
        sides[side] = (branch.out / "ledger.json").read_text()
    for name, text in (("base", base), *sides.items()):
        (folder / name).write_text(text)
    merged = subprocess.run(
        ["git", "merge-file", "-p", "ours", "base", "theirs"], cwd=folder, capture_output=True, text=True, check=False
    ).stdout
    assert "<<<<<<<" in merged
    (release.out / "ledger.json").write_text(merged)
    with pytest.raises(UsageError, match="conflict"):
        release.plan()

    ledger = repair(release.out)

    plain = ledger.notes["en/question/plain"]
    assert (plain.hash, plain.changed) == ("", release.now + 86_400)
    clean = {key: entry for key, entry in ledger.notes.items() if not key.endswith("question/plain")}
    original = read_ledger_text(base, tmp_path)
    assert clean == {key: original[key] for key in clean}


def read_ledger_text(text: str, folder: Path) -> dict[str, Shipped]:
    (folder / "copy.json").write_text(text)
    ledger = read_ledger(folder / "copy.json")
    assert ledger is not None
    assert to_text(ledger) == text
    return dict(ledger.notes)


def test_a_build_that_would_retire_most_of_the_deck_asks_first(release: Release) -> None:
    release.publish()
    release.questions = {"plain": release.questions["plain"]}

    with pytest.raises(UsageError, match="--retire-many"):
        release.plan()
    assert len(release.plan(retire_many=True).ledger.retired) == 12


def test_a_note_cannot_be_retired_when_its_last_text_is_lost(release: Release) -> None:
    path = release.publish()
    path.unlink()
    del release.questions["plain"]

    with pytest.raises(UsageError, match="last text"):
        release.plan()


def test_source_date_epoch_is_the_time_of_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert build_time() == 1_700_000_000
    for wrong in ("yesterday", "1700000000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
            build_time()


def test_a_night_variant_swaps_the_palette_and_gives_text_its_ink() -> None:
    night = pictures.night_variant(SVG).decode()

    assert f'<svg fill="{pictures.INK_NIGHT}"' in night
    assert pictures.PAPER_NIGHT in night
    assert "#79b8ff" in night
    assert "#0969DA" not in night


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("stroke", ["#1f2328", "#57606a", "#0969da", "#1a7f37", "#9a6700", "#cf222e", "#8250df"])
def test_words_in_a_drawing_are_readable_at_night(stroke: str) -> None:
    for ground in ("#ffffff", "#f6f8fa", "#ddf4ff", "#dafbe1", "#fff8c5", "#ffebe9", "#fbefff"):
        assert _contrast(pictures.NIGHT[stroke], pictures.NIGHT[ground]) >= 4.5


def test_the_command_builds_checks_and_selects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank, out = write_small_bank(tmp_path / "bank"), tmp_path / "decks"
    options = ["--bank", str(bank), "--out", str(out)]

    assert main(["build", *options]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["ledger.json", "mockint-en.apkg", "mockint-zh.apkg"]
    assert main(["build", "--check", *options]) == 0

    write_small_bank(tmp_path / "bank", threads=THREADS.replace("level: 2", "level: 3"))
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main(["build", "--check", *options]) == 1
    assert "2 changed" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before

    assert main(["build", "--topic", "systems", "--lang", "zh", *options]) == 0
    assert [note.fields[-1] for note in apkg.read(out / "mockint-zh-systems.apkg").notes] == ["process-and-thread"]
    assert main(["build", "--per-topic", "--level", "2", "--lang", "en", *options]) == 0
    assert (out / "mockint-en-networks-level-2.apkg").is_file()
    assert main(["build", "--topic", "nothing", *options]) == 2
