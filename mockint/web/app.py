"""The routes, and what becomes of a request that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from mockint.errors import MockintError, UsageError
from mockint.history import History
from mockint.markdown.html import prose_css
from mockint.web import actions, pages, reports
from mockint.web.events import RunInThread, T, exam_events, verdict_events
from mockint.web.grading import Grading, Job
from mockint.web.guard import Guard
from mockint.web.site import Site, Threads
from mockint.web.speaking import Speaking
from mockint.web.visit import RefusedError, SentForm, Visit, read_form

PageHandler = Callable[[Visit], Response]
RouteHandler = Callable[[Request], Awaitable[Response]]
READERS = 4


def build_app(site: Site) -> Guard:
    """The whole site behind its guard. Runs its threads between startup and shutdown."""
    shared = _Routing(site)
    get, post = shared.get, shared.post

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.to_thread(shared.close)

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/", get(pages.home)),
            Route("/session", post(actions.new_session), methods=["POST"]),
            Route("/session/{session}", get(pages.session)),
            Route("/session/{session}/answer", post(actions.answer), methods=["POST"]),
            Route("/session/{session}/draft", post(actions.draft), methods=["POST"]),
            Route("/session/{session}/hint", post(actions.hint), methods=["POST"]),
            Route("/session/{session}/grade", post(actions.grade), methods=["POST"]),
            Route("/session/{session}/verdict/{place:int}", get(pages.verdict)),
            Route("/session/{session}/verdict/{place:int}/events", shared.stream(verdict_events)),
            Route("/session/{session}/grading", get(pages.grading)),
            Route("/session/{session}/grading/events", shared.stream(exam_events)),
            Route("/session/{session}/summary", get(pages.summary)),
            Route("/session/{session}/clarify", post(actions.clarify), methods=["POST"]),
            Route("/session/{session}/report", get(reports.of_session)),
            Route("/report", get(reports.of_everything)),
            Route("/progress", get(pages.progress)),
            Route("/history", get(pages.history)),
            Route("/bank", get(pages.bank)),
            Route("/bank/{question}", get(pages.bank_question)),
            Route("/settings", get(pages.settings)),
            Route("/settings", post(actions.settings, changes=False), methods=["POST"]),
            Route("/media/{topic}/{name}", get(pages.media)),
            Route("/refused/{reason}", get(pages.refused)),
            Route("/static/prose.css", _prose),
            Mount("/static", StaticFiles(packages=[("mockint.web", "static")])),
        ],
        exception_handlers={404: shared.not_found, 405: shared.not_found, 500: shared.bug},
    )
    return Guard(app, site.access)


class _Routing:
    """The threads of one start, and the way from a request to a handler that may use the history."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._readers = Threads(site.history_path, READERS, name="page")
        self._grading = Grading(site)
        self._speaking = Speaking(site)

    def close(self) -> None:
        self._grading.close()
        self._speaking.close()
        self._readers.close()

    def get(self, handler: PageHandler) -> RouteHandler:
        async def endpoint(request: Request) -> Response:
            return await self._handled(request, handler, SentForm())

        return endpoint

    def post(self, handler: PageHandler, *, changes: bool = True) -> RouteHandler:
        """changes: it writes to the history, which a read-only start does not do."""

        async def endpoint(request: Request) -> Response:
            try:
                form = await read_form(request, self._site.access.csrf)
                if changes and self._site.read_only:
                    raise RefusedError("read_only")
            except RefusedError as refused:
                return await self._handled(request, _refusing(refused), SentForm())
            return await self._handled(request, handler, form)

        return endpoint

    def stream(self, events: Callable[[RunInThread, Job | None], AsyncIterator[str]]) -> RouteHandler:
        """Server-sent events about a session's job. What is needed to draw one is asked of the threads as a page is."""

        async def endpoint(request: Request) -> Response:
            async def run(draw: Callable[[Visit], T]) -> T:
                return await self._readers.run(lambda history: draw(self._visit(request, history, SentForm())))

            job = self._grading.job(request.path_params["session"])
            return StreamingResponse(events(run, job), media_type="text/event-stream")

        return endpoint

    async def _handled(self, request: Request, handler: PageHandler, form: SentForm) -> Response:
        return await self._readers.run(lambda history: _answered(handler, self._visit(request, history, form)))

    def _visit(self, request: Request, history: History, form: SentForm) -> Visit:
        return Visit(self._site, self._grading, self._speaking, history, request, form)

    async def not_found(self, request: Request, _: Exception) -> Response:
        return await self._handled(request, _not_found, SentForm())

    async def bug(self, request: Request, _: Exception) -> Response:
        """The traceback goes to the terminal; the page says no more than that."""
        return await self._handled(
            request, lambda visit: visit.notice(visit.words.trouble, visit.words.bug, status=500), SentForm()
        )


def _answered(handler: PageHandler, visit: Visit) -> Response:
    try:
        return handler(visit)
    except RefusedError as refused:
        return _refusing(refused)(visit)
    except UsageError as error:
        return visit.notice(visit.words.not_found, str(error), status=404)
    except MockintError as error:
        return visit.notice(visit.words.trouble, str(error), status=503)


def _refusing(refused: RefusedError) -> PageHandler:
    if refused.status == 404:
        return _not_found
    return lambda visit: visit.notice(visit.words.refused, visit.words.refusals[refused.reason], status=refused.status)


def _bug(visit: Visit) -> Response:
    return visit.notice(visit.words.trouble, visit.words.bug, status=500)


def _not_found(visit: Visit) -> Response:
    return visit.notice(visit.words.not_found, visit.words.not_found_line, status=404)


async def _prose(_: Request) -> Response:
    return Response(prose_css(), media_type="text/css")
