"""`mockint preview`: every card in a page, nothing from outside, loopback only."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

from mockint.cli import main
from mockint.decks import preview
from tests.decks.sample_bank import Release
from tests.small_bank import write_small_bank


def test_every_card_is_there_in_both_themes(tmp_path: Path) -> None:
    pages = preview.files_of(Release(tmp_path).source(), ["en"])

    assert sum(name.startswith("card") for name in pages) == 7 * 4
    index = pages["index.html"].decode()
    for source in re.findall(r'src="([^"]+)"', index):
        assert source in pages
    for name, page in pages.items():
        if name.endswith(".html"):
            text = page.decode()
            assert "<script" not in text
            assert not re.search(r"\{\{[#/]?[A-Z]", text)
            assert all(picture in pages for picture in re.findall(r'<img [^>]*src="([^"]+)"', text))


def test_words_to_recall_are_hidden_in_front_and_shown_behind(tmp_path: Path) -> None:
    pages = preview.files_of(Release(tmp_path).source(), ["en"])
    front = next(text for name, text in pages.items() if b'class="cloze"' in text and "front" in name).decode()

    assert '<span class="cloze">[...]</span>' in front


def test_the_pages_are_served_on_loopback(tmp_path: Path) -> None:
    pages = preview.files_of(Release(tmp_path).source(), ["en"])
    with preview.server(pages, 0) as (address, _):
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == pages["index.html"]


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    bank = write_small_bank(tmp_path / "bank")

    assert main(["preview", "--bank", str(bank), "--topic", "systems", "--write", str(tmp_path / "page")]) == 0
    assert (tmp_path / "page" / "index.html").read_text().count("<section") == 2
