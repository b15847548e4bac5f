"""Every test gets a home of its own: no configuration, key or cache of the person who runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockint.grading.llm.grader import LLMGrader
from mockint.llm.endpoint import Endpoint
from mockint.llm.settings import Settings
from mockint.question import Question
from tests.absent import absent
from tests.llm import loopback
from tests.llm import small_llm as small
from tests.one_question import question

Serve = Callable[[loopback.Script], loopback.Server]
MakeGrader = Callable[..., LLMGrader]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MOCKINT_LLM", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("MOCKINT_HOME", str(folder))
    return folder


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a loopback server with a script; stops it after the test."""
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(loopback.serving(script))


@pytest.fixture
def grader(tmp_path: Path) -> MakeGrader:
    """A grader for a loopback server; keyword arguments are settings."""

    def make(
        server: loopback.Server, *, repeat: int = 0, cache: Path | None = tmp_path / "cache.db", **more: object
    ) -> LLMGrader:
        settings = Settings.model_validate({"llm": "tiny", "base_url": server.url, "timeout": 20, **more})
        return LLMGrader(Endpoint(settings, cache=cache, repeat=repeat))

    return make


@pytest.fixture
def zero() -> Question:
    """Key points states (k01, must), gradients (k02), weights (k03); misconception layers (m01)."""
    return question()


@pytest.fixture(scope="session")
def small_llm() -> Iterator[str]:
    """The base URL of a real small LLM. Without it a test is skipped on a desk, and fails in CI."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(small.running())
        except small.UnavailableError as error:
            absent(f"the small LLM cannot run: {error}")
        yield url
