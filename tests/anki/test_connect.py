"""`mockint anki` against AnkiConnect's protocol over the real Anki backend."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mockint.ankiconnect import AnkiConnect
from mockint.cli import main
from mockint.decks import compile
from mockint.decks.notes import guid_of
from mockint.errors import ServiceError, UsageError
from tests.anki.connect_server import connect_server
from tests.decks.anki import Learner, learner
from tests.small_bank import HANDSHAKE, THREADS, write_small_bank

pytestmark = pytest.mark.anki


ADDRESS = guid_of("en/question/process-and-thread")
HELLO = guid_of("en/question/tcp-handshake")


class Setup:
    """A bank, its decks, and a learner who has imported and studied the English one."""

    def __init__(self, root: Path, anna: Learner, url: str) -> None:
        self.root, self.anna = root, anna
        self.places = ["--bank", str(root / "bank"), "--out", str(root / "decks")]
        self.url = url

    def edit(self, **files: str) -> None:
        write_small_bank(self.root / "bank", **files)

    def anki(self, *arguments: str) -> int:
        places = self.places[:2] if arguments[0] == "pull" else self.places
        return main(["anki", *arguments, *places, "--url", self.url])


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    bank = write_small_bank(tmp_path / "bank")
    assert main(["build", "--bank", str(bank), "--out", str(tmp_path / "decks")]) == 0
    with learner(tmp_path / "col") as anna:
        anna.import_(tmp_path / "decks" / "mockint-en.apkg")
        anna.study()
        with connect_server(anna.col) as url:
            yield Setup(tmp_path, anna, url)


def test_status_says_what_is_there(at: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    at.edit(threads=THREADS.replace("is cheaper", "is far cheaper"))
    capsys.readouterr()

    assert at.anki("status") == 0
    assert capsys.readouterr().out.split("\n") == [
        "    1 up to date",
        "    1 old: 'mockint anki push' updates them",
        "    2 not in Anki: import the decks",
        "",
    ]


def test_a_push_reaches_even_a_leech_and_keeps_history_and_tags(at: Setup) -> None:
    hard = at.anna.note(ADDRESS)
    hard.add_tag("leech")
    hard.add_tag("mine")
    at.anna.col.update_note(hard)
    before = at.anna.history()
    at.edit(threads=THREADS.replace("is cheaper", "is far cheaper").replace("level: 2", "level: 3"))

    assert at.anki("push") == 0

    assert "far cheaper" in at.anna.fields(ADDRESS)["Answer"]
    tags = at.anna.note(ADDRESS).tags
    assert {"leech", "mine", "mockint::level::3"} <= set(tags)
    assert "mockint::level::2" not in tags
    assert at.anna.history() == before


def test_a_learners_own_words_are_left_alone_until_asked(at: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    mine = at.anna.note(ADDRESS)
    mine["Answer"] = "My own answer."
    at.anna.col.update_note(mine)

    assert at.anki("push") == 0
    assert at.anna.fields(ADDRESS)["Answer"] == "My own answer."
    at.edit(threads=THREADS.replace("is cheaper", "is far cheaper"))
    capsys.readouterr()
    assert at.anki("push") == 0
    assert "1 notes left as you edited them" in capsys.readouterr().out
    assert at.anna.fields(ADDRESS)["Answer"] == "My own answer."
    assert at.anki("push", "--overwrite") == 0
    assert "far cheaper" in at.anna.fields(ADDRESS)["Answer"]


def test_a_second_push_has_nothing_to_do(at: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    at.edit(threads=THREADS.replace("is cheaper", "is far cheaper"))
    at.anki("push")
    capsys.readouterr()
    at.anki("push")
    assert "0 notes updated, 0 pictures sent, 0 cards moved" in capsys.readouterr().out


def remove(root: Path, *ids: str) -> None:
    """The questions with their samples and wordings."""
    for id in ids:
        for file in (root / "bank").glob(f"*/{id}.*"):
            file.unlink()


def test_cards_follow_a_topic_that_changed_but_not_out_of_a_learners_own_deck(at: Setup) -> None:
    at.anna.col.set_deck(at.anna.note(HELLO).card_ids(), at.anna.col.decks.id("My deck"))
    remove(at.root, "process-and-thread", "tcp-handshake")
    moved = THREADS.replace("topic: systems", "topic: networks")
    (at.root / "bank/networks/process-and-thread.yaml").write_text(moved)
    (at.root / "bank/systems/tcp-handshake.yaml").write_text(HANDSHAKE.replace("topic: networks", "topic: systems"))

    assert at.anki("push") == 0

    assert at.anna.find("deck:mockint-en::networks") == [ADDRESS]
    assert at.anna.find('"deck:My deck"') == [HELLO]


def test_a_picture_is_sent_with_the_note(at: Setup) -> None:
    media = at.root / "bank" / "systems" / "media"
    media.mkdir()
    (media / "p.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><text fill="#1f2328">a</text></svg>')
    at.edit(
        threads=THREADS.replace(
            "zh: 进程有自己独立的地址空间。同", "zh: 进程有自己独立的地址空间。![图](media/p.svg) 同"
        )
    )

    assert at.anki("push") == 0

    assert at.anna.col.media.check().missing == []
    assert "mockint-p-" in at.anna.fields(ADDRESS)["Other language"]


def test_a_retired_question_is_tagged_and_deleted_only_when_asked(at: Setup) -> None:
    remove(at.root, "process-and-thread")
    main(["build", *at.places])

    assert at.anki("push") == 0
    assert at.anna.find("tag:mockint::retired") == [ADDRESS]
    assert at.anki("push", "--delete-retired") == 0
    assert at.anna.find("deck:mockint-en") == [HELLO]


def test_a_question_that_came_back_is_not_deleted_with_the_retired(at: Setup) -> None:
    remove(at.root, "process-and-thread")
    main(["build", *at.places])
    at.edit()

    assert at.anki("push", "--delete-retired") == 0

    assert at.anna.find("deck:mockint-en") == sorted([ADDRESS, HELLO])


RENAMED = THREADS.replace("id: process-and-thread", "id: processes")


def rename(at: Setup, text: str = RENAMED, *, build: bool = True) -> None:
    remove(at.root, "process-and-thread")
    (at.root / "bank/systems/processes.yaml").write_text(text)
    if build:
        assert main(["build", *at.places]) == 0


@pytest.mark.parametrize("build", [True, False])
def test_a_renamed_question_is_old_and_no_stranger(at: Setup, capsys: pytest.CaptureFixture[str], build: bool) -> None:
    before = at.anna.history()
    rename(at, build=build)
    capsys.readouterr()

    assert at.anki("status") == 0
    assert capsys.readouterr().out.split("\n")[:3] == [
        "    1 up to date",
        "    1 old: 'mockint anki push' updates them",
        "    2 not in Anki: import the decks",
    ]
    assert at.anki("push") == 0
    assert at.anna.fields(ADDRESS)["Id"] == "processes"
    assert "mockint::id::processes" in at.anna.note(ADDRESS).tags
    assert at.anna.history() == before
    assert at.anki("status") == 0
    assert "    2 up to date" in capsys.readouterr().out


def test_a_question_renamed_and_then_reworded_is_known_by_its_guid(at: Setup) -> None:
    rename(at)
    rename(at, RENAMED.replace("What is the difference between", "What separates"))

    assert at.anki("push") == 0

    assert "What separates" in at.anna.fields(ADDRESS)["Prompt"]
    assert at.anna.fields(ADDRESS)["Id"] == "processes"


def test_an_id_that_was_given_to_another_question_does_not_mix_the_two_up(at: Setup) -> None:
    rename(at)
    other = THREADS.replace("What is the difference between a process and a thread?", "Which of the two is heavier?")
    (at.root / "bank/systems/process-and-thread.yaml").write_text(other.replace("进程和线程有什么区别", "哪个更重"))
    main(["build", *at.places])

    assert at.anki("push") == 0
    assert at.anna.fields(ADDRESS)["Id"] == "processes"
    at.anna.import_(at.root / "decks" / "mockint-en.apkg")
    assert at.anki("push") == 0

    assert at.anna.fields(ADDRESS)["Id"] == "processes"
    assert at.anna.fields(guid_of("en/question/process-and-thread/2"))["Id"] == "process-and-thread"


def test_a_learner_who_wrote_over_the_id_still_gets_the_update(at: Setup) -> None:
    mine = at.anna.note(ADDRESS)
    mine["Id"] += " ask Ben about this"
    at.anna.col.update_note(mine)
    at.edit(threads=THREADS.replace("is cheaper", "is far cheaper"))

    assert at.anki("push", "--overwrite") == 0

    assert "far cheaper" in at.anna.fields(ADDRESS)["Answer"]


def test_a_retired_question_that_was_renamed_before_is_tagged(at: Setup) -> None:
    rename(at)
    remove(at.root, "processes")
    main(["build", *at.places])

    assert at.anki("push") == 0

    assert at.anna.find("tag:mockint::retired") == [ADDRESS]


def test_what_anki_knows_of_a_renamed_question_counts_for_its_new_id(
    at: Setup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rename(at)
    capsys.readouterr()
    assert at.anki("pull", "--json") == 0
    assert sorted(value["question"] for value in json.loads(capsys.readouterr().out)) == ["processes", "tcp-handshake"]

    monkeypatch.setenv("ANKICONNECT_URL", at.url)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"/idk\n/idk\n")))
    assert main(["interview", "--from-anki", "--json", "--grader", "offline", *at.places[:2]]) == 0
    assert "processes" in json.loads(capsys.readouterr().out)["sessions"][0]["plan"]


def test_a_question_is_rendered_once_and_only_when_it_changed(at: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    notes_of = compile.notes_of
    monkeypatch.setattr(compile, "notes_of", lambda *args: rendered.append(args[0].id) or notes_of(*args))
    media = at.root / "bank" / "systems" / "media"
    media.mkdir()
    (media / "p.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><text fill="#1f2328">a</text></svg>')

    assert at.anki("status") == 0
    assert rendered == []
    at.edit(threads=THREADS.replace("独立的地址空间。同", "独立的地址空间。![图](media/p.svg) 同"))
    assert at.anki("push") == 0
    assert rendered == ["process-and-thread"] * 2
    assert at.anki("status") == 0
    assert at.anki("pull") == 0
    assert rendered == ["process-and-thread"] * 2


def test_pull_lists_the_weakest_first(at: Setup, capsys: pytest.CaptureFixture[str]) -> None:
    card = at.anna.note(HELLO).cards()[0]
    card.lapses, card.reps = 4, 9
    at.anna.col.update_card(card)
    capsys.readouterr()

    assert at.anki("pull", "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert [value["question"] for value in values] == ["tcp-handshake", "process-and-thread"]
    assert values[0]["lapses"] == 4


def test_what_was_missed_in_an_interview_is_tagged_in_anki(at: Setup) -> None:
    answers = at.root / "answers.yaml"
    answers.write_text("tcp-handshake: I do not know.\nprocess-and-thread: I do not know.\n")
    bank = at.places[:2]
    assert main(["interview", "--answers", str(answers), "--grader", "offline", "--seed", "1", *bank]) == 0

    assert at.anki("push", "--missed") == 0

    assert at.anna.find("tag:mockint::missed") == sorted([ADDRESS, HELLO])


def test_what_anki_says_is_weak_chooses_the_interview(
    at: Setup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = at.anna.note(HELLO).cards()[0]
    card.lapses, card.reps = 4, 9
    at.anna.col.update_card(card)
    monkeypatch.setenv("ANKICONNECT_URL", at.url)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"/idk\n")))
    capsys.readouterr()

    assert main(["interview", "--from-anki", "--count", "1", "--json", "--grader", "offline", *at.places[:2]]) == 0
    assert json.loads(capsys.readouterr().out)["sessions"][0]["plan"] == ["tcp-handshake"]


def test_an_interview_from_anki_needs_questions_that_were_studied(
    at: Setup, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANKICONNECT_URL", at.url)

    assert main(["interview", "--from-anki", "--level", "5", *at.places[:2]]) == 2
    assert "leave out --from-anki" in capsys.readouterr().err


def test_no_anki_is_told_in_plain_words(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(ServiceError, match="start Anki with the AnkiConnect add-on"):
        AnkiConnect(f"http://127.0.0.1:{port}").call("version")


@pytest.mark.parametrize("address", ["nonsense", "file:///etc/hostname", "ftp://127.0.0.1", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="unusable address"):
        AnkiConnect(address)


def test_an_anki_that_hangs_is_given_up_on() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(ServiceError, match="did not answer 'version' within"):
            AnkiConnect(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2).call("version")


def test_something_else_on_the_port_is_recognised() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as http:
        thread = threading.Thread(target=http.handle_request, daemon=True)
        thread.start()
        with pytest.raises(ServiceError, match="is not AnkiConnect"):
            AnkiConnect(f"http://127.0.0.1:{http.server_port}").call("version")
        thread.join()


def test_an_anki_without_an_open_profile_is_told_with_what_to_do() -> None:
    with connect_server(None) as url, pytest.raises(ServiceError, match="not available: open a profile in Anki"):
        AnkiConnect(url).notes(["mockint question (en)"])


def test_a_wrong_key_is_told_with_what_to_set(tmp_path: Path) -> None:
    with learner(tmp_path / "col") as anna, connect_server(anna.col, key="secret") as url:
        with pytest.raises(ServiceError, match="ANKICONNECT_KEY"):
            AnkiConnect(url).call("version")
        assert AnkiConnect(url, "secret").call("version") == 6
