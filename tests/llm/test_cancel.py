"""Ctrl-C ends a wait for an LLM at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.llm.conftest import Serve
from tests.llm.loopback import Http

_GRADES = """
import sys
from mockint.llm.endpoint import Endpoint
from mockint.grading.llm.grader import LLMGrader
from mockint.llm.settings import Settings
from tests.one_question import question
grader = LLMGrader(Endpoint(Settings(llm="tiny", base_url=sys.argv[1], timeout=60)))
try:
    if sys.argv[2] == "one":
        grader.mark(question(), "It shards the states.")
    else:
        grader.mark_many((question(), f"It shards the states, {n} times.") for n in range(50))
except KeyboardInterrupt:
    print("interrupted", grader.usage.requests)
    sys.exit(130)
"""


def _interrupted(serve: Serve, how: str, requests: int) -> None:
    server = serve(lambda _: Http(200, "{}", seconds=30))
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", _GRADES, server.url, how]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while server.count < requests and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)  # far less than the 30 s that the server would take
    assert process.returncode == 130
    assert err == ""
    assert out.startswith("interrupted")
    assert server.count == requests


def test_ctrl_c_cancels_the_request_under_way(serve: Serve) -> None:
    _interrupted(serve, "one", 1)


def test_ctrl_c_cancels_a_batch(serve: Serve) -> None:
    _interrupted(serve, "many", 8)
