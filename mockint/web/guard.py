"""Who may ask this server for anything: the browser that was given the token, and no other page through it.

    Host                 must be a name of ours, or a page elsewhere could point its own name here (DNS rebinding)
    ?token=…             in the printed address, exchanged once for a cookie that no script and no other site can use
    Origin, Sec-Fetch-*  of whatever changes something must be our own
    headers              forbid a page to load, run or be framed by anything that is not ours

The CSRF token of forms is checked where forms are read.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SAFE = ("GET", "HEAD")
OPEN = ("/static/",)  # the refusal needs its style sheet, too; nothing there is anybody's own


@dataclass(frozen=True)
class Access:
    """The keys of one start of the server. hosts: the names it may be asked for by, as `name:port`.

    any_address: it listens beyond loopback, so that every numeric address is one of its own: rebinding needs a name.
    """

    hosts: frozenset[str]
    port: int
    any_address: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def cookie_name(self) -> str:
        """With the port: cookies do not tell two servers of one host apart."""
        return f"mockint-{self.port}"

    def knows_host(self, host: str) -> bool:
        """host: as the browser names it, `name:port`."""
        if host.lower() in self.hosts:
            return True
        name, _, port = host.rpartition(":")
        return self.any_address and port == str(self.port) and _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """ASGI middleware. What is refused goes to the app as the path `/refused/REASON`, which draws it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        send = self._with_headers(send, scope["path"])
        if reason := self._refusal(scope, headers):
            await self._app({**scope, "method": "GET", "path": f"/refused/{reason}"}, receive, send)
        elif scope["method"] in SAFE and (target := self._entrance(scope)) is not None:
            await _redirect(send, target, self._set_cookie())
        elif not self._may_enter(scope, headers):
            await self._app({**scope, "method": "GET", "path": "/refused/token"}, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> str | None:
        if scope["path"].startswith("/refused/"):
            return "host"
        if not self._access.knows_host(headers.get("host", "")):
            return "host"
        if scope["method"] not in SAFE and not self._is_own(headers):
            return "origin"
        return None

    def _is_own(self, headers: Headers) -> bool:
        """Asked for by one of our own pages. `no-referrer` makes the Origin of a form `null`; Sec-Fetch-Site is then
        what tells, which a page cannot forge. A browser sends one of the two; whoever sends neither is refused."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site not in ("same-origin", "none"):
            return False
        if origin is not None and not (origin == "null" and site == "same-origin"):
            return origin == f"http://{headers.get('host', '')}"
        return site is not None

    def _entrance(self, scope: Scope) -> str | None:
        """The address without its token, when it has the right one."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        given = dict(query).get("token", "")
        if not given or not hmac.compare_digest(given.encode(), self._access.token.encode()):
            return None
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        path = "/" + scope["path"].lstrip("/")  # `//elsewhere` would lead to another host
        return f"{path}?{rest}" if rest else path

    def _set_cookie(self) -> str:
        return f"{self._access.cookie_name}={self._access.cookie}; Path=/; HttpOnly; SameSite=Strict"

    def _may_enter(self, scope: Scope, headers: Headers) -> bool:
        if scope["path"].startswith(OPEN) and scope["method"] in SAFE:
            return True
        given = cookie_parser(headers.get("cookie", "")).get(self._access.cookie_name, "")
        return hmac.compare_digest(given.encode(), self._access.cookie.encode())

    def _with_headers(self, send: Send, path: str) -> Send:
        # Beyond loopback no browser sends Sec-Fetch-Site over plain HTTP, and only Origin is left to tell by.
        referrer = "same-origin" if self._access.any_address else "no-referrer"

        caching = "no-cache" if path.startswith(OPEN) else "no-store"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
                headers.setdefault("Cache-Control", caching)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = referrer
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            await send(message)

        return with_headers


async def _redirect(send: Send, target: str, cookie: str) -> None:
    headers = [(b"location", target.encode("latin-1", "replace")), (b"set-cookie", cookie.encode())]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
