"""What an endpoint sends back: its text, why it ended, and the tokens it counted, or those that we count for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockint.llm.budget import Usage, estimated_tokens
from mockint.llm.faults import NoReplyError


@dataclass(frozen=True)
class Reply:
    """text has the secrets taken out. finish: why the endpoint stopped, in its own words. seconds: on the wire.

    thoughts: what the endpoint keeps apart from the text as the LLM's reasoning.
    """

    text: str
    finish: str
    usage: Usage
    served_by: str = ""
    fingerprint: str = ""
    seconds: float = 0.0
    replayed: bool = False
    thoughts: str = ""

    @property
    def is_cut_off(self) -> bool:
        return self.finish == "length"


def text_of(completion: Any) -> str:
    choices = getattr(completion, "choices", None)
    content = getattr(choices[0].message, "content", None) if choices else None
    return content if isinstance(content, str) else ""


def thoughts_of(completion: Any) -> str:
    """The reasoning that an endpoint puts beside the text, under either of its two usual names."""
    message = completion.choices[0].message
    for name in ("reasoning_content", "reasoning"):
        if isinstance(thoughts := getattr(message, name, None), str):
            return thoughts
    return ""


def refusal_of(completion: Any) -> str:
    """Why the endpoint would not reply, in its words; empty when it did."""
    choice = completion.choices[0]
    refusal = getattr(choice.message, "refusal", None)
    return str(refusal or ("content_filter" if choice.finish_reason == "content_filter" else ""))


def check_there_is_one(completion: Any) -> None:
    """Raises NoReplyError for a success that holds no reply: an error of a provider behind it, or no choice."""
    choices = getattr(completion, "choices", None)
    if choices and choices[0].message:
        return
    if isinstance(completion, str):
        raise NoReplyError(None, completion or "nothing")
    body = completion.model_dump() if hasattr(completion, "model_dump") else {}
    error = body.get("error")
    about = error.get("message") if isinstance(error, dict) else error
    raise NoReplyError(body, str(about or "no choices"))


def usage_of(reported: Any) -> Usage | None:
    prompt, completion = _count(reported, "prompt_tokens"), _count(reported, "completion_tokens")
    if not prompt + completion:
        return None
    cached = _count(getattr(reported, "prompt_tokens_details", None), "cached_tokens")
    return Usage(requests=1, prompt=prompt, cached=min(cached, prompt), completion=completion)


def _count(reported: Any, name: str) -> int:
    """A number of tokens. The package does not validate what an endpoint sends, so it may be anything."""
    value = getattr(reported, name, None)
    return value if isinstance(value, int) and value > 0 else 0


def prompt_tokens(messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None) -> int:
    text = sum(estimated_tokens(message["content"]) + 8 for message in messages)
    return text + (estimated_tokens(json.dumps(schema)) if schema else 0)


def estimated_usage(messages: Sequence[Mapping[str, str]], text: str) -> Usage:
    prompt, completion = prompt_tokens(messages, None), estimated_tokens(text)
    return Usage(1, prompt, 0, completion, estimated=prompt + completion)
