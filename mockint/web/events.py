"""Server-sent events: the verdicts as they come. A page that loses them loads anew and shows the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol, TypeVar

from mockint.web.pages import attempt_at, verdict_values
from mockint.web.visit import Visit

T = TypeVar("T")
LOOK_EVERY = 0.05  # seconds
SIGN_OF_LIFE = 200  # looks, after which a comment keeps the connection open
BETWEEN_ROWS = 0.15


class Ask(Protocol):
    """Runs something in a thread that has the history open."""

    async def __call__(self, draw: Callable[[Visit], T], /) -> T: ...


async def verdict_events(ask: Ask) -> AsyncIterator[str]:
    """`row` for each criterion, as HTML; `rest` for what stands below them; `done`."""
    async for comment in _until(ask, lambda visit: not visit.grading.is_at_work(visit.path("session"))):
        yield comment
    rows, rest = await ask(_drawn)
    for row in rows:
        yield _event("row", row)
        await asyncio.sleep(BETWEEN_ROWS)
    yield _event("rest", rest)
    yield _event("done", "")


async def exam_events(ask: Ask) -> AsyncIterator[str]:
    """`count` whenever another answer is graded; `done`."""
    told = -1
    while True:
        graded, over = await ask(_progress)
        if graded != told:
            told = graded
            yield _event("count", graded)
        if over:
            break
        await asyncio.sleep(LOOK_EVERY)
    yield _event("done", "")


async def _until(ask: Ask, is_over: Callable[[Visit], bool]) -> AsyncIterator[str]:
    looks = 0
    while not await ask(is_over):
        looks += 1
        if looks % SIGN_OF_LIFE == 0:
            yield ": still grading\n\n"
        await asyncio.sleep(LOOK_EVERY)


def _drawn(visit: Visit) -> tuple[list[str], str]:
    values = verdict_values(visit, *attempt_at(visit))
    rows = [visit.fragment("_row.html", row=row, **values) for row in values["rows"]]
    return rows, visit.fragment("_rest.html", **values)


def _progress(visit: Visit) -> tuple[int, bool]:
    job = visit.grading.job(visit.path("session"))
    return (len(job.judged), job.done.is_set()) if job else (0, True)


def _event(name: str, value: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"
