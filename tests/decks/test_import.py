"""The decks in the real Anki: every card renders, and an update reaches exactly the notes that changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mockint.decks import notes as notes_module
from mockint.decks import notetypes
from mockint.decks.notes import guid_of
from mockint.decks.notetypes import CardTemplate, NoteField
from tests.decks.anki import learner
from tests.decks.sample_bank import SVG, Release, point

pytestmark = pytest.mark.anki


PLAIN, CLOZE_ONE = guid_of("en/question/plain"), guid_of("en/cloze/clozes/one")


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path / "decks")


def test_every_card_of_both_decks_renders_with_something_on_each_side(release: Release, tmp_path: Path) -> None:
    release.publish()
    with learner(tmp_path / "col") as anna:
        assert anna.import_(release.out / "mockint-en.apkg") == {"new": 7}
        assert anna.import_(release.out / "mockint-zh.apkg") == {"new": 7}

        for front, back in anna.rendered():
            assert "<article" in front
            assert "<article" in back
            assert "<script" not in front + back
            assert not re.search(r"(?:src|href)=.?(?:https?:)?//(?!example)", front + back)
            assert not re.search(r"\{\{|\}\}", front + back)
        assert anna.col.media.check().missing == []
        assert len(anna.col.media.check().unused) == 0
        assert list(anna.col._backend.check_database()) == []
        assert anna.col._backend.get_empty_cards().notes == []


def test_the_two_languages_are_different_notes_in_different_decks(release: Release, tmp_path: Path) -> None:
    release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(release.out / "mockint-en.apkg")
        anna.import_(release.out / "mockint-zh.apkg")

        assert len(anna.find("deck:mockint-en::alpha")) == 3
        assert len(anna.find("deck:mockint-zh::beta")) == 4
        assert anna.find("tag:mockint::topic::beta tag:mockint::level::2 deck:mockint-en") == [PLAIN]


def test_new_cards_come_by_level_and_key_points_after_questions(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)

        ids = anna.col.db.list("SELECT n.id FROM cards c JOIN notes n ON n.id = c.nid ORDER BY c.due")
        assert [anna.col.get_note(id)["Id"] for id in ids] == [
            "prints",
            "escapes",
            "plain",
            "escapes / braces",
            "clozes",
            "clozes / one",
            "clozes / two",
        ]


def test_the_output_of_a_program_is_typed_in_and_compared(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        guid = guid_of("en/question/prints")
        output = anna.note(guid).cards()[0].render_output()

        assert "[[type:Typed]]" in output.question_text
        compared = anna.col._backend.compare_answer(
            expected=anna.fields(guid)["Typed"], provided="0 < 1 <", combining=True
        )
        assert "typeBad" not in compared
        assert "typeMissed" not in compared


def test_programs_behind_the_same_words_are_told_apart_by_the_first_field(release: Release, tmp_path: Path) -> None:
    prints = release.questions["prints"]
    release.questions["other"] = {**prints, "id": "other", "code": {"source": "print(2)\n", "output": "2\n"}}
    release.questions["other"]["prompt"] = prints["prompt"]
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)

        note = anna.note(guid_of("en/question/other"))
        assert note.fields_check() == 0  # NORMAL; 2 is DUPLICATE
        assert "<pre" in note.cards()[0].render_output().question_text
        assert len(note.cards()) == 1


def test_an_update_changes_exactly_the_changed_notes_and_keeps_all_history(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        anna.study()
        mine = anna.note(CLOZE_ONE)
        mine["Key point"] += " my own words"
        mine.add_tag("marked")
        anna.col.update_note(mine)
        before = anna.history()

        def reword(bank: Release) -> None:
            bank.questions["plain"]["answer"]["en"] = "It is plainly better."

        assert anna.import_(release.publish(reword)) == {"updated": 1, "duplicate": 6}
        assert anna.fields(PLAIN)["Answer"] == "<p>It is plainly better.</p>"
        assert anna.fields(CLOZE_ONE)["Key point"].endswith(" my own words")
        assert "marked" in anna.note(CLOZE_ONE).tags
        assert anna.history() == before


def test_an_unchanged_bank_released_again_updates_nothing(release: Release, tmp_path: Path) -> None:
    first = release.publish().read_bytes()
    again = release.publish()

    assert again.read_bytes() == first
    with learner(tmp_path / "col") as anna:
        anna.import_(again)
        assert anna.import_(again) == {"duplicate": 7}


def _many_edits(bank: Release) -> None:
    bank.questions["plain"].update(topic="alpha", level=4)
    bank.pictures["media/box.svg"] = SVG.replace(b"plain ink", b"new words")
    bank.questions["new"] = {**bank.questions["plain"], "id": "new", "prompt": {"en": "New?", "zh": "新？"}}
    bank.questions["clozes"]["key_points"].reverse()


def _use_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later release: the field `Minutes` gets another name, a spare field and a spare template come into use."""
    names = {41014: "Time", 41016: "Drill", 41017: "Drill answer"}
    fields = tuple(NoteField(part.id, names.get(part.id, part.name)) for part in notetypes.QUESTION_FIELDS)
    spare = notetypes._spare_template

    def template(number: int, lang: notetypes.Lang) -> CardTemplate:
        if number != 1:
            return spare(number, lang)
        return CardTemplate(51002, "Drill", "{{#Drill}}{{Drill}}{{/Drill}}", "{{Drill}}<hr id=answer>{{Drill answer}}")

    read = notetypes._read
    monkeypatch.setattr(notetypes, "QUESTION_FIELDS", fields)
    monkeypatch.setattr(notetypes, "_spare_template", template)
    monkeypatch.setattr(notetypes, "_read", lambda name: read(name).replace("{{Minutes}}", "{{Time}}"))
    notetypes.note_type.cache_clear()
    write = notes_module._Writer._note

    def with_drill(self: notes_module._Writer, kind: str, key: str, fields: dict[str, str], place: int) -> object:
        if kind == "question":
            fields = {**fields, "Time": fields.pop("Minutes"), "Drill": f"Drill {key}", "Drill answer": "Done."}
        return write(self, kind, key, fields, place)  # type: ignore[arg-type]

    monkeypatch.setattr(notes_module._Writer, "_note", with_drill)


def test_a_learner_follows_a_chain_of_releases(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        anna.study()
        types, cards = anna.note_types(), anna.history()

        # 2: moved to another topic, a picture redrawn, a question added, key points in another order
        log = anna.import_(release.publish(_many_edits))
        assert log == {"new": 1, "updated": 3, "duplicate": 4}
        assert "mockint::topic::alpha" in anna.note(PLAIN).tags
        assert anna.find("deck:mockint-en::beta tag:mockint::topic::alpha") == [PLAIN]
        day, night = re.findall(r'src="([^"]+)"', anna.fields(guid_of("en/question/escapes"))["Answer"])
        assert "new words" in Path(anna.col.media.dir(), day).read_text()
        assert "new words" in Path(anna.col.media.dir(), night).read_text()

        # 3: a question leaves; its card and text stay, and the second file tags it
        log = anna.import_(release.publish(lambda bank: bank.questions.pop("plain")))
        assert log == {"duplicate": 7}
        text = anna.fields(PLAIN)
        assert anna.import_(release.out / "mockint-en-retired.apkg") == {"updated": 1}
        assert anna.find("tag:mockint::retired") == [PLAIN]
        assert anna.fields(PLAIN) == text

        # 4: a field renamed, a spare field and a spare template in use
        _use_spares(monkeypatch)
        log = anna.import_(release.publish())
        assert log == {"updated": 4, "duplicate": 3}
        assert anna.fields(guid_of("en/question/prints"))["Drill"] == "Drill en/question/prints"
        assert len(anna.note(guid_of("en/question/prints")).cards()) == 2
        monkeypatch.undo()
        notetypes.note_type.cache_clear()

        # throughout: no note type more, no note twice, the old cards and reviews untouched
        old = {row[0] for row in cards[0]}
        assert [row for row in anna.history()[0] if row[0] in old] == cards[0]
        assert anna.history()[1] == cards[1]
        assert anna.note_types() == types
        assert anna.col.db.scalar("SELECT count() - count(DISTINCT guid) FROM notes") == 0
        assert list(anna.col._backend.check_database()) == []


def test_newcomers_never_meet_a_retired_question(release: Release, tmp_path: Path) -> None:
    release.publish()
    apkg = release.publish(lambda bank: bank.questions.pop("plain"))
    with learner(tmp_path / "col") as ben:
        ben.import_(apkg)
        assert ben.find("tag:mockint::retired") == []
        assert len(ben.find("deck:mockint-en")) == 6


def test_a_question_that_comes_back_loses_the_tag(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    kept = release.questions["plain"]
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        release.publish(lambda bank: bank.questions.pop("plain"))
        anna.import_(release.out / "mockint-en-retired.apkg")

        anna.import_(release.publish(lambda bank: bank.questions.update(plain=kept)))

        assert anna.find("tag:mockint::retired") == []
        assert not (release.out / "mockint-en-retired.apkg").exists()


def test_a_question_whose_id_changed_is_the_same_cards_to_a_learner(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        anna.study()
        before = anna.history()

        def rename(bank: Release) -> None:
            bank.questions["drills"] = {**bank.questions.pop("clozes"), "id": "drills"}

        assert anna.import_(release.publish(rename)) == {"updated": 3, "duplicate": 4}
        assert anna.history() == before
        assert anna.note(CLOZE_ONE)["Id"] == "drills / one"
        assert "mockint::id::drills" in anna.note(CLOZE_ONE).tags

        def reuse(bank: Release) -> None:
            points = [point(id, f"{id} is new.") for id in ("one", "two", "three")]
            prompt = {"en": "Another?", "zh": "另一个？"}
            bank.questions["clozes"] = {
                **bank.questions["drills"],
                "id": "clozes",
                "prompt": prompt,
                "key_points": points,
            }

        assert anna.import_(release.publish(reuse)) == {"new": 1, "duplicate": 7}
        assert anna.import_(release.publish(lambda bank: bank.questions.pop("drills"))) == {"duplicate": 5}
        assert anna.import_(release.out / "mockint-en-retired.apkg") == {"updated": 3}
        assert sorted(anna.note(guid)["Id"] for guid in anna.find("tag:mockint::retired")) == [
            "drills",
            "drills / one",
            "drills / two",
        ]

        release.questions["third"] = {**release.questions.pop("clozes"), "id": "third"}
        assert anna.import_(release.publish()) == {"updated": 1, "duplicate": 4}


def test_a_question_that_left_and_comes_back_under_another_id_is_the_same_card(
    release: Release, tmp_path: Path
) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        kept = release.questions.pop("plain")
        release.publish()
        anna.import_(release.out / "mockint-en-retired.apkg")

        anna.import_(release.publish(lambda bank: bank.questions.update(other={**kept, "id": "other"})))

        assert anna.find("tag:mockint::retired") == []
        assert anna.note(PLAIN)["Id"] == "other"
        assert anna.col.note_count() == 7


def test_a_picture_with_a_long_name_keeps_its_hash(release: Release, tmp_path: Path) -> None:
    name = f"media/{'long-' * 30}name.svg"
    release.pictures[name] = SVG
    release.questions["plain"]["answer"]["en"] = f"![x]({name})"
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)

        shown = re.findall(r'src="([^"]+)"', anna.fields(PLAIN)["Answer"])
        assert [re.sub("(long-)+", "", name) for name in shown] == [
            re.sub("(long-)+", "", file.name)
            for file in next(note for note in release.plan().notes if guid_of(note.key) == PLAIN).media
        ]
        assert all(re.search(r"-[0-9a-f]{16}\.svg$", name) for name in shown)
        assert anna.col.media.check().missing == []


def test_a_retired_question_takes_its_picture_along(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        release.publish(lambda bank: bank.pictures.update({"media/box.svg": SVG.replace(b"plain", b"other")}))
        release.publish(lambda bank: bank.questions.pop("escapes"))
        release.publish()

        anna.import_(release.out / "mockint-en-retired.apkg")  # the release with the other picture was skipped

        assert anna.col.media.check().missing == []
        assert anna.find("tag:mockint::retired") == sorted(
            [guid_of("en/question/escapes"), guid_of("en/cloze/escapes/braces")]
        )


def test_a_fix_dated_after_a_leech_tag_arrives_and_one_dated_before_does_not(release: Release, tmp_path: Path) -> None:
    """The limit of any .apkg, kept here so that nobody promises more: Anki's own tags count as the learner's edits."""
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        hard = anna.note(PLAIN)
        hard.add_tag("leech")
        anna.col.update_note(hard)

        def reword(bank: Release) -> None:
            bank.questions["plain"]["answer"]["en"] += " Really."

        assert "updated" not in anna.import_(release.publish(reword))  # dated 2023, the tag today
        release.now = anna.note(PLAIN).mod
        assert anna.import_(release.publish(reword)) == {"updated": 1, "duplicate": 6}
        assert "Really. Really." in anna.fields(PLAIN)["Answer"]


def test_a_learner_who_writes_in_the_last_field_gets_no_new_card(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)
        note = anna.note(PLAIN)
        note.fields[-1] += " my note"
        anna.col.update_note(note)
        assert len(note.cards()) == 1


def test_a_lost_ledger_read_back_from_the_decks_changes_nothing_for_a_learner(release: Release, tmp_path: Path) -> None:
    from mockint.decks.folder import repair, write_ledger

    release.publish()
    release.publish(lambda bank: bank.questions.pop("plain"))
    before = {path.name: path.read_bytes() for path in release.out.iterdir()}
    (release.out / "ledger.json").unlink()

    write_ledger(repair(release.out), release.out)
    release.publish()

    assert {path.name: path.read_bytes() for path in release.out.iterdir()} == before


def test_two_key_points_of_one_question_are_two_notes(release: Release, tmp_path: Path) -> None:
    apkg = release.publish()
    with learner(tmp_path / "col") as anna:
        anna.import_(apkg)

        def one_less(bank: Release) -> None:
            bank.questions["clozes"]["key_points"][0] = point("one", "One.")

        anna.import_(release.publish(one_less))
        anna.import_(release.out / "mockint-en-retired.apkg")
        assert anna.find("tag:mockint::retired") == [CLOZE_ONE]
