"""The socket and the server on it. Bound before anything is printed, so that a port in use is told at once."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys

import uvicorn

from mockint.errors import UsageError
from mockint.markdown.html import code, maths
from mockint.web.app import build_app
from mockint.web.guard import Access
from mockint.web.site import Site

GRACE_SECONDS = 2
SWITCH_SECONDS = 0.0005  # a page waits for Python's lock after each of its SQL statements while a grader counts


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError when that cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as fault:
        raise UsageError(f"unknown host {host!r} ({fault.strerror}): give an address of this computer") from fault
    bound = socket.socket(family, kind, protocol)  # asyncio sends small replies at once only where TCP is named
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen(128)
    except OSError as fault:
        bound.close()
        if fault.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} is in use: give another with --port, or 0 for a free one") from fault
        raise UsageError(f"cannot listen on {host}:{port} ({fault.strerror}): give another --host or --port") from fault
    return bound


def access_for(bound: socket.socket, host: str) -> Access:
    """The names that the server may be asked for by."""
    port = bound.getsockname()[1]
    if is_loopback(host):
        names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
        return Access(hosts=frozenset(f"{name}:{port}" for name in names), port=port)
    names = {"127.0.0.1", "localhost", host.lower(), socket.gethostname().lower()}
    return Access(hosts=frozenset(f"{name}:{port}" for name in names), port=port, any_address=True)


def address_of(access: Access, host: str) -> str:
    """What to open: with the token."""
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{access.port}/?token={access.token}"


def server_of(site: Site) -> uvicorn.Server:
    """Runs until interrupted or told to exit. Requests are not logged: an address may hold the token."""
    sys.setswitchinterval(SWITCH_SECONDS)
    _warm(site)
    config = uvicorn.Config(
        build_app(site),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


def _warm(site: Site) -> None:
    """What the first pages would have to wait for: templates, the highlighter, the maths."""
    for name in site.templates.list_templates():
        site.templates.get_template(name)
    code("pass", "python")
    maths("x")
