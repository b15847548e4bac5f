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
    """The endpoint did not do its part. hopeless: asking it about another answer would end the same way."""

    def __init__(self, message: str, *, hopeless: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless


def raised() -> tuple[type[Exception], ...]:
    """What a request can raise: the package's errors, and two kinds that it lets through (a broken stream or body)."""
    import httpx2
    import openai

    return openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError


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
    if error.status_code in (400, 415, 422):
        return True
    return error.status_code in (500, 501) and bool(
        re.search(r"response_format|json_schema|json_object|grammar", said_in(error))
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
    return "insufficient_quota" in (str(getattr(error, "code", "")), str(getattr(error, "type", "")))


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


def translated(error: Exception, settings: Settings) -> EndpointError:
    """What a person can act on. The caller drops the cause: an endpoint may echo the key in its message."""
    import openai

    name, llm, said = name_of(settings), repr(settings.llm), shown(said_in(error), settings)
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            where = "OPENAI_API_KEY, or 'key_env' in the configuration," if settings.key else "OPENAI_API_KEY"
            return EndpointError(f"{name} did not accept the key: set {where} to a valid one ({said})", hopeless=True)
        case openai.NotFoundError():
            return EndpointError(
                f"{name} knows no LLM {llm}: 'mockint llm check' lists what it has ({said})", hopeless=True
            )
        case openai.RateLimitError():
            return EndpointError(
                f"{name} refuses more requests for now: try again later, or lower 'concurrency' ({said})",
                hopeless=is_out_of_quota(error),
            )
        case openai.APITimeoutError():
            return late(settings)
        case openai.APIConnectionError():
            return EndpointError(f"cannot reach {name}: is it running, and is the address right? ({said})")
        case openai.APIStatusError() if is_too_long(said.lower()):
            return EndpointError(f"the question and answer are too long for {llm} as {name} runs it ({said})")
        case openai.APIStatusError():
            return EndpointError(f"{name} failed with status {error.status_code} ({said})")
        case openai.OpenAIError():
            return EndpointError(f"{name} does not reply as an OpenAI-compatible endpoint ({said})")
        case json.JSONDecodeError():
            return EndpointError(f"{name} sent a reply that is not JSON ({said})")
        case _:
            return EndpointError(f"the connection to {name} broke ({said})")
