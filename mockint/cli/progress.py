"""How far a batch of answers is, on one line of a terminal's standard error; nothing where nobody watches."""

from __future__ import annotations

import shutil
import sys
import time
from collections import deque
from types import TracebackType
from typing import Self

from mockint.grading import Grader, llm_backed

_WINDOW = 30.0  # seconds over which the rate is taken
_REDRAW = 0.1


class BatchProgress:
    """`with BatchProgress(total, grader) as progress`, then `done` and `say`. The line is gone when the block ends."""

    def __init__(self, total: int, grader: Grader) -> None:
        self._total = total
        self._llm = llm_backed(grader)
        self._count = 0
        self._said = ""
        self._recent: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._drawn_at = 0.0
        self._is_watched = sys.stderr.isatty()

    def __enter__(self) -> Self:
        if self._llm and self._is_watched:
            self._said_before = self._llm.endpoint.say
            self._llm.endpoint.say = self.say
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._llm and self._is_watched:
            self._llm.endpoint.say = self._said_before
        self._write("")

    def done(self, count: int) -> None:
        """So many of them are done."""
        now = time.monotonic()
        self._count, self._said = count, ""
        self._recent.append((now, count))
        while len(self._recent) > 2 and now - self._recent[0][0] > _WINDOW:
            self._recent.popleft()
        if now - self._drawn_at >= _REDRAW or count == self._total:
            self._write(self.line())

    def say(self, text: str) -> None:
        """What is being waited for."""
        self._said = text
        self._write(self.line())

    def line(self) -> str:
        parts = [f"{self._count} of {self._total}", *self._pace()]
        if self._llm and (cost := self._llm.endpoint.meter.cost) is not None:
            parts.append(f"${cost:.4f} so far")
        return ", ".join(parts) + (f": {self._said}" if self._said else "")

    def _pace(self) -> list[str]:
        (began, before), (now, count) = self._recent[0], self._recent[-1]
        if count <= before or now <= began:
            return []
        rate = (count - before) / (now - began)
        return [f"{rate:.1f} a second", f"about {_duration((self._total - count) / rate)} left"]

    def _write(self, text: str) -> None:
        if self._is_watched:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write("\r\x1b[K" + text[:width])
            sys.stderr.flush()
            self._drawn_at = time.monotonic()


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
