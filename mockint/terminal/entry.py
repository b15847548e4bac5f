"""Where answers come from: the keyboard (prompt_toolkit), a pipe (plain lines), or a file of prepared answers.

Each takes one answer at a time; None means that the person is done and wants to keep what there is. What a person
types is kept as a draft while it is typed, and an answer that was begun before starts from there.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO

from mockint.history import Outcome
from mockint.phrases.formats import clock

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from mockint.interview import Ask
    from mockint.phrases import TerminalPhrases

_COMMAND = re.compile(r"[/／、](\w+)\s*\Z")
_CLARIFY = re.compile(r"[/／、](?:clarify|澄清)(?!\w)([^\n]*)\Z", re.IGNORECASE)
_COMMANDS = {
    "skip": "skip",
    "跳过": "skip",
    "idk": "idk",
    "dontknow": "idk",
    "不会": "idk",
    "不知道": "idk",
    "quit": "quit",
    "exit": "quit",
    "退出": "quit",
    "edit": "edit",
    "编辑": "edit",
    "hint": "hint",
    "提示": "hint",
    "help": "help",
    "帮助": "help",
}


KEEP_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Submission:
    """What came: the words, what they are, and the seconds they took (None where nobody was typing)."""

    text: str
    outcome: Outcome = "answered"
    seconds: float | None = None


KeepDraft = Callable[[str, float], bool]
"""Puts on disk what is typed so far, with the seconds it took in all; False when it could not."""


class AnswerSource(Protocol):
    """echoes: the words do not stand on the screen yet, so that the screen should show them."""

    echoes: bool

    def take(self, ask: Ask, keep: KeepDraft, *, remaining: float | None) -> Submission | None:
        """One answer; None when the person is done. remaining: seconds until the session's time is over, if it is."""
        ...

    def confidence(self) -> float | None:
        """The score, 0..1, that the candidate expects; None where nobody says."""
        ...


def command_in(text: str) -> str | None:
    """The command that the whole text is, by its one name; `／` and `、` are what a Chinese keyboard types for `/`."""
    if clarification_in(text) is not None:
        return "clarify"
    found = _COMMAND.match(text.strip())
    return _COMMANDS.get(found[1].casefold()) if found else None


def clarification_in(text: str) -> str | None:
    """What `/clarify ...` asks about the question, possibly nothing; None when the text is no such command."""
    found = _CLARIFY.match(text.strip())
    return found[1].strip() if found else None


def _reply_to(command: str | None, text: str, seconds: float | None) -> Submission | None:
    match command:
        case "skip":
            return Submission("", "skipped", seconds)
        case "idk":
            return Submission("", "dont-know", seconds)
        case "quit":
            return None
        case _:
            return Submission(text, "answered", seconds)


class Prepared:
    """Answers from a file: by question, the answer and then those to the follow-ups, in the order asked."""

    echoes = True

    def __init__(self, answers: Mapping[str, Sequence[str]]) -> None:
        self._answers = answers

    def confidence(self) -> float | None:
        return None

    def take(self, ask: Ask, keep: KeepDraft, *, remaining: float | None) -> Submission | None:
        said = self._answers[ask.question.id]
        if ask.part.part >= len(said):
            return Submission("", "skipped")
        return Submission(said[ask.part.part])


class Piped:
    """Lines of a stream. A line with a single `.` or the end of the stream ends an answer."""

    def __init__(self, stream: BinaryIO, *, echoes: bool) -> None:
        self.echoes = echoes
        self._stream = stream

    def confidence(self) -> float | None:
        return None

    def take(self, ask: Ask, keep: KeepDraft, *, remaining: float | None) -> Submission | None:
        """A person at a plain terminal goes on from the draft, and every line is kept; a program sends all anew."""
        before = ask.drafts[0] if ask.drafts and not self.echoes else None
        start = time.monotonic() - (before.seconds if before else 0.0)
        lines = before.text.split("\n") if before else []
        for line in self._lines():
            if line == ".":
                return Submission("\n".join(lines), seconds=time.monotonic() - start)
            if not lines and (command := command_in(line)) in ("skip", "idk", "quit", "hint", "clarify"):
                return _reply_to(command, line, time.monotonic() - start)
            lines.append(line)
            if not self.echoes:
                keep("\n".join(lines), time.monotonic() - start)
        return Submission("\n".join(lines), seconds=time.monotonic() - start) if any(lines) else None

    def _lines(self) -> Iterator[str]:
        """Bytes that are no UTF-8 become U+FFFD: an answer with a broken letter is better than none."""
        while line := self._stream.readline():
            yield line.decode("utf-8-sig", errors="replace").rstrip("\r\n")


class Typed:
    """A line editor for many lines: paste, arrow keys, input methods, $EDITOR, and the time in a bar below."""

    echoes = False

    def __init__(
        self, words: TerminalPhrases, *, out: TextIO, say: Callable[[str], None], asks_confidence: bool = False
    ) -> None:
        self._words = words
        self._out = out
        self._say = say
        self._asks_confidence = asks_confidence
        self._hint = ""
        self._started = 0.0
        self._minutes = 0
        self._session: PromptSession[str] | None = None
        self._keep_draft: KeepDraft = lambda text, seconds: True
        self._remaining: float | None = None
        self._last_kept, self._last_kept_at = "", 0.0
        self._opened = 0.0

    def take(self, ask: Ask, keep: KeepDraft, *, remaining: float | None) -> Submission | None:
        before = ask.drafts[0] if ask.drafts else None
        self._keep_draft, self._remaining, self._minutes = keep, remaining, ask.question.minutes
        self._started = time.monotonic() - (before.seconds if before else 0.0)
        self._opened = time.monotonic()
        self._last_kept = text = before.text if before else ""
        session = self._session = self._session or self._open()
        while True:
            self._hint = ""
            try:
                text = session.prompt(default=text)
            except BaseException:
                self._keep(session.default_buffer.text)
                raise
            command = command_in(text)
            if command == "help":
                self._say(self._words.commands)
                text = ""
                continue
            if command:
                self._keep("")
            return _reply_to(command, text, self._seconds())

    def confidence(self) -> float | None:
        """Asked until it is a number or nothing."""
        if not self._asks_confidence:
            return None
        while True:
            self._out.write(self._words.how_sure)
            self._out.flush()
            said = input().strip().rstrip("%％")
            if not said:
                return None
            if said.isdecimal() and int(said) <= 100:
                return int(said) / 100
            self._say(self._words.how_sure_again)

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _keep(self, text: str) -> None:
        if text != self._last_kept and not (text and command_in(text)):
            if not self._keep_draft(text, self._seconds()):
                self._hint = self._words.draft_unsaved
            self._last_kept, self._last_kept_at = text, time.monotonic()

    def _keep_now_and_then(self, text: str) -> None:
        if time.monotonic() - self._last_kept_at >= KEEP_EVERY_SECONDS:
            self._keep(text)

    def _open(self) -> PromptSession[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        session: PromptSession[str] = PromptSession(
            "> ",
            multiline=True,
            prompt_continuation="  ",
            wrap_lines=True,
            key_bindings=self._keys(),
            bottom_toolbar=self._toolbar,
            refresh_interval=1,
            enable_open_in_editor=True,
            tempfile_suffix=".md",
            input=create_input(),
            output=create_output(self._out),
        )
        session.default_buffer.on_text_changed += lambda buffer: self._keep_now_and_then(buffer.text)
        return session

    def _keys(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings

        keys = KeyBindings()

        @keys.add("enter")
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            command = command_in(buffer.text)
            if command == "edit":
                buffer.reset()
                buffer.open_in_editor()
            elif command:
                buffer.validate_and_handle()
            else:
                buffer.newline(copy_margin=False)

        @keys.add("c-d")
        @keys.add("escape", "enter")
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            if buffer.text.strip():
                buffer.validate_and_handle()
            else:
                self._hint = self._words.nothing_typed

        return keys

    def _toolbar(self) -> str:
        from prompt_toolkit.application import get_app

        text = get_app().current_buffer.text
        self._keep_now_and_then(text)
        if self._hint and (not text or self._hint == self._words.draft_unsaved):
            return f" {self._hint}"
        shown = f"{clock(self._seconds())} / {self._minutes}:00"
        if self._seconds() > 60 * self._minutes:
            shown += f" {self._words.over_time}"
        if self._remaining is not None:
            left = self._remaining - (time.monotonic() - self._opened)
            shown += "  " + self._words.time_left.format(left=clock(left))
        wide = get_app().output.get_size().columns >= 79
        words = self._words
        return " " + (words.toolbar.format(clock=shown) if wide else words.toolbar_short.format(clock=shown))
