"""What an endpoint accepts for one LLM, and the ladder of other forms to try after a refusal or a useless reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from mockint.llm.faults import is_too_long
from mockint.llm.replies import Reply

Rung = Literal["json_schema", "json_object", "plain"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
Limit = Literal["max_tokens", "max_completion_tokens"]
MORE_ROOM, MOST_ROOM = 4, 16
_FEWEST_TOKENS = 256  # a limit on replies below this is some other number in the endpoint's words


@dataclass(frozen=True)
class Traits:
    """What an endpoint accepts for one LLM, as far as it is known.

    room: how many times the length that the marks alone need; an LLM that thinks first needs more. longest: the most
    tokens that the endpoint lets a request ask for. is_guess: this rung was taken because the endpoint failed on those
    above without saying why, which may have passed by another time.
    """

    rung: Rung = "json_schema"
    temperature: bool = True
    reasoning_effort: bool = True
    limit: Limit = "max_tokens"
    limit_refused: bool = False
    stream_usage: bool = True
    room: int = 1
    longest: int | None = None
    is_guess: bool = False

    def most(self, tokens: int) -> int:
        """The limit to ask for, where the marks alone need so many tokens."""
        return tokens * self.room if self.longest is None else min(tokens * self.room, self.longest)

    def with_rung_below(self) -> Traits | None:
        place = RUNGS.index(self.rung) + 1
        return replace(self, rung=RUNGS[place]) if place < len(RUNGS) else None

    def with_more_room(self) -> Traits | None:
        return replace(self, room=self.room * MORE_ROOM) if self.room < MOST_ROOM else None


def after_refusal(traits: Traits, refusal: str, body: Mapping[str, Any]) -> Traits | None:
    """The form to try after a refusal of this one, or None when there is none left."""
    said = refusal.lower()
    if "temperature" in said and "temperature" in body:
        return replace(traits, temperature=False)
    if "reasoning_effort" in said and "reasoning_effort" in body and traits.reasoning_effort:
        return replace(traits, reasoning_effort=False)
    if "stream_options" in body and ("stream_options" in said or "include_usage" in said):
        return replace(traits, stream_usage=False)
    if re.search(r"\bmax_(completion_)?tokens\b", said) and (longest := _longest_allowed(said, body[traits.limit])):
        return replace(traits, longest=longest)
    if is_too_long(said):
        return None
    if traits.limit in body and re.search(rf"\b{traits.limit}\b", said) and not traits.limit_refused:
        other: Limit = "max_tokens" if traits.limit == "max_completion_tokens" else "max_completion_tokens"
        return replace(traits, limit=other, limit_refused=True)
    return traits.with_rung_below() if "response_format" in body else None


def _longest_allowed(said: str, asked: int) -> int | None:
    """The limit that a refusal of ours names, as in "the valid range is [1, 8192]". Not where the prompt counts too."""
    if "context" in said:
        return None
    named = [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d", said)]
    return max((number for number in named if _FEWEST_TOKENS <= number < asked), default=None)


def after_reply(traits: Traits, reply: Reply, *, is_json: bool, may_grow: bool) -> Traits | None:
    """The form that may get a better reply than this one; None when the reply is as good as it gets.

    is_json: JSON was asked for. may_grow: a longer reply may be asked for.
    """
    if reply.is_cut_off:
        return traits.with_more_room() if may_grow else None
    if is_json and not reply.text.strip() and reply.thoughts.strip():
        return traits.with_rung_below()  # some servers hold JSON that a schema forced for thoughts
    return None
