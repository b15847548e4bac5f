"""What all pages share: the bank, the grader, the history in a few threads of its own, the templates."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from mockint.bank import Bank
from mockint.grading import Grader, llm_backed
from mockint.history import Attempt, History, Session
from mockint.interview import AskInOwnWords, Interview, Services, chooser, llm_use_of
from mockint.question import KeyPoint
from mockint.schedule import Choice
from mockint.web.guard import Access

if TYPE_CHECKING:
    from mockint.interview.interviewer import LLMInterviewer

T = TypeVar("T")
LOG = logging.getLogger("mockint.web")


class Threads:
    """A few threads, each with the history open: opening it anew each time would take the write lock, and what was read
    before would not be known."""

    def __init__(self, path: Path, number: int, *, name: str) -> None:
        self._path = path
        self._threads = number
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=f"mockint-{name}")

    async def run(self, work: Callable[[History], T]) -> T:
        """What the work comes to in one of the threads; raises what it raises."""
        return await asyncio.wrap_future(self.begin(work))

    def begin(self, work: Callable[[History], T]) -> Future[T]:
        """The same without waiting for it."""
        return self._pool.submit(lambda: work(self._history()))

    def _history(self) -> History:
        if getattr(self._own, "history", None) is None:
            self._own.history = History(self._path)
        opened: History = self._own.history
        return opened

    def close(self) -> None:
        """SQLite lets only the thread that opened a file close it: each takes one turn, and waits for the others."""
        together = threading.Barrier(self._threads)

        def close_own() -> None:
            together.wait()
            if getattr(self._own, "history", None) is not None:
                self._own.history.close()
                self._own.history = None

        for done in [self._pool.submit(close_own) for _ in range(self._threads)]:
            done.result()
        self._pool.shutdown()


@dataclass(frozen=True)
class Site:
    """One start of the server."""

    bank: Bank
    grader: Grader
    fallback: Grader | None
    history_path: Path
    access: Access
    read_only: bool = False

    def interview(self, history: History, session: Session | str) -> Interview:
        """Goes on with a session. Raises UsageError when there is none of this id."""
        found = history.session(session) if isinstance(session, str) else session

        def choose_next(grown: Session) -> Choice | None:
            """What is known takes long to read, and only now and then a plan grows."""
            return chooser(history, self.bank.questions)(grown)

        services = replace(self.services(), in_own_words=self.in_own_words(found), choose_next=choose_next)
        return Interview(history, found.id, services)

    def services(self) -> Services:
        """Enough to begin a session with."""
        llm = llm_backed(self.grader)
        return Services(self.grader, self.fallback, llm_use=llm_use_of(llm.endpoint) if llm else None)

    @cached_property
    def speaker(self) -> LLMInterviewer | None:
        """The LLM that grades also speaks; None where no LLM grades."""
        llm = llm_backed(self.grader)
        if llm is None:
            return None
        from mockint.interview.interviewer import LLMInterviewer

        return LLMInterviewer(llm.endpoint, self.bank.wordings, self.bank.questions)

    def in_own_words(self, session: Session) -> AskInOwnWords | None:
        """How the LLM puts the follow-ups; None leaves them as they were authored."""
        speaker = self.speaker
        if speaker is None:
            return None
        from mockint.interview.interviewer import follow_up_in_own_words

        def put(attempt: Attempt, point: KeyPoint, authored: str | None) -> str | None:
            said = follow_up_in_own_words(speaker, attempt, point, authored, lang=session.lang)
            return said.text if said else None

        return put

    @cached_property
    def templates(self) -> Environment:
        """Names that a template asks for and nobody gave are errors; what is put in is escaped."""
        return Environment(
            loader=PackageLoader("mockint.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # it would look at a template's file each time that it is used
        )
