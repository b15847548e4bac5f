"""The report of a session or of everything, as the reports make it: one HTML file of its own, shown as it is."""

from __future__ import annotations

import threading
from importlib.util import find_spec

from starlette.responses import HTMLResponse, RedirectResponse, Response

from mockint.reports import Report, progress_report, session_report
from mockint.web import view
from mockint.web.visit import Visit

# A report brings its style sheet and the styles of its drawings with it, and no script.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_DRAWING = threading.Lock()  # the plotting library is not made for several threads


def is_there() -> bool:
    """Whether the reports' own extra is installed."""
    return find_spec("matplotlib") is not None


def of_session(visit: Visit) -> Response:
    """In the language of the session. An exam that goes on has none, and leads to its summary."""
    session = visit.history.session(visit.path("session"))
    if view.is_hidden(session):
        return RedirectResponse(f"/session/{session.id}/summary", status_code=303)
    return _shown(session_report(visit.history, session.id, lang=session.lang, topics=visit.site.bank.topics))


def of_everything(visit: Visit) -> Response:
    """In the language of the pages."""
    return _shown(
        progress_report(visit.history, lang=visit.ui, topics=visit.site.bank.topics, keep_sums=not visit.site.read_only)
    )


def _shown(report: Report) -> Response:
    from mockint.reports.page import page

    with _DRAWING:
        html = page(report)
    return HTMLResponse(html, headers={"Content-Security-Policy": POLICY})
