"""How a request fails: which kind of failure it is, and what to tell a person about it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from mockint.errors import ServiceError
from mockint.llm.settings import Settings

if TYPE_CHECKING:
    import openai

_MOST_SHOWN = 300


class EndpointError(ServiceError):
    """The endpoint did not do its part.

    hopeless: asking it about another answer would end the same way.
    """

    def __init__(self, message: str, *, hopeless: bool = False, own: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless
        self.own = own


class NoReplyError(Exception):
    """A response that is a success by its status and holds no reply: an error, no choice, or something else altogether.

    body: what it holds, as far as it is JSON. about: in words for a person.
    """

    def __init__(self, body: object, about: str) -> None:
        super().__init__(about)
        self.body = body


def raised() -> tuple[type[Exception], ...]:
    """What a request can raise: the package's errors, two that it lets through, and two of our own making."""
    import httpx2
    import openai

    return openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError, NoReplyError, TimeoutError


def said_in(error: Exception) -> str:
    """The endpoint's own words in an error, from whichever place it put them."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        text = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
        if text:
            return text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    cause = error.__cause__
    return str(cause) if cause is not None and str(cause) else str(error)


def is_about_the_form(error: openai.APIStatusError) -> bool:
    """A refusal of how the request is put. Some servers answer 500 to a response format they do not know."""
    if is_about_the_answer(said_in(error)):
        return False
    if error.status_code in (400, 415, 422):
        return True
    return error.status_code in (500, 501) and bool(
        re.search(r"response_format|json_schema|json_object|grammar", said_in(error))
    )


def is_about_the_answer(said: str) -> bool:
    """The endpoint's words say that it does not like what it was given to read, as several providers put it."""
    return bool(
        re.search(
            r"content.?(?:filter|polic|management|exists risk)|data.?inspection|moderation|flagged|usage polic",
            said,
            re.IGNORECASE,
        )
    )


def is_too_long(said: str) -> bool:
    """The endpoint's words, in lower case, say that the question and answer do not fit."""
    return bool(
        re.search(
            r"context (?:size|length|window)|maximum context|too (?:long|many tokens)|exceeds? the (?:available|max)",
            said,
        )
    )


def is_out_of_quota(error: openai.APIStatusError) -> bool:
    named = str(getattr(error, "code", "")), str(getattr(error, "type", ""))
    return error.status_code == 402 or "insufficient_quota" in named


def name_of(settings: Settings) -> str:
    return f"the endpoint {settings.endpoint}"


def shown(text: str, settings: Settings) -> str:
    """An endpoint's words on one line, not too many of them, and no secret among them."""
    one_line = " ".join(settings.clean(text).split())
    return one_line if len(one_line) <= _MOST_SHOWN else one_line[:_MOST_SHOWN] + "…"


def late(settings: Settings) -> EndpointError:
    return EndpointError(
        f"no reply from {name_of(settings)} within {settings.timeout:g} s; "
        "set 'timeout' in the configuration to wait longer"
    )


def translated(error: Exception, settings: Settings, *, has_worked: bool = False) -> EndpointError:
    """What a person can act on. The caller drops the cause: an endpoint may echo the key in its message.

    has_worked: it has replied before, so that neither the key nor the name of the LLM can be wrong.
    """
    import openai

    name, llm, said = name_of(settings), repr(settings.llm), shown(said_in(error), settings)
    match error:
        case openai.APIStatusError() | NoReplyError() if is_about_the_answer(said):
            return refused(said, settings)
        case openai.APIStatusError() if is_too_long(said.lower()):
            return EndpointError(f"the question and answer are too long for {llm} as {name} runs it ({said})", own=True)
        case openai.APIStatusError() if is_out_of_quota(error):
            return EndpointError(f"{name} has no credit left for this key ({said})", hopeless=True)
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            where = "OPENAI_API_KEY, or 'key_env' in the configuration," if settings.key else "OPENAI_API_KEY"
            told = f"{name} did not accept the key: set {where} to a valid one ({said})"
            return EndpointError(told, hopeless=not has_worked)
        case openai.NotFoundError():
            told = f"{name} knows no LLM {llm}: 'mockint llm check' lists what it has ({said})"
            return EndpointError(told, hopeless=not has_worked)
        case openai.RateLimitError():
            return EndpointError(
                f"{name} refuses more requests for now: try again later, lower 'concurrency', or set "
                f"'requests_per_minute' in the configuration ({said})"
            )
        case openai.APITimeoutError():
            return late(settings)
        case openai.APIConnectionError():
            return EndpointError(f"cannot reach {name}: is it running, and is the address right? ({said})")
        case openai.APIStatusError():
            return EndpointError(f"{name} failed with status {error.status_code} ({said})")
        case NoReplyError() if has_worked or isinstance(error.body, dict):
            return EndpointError(f"{name} sent no reply ({said})")
        case openai.OpenAIError() | NoReplyError():
            return EndpointError(
                f"{name} does not reply as an OpenAI-compatible endpoint ({said}): is the address right?"
            )
        case json.JSONDecodeError():
            return EndpointError(f"{name} sent a reply that is not JSON ({said})")
        case _:
            return EndpointError(f"the connection to {name} broke ({said})")


def refused(said: str, settings: Settings) -> EndpointError:
    return EndpointError(f"{name_of(settings)} refused to grade this answer ({shown(said, settings)})", own=True)
