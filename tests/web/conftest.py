"""A real Chromium, and what no page may ever do in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockint.web.site import Site
from tests.absent import absent
from tests.web.sites import free_port, served, site_in


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Closed with the module: playwright's loop would stand in the way of tests that start their own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        absent("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Desk:
    """Windows on one site. complaints: what Chromium wrote to the console as an error, and what was asked elsewhere."""

    site: Site
    address: str
    chromium: Any
    complaints: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def context(self, **options: Any) -> Any:
        context = self.chromium.new_context(
            **({"viewport": {"width": 1100, "height": 800}, "locale": "en-US"} | options)
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        return context

    def window(self, context: Any = None, **options: Any) -> Any:
        page = (context or self.context(**options)).new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.goto(f"{self.address}/?token={self.site.access.token}")
        return page

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"elsewhere: {request.url}")


@pytest.fixture
def desk(tmp_path: Path, chromium: Any) -> Iterator[Desk]:
    """Every test ends with a look at the console: no violation of the content policy, no error, nobody else asked."""
    port = free_port()
    site = site_in(tmp_path, port=port)
    with served(site, port) as address:
        desk = Desk(site, address, chromium)
        try:
            yield desk
        finally:
            for context in desk.contexts:
                context.close()
    assert desk.complaints == []


def begin(page: Any, *, mode: str = "practice", count: int = 1, topic: str = "systems", lang: str = "en") -> None:
    """From the start page to the first question."""
    page.check("input[name=choice][value=mixed]")
    page.check(f"input[name=mode][value={mode}]")
    page.check(f"input[name=topic][value={topic}]")
    page.fill("input[name=count]", str(count))
    page.select_option("select[name=lang]", lang)
    page.click("form[action='/session'] button.primary")
    page.wait_for_selector("#text:focus")
