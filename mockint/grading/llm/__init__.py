"""Grading by an LLM on any OpenAI-compatible endpoint. `configured_grader` is the way in.

settings.py   which LLM, where, with what limits        client.py     one endpoint, as it really behaves
sheet.py      what is asked, and how a reply is read     evidence.py   is the quote really in the answer
grader.py     the votes and the marks                    obvious.py    what needs no LLM
budget.py     tokens and money                           cache.py      replies kept by content

Most people have configured none, so the settings are read before anything else is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mockint.errors import UsageError
from mockint.grading.llm.settings import OPENAI, Configuration, cache_file, configure

if TYPE_CHECKING:
    from mockint.grading.llm.client import Endpoint
    from mockint.grading.llm.grader import LLMGrader


def configured_grader(
    llm: str | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> LLMGrader | None:
    """The grader for the LLM of that name, or for the configured one; None when no LLM is configured.

    Raises UsageError when settings are wrong, or when an LLM is named but has neither a key nor an address of its own.
    """
    endpoint = configured_endpoint(llm, flags=flags, say=say)
    if endpoint is None:
        return None
    from mockint.grading.llm.grader import LLMGrader

    return LLMGrader(endpoint)


def configured_endpoint(
    llm: str | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Endpoint | None:
    """As `configured_grader`, for whoever needs the endpoint itself."""
    configuration = configure({**(flags or {}), "llm": llm} if llm else flags)
    if llm and not configuration.settings.is_configured:
        raise UsageError(missing_key(configuration))
    if not configuration.settings.is_configured:
        return None
    from mockint.grading.llm.client import Endpoint

    return Endpoint(configuration.settings, cache=cache_file(), say=say)


def missing_key(configuration: Configuration) -> str:
    return (
        f"{configuration.settings.llm!r} at {OPENAI} needs a key: set OPENAI_API_KEY. For a local or another endpoint "
        f"set OPENAI_BASE_URL (--base-url, or 'base_url' under [llm] in {configuration.file}); a local one needs no key"
    )
