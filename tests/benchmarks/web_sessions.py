"""Fifty people at once, each in a session of scripted answers: how long a page takes that grades nothing.

    python -m tests.benchmarks.web_sessions [--sessions 50] [--pause 1]

A server of its own in a process of its own, held to two cores together with the clients. Everybody loads the start
page, begins, and for each question loads it, has drafts saved while typing, hands in and looks at the verdict; between
two requests passes a pause about as long as given (0: none at all). What is timed is from the request to the last byte
of the reply. The verdict's page is timed too: it waits for no grader. Bar: 95 of 100 in under 100 ms.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlencode

ANSWER = (
    "The optimizer state is sharded first, then the gradients, then the parameters; each rank keeps its own part, and "
    "an all-gather brings the parameters together when they are needed. 归一化让训练更稳定。 "
)
QUESTIONS = 3
DRAFTS = 3
BAR_MS = 100.0
CORES = 2


class Person:
    """One connection and what its replies took, by kind of request."""

    def __init__(self, port: int, token: str, pause: float, seed: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Sec-Fetch-Site": "same-origin"}
        self._pause = pause
        self._random = random.Random(seed)
        self.took: list[tuple[str, float]] = []
        reply, _ = self._ask("GET", f"/?token={token}")
        self._headers["Cookie"] = str(reply.getheader("Set-Cookie")).partition(";")[0]

    def sit(self) -> None:
        csrf = _field(self.load("start page", "/"), "csrf")
        chosen = {"csrf": csrf, "choice": "mixed", "count": QUESTIONS, "lang": "en", "follow_ups": 0}
        session = self.send("begin", "/session", chosen)
        for _ in range(QUESTIONS):
            page = self.load("question", session)
            form = {name: _field(page, name) for name in ("csrf", "place", "part")} | {"writer": "bench"}
            for number in range(1, DRAFTS + 1):
                draft = form | {"text": ANSWER * number, "seconds": number}
                self.send("draft", f"{session}/draft", draft)
            given = form | {"text": ANSWER * DRAFTS, "seconds": 9, "outcome": "answered"}
            self.load("verdict", self.send("hand in", f"{session}/answer", given))
            self._wait_for_grade(f"{session}/verdict/{form['place']}")
        self.load("summary", f"{session}/summary")
        self.load("progress", "/progress")

    def _wait_for_grade(self, verdict: str) -> None:
        while 'id="stream"' in self._ask("GET", verdict)[1]:
            time.sleep(0.2)

    def load(self, kind: str, path: str) -> str:
        return self._timed(kind, "GET", path)[1]

    def send(self, kind: str, path: str, fields: dict[str, object]) -> str:
        """Where the reply leads to."""
        return str(self._timed(kind, "POST", path, fields)[0].getheader("Location", ""))

    def _timed(
        self, kind: str, method: str, path: str, fields: dict[str, object] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        if self._pause:
            time.sleep(self._random.uniform(0.5, 1.5) * self._pause)
        began = time.perf_counter()
        reply = self._ask(method, path, fields)
        self.took.append((kind, 1000 * (time.perf_counter() - began)))
        if reply[0].status >= 400:
            raise SystemExit(f"{method} {path}: {reply[0].status}")
        return reply

    def _ask(
        self, method: str, path: str, fields: dict[str, object] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        headers = self._headers | ({"Content-Type": "application/x-www-form-urlencoded"} if fields else {})
        self._http.request(method, path, urlencode(fields) if fields else None, headers)
        reply = self._http.getresponse()
        return reply, reply.read().decode()


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def _serve(home: str, bank: str | None) -> tuple[subprocess.Popen[str], int, str]:
    command = [sys.executable, "-m", "mockint", "serve", "--no-open", "--port", "0", "--grader", "offline"]
    command += ["--bank", bank] if bank else []
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"MOCKINT_HOME": home})
    assert server.stdout
    address = re.search(r":(\d+)/\?token=(\S+)", server.stdout.readline())
    assert address, "the server did not start"
    return server, int(address[1]), address[2]


def _together(port: int, token: str, sessions: int, pause: float) -> tuple[list[tuple[str, float]], float]:
    people = [Person(port, token, pause, seed) for seed in range(sessions)]
    threads = [threading.Thread(target=person.sit) for person in people]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for person in people for one in person.took], time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two requests of a person")
    parser.add_argument("--bank", help="default: the one that comes with mockint")
    given = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as home:
        server, port, token = _serve(home, given.bank)
        try:
            took, seconds = _together(port, token, given.sessions, given.pause)
        finally:
            server.terminate()
            server.wait()
        kept = sum(1 for _ in Path(home).iterdir())
    assert kept
    _print(took, seconds, given.sessions)


def _print(took: list[tuple[str, float]], seconds: float, sessions: int) -> None:
    kinds: dict[str, list[float]] = defaultdict(list)
    for kind, milliseconds in took:
        kinds[kind].append(milliseconds)
    print(f"{sessions} sessions at once, {len(took)} requests in {seconds:.1f} s ({len(took) / seconds:.0f} a second)")
    for kind, values in [*kinds.items(), ("all", [value for _, value in took])]:
        print(f"  {kind:10} median {statistics.median(values):6.1f} ms   p95 {_p95(values):6.1f} ms   {len(values)}")
    p95 = _p95([value for _, value in took])
    print(f"p95 {p95:.1f} ms, bar {BAR_MS:.0f} ms: {'met' if p95 < BAR_MS else 'missed'}")


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    main()
