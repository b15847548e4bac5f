"""One endpoint that speaks OpenAI's Chat Completions, as it really behaves: the only module that touches `openai`.

Chat Completions is what every compatible server has in common. The rest differs, so it is found out and remembered per
endpoint and LLM (`Traits`): whether a JSON schema, a JSON object or only plain text can be asked for, whether a
temperature is allowed, and what the limit on a reply is called.

Never `.parse`: on a fenced or cut-off body it raises and the usage is lost. The package's own
retries are off: they would sleep up to two minutes without a word, whatever the person in front is willing to wait.
"""

from __future__ import annotations

import asyncio
import email.utils
import json
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from mockint.errors import ServiceError
from mockint.llm.budget import Meter, Usage, estimated_tokens
from mockint.llm.cache import ReplyCache, key_of
from mockint.llm.settings import Settings

if TYPE_CHECKING:
    import openai

Rung = Literal["json_schema", "json_object", "plain"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
Limit = Literal["max_tokens", "max_completion_tokens"]
RETRIES = 2
_CONNECT_SECONDS = 10.0
_NO_KEY = "not-needed"  # the package refuses an empty one, also where no key is wanted
_MOST_SHOWN = 300


class EndpointError(ServiceError):
    """The endpoint did not do its part. hopeless: asking it about another answer would end the same way."""

    def __init__(self, message: str, *, hopeless: bool = False) -> None:
        super().__init__(message)
        self.hopeless = hopeless


@dataclass(frozen=True)
class Traits:
    """What an endpoint accepts for one LLM, as far as it is known."""

    rung: Rung = "json_schema"
    temperature: bool = True
    limit: Limit = "max_tokens"
    limit_refused: bool = False
    stream_usage: bool = True


@dataclass(frozen=True)
class Reply:
    """text has the secrets taken out. finish: why the endpoint stopped, in its own words. seconds: on the wire."""

    text: str
    finish: str
    usage: Usage
    served_by: str = ""
    fingerprint: str = ""
    seconds: float = 0.0
    replayed: bool = False

    @property
    def is_cut_off(self) -> bool:
        return self.finish == "length"


Listener = Callable[[str], None]


def _silent(_: str) -> None:
    return


class Endpoint:
    """An endpoint and an LLM, with one session's meter. `connect()` opens it for a stretch of work.

    say: told in a sentence what is being waited for. repeat: a number that makes the same request a new one, so that a
    repeated measurement is not answered from the cache. fresh: nothing known from before is used, replies are not kept.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        cache: Path | None = None,
        say: Listener | None = None,
        repeat: int = 0,
        fresh: bool = False,
    ) -> None:
        if settings.llm is None:
            raise ValueError("settings must name an LLM")
        self.settings = settings
        self.llm: str = settings.llm
        self.meter = Meter(settings.budget, settings.price)
        self.say = say or _silent
        self.cache = cache
        self.repeat = repeat
        self.fresh = fresh
        limit: Limit = (
            "max_completion_tokens" if settings.base_url.startswith("https://api.openai.com") else "max_tokens"
        )
        self.traits = Traits(limit=limit)
        self._known = False
        self._kept: Traits | None = None

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open for the requests of one event loop. Between two answers minutes pass, so nothing is kept open longer."""
        import openai

        settings = self.settings
        http = openai.DefaultAsyncHttpxClient(trust_env=False) if settings.is_local else None
        with ReplyCache(self.cache) as cache:
            self._recall(cache)
            async with openai.AsyncOpenAI(
                base_url=settings.base_url,
                api_key=settings.key.get_secret_value() if settings.key else _NO_KEY,
                max_retries=0,
                timeout=openai.Timeout(settings.timeout, connect=min(_CONNECT_SECONDS, settings.timeout)),
                http_client=http,
            ) as client:
                yield Connection(self, client, cache)

    def body(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None,
        most: int,
        traits: Traits | None = None,
    ) -> dict[str, Any]:
        """The request as it is sent. schema None asks for prose. most: tokens the reply may have."""
        traits = traits or self.traits
        body: dict[str, Any] = {"model": self.llm, "messages": list(messages), traits.limit: most}
        if schema is not None and traits.rung == "json_schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "marks", "strict": True, "schema": schema},
            }
        elif schema is not None and traits.rung == "json_object":
            body["response_format"] = {"type": "json_object"}
        if self.settings.temperature is not None and traits.temperature:
            body["temperature"] = self.settings.temperature
        return body | self.settings.extra

    def clean(self, text: str) -> str:
        """The text without any secret in it, however it came there."""
        for secret in self.settings.secrets:
            text = text.replace(secret, "[key]")
        return text

    def learn(self, traits: Traits, cache: ReplyCache) -> None:
        """Remember a form that a request has just shown to work."""
        self.traits = traits
        if self._kept != traits:
            cache.keep_traits(self._key, asdict(traits))
            self._kept = traits

    def _recall(self, cache: ReplyCache) -> None:
        if not self._known:
            self._key = key_of(endpoint=self.settings.endpoint, llm=self.llm)
            stored = {} if self.fresh else cache.traits(self._key)
            self._kept = Traits(**stored) if stored else None
            self.traits = self._kept or self.traits
            self._known = True

    def cache_key(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None, **more: Any) -> str:
        settings = self.settings
        return key_of(
            messages=messages,
            schema=schema,
            llm=self.llm,
            endpoint=settings.endpoint,
            temperature=settings.temperature,
            extra=settings.extra,
            repeat=self.repeat,
            **more,
        )


class Connection:
    """Sends requests of one Endpoint. Every request passes the meter, every reply's usage is counted first."""

    def __init__(self, endpoint: Endpoint, client: openai.AsyncOpenAI, cache: ReplyCache) -> None:
        self.endpoint = endpoint
        self.cache = cache
        self._client = client

    async def ask(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None = None, most: int
    ) -> Reply:
        """One reply. Raises EndpointError or BudgetSpentError. A refused form of the request is tried in the next."""
        meter = self.endpoint.meter
        reserved = await meter.reserve(prompt=_prompt_tokens(messages, schema), completion=most)
        used = Usage()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.endpoint.settings.timeout):
                completion = await self._in_some_form(messages, schema, most, began)
            used = _usage(getattr(completion, "usage", None)) or _estimated(messages, _text(completion))
            return self._read(completion, used, time.monotonic() - began)
        except (TimeoutError, asyncio.CancelledError) as error:
            used = _estimated(messages, "")  # the endpoint has read the prompt and will count it
            if isinstance(error, TimeoutError):
                raise self._late() from None
            raise
        finally:
            meter.settle(reserved, used)

    async def stream(
        self, messages: Sequence[Mapping[str, str]], *, most: int, on_text: Callable[[str], bool]
    ) -> Reply:
        """Prose, handed to on_text piece by piece; on_text returning False stops it. The reply holds all that came."""
        meter = self.endpoint.meter
        reserved = await meter.reserve(prompt=_prompt_tokens(messages, None), completion=most)
        began = time.monotonic()
        pieces: list[str] = []
        usage: Usage | None = None
        finish = served_by = ""
        try:
            async with asyncio.timeout(self.endpoint.settings.timeout):
                async with await self._in_some_form(messages, None, most, began, stream=True) as chunks:
                    async for chunk in chunks:
                        usage = _usage(chunk.usage) or usage
                        served_by = chunk.model or served_by
                        for choice in (chunk.choices or [])[:1]:
                            finish = choice.finish_reason or finish
                            piece = choice.delta.content if choice.delta else None
                            if piece:
                                pieces.append(piece)
                            if piece and not on_text(self.endpoint.clean(piece)):
                                finish = "stopped"
                        if finish == "stopped":
                            break
        except TimeoutError:
            raise self._late() from None
        except _faults() as error:
            raise self._translated(error) from None
        finally:
            used = usage or (_estimated(messages, "".join(pieces)) if pieces else Usage())
            meter.settle(reserved, used)
        return Reply(self.endpoint.clean("".join(pieces)), finish, used, served_by, seconds=time.monotonic() - began)

    async def llms(self) -> list[str]:
        """The names that the endpoint lists, sorted. Raises EndpointError."""
        try:
            async with asyncio.timeout(self.endpoint.settings.timeout):
                page = await self._client.models.list()
        except TimeoutError:
            raise self._late() from None
        except _faults() as error:
            raise self._translated(error) from None
        return sorted(str(entry.id) for entry in getattr(page, "data", None) or [])

    async def _in_some_form(
        self,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        most: int,
        began: float,
        *,
        stream: bool = False,
    ) -> Any:
        """Send the request; when its form is refused, send it in the next one. What works is remembered."""
        import openai

        traits = self.endpoint.traits
        while True:
            body = self.endpoint.body(messages, schema=schema, most=most, traits=traits)
            if stream:
                body["stream"] = True
                if traits.stream_usage:
                    body["stream_options"] = {"include_usage": True}
            try:
                reply = await self._patiently(body, began)
            except openai.APIStatusError as error:
                simpler = _simpler(traits, _said(error), body) if _is_about_the_form(error) else None
                if simpler is None:
                    raise self._translated(error) from None
                traits = simpler
            except _faults() as error:
                raise self._translated(error) from None
            else:
                self.endpoint.learn(traits, self.cache)
                return reply

    async def _patiently(self, body: dict[str, Any], began: float) -> Any:
        """Send, and send again after a passing fault, as long as there is time left."""
        import openai
        from openai.types.chat import ChatCompletion, ChatCompletionChunk

        for attempt in range(RETRIES + 1):
            try:
                # What `.create` does after 2 ms of checking types that the endpoint checks anyway.
                return await self._client.post(
                    "/chat/completions",
                    body=body,
                    cast_to=ChatCompletion,
                    stream=body.get("stream", False),
                    stream_cls=openai.AsyncStream[ChatCompletionChunk],
                )
            except (openai.APIStatusError, openai.APIConnectionError) as error:
                wait = _pause(error, attempt)
                if wait is None or attempt == RETRIES:
                    raise
                if time.monotonic() - began + wait > self.endpoint.settings.timeout:
                    raise EndpointError(
                        f"{self._name} asks to wait {wait:.0f} s, longer than the {self.endpoint.settings.timeout:g} s "
                        "that one reply may take; try again later, or raise 'timeout' in the configuration"
                    ) from None
                self.endpoint.say(f"{self._name} is busy or failed; asking again in {wait:.1f} s")
                await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    def _read(self, completion: Any, used: Usage, seconds: float) -> Reply:
        if not (choices := getattr(completion, "choices", None)) or not choices[0].message:
            shown = self._shown(completion) if isinstance(completion, str) else "no choices"
            raise EndpointError(
                f"{self._name} does not reply as an OpenAI-compatible endpoint ({shown}): is the address right?"
            )
        refusal, finish = getattr(choices[0].message, "refusal", None), choices[0].finish_reason or ""
        if refusal or finish == "content_filter":
            raise EndpointError(f"{self._name} refused to judge this answer ({self._shown(refusal or finish)})")
        return Reply(
            text=self.endpoint.clean(_text(completion)),
            finish=finish,
            usage=used,
            served_by=str(completion.model or ""),
            fingerprint=str(completion.system_fingerprint or ""),
            seconds=seconds,
        )

    @property
    def _name(self) -> str:
        return f"the endpoint {self.endpoint.settings.endpoint}"

    def _shown(self, text: str) -> str:
        one_line = " ".join(self.endpoint.clean(text).split())
        return one_line if len(one_line) <= _MOST_SHOWN else one_line[:_MOST_SHOWN] + "…"

    def _late(self) -> EndpointError:
        seconds = self.endpoint.settings.timeout
        return EndpointError(
            f"no reply from {self._name} within {seconds:g} s; set 'timeout' in the configuration to wait longer"
        )

    def _translated(self, error: Exception) -> EndpointError:
        """What a person can act on. The caller drops the cause: an endpoint may echo the key in its message."""
        import openai

        llm, said = repr(self.endpoint.llm), self._shown(_said(error))
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                where = (
                    "OPENAI_API_KEY, or 'key_env' in the configuration,"
                    if self.endpoint.settings.key
                    else "OPENAI_API_KEY"
                )
                return EndpointError(
                    f"{self._name} did not accept the key: set {where} to a valid one ({said})", hopeless=True
                )
            case openai.NotFoundError():
                return EndpointError(
                    f"{self._name} knows no LLM {llm}: 'mockint llm check' lists what it has ({said})", hopeless=True
                )
            case openai.RateLimitError():
                return EndpointError(
                    f"{self._name} refuses more requests for now: try again later, or lower 'concurrency' ({said})",
                    hopeless=_out_of_quota(error),
                )
            case openai.APITimeoutError():
                return self._late()
            case openai.APIConnectionError():
                return EndpointError(f"cannot reach {self._name}: is it running, and is the address right? ({said})")
            case openai.APIStatusError() if _too_long(said.lower()):
                return EndpointError(f"the question and answer are too long for {llm} as {self._name} runs it ({said})")
            case openai.APIStatusError():
                return EndpointError(f"{self._name} failed with status {error.status_code} ({said})")
            case openai.OpenAIError():
                return EndpointError(f"{self._name} does not reply as an OpenAI-compatible endpoint ({said})")
            case json.JSONDecodeError():
                return EndpointError(f"{self._name} sent a reply that is not JSON ({said})")
            case _:
                return EndpointError(f"the connection to {self._name} broke ({said})")


def _faults() -> tuple[type[Exception], ...]:
    """What a request can raise: the package's errors, and two kinds that it lets through (a broken stream or body)."""
    import httpx2
    import openai

    return openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError


def _simpler(traits: Traits, refusal: str, body: Mapping[str, Any]) -> Traits | None:
    """The form to try after a refusal of this one, or None when there is none left."""
    said = refusal.lower()
    if "temperature" in said and "temperature" in body:
        return replace(traits, temperature=False)
    if "stream_options" in body and ("stream_options" in said or "include_usage" in said):
        return replace(traits, stream_usage=False)
    if _too_long(said):
        return None
    if traits.limit in body and re.search(rf"\b{traits.limit}\b", said) and not traits.limit_refused:
        other: Limit = "max_tokens" if traits.limit == "max_completion_tokens" else "max_completion_tokens"
        return replace(traits, limit=other, limit_refused=True)
    if "response_format" in body:
        return replace(traits, rung=RUNGS[RUNGS.index(traits.rung) + 1])
    return None


def _said(error: Exception) -> str:
    """The endpoint's own words in an error, from whichever place it put them."""
    body = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        text = inner.get("message") or inner.get("detail") if isinstance(inner, dict) else inner
        if text:
            return text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    cause = error.__cause__
    return str(cause) if cause is not None and str(cause) else str(error)


def _is_about_the_form(error: openai.APIStatusError) -> bool:
    """A refusal of how the request is put. Some servers answer 500 to a response format they do not know."""
    if error.status_code in (400, 415, 422):
        return True
    return error.status_code in (500, 501) and bool(
        re.search(r"response_format|json_schema|json_object|grammar", _said(error))
    )


def _too_long(said: str) -> bool:
    return bool(
        re.search(
            r"context (?:size|length|window)|maximum context|too (?:long|many tokens)|exceeds? the (?:available|max)",
            said,
        )
    )


def _out_of_quota(error: openai.APIStatusError) -> bool:
    return "insufficient_quota" in (str(getattr(error, "code", "")), str(getattr(error, "type", "")))


def _pause(error: openai.APIStatusError | openai.APIConnectionError, attempt: int) -> float | None:
    """Seconds until the next try: what Retry-After asks, else a growing pause; None when trying again is useless."""
    import openai

    pause: float = 0.5 * 2**attempt * random.uniform(0.75, 1.0)
    if isinstance(error, openai.APITimeoutError):
        return None
    if isinstance(error, openai.APIConnectionError):
        return pause
    asked = _retry_after(error.response.headers)
    wanted = error.response.headers.get("x-should-retry")
    passing = error.status_code in (408, 409, 429) or error.status_code >= 500
    if wanted == "false" or (wanted != "true" and not passing) or _out_of_quota(error) or _is_about_the_form(error):
        return None
    return pause if asked is None else asked


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


def _text(completion: Any) -> str:
    choices = getattr(completion, "choices", None)
    content = getattr(choices[0].message, "content", None) if choices else None
    return content if isinstance(content, str) else ""


def _usage(reported: Any) -> Usage | None:
    prompt, completion = _count(reported, "prompt_tokens"), _count(reported, "completion_tokens")
    if not prompt + completion:
        return None
    cached = _count(getattr(reported, "prompt_tokens_details", None), "cached_tokens")
    return Usage(requests=1, prompt=prompt, cached=min(cached, prompt), completion=completion)


def _count(reported: Any, name: str) -> int:
    """A number of tokens. The package does not validate what an endpoint sends, so it may be anything."""
    value = getattr(reported, name, None)
    return value if isinstance(value, int) and value > 0 else 0


def _prompt_tokens(messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None) -> int:
    text = sum(estimated_tokens(message["content"]) + 8 for message in messages)
    return text + (estimated_tokens(json.dumps(schema)) if schema else 0)


def _estimated(messages: Sequence[Mapping[str, str]], text: str) -> Usage:
    prompt, completion = _prompt_tokens(messages, None), estimated_tokens(text)
    return Usage(1, prompt, 0, completion, estimated=prompt + completion)
