"""When a request may be sent, when it is worth sending again, and after how long.

All requests of an endpoint share one `Pace`: when it refuses one because it is busy, the others wait too. Each request
counts its own `Tries`. In an interview a person waits, so neither goes on for longer than `timeout`; a batch waits up
to `patience`, as long as there is hope.
"""

from __future__ import annotations

import email.utils
import json
import random
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockint.llm.faults import NoReplyError, is_about_the_form, is_out_of_quota

RETRIES = 2  # of a fault that the endpoint does not say will pass, where a person waits
_MOST_TRIES = 6  # of one request in a batch while others succeed: then it is the request
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_UNPROVEN = 20.0  # seconds that a batch waits for an endpoint that has never replied: the address may be wrong
_JITTER = 0.25
_MINUTE = 60.0


@dataclass
class Sent:
    """A request that was sent, and the tokens it counts for in its minute."""

    at: float
    tokens: int


@dataclass
class Pace:
    """Shared by all requests of one endpoint. Times are of `time.monotonic()`.

    requests, tokens: the most that may be sent in a minute, None for any number.
    """

    requests: int | None = None
    tokens: int | None = None
    succeeded_at: float | None = None
    _sent: deque[Sent] = field(default_factory=deque)
    _opens_at: float = 0.0
    _level: int = 0
    _level_since: float = 0.0

    def wait(self, tokens: int) -> float:
        """Seconds until a request of so many tokens may be sent; 0 when it may now."""
        now = time.monotonic()
        while self._sent and self._sent[0].at <= now - _MINUTE:
            self._sent.popleft()
        return max(0.0, self._opens_at - now, self._until_there_is_room(tokens, now))

    def send(self, tokens: int) -> Sent:
        """Count a request that is being sent. Its tokens are to be set to what it used, once that is known."""
        sent = Sent(time.monotonic(), tokens)
        if self.requests or self.tokens:
            self._sent.append(sent)
        return sent

    def succeeded(self) -> None:
        self.succeeded_at = time.monotonic()
        self._level = max(0, self._level - 1)

    def has_succeeded_since(self, when: float) -> bool:
        return self.succeeded_at is not None and self.succeeded_at >= when

    def close(self, sent_at: float, asked: float | None) -> float:
        """Let nobody send for a while: what the endpoint asked for, or longer each time it refuses again. Seconds."""
        now = time.monotonic()
        if sent_at >= self._level_since:  # else it was sent before the last refusal, in the same burst
            self._level += 1
            self._level_since = now
        pause = growing_pause(self._level)
        if asked is not None:
            pause = max(asked, pause) if self._level > RETRIES else asked
        self._opens_at = max(self._opens_at, now + pause)
        return pause

    def _until_there_is_room(self, tokens: int, now: float) -> float:
        """What was sent in the last minute leaves room for one more. A request above the limit goes alone."""
        wait, count, total = 0.0, len(self._sent), tokens + sum(sent.tokens for sent in self._sent)
        for sent in self._sent:
            if not (self.requests and count >= self.requests) and not (self.tokens and total > self.tokens):
                break
            wait, count, total = sent.at + _MINUTE - now, count - 1, total - sent.tokens
        return wait


def growing_pause(tries: int) -> float:
    pause: float = _FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 10)
    return min(pause, _LONGEST_PAUSE)


def with_jitter(pause: float) -> float:
    """A little longer, each time by another amount, so that those who wait together do not come back together."""
    return pause * random.uniform(1.0, 1.0 + _JITTER)


@dataclass
class Tries:
    """The tries at one request. patience: seconds that it may wait in all. someone_waits: a person does, now."""

    pace: Pace
    patience: float
    someone_waits: bool
    count: int = 0
    _began: float = field(default_factory=time.monotonic)
    _failed_at: float | None = None
    _failed_again_at: float = 0.0
    _timeouts: int = 0

    def pause_after(self, error: Exception, sent_at: float) -> float | None:
        """Seconds until it is worth sending again; None when it is not. A pause that is asked for may be too long."""
        if not self._may_pass(error):
            return None
        is_alone = self._failed_at is None or self.pace.has_succeeded_since(self._failed_again_at)
        now = time.monotonic()
        self.count, self._failed_at, self._failed_again_at = self.count + 1, self._failed_at or now, now
        asked, busy = _asked_pause(error), _is_busy(error)
        if asked is not None and self.is_too_long(asked):
            return asked
        if self._is_enough(error, busy=busy):
            return None
        pause = with_jitter(self.pace.close(sent_at, asked) if busy or not is_alone else growing_pause(self.count))
        return None if self.is_too_long(pause, busy=busy) else pause

    def is_too_long(self, pause: float, *, busy: bool = True) -> bool:
        patience = self.patience
        if not self.someone_waits and not busy and self.pace.succeeded_at is None:
            patience = min(patience, _UNPROVEN)
        since = self._began if self.someone_waits else self._failed_at or self._began
        return time.monotonic() + pause - since > patience

    @property
    def nothing_succeeds(self) -> bool:
        """In all the time since this request first failed, no other did better."""
        return self._failed_at is not None and not self.pace.has_succeeded_since(self._failed_at)

    def _may_pass(self, error: Exception) -> bool:
        if isinstance(error, TimeoutError):
            self._timeouts += 1
            return not self.someone_waits and self._timeouts == 1
        return may_pass(error)

    def _is_enough(self, error: Exception, *, busy: bool) -> bool:
        if self.someone_waits:  # a limit on requests is sure to pass; an outage may last
            return self.count > RETRIES and getattr(error, "status_code", None) != 429
        return not busy and self.count >= _MOST_TRIES and not self.nothing_succeeds


def may_pass(error: Exception) -> bool:
    """The same request may succeed a little later."""
    import httpx2
    import openai

    if isinstance(error, openai.APITimeoutError):
        return False
    if isinstance(error, openai.APIConnectionError | NoReplyError | json.JSONDecodeError | httpx2.HTTPError):
        return True
    if not isinstance(error, openai.APIStatusError) or is_out_of_quota(error) or is_about_the_form(error):
        return False
    wanted = error.response.headers.get("x-should-retry")
    if wanted in ("true", "false"):
        return bool(wanted == "true")
    return error.status_code in (408, 409, 429) or error.status_code >= 500


def _is_busy(error: Exception) -> bool:
    """The endpoint is there, and says that it has too much to do."""
    import openai

    if isinstance(error, NoReplyError):
        inner = error.body.get("error") if isinstance(error.body, dict) else None
        return isinstance(inner, dict) and str(inner.get("code")) in ("429", "503", "529", "rate_limit_exceeded")
    if not isinstance(error, openai.APIStatusError):
        return False
    return error.status_code in (429, 503, 529) or _asked_pause(error) is not None


def _asked_pause(error: Exception) -> float | None:
    import openai

    return _retry_after(error.response.headers) if isinstance(error, openai.APIStatusError) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or `Retry-After` (seconds or a date). None when there is neither."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    text = str(headers.get("retry-after", ""))
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return float(max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time()))
    except (TypeError, ValueError):
        return None
