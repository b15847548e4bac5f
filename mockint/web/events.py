"""Server-sent events: the verdicts as they come. A page that loses them loads anew and shows the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

from mockint.web.grading import Job
from mockint.web.pages import attempt_at, verdict_values
from mockint.web.visit import Visit

T = TypeVar("T")
LOOK_EVERY = 0.1  # seconds
SIGN_OF_LIFE = 10  # seconds, after which a comment keeps the connection open
BETWEEN_ROWS = 0.15


class RunInThread(Protocol):
    """Runs something in a thread that has the history open."""

    async def __call__(self, draw: Callable[[Visit], T], /) -> T: ...


async def verdict_events(run: RunInThread, job: Job | None) -> AsyncIterator[str]:
    """`row` for each criterion, as HTML; `rest` for what stands below them; `done`."""
    if job is not None:
        async for comment in _until_ended(job):
            yield comment
    rows, rest = await run(_drawn)
    for row in rows:
        yield _event("row", row)
        await asyncio.sleep(BETWEEN_ROWS)
    yield _event("rest", rest)
    yield _event("done", "")


async def exam_events(_: RunInThread, job: Job | None) -> AsyncIterator[str]:
    """`count` whenever another answer is graded; `done`."""
    shown = -1
    while job is not None:
        over, graded = job.ended.done(), len(job.graded)
        if graded != shown:
            shown = graded
            yield _event("count", graded)
        if over:
            break
        await asyncio.sleep(LOOK_EVERY)
    yield _event("done", "")


async def _until_ended(job: Job) -> AsyncIterator[str]:
    """A comment now and then."""
    ended = asyncio.wrap_future(job.ended)
    while not (await asyncio.wait([ended], timeout=SIGN_OF_LIFE))[0]:
        yield ": still grading\n\n"


def _drawn(visit: Visit) -> tuple[list[str], str]:
    values = verdict_values(visit, *attempt_at(visit))
    rows = [visit.fragment("_row.html", row=row, **values) for row in values["rows"]]
    return rows, visit.fragment("_rest.html", **values)


def _event(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"
