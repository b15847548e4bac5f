"""Where answers come from: the keyboard (prompt_toolkit), a pipe (plain lines), or a file of prepared answers.

Each takes one answer at a time; None means that the person is done and wants to keep what there is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, TextIO

from mockint.history import Outcome

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    from mockint.cli.terminal.words import Words
    from mockint.interview import Ask

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


@dataclass(frozen=True)
class Reply:
    """What came: the words, what they are, and the seconds they took (None where nobody was typing)."""

    text: str
    outcome: Outcome = "answered"
    seconds: float | None = None


class Entry(Protocol):
    """echoes: the words do not stand on the screen yet, so that the screen should show them."""

    echoes: bool

    def take(self, ask: Ask) -> Reply | None: ...


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


def _reply_to(command: str | None, text: str, seconds: float | None) -> Reply | None:
    match command:
        case "skip":
            return Reply("", "skipped", seconds)
        case "idk":
            return Reply("", "dont-know", seconds)
        case "quit":
            return None
        case _:
            return Reply(text, "answered", seconds)


class Prepared:
    """Answers from a file: by question, the answer and then those to the follow-ups, in the order asked."""

    echoes = True

    def __init__(self, answers: Mapping[str, Sequence[str]]) -> None:
        self._answers = answers

    def take(self, ask: Ask) -> Reply | None:
        said = self._answers[ask.question.id]
        if ask.part.part >= len(said):
            return Reply("", "skipped")
        return Reply(said[ask.part.part])


class Piped:
    """Lines of a stream. A line with a single `.` or the end of the stream ends an answer."""

    def __init__(self, stream: BinaryIO, *, echoes: bool) -> None:
        self.echoes = echoes
        self._stream = stream

    def take(self, ask: Ask) -> Reply | None:
        start = time.monotonic()
        lines: list[str] = []
        for line in self._lines():
            if line == ".":
                return Reply("\n".join(lines), seconds=time.monotonic() - start)
            if not lines and (command := command_in(line)) in ("skip", "idk", "quit", "hint", "clarify"):
                return _reply_to(command, line, time.monotonic() - start)
            lines.append(line)
        return Reply("\n".join(lines), seconds=time.monotonic() - start) if any(lines) else None

    def _lines(self) -> Iterator[str]:
        """Bytes that are no UTF-8 become U+FFFD: an answer with a broken letter is better than none."""
        while line := self._stream.readline():
            yield line.decode("utf-8-sig", errors="replace").rstrip("\r\n")


class Typed:
    """A line editor for many lines: paste, arrow keys, input methods, $EDITOR, and the time in a bar below."""

    echoes = False

    def __init__(self, words: Words, *, out: TextIO, say: Callable[[str], None]) -> None:
        self._words = words
        self._out = out
        self._say = say
        self._hint = ""
        self._started = 0.0
        self._minutes = 0
        self._session: PromptSession[str] | None = None

    def take(self, ask: Ask) -> Reply | None:
        self._started, self._minutes = time.monotonic(), ask.question.minutes
        session = self._session = self._session or self._open()
        while True:
            self._hint = ""
            text = session.prompt()
            command = command_in(text)
            if command == "help":
                self._say(self._words.commands)
                continue
            return _reply_to(command, text, time.monotonic() - self._started)

    def _open(self) -> PromptSession[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        return PromptSession(
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

        if self._hint and not get_app().current_buffer.text:
            return f" {self._hint}"
        seconds = int(time.monotonic() - self._started)
        clock = f"{seconds // 60}:{seconds % 60:02} / {self._minutes}:00"
        wide = get_app().output.get_size().columns >= 79
        return " " + (self._words.toolbar if wide else self._words.toolbar_short).format(clock=clock)
