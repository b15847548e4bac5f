"""`mockint serve`: what is refused before it begins, and how it ends."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from http.cookiejar import CookieJar
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from mockint.cli import main
from mockint.errors import USAGE
from mockint.grading import grader_named
from mockint.history import History
from mockint.interview import Ask, Interview, ToGrade
from mockint.web.server import access_for, address_of, bind
from tests.one_question import plan
from tests.web.sites import site_in, write_bank

ANSWER = "A process has its own address space. Running, relational, organization, nationality, hopefulness. " * 3


def test_a_port_in_use_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        code = main(["serve", "--no-open", "--bank", str(write_bank(tmp_path)), "--port", str(port)])

    assert code == USAGE
    assert f"port {port} is in use: give another with --port" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.org"])
def test_other_computers_are_let_in_only_on_purpose(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--no-open", "--host", host]) == USAGE
    assert "--allow-remote" in capsys.readouterr().err


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    there = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "starlette" else there(name, package)

    monkeypatch.setattr("mockint.cli.serve.find_spec", without)

    assert main(["serve", "--no-open"]) == USAGE
    assert "the pages need starlette: pip install 'mockint[web]'" in capsys.readouterr().err


def test_a_host_that_does_not_exist_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank = str(write_bank(tmp_path))

    assert main(["serve", "--no-open", "--bank", bank, "--host", "127.0.0.300", "--allow-remote"]) == USAGE
    assert "127.0.0.300" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_printed_address_opens_the_pages_and_a_signal_ends_them(tmp_path: Path, ending: signal.Signals) -> None:
    bank = write_bank(tmp_path / "bank")
    command = [sys.executable, "-m", "mockint", "serve", "--no-open", "--port", "0", "--grader", "offline", "--bank"]
    environment = os.environ | {"MOCKINT_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, str(bank)], env=environment, **pipes) as server:
        address = server.stdout.readline().strip()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with opener.open(address, timeout=20) as reply:
            page = reply.read().decode()
        server.send_signal(ending)
        out, err = server.communicate(timeout=20)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=\S{20,}", address)
    assert "How it works" in page
    assert server.returncode == 128 + ending
    assert err in ("", "interrupted\n")
    assert address.partition("token=")[2] not in err
    assert out == ""


def test_an_address_of_the_wider_net_names_this_computer() -> None:
    with bind("127.0.0.1", 0) as bound:
        access = access_for(bound, "0.0.0.0")

    assert access.any_address
    assert "0.0.0.0" not in address_of(access, "0.0.0.0")


def test_many_sessions_graded_at_once_are_graded_alike(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with History(site.history_path):
        pass
    grades: list[list[str]] = []

    def sit() -> None:
        with History(site.history_path) as history:
            questions = [question for question in site.bank.questions if question.id != "hostile"]
            session = Interview.begin(history, plan(*questions), site.services()).session_id
            interview = site.interview(history, session)
            while step := interview.step():
                match step:
                    case Ask():
                        interview.save(step, ANSWER)
                    case ToGrade():
                        interview.grade(step)
            grades.append([attempt.grade.model_dump_json() for attempt in interview.session.attempts if attempt.grade])

    threads = [threading.Thread(target=sit) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alone = grader_named("offline", wordings=site.bank.wordings)
    assert len(grades) == 12
    assert all(len(one) == 2 for one in grades)
    assert len({tuple(one) for one in grades}) == 1
    assert alone.name in grades[0][0]
