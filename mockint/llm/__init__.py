"""One OpenAI-compatible endpoint and the LLM on it, whatever it is asked for. `configured_endpoint` is the way in.

settings     which LLM, where, with what limits; from where each value came
endpoint     requests and replies, as endpoints really behave
traits       what an endpoint accepts, and the ladder of simpler forms
replies      what it sends back, and the tokens that are counted for it
faults       which kind of failure an error is, and what to tell a person
limits       when a request is worth sending again, and after how long
batch_api    many requests in one file, for half the price
budget       tokens and money
cache        replies kept by content
preflight    is it there, and what does it accept
prompts      reads the prompt files of whoever asks

Most people have configured none, so the settings are read before anything else is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mockint.errors import UsageError
from mockint.llm.settings import OPENAI, Configuration, cache_file, configure

if TYPE_CHECKING:
    from mockint.llm.endpoint import Endpoint


def configured_endpoint(
    llm: str | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    say: Callable[[str], None] | None = None,
) -> Endpoint | None:
    """The endpoint of the LLM of that name, or of the configured one; None when no LLM is configured.

    flags: settings from the command line. say: told in a sentence what is being waited for.
    Raises UsageError when settings are wrong, or when an LLM is named but has neither a key nor an address of its own.
    """
    configuration = configure({**(flags or {}), "llm": llm} if llm else flags)
    if llm and not configuration.settings.is_configured:
        raise UsageError(missing_key(configuration))
    if not configuration.settings.is_configured:
        return None
    from mockint.llm.endpoint import Endpoint

    return Endpoint(configuration.settings, cache=cache_file(), say=say)


def missing_key(configuration: Configuration) -> str:
    """What to set, in a sentence, where an LLM is named that cannot be asked yet."""
    return (
        f"{configuration.settings.llm!r} at {OPENAI} needs a key: set OPENAI_API_KEY. For a local or another endpoint "
        f"set OPENAI_BASE_URL (--base-url, or 'base_url' under [llm] in {configuration.file}); a local one needs no key"
    )
