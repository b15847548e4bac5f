"""Do the same for many, several at a time, until nothing succeeds any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mockint.errors import NotSentError, ServiceError
from mockint.llm.faults import EndpointError

_GIVE_UP_AFTER = 10

Asked = TypeVar("Asked")
Had = TypeVar("Had")


@dataclass
class _Course(Generic[Had]):
    """How a batch has gone so far. patience: failures in a row after which the rest is not tried."""

    patience: int
    failures: int = 0
    lost: ServiceError | None = None

    def goes_on_after(self, outcome: Had | ServiceError) -> None:
        """A refusal to read one answer, or to spend more, says nothing of the others."""
        if not isinstance(outcome, ServiceError):
            self.failures = 0
        elif not isinstance(outcome, NotSentError) and not outcome.own:
            self.failures += 1
            is_hopeless = isinstance(outcome, EndpointError) and outcome.hopeless
            if is_hopeless or self.failures >= self.patience:
                self.lost = self.lost or outcome


async def each_of(
    asked: Iterable[Asked],
    do: Callable[[Asked], Awaitable[Had]],
    *,
    at_once: int,
    on_done: Callable[[int, Had | ServiceError], None] | None = None,
) -> list[Had | ServiceError]:
    """What `do` returned for each, in order, or the ServiceError it raised. on_done: told place and outcome of each.

    After a hopeless error, or a long row of failures with no success among them, the rest is a NotSentError each.
    """
    waiting = enumerate(asked)
    outcomes: dict[int, Had | ServiceError] = {}
    course: _Course[Had] = _Course(max(_GIVE_UP_AFTER, 2 * at_once))

    async def work() -> None:
        for place, one in waiting:
            outcomes[place] = outcome = _not_sent(course.lost) if course.lost else await _outcome(do, one)
            course.goes_on_after(outcome)
            if on_done:
                on_done(place, outcome)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())
    return [outcomes[place] for place in sorted(outcomes)]


async def _outcome(do: Callable[[Asked], Awaitable[Had]], one: Asked) -> Had | ServiceError:
    try:
        return await do(one)
    except ServiceError as error:
        return error


def _not_sent(lost: ServiceError) -> NotSentError:
    return NotSentError(f"not sent, because nothing succeeded any more: {lost}")
