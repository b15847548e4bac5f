"""One endpoint that speaks OpenAI's Chat Completions, as it really behaves.

Chat Completions is what every compatible server has in common. The rest differs, so it is found out and remembered per
endpoint and LLM (`Traits`): whether a JSON schema, a JSON object or only plain text can be asked for, whether a
temperature is allowed, and what the limit on a reply is called.

Never `.parse`: on a fenced or cut-off body it raises and the usage is lost. The package's own
retries are off: they would sleep up to two minutes without a word, whatever the person in front is willing to wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockint.llm.budget import Meter, Usage
from mockint.llm.cache import ReplyCache, key_of
from mockint.llm.faults import EndpointError, is_about_the_form, late, name_of, raised, said_in, shown, translated
from mockint.llm.limits import RETRIES, pause_after
from mockint.llm.replies import Reply, estimated_usage, prompt_tokens, text_of, usage_of
from mockint.llm.settings import Settings
from mockint.llm.traits import Limit, Traits, simpler

if TYPE_CHECKING:
    import openai

_CONNECT_SECONDS = 10.0
_NO_KEY = "not-needed"  # the package refuses an empty one, also where no key is wanted

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
        self._settings = endpoint.settings
        self.cache = cache
        self._client = client

    async def ask(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None = None, most: int
    ) -> Reply:
        """One reply. Raises EndpointError or BudgetSpentError. A refused form of the request is tried in the next."""
        meter = self.endpoint.meter
        reserved = await meter.reserve(prompt=prompt_tokens(messages, schema), completion=most)
        used = Usage()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout):
                completion = await self._in_some_form(messages, schema, most, began)
            used = usage_of(getattr(completion, "usage", None)) or estimated_usage(messages, text_of(completion))
            return self._read(completion, used, time.monotonic() - began)
        except (TimeoutError, asyncio.CancelledError) as error:
            used = estimated_usage(messages, "")  # the endpoint has read the prompt and will count it
            if isinstance(error, TimeoutError):
                raise late(self._settings) from None
            raise
        finally:
            meter.settle(reserved, used)

    async def stream(
        self, messages: Sequence[Mapping[str, str]], *, most: int, on_text: Callable[[str], bool]
    ) -> Reply:
        """Prose, handed to on_text piece by piece; on_text returning False stops it. The reply holds all that came."""
        meter = self.endpoint.meter
        reserved = await meter.reserve(prompt=prompt_tokens(messages, None), completion=most)
        began = time.monotonic()
        pieces: list[str] = []
        usage: Usage | None = None
        finish = served_by = ""
        try:
            async with asyncio.timeout(self._settings.timeout):
                async with await self._in_some_form(messages, None, most, began, stream=True) as chunks:
                    async for chunk in chunks:
                        usage = usage_of(chunk.usage) or usage
                        served_by = chunk.model or served_by
                        for choice in (chunk.choices or [])[:1]:
                            finish = choice.finish_reason or finish
                            piece = choice.delta.content if choice.delta else None
                            if piece:
                                pieces.append(piece)
                            if piece and not on_text(self._settings.clean(piece)):
                                finish = "stopped"
                        if finish == "stopped":
                            break
        except TimeoutError:
            raise late(self._settings) from None
        except raised() as error:
            raise translated(error, self._settings) from None
        finally:
            used = usage or (estimated_usage(messages, "".join(pieces)) if pieces else Usage())
            meter.settle(reserved, used)
        return Reply(self._settings.clean("".join(pieces)), finish, used, served_by, seconds=time.monotonic() - began)

    async def llms(self) -> list[str]:
        """The names that the endpoint lists, sorted. Raises EndpointError."""
        try:
            async with asyncio.timeout(self._settings.timeout):
                page = await self._client.models.list()
        except TimeoutError:
            raise late(self._settings) from None
        except raised() as error:
            raise translated(error, self._settings) from None
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
                form = simpler(traits, said_in(error), body) if is_about_the_form(error) else None
                if form is None:
                    raise translated(error, self._settings) from None
                traits = form
            except raised() as error:
                raise translated(error, self._settings) from None
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
                wait = pause_after(error, attempt)
                if wait is None or attempt == RETRIES:
                    raise
                if time.monotonic() - began + wait > self._settings.timeout:
                    raise EndpointError(
                        f"{name_of(self._settings)} asks to wait {wait:.0f} s, longer than the "
                        f"{self._settings.timeout:g} s that one reply may take; try again later, or raise 'timeout' in the configuration"
                    ) from None
                self.endpoint.say(f"{name_of(self._settings)} is busy or failed; asking again in {wait:.1f} s")
                await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    def _read(self, completion: Any, used: Usage, seconds: float) -> Reply:
        if not (choices := getattr(completion, "choices", None)) or not choices[0].message:
            what = shown(completion, self._settings) if isinstance(completion, str) else "no choices"
            raise EndpointError(
                f"{name_of(self._settings)} does not reply as an OpenAI-compatible endpoint ({what}): "
                "is the address right?"
            )
        refusal, finish = getattr(choices[0].message, "refusal", None), choices[0].finish_reason or ""
        if refusal or finish == "content_filter":
            raise EndpointError(
                f"{name_of(self._settings)} refused to grade this answer ({shown(refusal or finish, self._settings)})"
            )
        return Reply(
            text=self._settings.clean(text_of(completion)),
            finish=finish,
            usage=used,
            served_by=str(completion.model or ""),
            fingerprint=str(completion.system_fingerprint or ""),
            seconds=seconds,
        )
