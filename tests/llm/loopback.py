"""A real HTTP server on loopback that speaks Chat Completions and misbehaves as told.

A `Script` is a function from the request's body to what is sent back: a `Reply`, or an `Http` for anything else. Every
request that came in is kept, so that a test can see what went over the wire.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """A chat completion. prompt, completion: the usage it reports; None reports none. thoughts: kept apart."""

    text: str
    finish: str = "stop"
    prompt: int | None = 100
    completion: int = 20
    seconds: float = 0.0
    thoughts: str = ""


@dataclass(frozen=True)
class Http:
    """Any other response. drop: close the connection without a word, after the text has been sent."""

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drop: bool = False


Script = Callable[[Body], Reply | Http]
More = Callable[[str, str, bytes], Http | None]


def error(status: int, message: str, **headers: str) -> Http:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Http(status, json.dumps({"error": {"message": message, "type": "invalid_request_error"}}), named)


@dataclass
class Server:
    url: str
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0

    @property
    def count(self) -> int:
        return len(self.requests)


@contextmanager
def serving(script: Script, more: More | None = None) -> Iterator[Server]:
    """more: what else it serves, by method, path and body; None for what it does not know."""
    lock = threading.Lock()
    under_way = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or the body waits 40 ms for an acknowledgement of the headers

        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            if more and (made := more("GET", self.path, b"")):
                self._send(made)
                return
            self._send(Http(200, json.dumps({"object": "list", "data": [{"id": "tiny", "object": "model"}]})))

        def do_POST(self) -> None:
            nonlocal under_way
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if more and (other := more("POST", self.path, data)):
                self._send(other)
                return
            if not self.path.endswith("/chat/completions"):
                self._send(Http(404, json.dumps({"error": {"message": f"no {self.path} here"}})))
                return
            body = json.loads(data)
            with lock:
                server.requests.append(body)
                server.headers.append({name.lower(): value for name, value in self.headers.items()})
                under_way += 1
                server.most_at_once = max(server.most_at_once, under_way)
            try:
                made = script(body)
                time.sleep(made.seconds)
                if isinstance(made, Http):
                    self._send(made)
                elif body.get("stream"):
                    self._stream(made)
                else:
                    self._send(Http(200, json.dumps(completion(made))))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                with lock:
                    under_way -= 1

        def _send(self, made: Http) -> None:
            data = made.text.encode()
            if made.drop:
                self.wfile.write(data)
                self.close_connection = True
                return
            self.send_response(made.status)
            for name, value in {"Content-Type": "application/json", **made.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, made: Reply) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in re.findall(r"\S+\s*", made.text):
                self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": made.finish}]})
            if made.prompt is not None:
                self._event({"choices": [], "usage": completion(made)["usage"]})
            self.wfile.write(b"data: [DONE]\n\n")
            self.close_connection = True

        def _event(self, more: Body) -> None:
            event = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "tiny", **more}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: object) -> None:
            return

    http = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def completion(reply: Reply) -> Body:
    usage = None
    if reply.prompt is not None:
        total = reply.prompt + reply.completion
        usage = {"prompt_tokens": reply.prompt, "completion_tokens": reply.completion, "total_tokens": total}
    message = {"role": "assistant", "content": reply.text}
    if reply.thoughts:
        message["reasoning_content"] = reply.thoughts
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish}],
        "usage": usage,
    }


def asked(body: Body) -> dict[str, str]:
    """The criteria that a request asks about: their text by name, of those whose names its last message lists."""
    listed = re.findall(r"^- ([km]\d\d) \([a-z ]+\): (.*)$", body["messages"][1]["content"], re.MULTILINE)
    names = re.findall(r"\b[km]\d\d\b", body["messages"][-1]["content"].rsplit("members", 1)[-1])
    return {name: text for name, text in listed if name in names}


def answer_in(body: Body) -> str:
    """The candidate's answer, decoded from the request."""
    found = re.search(r"<<<(\w+)\n(.*)\n\1>>>", body["messages"][1]["content"])
    assert found, "a request carries the fenced answer"
    return str(json.loads(found[2]))


def marks(**members: tuple[str, str] | str) -> str:
    """`k01=("quote", "met")` or `k02="missing"`, as the JSON of a reply."""
    whole = {}
    for name, value in members.items():
        evidence, verdict = value if isinstance(value, tuple) else ("", value)
        whole[name] = {"evidence": evidence, "reason": f"because of {name}", "verdict": verdict}
    return json.dumps(whole, ensure_ascii=False)


def honest(quotes: Mapping[str, str]) -> Script:
    """A good LLM: `quotes` maps a text of the criterion to words; met (or stated) when the answer holds those words."""

    def script(body: Body) -> Reply:
        answer, found = answer_in(body), {}
        for name, text in asked(body).items():
            quote = quotes.get(text, "")
            credited = bool(quote) and quote in answer
            verdict = ("met" if credited else "missing") if name[0] == "k" else ("stated" if credited else "absent")
            found[name] = (quote if credited else "", verdict)
        return Reply(marks(**found))

    return script
