"""People in sessions of scripted answers, in a browser: how long pages and verdicts take.

    python -m tests.benchmarks.web_sessions [--sessions 50] [--pause 1]

A server of its own in a process of its own, held to two cores together with the clients. Everybody loads the start
page, begins, and for each question loads it, has drafts saved while typing, hands in and follows the verdict.

pages       many at once, with a pause about as long as given between two requests: from a request to the last byte of
            its reply, of every page that grades nothing (the verdict's does not wait for the grader)
verdict     one alone: from handing in to the first line of the verdict, two requests later
throughput  many at once without pause, draft or a look at anything else: verdicts a second

A first sitting that is not counted lets the server compile and draw what a person who practises finds done.
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
from urllib.parse import urlencode

ANSWER = (
    "The optimizer state is sharded first, then the gradients, then the parameters; each rank keeps its own part, and "
    "an all-gather brings the parameters together when they are needed. 归一化让训练更稳定。 "
)
QUESTIONS = 3
DRAFTS = 3
SITTINGS = 3  # of each person where throughput is measured, and ten times as many of the one alone
MOST_PAGE_MS, MOST_VERDICT_MS, FEWEST_A_SECOND = 100.0, 50.0, 40.0
CORES = 2


class Person:
    """One connection and what its replies took, by kind of request."""

    def __init__(self, port: int, token: str, seed: int, *, pause: float = 0.0, leisurely: bool = False) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Sec-Fetch-Site": "same-origin"}
        self._pause = pause
        self._leisurely = leisurely
        self._random = random.Random(seed)
        self.took: list[tuple[str, float]] = []
        self.verdicts: list[float] = []
        reply, _ = self._ask("GET", f"/?token={token}")
        self._headers["Cookie"] = str(reply.getheader("Set-Cookie")).partition(";")[0]

    def sit(self) -> None:
        csrf = _field(self.load("start page", "/"), "csrf")
        chosen = {"csrf": csrf, "choice": "mixed", "count": QUESTIONS, "lang": "en", "follow_ups": 0}
        session = self.send("begin", "/session", chosen)
        for _ in range(QUESTIONS):
            page = self.load("question", session)
            form = {name: _field(page, name) for name in ("csrf", "place", "part")} | {"writer": "bench"}
            for number in range(1, DRAFTS * self._leisurely + 1):
                draft = form | {"text": ANSWER * number, "seconds": number}
                self.send("draft", f"{session}/draft", draft)
            given = form | {"text": ANSWER * DRAFTS, "seconds": 9, "outcome": "answered"}
            self._wait()
            began = time.perf_counter()
            self.load("verdict", self.send("hand in", f"{session}/answer", given, waits=False), waits=False)
            self._follow(f"{session}/verdict/{form['place']}/events")
            self.verdicts.append(1000 * (time.perf_counter() - began))
        if self._leisurely:
            self.load("summary", f"{session}/summary")
            self.load("progress", "/progress")

    def _follow(self, events: str) -> None:
        """Up to the first line; the page shows the others one after another."""
        self._http.request("GET", events, headers=self._headers)
        reply = self._http.getresponse()
        while not reply.readline().startswith(b"event:"):
            pass
        self._http.close()

    def _wait(self) -> None:
        if self._pause:
            time.sleep(self._random.uniform(0.5, 1.5) * self._pause)

    def load(self, kind: str, path: str, *, waits: bool = True) -> str:
        if waits:
            self._wait()
        return self._timed(kind, "GET", path)[1]

    def send(self, kind: str, path: str, fields: dict[str, object], *, waits: bool = True) -> str:
        """Where the reply leads to."""
        if waits:
            self._wait()
        return str(self._timed(kind, "POST", path, fields)[0].getheader("Location", ""))

    def _timed(
        self, kind: str, method: str, path: str, fields: dict[str, object] | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
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


def _together(people: list[Person], *, sittings: int = 1) -> float:
    """Seconds until all have done."""

    def sit(person: Person) -> None:
        for _ in range(sittings):
            person.sit()

    threads = [threading.Thread(target=sit, args=(person,)) for person in people]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def main() -> int:
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
            numbers = range(given.sessions)
            _together([Person(port, token, seed) for seed in numbers])
            at_leisure = [Person(port, token, seed, pause=given.pause, leisurely=True) for seed in numbers]
            seconds = _together(at_leisure)
            alone = Person(port, token, 0)
            _together([alone], sittings=10 * SITTINGS)
            in_haste = [Person(port, token, seed) for seed in numbers]
            hurried = _together(in_haste, sittings=SITTINGS)
        finally:
            server.terminate()
            server.wait()
    page = _print_pages([one for person in at_leisure for one in person.took], seconds, given.sessions)
    verdict = statistics.median(alone.verdicts)
    a_second = sum(len(person.verdicts) for person in in_haste) / hurried
    bars = [
        ("pages, p95", page, "ms", MOST_PAGE_MS, page <= MOST_PAGE_MS),
        ("verdict, one session, median", verdict, "ms", MOST_VERDICT_MS, verdict <= MOST_VERDICT_MS),
        (f"verdicts, {given.sessions} sessions", a_second, "/s", FEWEST_A_SECOND, a_second >= FEWEST_A_SECOND),
    ]
    for name, value, unit, bar, met in bars:
        print(f"{name:<32} {value:8.1f} {unit:<3} bar {bar:5.0f}  {'met' if met else 'MISSED'}")
    return int(not all(met for *_, met in bars))


def _print_pages(took: list[tuple[str, float]], seconds: float, sessions: int) -> float:
    """Returns the time in which 95 of 100 are there."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for kind, milliseconds in took:
        kinds[kind].append(milliseconds)
    print(f"{sessions} sessions at once, {len(took)} requests in {seconds:.1f} s ({len(took) / seconds:.0f} a second)")
    for kind, values in [*kinds.items(), ("all", [value for _, value in took])]:
        print(f"  {kind:10} median {statistics.median(values):6.1f} ms   p95 {_p95(values):6.1f} ms   {len(values)}")
    return _p95([value for _, value in took])


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    sys.exit(main())
