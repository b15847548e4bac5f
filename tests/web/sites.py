"""A small bank with everything that a page draws, a site on it, and a visitor who holds the token."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from mockint.bank import Bank, load_bank
from mockint.errors import ServiceError
from mockint.grading import Grader, grader_named
from mockint.grading.grade import Mark
from mockint.question import Question
from mockint.web.app import build_app
from mockint.web.server import access_for, bind, server_of
from mockint.web.site import Site
from tests.small_bank import THREADS, write_small_bank

ATTACK = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\"'"
RICH = """\
follow_ups:
  - prompt: {en: What does a **switch** cost?, zh: 切换的**代价**是什么？}
    probes: [cheaper-switch, crash]
hints:
  - {en: Think of `memory`., zh: 想想 `内存`。}
  - {en: Think of a crash., zh: 想想崩溃。}
references:
  - {title: 'A <b>book</b>', url: 'https://example.org/book?a=1&b=2'}
code:
  source: print(1)
  output: '1'
"""
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" fill="#ffffff"/>
<text x="5" y="20" fill="#1f2328">memory</text></svg>"""
HOSTILE = {
    "id": "hostile",
    "text": "<script>window.pwned=1</script> ![x](media/memory.svg) $\\\\text{<img src=x onerror=alert(1)>}$"
    " [click](javascript:window.pwned=1)",
}


def write_bank(root: Path) -> Path:
    """The small bank, its first question with a picture, maths, a program, hints and a follow-up; and hostile text."""
    threads = THREADS.replace(
        "  en: What is the difference between a process and a thread?",
        "  en: |\n    What is the difference between a process and a thread?\n\n"
        "    ![memory of both](media/memory.svg)\n\n    | a | b |\n    |---|---|\n    | $O(n^2)$ | `x` |",
    )
    write_small_bank(root, threads=threads + RICH)
    for topic in ("systems", "networks"):
        (root / topic / "media").mkdir()
        (root / topic / "media" / "memory.svg").write_text(SVG)
    hostile = (root / "networks" / "tcp-handshake.yaml").read_text(encoding="utf-8")
    hostile = re.sub(r"id: tcp-handshake", "id: hostile", hostile, count=1)
    hostile = hostile.replace("{en: How does TCP open a connection?, zh: TCP 如何建立连接？}", _both(HOSTILE["text"]))
    hostile = hostile.replace("{en: The client sends a SYN., zh: 客户端发送 SYN。}", _both(HOSTILE["text"]))
    hostile = hostile.replace("level: 2", "level: 5")
    (root / "networks" / "hostile.yaml").write_text(hostile, encoding="utf-8")
    return root


def _both(text: str) -> str:
    return f'{{en: "{text}", zh: "{text}"}}'


def site_in(folder: Path, *, port: int = 8420, grader: Grader | None = None, **changed: Any) -> Site:
    """A site on a bank of its own, with its history in the folder."""
    root = folder / "bank"
    bank = load_bank(root if root.is_dir() else write_bank(root))
    offline = grader_named("offline", wordings=bank.wordings)
    with bind("127.0.0.1", 0) as bound:
        access = replace(access_for(bound, "127.0.0.1"), port=port)
    access = replace(access, hosts=frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}))
    fallback = offline if grader else None
    return Site(bank, grader or offline, fallback, folder / "history.sqlite3", access, **changed)


class Fields(HTMLParser):
    """The text of a page, and the tags and attributes that a browser sees in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


class Visitor:
    """A browser without a screen: holds the cookie, sends what a browser sends with a form of ours."""

    def __init__(self, client: TestClient, site: Site, *, lang: str = "en") -> None:
        self.client = client
        self.site = site
        self.headers = {"sec-fetch-site": "same-origin", "origin": "null", "accept-language": lang}
        client.get(f"/?token={site.access.token}")

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=self.headers | headers)

    def post(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        data = {"csrf": self.site.access.csrf} | fields
        return self.client.post(path, data=data, headers=self.headers | (headers or {}))

    def begin(self, **fields: Any) -> str:
        """A new session of the question about threads alone unless told otherwise; returns its id."""
        chosen = {"choice": "mixed", "topic": "systems", "count": "1", "lang": "en"} | fields
        page = self.post("/session", **chosen)
        assert page.status_code == 200, page.text
        return str(page.url).rstrip("/").rpartition("/")[2]

    def answer(self, session: str, text: str, *, place: int = 0, part: int = 0, **fields: Any) -> Any:
        given = {"place": place, "part": part, "text": text, "outcome": "answered", "seconds": "12.5"} | fields
        return self.post(f"/session/{session}/answer", **given)

    def verdict(self, session: str, place: int = 0) -> Any:
        """The page once the grading is done."""
        deadline = time.monotonic() + 20
        while True:
            page = self.get(f"/session/{session}/verdict/{place}")
            if 'id="stream"' not in page.text:
                return page
            assert time.monotonic() < deadline, "the grading does not end"
            time.sleep(0.02)


@contextmanager
def visiting(site: Site, *, lang: str = "en") -> Iterator[Visitor]:
    with TestClient(build_app(site), base_url=f"http://127.0.0.1:{site.access.port}") as client:
        yield Visitor(client, site, lang=lang)


@contextmanager
def served(site: Site, port: int) -> Iterator[str]:
    """A real server on loopback; its address."""
    with bind("127.0.0.1", port) as bound:
        server = server_of(site)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def free_port() -> int:
    with bind("127.0.0.1", 0) as bound:
        return int(bound.getsockname()[1])


class Failing:
    """A grader whose service never answers."""

    name = "openai:none/1"

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        raise ServiceError("no answer from the endpoint")


class Broken:
    """A grader with a bug."""

    name = "broken/1"

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        raise RuntimeError("a bug")


class Waiting:
    """The offline grader, once it is let go."""

    name = "waiting/1"

    def __init__(self, bank: Bank) -> None:
        self.go = threading.Event()
        self._grader = grader_named("offline", wordings=bank.wordings)

    def mark(self, question: Question, answer: str) -> Sequence[Mark]:
        assert self.go.wait(timeout=20)
        return self._grader.mark(question, answer)
