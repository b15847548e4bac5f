"""OpenAI's Batch API: requests in a file, replied to within a day, for half the price.

The replies are handed over by the key under which each is kept, so that whoever asks afterwards finds them in the
cache. Which batches are under way is kept there too, before and after each step that the endpoint takes: after a kill
the same requests wait for the same batch, and none is paid for twice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mockint.llm.budget import Usage
from mockint.llm.faults import EndpointError, NoReplyError, name_of, raised, translated
from mockint.llm.replies import Reply, check_there_is_one, refusal_of, text_of, usage_of

if TYPE_CHECKING:
    import openai
    from openai.types import Batch

    from mockint.llm.endpoint import Connection

PRICE_SHARE = 0.5
POLL_SECONDS = 15.0
_MOST_REQUESTS, _MOST_BYTES = 20_000, 100_000_000  # of one file; the endpoint takes 50,000 and 200 MB
_OVER = ("completed", "failed", "expired", "cancelled")
_TRIES = 6

Body = Mapping[str, Any]
Take = Callable[[str, Reply], None]


async def fetch(connection: Connection, requests: Mapping[str, Body], take: Take) -> None:
    """Hand the reply to each request to `take`, with its key, as far as replies come. Raises EndpointError.

    requests: bodies by key. Those that do not fit into the budget are not sent.
    """
    try:
        left = dict(requests)
        for file, batch, keys in connection.cache.batches():
            if left.keys() & set(keys):
                is_known = await _collect(connection, file, batch, take)
                left = {key: body for key, body in left.items() if not (is_known and key in keys)}
        submitted = [await _submitted(connection, part) for part in _files(_affordable(connection, left))]
        for file, batch in submitted:
            await _collect(connection, file, batch, take)
    except raised() as error:
        fault = translated(error, connection.endpoint.settings)
        raise EndpointError(f"{fault}; a batch that was sent goes on: the same command waits for it") from None


def _affordable(connection: Connection, requests: Mapping[str, Body]) -> dict[str, Body]:
    """The requests that fit into the budget together, whatever their replies use."""
    meter, total, chosen = connection.endpoint.meter, Usage(), {}
    for key, body in requests.items():
        total += connection.endpoint.most_usage(body)
        if not meter.allows(total, share=PRICE_SHARE):
            break
        chosen[key] = body
    return chosen


def _files(requests: Mapping[str, Body]) -> Iterator[dict[str, str]]:
    """Lines of the files to upload, by key."""
    part: dict[str, str] = {}
    size = 0
    for key, body in requests.items():
        line = json.dumps({"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body})
        if part and (len(part) == _MOST_REQUESTS or size + len(line) > _MOST_BYTES):
            yield part
            part, size = {}, 0
        part[key], size = line, size + len(line)
    if part:
        yield part


async def _submitted(connection: Connection, lines: Mapping[str, str]) -> tuple[str, str]:
    """The ids of the file and of its batch. The file is remembered first: a batch of it can be found by it."""
    import openai

    try:
        file = await _client(connection).files.create(
            file=("mockint.jsonl", "\n".join(lines.values()).encode()), purpose="batch"
        )
    except openai.APIStatusError as error:
        if error.status_code not in (404, 405, 501):
            raise
        name = name_of(connection.endpoint.settings)
        raise EndpointError(f"{name} has no Batch API: leave out --batch-api", hopeless=True) from None
    connection.cache.keep_batch(file.id, "", list(lines))
    batch = await _created(connection, file.id)
    connection.cache.keep_batch(file.id, batch, list(lines))
    return file.id, batch


async def _created(connection: Connection, file: str) -> str:
    batch = await _client(connection).batches.create(
        input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h"
    )
    return batch.id


async def _collect(connection: Connection, file: str, id: str, take: Take) -> bool:
    """Wait until a batch is over and take what it holds. False for one that the endpoint does not know any more."""
    import openai

    try:
        batch = await _over(connection, id or await _batch_of(connection, file))
        for output in (batch.output_file_id, batch.error_file_id):
            if output:
                content = await _client(connection).files.content(output)
                _take_all(connection, content.text.splitlines(), take)
    except (openai.NotFoundError, openai.BadRequestError):
        connection.endpoint.say("the endpoint does not know an earlier batch any more")
        connection.cache.forget_batch(file)
        return False
    connection.cache.forget_batch(file)
    if batch.status == "failed":
        raise EndpointError(f"{name_of(connection.endpoint.settings)} refused the batch ({_faults_of(batch)})")
    return True


async def _batch_of(connection: Connection, file: str) -> str:
    """The batch of a file that was uploaded before a kill; made now if it had not come to that."""
    async for batch in _client(connection).batches.list(limit=100):
        if batch.input_file_id == file:
            return batch.id
    return await _created(connection, file)


async def _over(connection: Connection, id: str) -> Batch:
    began = time.monotonic()
    while True:
        batch = await _client(connection).batches.retrieve(id)
        if batch.status in _OVER:
            return batch
        counts = batch.request_counts
        done = f", {counts.completed + counts.failed} of {counts.total} done" if counts else ""
        minutes = (time.monotonic() - began) / 60
        connection.endpoint.say(f"batch {id} is {batch.status.replace('_', ' ')}{done}, after {minutes:.0f} min")
        await asyncio.sleep(POLL_SECONDS)


def _take_all(connection: Connection, lines: Iterable[str], take: Take) -> None:
    """What a request failed with is left out: it is for whoever asks again to find out."""
    for line in lines:
        found = json.loads(line) if line.strip() else {}
        response = found.get("response") or {}
        if response.get("status_code") == 200 and (reply := _reply_in(connection, response["body"])):
            take(found["custom_id"], reply)


def _reply_in(connection: Connection, body: Body) -> Reply | None:
    """The reply, its usage counted; None where it is a refusal or nothing."""
    from openai.types.chat import ChatCompletion

    completion, settings = ChatCompletion.construct(**body), connection.endpoint.settings
    used = usage_of(completion.usage) or Usage(requests=1)
    connection.endpoint.meter.add(used, share=PRICE_SHARE)
    try:
        check_there_is_one(completion)
    except NoReplyError:
        return None
    if refusal_of(completion):
        return None
    finish = completion.choices[0].finish_reason or ""
    return Reply(settings.clean(text_of(completion)), finish, used, str(completion.model or ""))


def _faults_of(batch: Batch) -> str:
    found = batch.errors.data if batch.errors and batch.errors.data else []
    return "; ".join(fault.message or "" for fault in found[:3]) or "without a reason"


def _client(connection: Connection) -> openai.AsyncOpenAI:
    """Polling goes on for hours, so a fault that passes is left to the package to try again."""
    return connection.client.with_options(max_retries=_TRIES)
