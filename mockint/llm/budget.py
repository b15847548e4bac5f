"""Tokens and money: what was used, what it cost, and a limit that is kept before a request goes out.

A request reserves the most it can use (its prompt and the longest reply it allows); what the reply left unused is free
again. A request that does not fit beside those under way waits for them, since most use far less than they reserve; it
is refused only when it does not fit by itself. So the limit holds under concurrency too, and is used up.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from mockint.errors import NotSentError
from mockint.question import Frozen

Dollars = Annotated[float, Field(ge=0)]
MILLION = 1_000_000


class BudgetSpentError(NotSentError):
    """The next request does not fit into the budget. What was graded before stands.

    Its text is made when it is read: by then, other requests may have used more.
    """

    def __init__(self, meter: Meter) -> None:
        super().__init__(meter)
        self._meter = meter

    def __str__(self) -> str:
        meter = self._meter
        return f"not sent, because the budget of {meter.budget} has no room for another request (so far {meter})"


@dataclass(frozen=True)
class Usage:
    """Tokens as the endpoint counted them; `estimated` of the tokens are our own count, where it did not."""

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    estimated: int = 0
    replayed: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.estimated + other.estimated,
            self.replayed + other.replayed,
        )

    @property
    def tokens(self) -> int:
        return self.prompt + self.completion


class Price(Frozen):
    """Dollars for a million tokens. cached: for prompt tokens that the endpoint had seen before."""

    input: Dollars
    output: Dollars
    cached: Dollars | None = None

    def of(self, usage: Usage) -> float:
        cached = self.input if self.cached is None else self.cached
        fresh = usage.prompt - usage.cached
        return (fresh * self.input + usage.cached * cached + usage.completion * self.output) / MILLION


class Budget(Frozen):
    """A limit on tokens or on dollars. Written `20000`, `50k`, `1.5M` or `$0.50`."""

    tokens: Annotated[int, Field(gt=0)] | None = None
    dollars: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"tokens": value}
        if not isinstance(value, str):
            return value
        if found := re.fullmatch(r"\$\s*(\d+(?:\.\d+)?|\.\d+)", value.strip()):
            return {"dollars": float(found[1])}
        if found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kKmM]?)(?:\s*tokens)?", value.strip()):
            return {"tokens": round(float(found[1]) * {"": 1, "k": 1000, "m": MILLION}[found[2].lower()])}
        raise ValueError("expected tokens like 20000, 50k or 1.5M, or money like $0.50")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.tokens is None) == (self.dollars is None):
            raise ValueError("expected either tokens or dollars")
        return self

    def __str__(self) -> str:
        return f"{self.tokens} tokens" if self.tokens is not None else f"${self.dollars:g}"


class Meter:
    """Counts what one session uses, and keeps its budget. Not for use from several threads at once."""

    def __init__(self, budget: Budget | None, price: Price | None) -> None:
        self.used = Usage()
        self.budget = budget
        self._price = price
        self._saved = 0.0
        self._reserved = Usage()
        self._under_way = 0
        self._waiting: list[asyncio.Future[None]] = []

    async def reserve(self, *, prompt: int, completion: int) -> Usage:
        """Set a request's most aside. Waits for requests under way; raises BudgetSpentError when that cannot help."""
        most = Usage(prompt=prompt, completion=completion)
        while not self._fits(self.used + self._reserved + most):
            if not self._under_way:
                raise BudgetSpentError(self)
            await self._next_settlement()
        self._reserved += most
        self._under_way += 1
        return most

    def settle(self, reserved: Usage, used: Usage) -> None:
        """Exchange a reservation for what was really used; `Usage()` when nothing was."""
        self._reserved += Usage(prompt=-reserved.prompt, completion=-reserved.completion)
        self._under_way -= 1
        self.used += used
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def _next_settlement(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            self._waiting.remove(future)

    def add(self, used: Usage, *, share: float = 1.0) -> None:
        """Count what was used. share: of the usual price that was paid for it."""
        self.used += used
        if self._price:
            self._saved += self._price.of(used) * (1 - share)

    def allows(self, most: Usage, *, share: float) -> bool:
        """There is room for this now, beside everything under way, at a share of the usual price."""
        saved = self._price.of(most) * (1 - share) if self._price else 0.0
        return self._fits(self.used + self._reserved + most, saved)

    @property
    def cost(self) -> float | None:
        """Dollars so far, or None when no price is known."""
        return self._price.of(self.used) - self._saved if self._price else None

    def _fits(self, total: Usage, saved: float = 0.0) -> bool:
        budget = self.budget
        if budget is None:
            return True
        if budget.tokens is not None:
            return total.tokens <= budget.tokens
        if self._price is None or budget.dollars is None:
            return True
        return self._price.of(total) - self._saved - saved <= budget.dollars

    def __str__(self) -> str:
        used = self.used
        parts = [f"{used.requests} request{'s' if used.requests != 1 else ''}"]
        parts.append(f"{used.prompt} + {used.completion} tokens")
        if used.cached:
            parts.append(f"{used.cached} of them from the endpoint's cache")
        if used.replayed:
            parts.append(f"{used.replayed} replies replayed for nothing")
        if used.estimated:
            parts.append("partly our own estimate")
        if (cost := self.cost) is not None:
            parts.append(f"${cost:.4f}")
        return ", ".join(parts)


def estimated_tokens(text: str) -> int:
    """An estimate on the high side: a token for three Latin characters, three for two Chinese ones."""
    wide = 0 if text.isascii() else sum(char > "\u2e7f" for char in text)
    return (len(text) - wide + 2) // 3 + (wide * 3 + 1) // 2
