"""What an endpoint accepts for one LLM, and the ladder of simpler forms to try after a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from mockint.llm.faults import is_too_long

Rung = Literal["json_schema", "json_object", "plain"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
Limit = Literal["max_tokens", "max_completion_tokens"]


@dataclass(frozen=True)
class Traits:
    """What an endpoint accepts for one LLM, as far as it is known."""

    rung: Rung = "json_schema"
    temperature: bool = True
    limit: Limit = "max_tokens"
    limit_refused: bool = False
    stream_usage: bool = True


def simpler(traits: Traits, refusal: str, body: Mapping[str, Any]) -> Traits | None:
    """The form to try after a refusal of this one, or None when there is none left."""
    said = refusal.lower()
    if "temperature" in said and "temperature" in body:
        return replace(traits, temperature=False)
    if "stream_options" in body and ("stream_options" in said or "include_usage" in said):
        return replace(traits, stream_usage=False)
    if is_too_long(said):
        return None
    if traits.limit in body and re.search(rf"\b{traits.limit}\b", said) and not traits.limit_refused:
        other: Limit = "max_tokens" if traits.limit == "max_completion_tokens" else "max_completion_tokens"
        return replace(traits, limit=other, limit_refused=True)
    if "response_format" in body:
        return replace(traits, rung=RUNGS[RUNGS.index(traits.rung) + 1])
    return None
