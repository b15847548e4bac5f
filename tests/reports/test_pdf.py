"""The report as a PDF, printed by a real browser; and what is said when there is none."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from pypdf import PdfReader

from mockint.cli import main
from mockint.errors import ServiceError, UsageError
from mockint.reports.pdf import browser, printed
from tests.reports.practice import two_evenings


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Topics and levels", "It keeps copies.", "The states", "What does ZeRO shard?"]),
        ("zh", ["主题与难度", "存的是副本。", "分布式训练"]),
    ],
)
def test_the_pages_say_what_the_report_says(home: Path, tmp_path: Path, lang: str, said: list[str]) -> None:
    two_evenings(home, lang)  # type: ignore[arg-type]

    assert main(["report", "last", "--out", str(tmp_path / "report.pdf")]) == 0

    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    pages = PdfReader(io.BytesIO(content)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert [words for words in said if "".join(words.split()) not in text] == []
    assert f"1/{len(pages)}" in text


def test_without_a_browser_the_next_step_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("mockint.reports.pdf._PLACES", ())
    monkeypatch.delenv("MOCKINT_BROWSER", raising=False)

    with pytest.raises(UsageError, match="install one, name it in MOCKINT_BROWSER, or use --format html"):
        browser()


def test_a_browser_that_is_named_and_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKINT_BROWSER", "/nowhere/chromium")

    with pytest.raises(UsageError, match="'/nowhere/chromium', which is no program"):
        browser()


@pytest.mark.parametrize("does", ["echo cannot open display >&2; exit 1", "exit 0"])
def test_a_browser_that_prints_nothing_is_said_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str) -> None:
    broken = tmp_path / "chromium"
    broken.write_text(f"#!/bin/sh\n{does}\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("MOCKINT_BROWSER", str(broken))

    with pytest.raises(ServiceError, match=r"could not print the report .*: use --format html"):
        printed("<p>hello</p>")
