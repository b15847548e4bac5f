"""One request: who asks in which language, the form, and how to answer with a page."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from mockint.history import History
from mockint.phrases import PagePhrases, Refusal, formats
from mockint.question import LANGS, Lang
from mockint.web import view
from mockint.web.grading import Grading
from mockint.web.site import Site
from mockint.web.speaking import Speaking

THEMES = ("auto", "light", "dark")
LONGEST = 4 * 1024 * 1024  # bytes of a form; a Chinese character takes nine of them
MOST_FIELDS = 200
DAY = 86_400.0


class RefusedError(Exception):
    """A request that is not carried out, and the HTTP status that says so."""

    def __init__(self, reason: Refusal, status: int = 403) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True)
class SentForm:
    """The fields of a form, as text; what cannot be used is refused."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The last value of a field; the default when it was not sent."""
        return self.fields.get(name, [default])[-1]

    def many(self, name: str) -> list[str]:
        """All values of a field."""
        return self.fields.get(name, [])

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from low to high. Raises RefusedError for anything else, and for nothing without a default."""
        text = self.text(name)
        if not text and default is not None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
            raise RefusedError("value", 422)
        return int(text)

    def share(self, name: str) -> float | None:
        """A number between 0 and 1, or nothing."""
        value = self._float(name)
        return value if value is not None and 0 <= value <= 1 else None

    def seconds(self, name: str) -> float | None:
        """A time of at most a day; None when the field holds none."""
        value = self._float(name)
        return min(value, DAY) if value is not None and value >= 0 else None

    def _float(self, name: str) -> float | None:
        try:
            value = float(self.text(name))
        except ValueError:
            return None
        return value if math.isfinite(value) else None


async def read_form(request: Request, csrf: str) -> SentForm:
    """Raises RefusedError for a form that is too large, is not one, or does not hold this start's CSRF token."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise RefusedError("size", 413)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace")
    except ValueError:
        raise RefusedError("value", 422) from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    form = SentForm(fields)
    if not _same(form.text("csrf"), csrf):
        raise RefusedError("form")
    return form


def _same(given: str, wanted: str) -> bool:
    import hmac

    return hmac.compare_digest(given.encode(), wanted.encode())


@dataclass(frozen=True)
class Visit:
    """One request, and all that an answer to it needs."""

    site: Site
    grading: Grading
    speaking: Speaking
    history: History
    request: Request
    form: SentForm

    @cached_property
    def ui(self) -> Lang:
        """The language of the pages: as chosen in the settings, else as the browser asks for."""
        chosen = self.request.cookies.get("mockint-lang", "")
        if chosen in LANGS:
            return "zh" if chosen == "zh" else "en"
        asked = self.request.headers.get("accept-language", "")
        return "zh" if asked.lower().startswith("zh") else "en"

    @property
    def theme(self) -> str:
        """The colours, as chosen in the settings."""
        chosen = self.request.cookies.get("mockint-theme", "auto")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def words(self) -> PagePhrases:
        return PagePhrases(self.ui)

    @property
    def wants_json(self) -> bool:
        """Asked for by our own script, which stays on its page when something fails."""
        return self.request.headers.get("x-requested-with") == "fetch"

    def path(self, name: str) -> str:
        """A part of the address by its name in the route. Raises KeyError for another name."""
        return str(self.request.path_params[name])

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A template with these values as a whole page."""
        return HTMLResponse(self.fragment(template, **values), status_code=status)

    def fragment(self, template: str, **values: Any) -> str:
        """A template with these values as HTML."""
        return self.site.templates.get_template(template).render(**self._shared, **values)

    @cached_property
    def _shared(self) -> dict[str, Any]:
        return {
            "words": self.words,
            "ui": self.ui,
            "theme": self.theme,
            "csrf": self.site.access.csrf,
            "read_only": self.site.read_only,
            "grader": self.site.grader.name,
            "stays_here": self.site.speaker is None,
            "path": self.request.url.path,
            "view": view,
            "formats": formats,
            "topics": {topic.id: topic.name.in_(self.ui) for topic in self.site.bank.topics},
        }

    def go(self, address: str) -> Response:
        """After a form: what comes next, which loading again repeats without harm."""
        if self.wants_json:
            return JSONResponse({"next": address})
        return RedirectResponse(address, status_code=303)

    def notice(self, title: str, text: str, *, status: int, typed: str | None = None, back: str = "/") -> Response:
        """Something went otherwise. typed: what the person typed, to be seen and copied."""
        if self.wants_json:
            return JSONResponse({"error": text, "title": title}, status_code=status)
        return self.page("notice.html", status=status, title=title, text=text, typed=typed, back=back)
