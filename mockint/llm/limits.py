"""When a request is worth sending again, and after how long."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockint.llm.faults import is_about_the_form, is_out_of_quota

if TYPE_CHECKING:
    import openai

RETRIES = 2


def pause_after(error: openai.APIStatusError | openai.APIConnectionError, attempt: int) -> float | None:
    """Seconds until the next try: what Retry-After asks, else a growing pause; None when trying again is useless."""
    import openai

    pause: float = 0.5 * 2**attempt * random.uniform(0.75, 1.0)
    if isinstance(error, openai.APITimeoutError):
        return None
    if isinstance(error, openai.APIConnectionError):
        return pause
    asked = _retry_after(error.response.headers)
    wanted = error.response.headers.get("x-should-retry")
    passing = error.status_code in (408, 409, 429) or error.status_code >= 500
    if wanted == "false" or (wanted != "true" and not passing) or is_out_of_quota(error) or is_about_the_form(error):
        return None
    return pause if asked is None else asked


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or `Retry-After` (seconds or a date). None when there is neither."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    text = str(headers.get("retry-after", ""))
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return float(max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time()))
    except (TypeError, ValueError):
        return None
