"""Try an endpoint before relying on it: is it there, what does it list, does it stream?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from mockint.errors import ServiceError
from mockint.llm.endpoint import Endpoint

_HELLO = [{"role": "user", "content": "Say in one short sentence that you are ready to begin."}]
_MOST_TOKENS = 400


@dataclass(frozen=True)
class Reached:
    """seconds: until the first reply was whole. llms: the names that the endpoint lists. streams: text came in pieces.

    failures: what went wrong, in sentences.
    """

    seconds: float
    llms: list[str]
    streams: bool
    failures: list[str]


def reach(endpoint: Endpoint) -> Reached:
    """Two small requests. Raises EndpointError when the endpoint cannot be reached or used at all."""
    return asyncio.run(_reached(endpoint))


async def _reached(endpoint: Endpoint) -> Reached:
    """Not every endpoint lists its LLMs, so that alone is no failure."""
    began = time.monotonic()
    failures: list[str] = []
    llms: list[str] = []
    pieces: list[str] = []

    def take(piece: str) -> bool:
        pieces.append(piece)
        return True

    async with endpoint.connect() as connection:
        await connection.stream(_HELLO, most=_MOST_TOKENS, on_text=take)
        try:
            llms = await connection.llms()
        except ServiceError as error:
            failures.append(f"it does not list its LLMs: {error}")
    return Reached(time.monotonic() - began, llms, len(pieces) > 0, failures)
