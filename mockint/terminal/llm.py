"""What an LLM adds to an interview in a terminal: its words as they come, a sign of life, what it used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType

from mockint.history import Attempt, LLMUse, Session
from mockint.interview import AskInOwnWords, llm_use_of
from mockint.markdown.characters import visible
from mockint.question import KeyPoint, Question
from mockint.terminal.draw import Draw

if TYPE_CHECKING:
    from mockint.interview.interviewer import LLMInterviewer


Show = Callable[[str], None]


class LLMVoice:
    """Speaks for the LLM that grades. With another grader it is silent, and everything stays as it was authored."""

    def __init__(self, speaker: LLMInterviewer | None, console: Console, draw: Draw) -> None:
        self._speaker = speaker
        self._console = console
        self._draw = draw

    @contextmanager
    def thinking(self) -> Iterator[None]:
        """A line that moves while the LLM is waited for, with what it is waited for."""
        if not self._speaker or not self._console.is_terminal:
            yield
            return
        endpoint = self._speaker.endpoint
        with self._console.status(self._draw.words.grading) as status:
            said_before = endpoint.say
            endpoint.say = lambda text: status.update(visible(text))
            try:
                yield
            finally:
                endpoint.say = said_before

    @property
    def in_own_words(self) -> AskInOwnWords | None:
        """Puts follow-ups as the LLM would, shown while they come; None without an LLM."""
        return self._follow_up if self._speaker else None

    def _follow_up(self, attempt: Attempt, point: KeyPoint, authored: str | None) -> str | None:
        from mockint.interview.interviewer import follow_up_in_own_words

        if self._speaker is None or attempt.grade is None:
            return authored
        with self._streamed(lambda text: self._draw.follow_up(text, attempt.question)) as show:
            said = follow_up_in_own_words(self._speaker, attempt, point, authored, lang=self._draw.lang, on_text=show)
        return said.text if said else None

    def clarify(self, question: Question, asked: str) -> str:
        """What the question means, without a part of the answer; without an LLM, that there is no more to be had."""
        if self._speaker is None:
            return self._draw.words.no_clarification
        with self._streamed(partial(self._draw.llm_says, self._draw.words.clarification)) as show:
            return self._speaker.clarify(question, asked, lang=self._draw.lang, on_text=show).text

    def debrief(self, session: Session) -> str | None:
        """A few sentences from the marks alone; None without an LLM, or when it failed."""
        graded = [(attempt.question, attempt.grade) for attempt in session.answered if attempt.grade]
        if self._speaker is None or not graded:
            return None
        with self._streamed(partial(self._draw.llm_says, self._draw.words.debrief)) as show:
            said = self._speaker.debrief(graded, lang=self._draw.lang, on_text=show)
        return said.text if said else None

    @property
    def llm_use(self) -> Callable[[], LLMUse] | None:
        """What the LLM has used so far, for the history; None without one."""
        return llm_use_of(self._speaker.endpoint) if self._speaker else None

    def used(self) -> str | None:
        """What the LLM used, and what it cost."""
        return str(self._speaker.endpoint.meter) if self._speaker else None

    @contextmanager
    def _streamed(self, draw: Callable[[str], RenderableType]) -> Iterator[Show]:
        """Something that takes text and shows what came so far; it makes room when the whole is there to be shown.

        Until the first words come, a line moves.
        """
        if not self._console.is_terminal:
            yield lambda _: None
            return
        from rich.live import Live
        from rich.spinner import Spinner

        pieces: list[str] = []
        waiting = Spinner("dots", self._draw.words.grading)
        with Live(waiting, console=self._console, transient=True, refresh_per_second=12) as live:

            def show(piece: str) -> None:
                pieces.append(piece)
                live.update(draw("".join(pieces)))

            yield show
