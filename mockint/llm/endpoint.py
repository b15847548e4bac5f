"""One endpoint that speaks OpenAI's Chat Completions, as it really behaves.

Chat Completions is what every compatible server has in common. The rest differs, so it is found out and remembered per
endpoint and LLM (`Traits`): whether a JSON schema, a JSON object or only plain text can be asked for, whether a
temperature is allowed, what the limit on a reply is called, and how long a reply has to be.

Never `.parse`: on a fenced or cut-off body it raises and the usage is lost. The package's own
retries are off: they would sleep up to two minutes without a word, whatever the person in front is willing to wait.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockint.llm.budget import Meter, Usage
from mockint.llm.cache import ReplyCache, key_of
from mockint.llm.faults import (
    EndpointError,
    NoReplyError,
    is_about_the_form,
    late,
    name_of,
    raised,
    refused,
    said_in,
    shown,
    translated,
)
from mockint.llm.limits import RETRIES, Pace, Sent, Tries, may_pass, with_jitter
from mockint.llm.replies import (
    Reply,
    check_there_is_one,
    estimated_usage,
    prompt_tokens,
    refusal_of,
    text_of,
    thoughts_of,
    usage_of,
)
from mockint.llm.settings import Settings
from mockint.llm.traits import Limit, Traits, after_refusal, after_reply

if TYPE_CHECKING:
    import openai

_LOOK_UP_SECONDS = 1.0  # how soon a waiting request learns that its endpoint was given up
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
        self.is_proven = False
        self.pace = Pace(settings.requests_per_minute, settings.tokens_per_minute)
        self._known = False
        self._kept: Traits | None = None
        self._tls: ssl.SSLContext | None = None

    @asynccontextmanager
    async def connect(self, *, someone_waits: bool = True) -> AsyncIterator[Connection]:
        """Open for the requests of one event loop. Between two answers minutes pass, so nothing is kept open longer.

        someone_waits: a person does, for each reply, at most `timeout`; else it is a batch, with `patience`.
        """
        import openai

        settings = self.settings
        http = openai.DefaultAsyncHttpxClient(trust_env=not settings.is_local, verify=self._certificates())
        with ReplyCache(self.cache) as cache:
            self._recall(cache)
            async with openai.AsyncOpenAI(
                base_url=settings.base_url,
                api_key=settings.key.get_secret_value() if settings.key else _NO_KEY,
                max_retries=0,
                timeout=openai.Timeout(settings.timeout, connect=min(_CONNECT_SECONDS, settings.timeout)),
                http_client=http,
            ) as client:
                yield Connection(self, client, cache, someone_waits=someone_waits)

    def body(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None,
        most: int,
        traits: Traits | None = None,
    ) -> dict[str, Any]:
        """The request as it is sent. schema None asks for prose. most: tokens that the text of the reply needs."""
        traits, settings = traits or self.traits, self.settings
        limit = self.limit(most, traits, is_json=schema is not None)
        body: dict[str, Any] = {"model": self.llm, "messages": list(messages), traits.limit: limit}
        if schema is not None and traits.rung == "json_schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "marks", "strict": True, "schema": schema},
            }
        elif schema is not None and traits.rung == "json_object":
            body["response_format"] = {"type": "json_object"}
        if settings.temperature is not None and traits.temperature:
            body["temperature"] = settings.temperature
        if settings.reasoning_effort is not None and traits.reasoning_effort:
            body["reasoning_effort"] = settings.reasoning_effort
        return body | settings.extra

    def limit(self, most: int, traits: Traits, *, is_json: bool) -> int:
        """The tokens that a reply may have, thoughts and all. `max_tokens` of the settings is never exceeded."""
        own = self.settings.max_tokens
        if own is None:
            return traits.most(most)
        return own if is_json else min(own, traits.most(most))

    def most_usage(self, body: Mapping[str, Any]) -> Usage:
        """The most that a request can use, by its body."""
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        limit = body.get("max_tokens", body.get("max_completion_tokens", 0))
        return Usage(prompt=prompt_tokens(body["messages"], schema), completion=limit)

    def learn(self, traits: Traits, cache: ReplyCache) -> None:
        """Remember a form that a request has just shown to work."""
        self.traits = replace(traits, room=max(traits.room, self.traits.room))
        self.is_proven = True
        if self._kept != self.traits and not traits.is_guess:
            cache.keep_traits(self._key, asdict(self.traits))
            self._kept = self.traits

    def give_room(self, room: int) -> None:
        """A reply was cut off: the requests to come get this much room at once."""
        self.traits = replace(self.traits, room=max(room, self.traits.room))

    def _recall(self, cache: ReplyCache) -> None:
        if not self._known:
            self._key = key_of(endpoint=self.settings.endpoint, llm=self.llm)
            stored = {} if self.fresh else cache.traits(self._key)
            self._kept = Traits(**stored) if stored else None
            self.is_proven = self._kept is not None
            self.traits = self._kept or self.traits
            self._known = True

    def _certificates(self) -> ssl.SSLContext:
        """Loaded once, which takes as long as several requests; none for plain http, so that https fails there."""
        if self._tls is None:
            import httpx2

            is_https = self.settings.base_url.startswith("https:")
            self._tls = httpx2.create_ssl_context() if is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return self._tls

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
            **({"reasoning_effort": settings.reasoning_effort} if settings.reasoning_effort else {}),
            **more,
        )


@dataclass(frozen=True)
class _Request:
    """schema None asks for prose. most: tokens that the text of the reply needs."""

    messages: Sequence[Mapping[str, str]]
    schema: Mapping[str, Any] | None
    most: int
    stream: bool = False

    @property
    def is_json(self) -> bool:
        return self.schema is not None

    @property
    def prompt(self) -> int:
        return prompt_tokens(self.messages, self.schema)


class Connection:
    """Sends requests of one Endpoint. Every request passes the meter, every reply's usage is counted first."""

    def __init__(
        self, endpoint: Endpoint, client: openai.AsyncOpenAI, cache: ReplyCache, *, someone_waits: bool
    ) -> None:
        self.endpoint = endpoint
        self.cache = cache
        self._settings = endpoint.settings
        self.client = client
        self._someone_waits = someone_waits
        self._lost: EndpointError | None = None

    async def ask(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None = None, most: int
    ) -> Reply:
        """One reply, with as much room and in such a form as it takes. Raises EndpointError or BudgetSpentError."""
        request = _Request(messages, schema, most)
        try:
            async with asyncio.timeout(self._settings.timeout if self._someone_waits else None):
                return await self._good_reply(request)
        except TimeoutError:
            raise late(self._settings) from None

    async def stream(
        self, messages: Sequence[Mapping[str, str]], *, most: int, on_text: Callable[[str], bool]
    ) -> Reply:
        """Prose, handed to on_text piece by piece; on_text returning False stops it. The reply holds all that came."""
        request = _Request(messages, None, most, stream=True)
        meter, traits = self.endpoint.meter, self.endpoint.traits
        reserved = await self._reserve(request, traits)
        began = time.monotonic()
        pieces: list[str] = []
        usage: Usage | None = None
        finish = served_by = ""
        try:
            async with asyncio.timeout(self._settings.timeout):
                traits, events = await self._in_some_form(request, traits)
                async with events as chunks:
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
            self.endpoint.learn(traits, self.cache)
        except TimeoutError:
            raise late(self._settings) from None
        except raised() as error:
            raise translated(error, self._settings) from None
        finally:
            used = usage or (estimated_usage(messages, "".join(pieces)) if pieces else Usage())
            meter.settle(reserved, used)
        text = self._settings.clean("".join(pieces))
        return Reply(text, finish, used, served_by, seconds=time.monotonic() - began)

    async def llms(self) -> list[str]:
        """The names that the endpoint lists, sorted. Raises EndpointError."""
        try:
            async with asyncio.timeout(self._settings.timeout):
                page = await self.client.models.list()
        except TimeoutError:
            raise late(self._settings) from None
        except raised() as error:
            raise translated(error, self._settings) from None
        return sorted(str(entry.id) for entry in getattr(page, "data", None) or [])

    async def _good_reply(self, request: _Request) -> Reply:
        """Ask; after a reply that is cut off, or has no text, ask in the form that gives one. All are paid for."""
        endpoint, traits = self.endpoint, self.endpoint.traits
        may_grow = self._settings.max_tokens is None
        while True:
            traits, reply = await self._paid_reply(request, traits)
            better = after_reply(traits, reply, is_json=request.is_json, may_grow=may_grow)
            if better is None:
                break
            if reply.is_cut_off:
                endpoint.give_room(better.room)
                may_grow = False  # once an answer: the next one starts with the room that this one was given
            traits = better
        if reply.is_cut_off:
            return reply
        if request.is_json and not reply.text.strip():
            reply = replace(reply, text=reply.thoughts)
        if reply.text.strip() and not (endpoint.is_proven and traits.is_guess):
            endpoint.learn(traits, self.cache)
        return reply

    async def _paid_reply(self, request: _Request, traits: Traits) -> tuple[Traits, Reply]:
        """A reply, whose usage is on the meter, and the form of the request that got it."""
        reserved = await self._reserve(request, traits)
        used, began = Usage(), time.monotonic()
        try:
            traits, completion = await self._in_some_form(request, traits)
            used = usage_of(getattr(completion, "usage", None)) or _estimate(request, completion)
            return traits, self._read(completion, used, time.monotonic() - began)
        except asyncio.CancelledError:
            used = estimated_usage(request.messages, "")  # the endpoint has read the prompt and will count it
            raise
        finally:
            self.endpoint.meter.settle(reserved, used)

    async def _reserve(self, request: _Request, traits: Traits) -> Usage:
        most = self.endpoint.limit(request.most, traits, is_json=request.is_json)
        return await self.endpoint.meter.reserve(prompt=request.prompt, completion=most)

    async def _in_some_form(self, request: _Request, traits: Traits) -> tuple[Traits, Any]:
        """Send the request; when its form is refused, send it in the next one. With the form that was accepted."""
        import openai

        patience = self._settings.timeout if self._someone_waits else self._settings.patience
        tries = Tries(self.endpoint.pace, patience, self._someone_waits)
        while True:
            body = self._body(request, traits)
            try:
                return traits, await self._sent(request, body, tries)
            except openai.APIStatusError as error:
                form = self._form_after(error, traits, body)
                if form is None:
                    raise self._fault(error, tries) from None
                traits = form
            except raised() as error:
                raise self._fault(error, tries) from None

    def _body(self, request: _Request, traits: Traits) -> dict[str, Any]:
        body = self.endpoint.body(request.messages, schema=request.schema, most=request.most, traits=traits)
        if request.stream:
            body["stream"] = True
            if traits.stream_usage:
                body["stream_options"] = {"include_usage": True}
        return body

    def _form_after(self, error: openai.APIStatusError, traits: Traits, body: Mapping[str, Any]) -> Traits | None:
        if is_about_the_form(error):
            return after_refusal(traits, said_in(error), body)
        if self._may_be_the_form(error, body) and (below := traits.with_rung_below()):
            return replace(below, is_guess=True)
        return None

    def _may_be_the_form(self, error: Exception, body: Mapping[str, Any]) -> bool:
        """Some servers answer 500, without a word, to a schema that they cannot follow. Not if it worked before."""
        is_unexplained = getattr(error, "status_code", None) in (500, 501)
        return is_unexplained and "response_format" in body and not self.endpoint.is_proven

    async def _sent(self, request: _Request, body: dict[str, Any], tries: Tries) -> Any:
        """Send, and send again after a fault that may pass, as long as that is worth it."""
        pace, name = self.endpoint.pace, name_of(self._settings)
        before = tries.count
        while True:
            sent = await self._turn(self.endpoint.most_usage(body).tokens)
            try:
                reply = await self._post(body)
            except raised() as error:
                if isinstance(error, TimeoutError):  # the endpoint has read the prompt and will count it
                    self.endpoint.meter.add(estimated_usage(request.messages, ""))
                pause = tries.pause_after(error, sent.at)
                if pause is None or (self._may_be_the_form(error, body) and tries.count - before >= RETRIES):
                    raise
                if tries.is_too_long(pause):
                    raise self._no_such_patience(pause, error, tries) from None
                self.endpoint.say(f"{name} is busy or failed; asking again in {pause:.1f} s")
                await asyncio.sleep(pause)
            else:
                pace.succeeded()
                if used := usage_of(getattr(reply, "usage", None)):
                    sent.tokens = used.tokens
                return reply

    async def _turn(self, tokens: int) -> Sent:
        """Wait until one more request may be sent. Raises the error of an endpoint that was given up meanwhile."""
        while True:
            if self._lost:
                raise self._lost
            wait = self.endpoint.pace.wait(tokens)
            if not wait:
                return self.endpoint.pace.send(tokens)
            await asyncio.sleep(min(with_jitter(wait), _LOOK_UP_SECONDS))

    async def _post(self, body: dict[str, Any]) -> Any:
        """What `.create` does after 2 ms of checking types that the endpoint checks anyway."""
        import openai
        from openai.types.chat import ChatCompletion, ChatCompletionChunk

        is_stream = bool(body.get("stream"))
        async with asyncio.timeout(self._settings.timeout):
            reply = await self.client.post(
                "/chat/completions",
                body=body,
                cast_to=ChatCompletion,
                stream=is_stream,
                stream_cls=openai.AsyncStream[ChatCompletionChunk],
            )
        if not is_stream:
            try:
                check_there_is_one(reply)
            except NoReplyError:
                self.endpoint.meter.add(usage_of(getattr(reply, "usage", None)) or Usage())
                raise
        return reply

    def _fault(self, error: Exception, tries: Tries) -> EndpointError:
        """What to tell of it. In a batch the endpoint is given up when no other request does better either."""
        if isinstance(error, TimeoutError):
            return late(self._settings)
        fault = translated(error, self._settings, has_worked=self.endpoint.pace.succeeded_at is not None)
        if not self._someone_waits and may_pass(error) and tries.nothing_succeeds:
            fault = EndpointError(f"{fault}; nothing else succeeded meanwhile", hopeless=True)
        if not self._someone_waits and fault.hopeless:
            self._lost = fault
        return fault

    def _no_such_patience(self, pause: float, error: Exception, tries: Tries) -> EndpointError:
        settings, name = self._settings, "timeout" if self._someone_waits else "patience"
        seconds = settings.timeout if self._someone_waits else settings.patience
        fault = EndpointError(
            f"{name_of(settings)} asks to wait {pause:.0f} s, longer than the {seconds:g} s that a reply may take; try "
            f"again later, or raise {name!r} in the configuration ({shown(said_in(error), settings)})",
            hopeless=not self._someone_waits and tries.nothing_succeeds,
        )
        if fault.hopeless:
            self._lost = fault
        return fault

    def _read(self, completion: Any, used: Usage, seconds: float) -> Reply:
        settings = self._settings
        if refusal := refusal_of(completion):
            raise refused(refusal, settings)
        return Reply(
            text=settings.clean(text_of(completion)),
            finish=completion.choices[0].finish_reason or "",
            usage=used,
            served_by=str(completion.model or ""),
            fingerprint=str(completion.system_fingerprint or ""),
            seconds=seconds,
            thoughts=settings.clean(thoughts_of(completion)),
        )


def _estimate(request: _Request, completion: Any) -> Usage:
    return estimated_usage(request.messages, text_of(completion) + thoughts_of(completion))
