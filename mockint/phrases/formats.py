"""How numbers, times, verdicts and quotes are written, the same in every face."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from mockint.phrases.shared import SharedPhrases
from mockint.question import Verdict

DASH = "–"
SIGNS: Mapping[Verdict, str] = {
    "met": "✔",
    "partial": "~",
    "missing": "✘",
    "contradicted": "!",
    "stated": "!",
    "absent": " ",
}
"""One column wide in any terminal."""
ICONS: Mapping[Verdict, str] = {
    "met": "✔",
    "partial": "◐",
    "missing": "✘",
    "contradicted": "⚠",
    "stated": "⚠",
    "absent": DASH,
}
"""For a browser, which has every font."""
_SPARKS = "▁▂▃▄▅▆▇█"


def percent(share: float | None) -> str:
    """Of 0..1, without decimals; a dash when it cannot be known."""
    return DASH if share is None else f"{share:.0%}"


def change(before: float | None, after: float | None) -> str:
    """Of two shares: in points of a hundred, with its sign. A dash when either cannot be known."""
    if before is None or after is None:
        return DASH
    return f"{round(100 * after) - round(100 * before):+d}".replace("+0", "±0").replace("-", "−")


def spark(share: float | None) -> str:
    """One character, the higher the larger the share."""
    return "·" if share is None else _SPARKS[min(len(_SPARKS) - 1, int(share * len(_SPARKS)))]


def llm_use(tokens: int, dollars: float | None, words: SharedPhrases) -> str:
    """What an LLM used: tokens, and what they cost where that is known."""
    used = words.tokens.format(tokens=f"{tokens:,}")
    return used if dollars is None else f"{used}, ${dollars:.4f}"


def when(stamp: str) -> str:
    """A kept moment (ISO 8601) in the reader's own time zone, to the minute; a day stays a day."""
    if len(stamp) <= len("2026-01-01"):
        return stamp
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")


def day(stamp: str) -> str:
    """The day of a kept moment in the reader's own time zone."""
    return when(stamp)[:10]


def time_of_day(moment: datetime) -> str:
    """In the reader's own time zone, to the second."""
    return moment.astimezone().strftime("%H:%M:%S")


def clock(seconds: float) -> str:
    """As a running clock shows it, `m:ss`: hours go into the minutes. `-1:05` below zero."""
    whole = int(abs(seconds))
    return f"{'-' if seconds <= -1 else ''}{whole // 60}:{whole % 60:02}"


def duration(seconds: float | None, words: SharedPhrases) -> str:
    """In words, to the second below an hour; a dash when it was not measured."""
    if seconds is None:
        return DASH
    whole = round(seconds)
    if whole < 60:
        return words.seconds.format(seconds=whole)
    if whole >= 3600:
        return words.hours_and_minutes.format(hours=whole // 3600, minutes=whole % 3600 // 60)
    if whole % 60:
        return words.minutes_and_seconds.format(minutes=whole // 60, seconds=whole % 60)
    return words.minutes.format(minutes=whole // 60)


def quoted(quotes: Iterable[str]) -> str:
    """Words that were said, each on one line and in its quotation marks, which are the same in both languages."""
    return " … ".join(f"“{' '.join(quote.split())}”" for quote in quotes)
