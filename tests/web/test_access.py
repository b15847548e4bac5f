"""Who is let in, and what every reply forbids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockint.history import History
from mockint.web.guard import CONTENT_POLICY, Access
from tests.web.sites import Visitor, site_in, visiting


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(site_in(tmp_path)) as visitor:
        yield visitor


def sessions_in(visitor: Visitor) -> int:
    with History(visitor.site.history_path) as history:
        return len(history._db.execute("SELECT 1 FROM sessions").fetchall())


def test_the_token_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_can_use(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with visiting(site) as visitor:
        visitor.client.cookies.clear()
        reply = visitor.client.get(f"/bank?token={site.access.token}&a=b", follow_redirects=False)

    assert reply.status_code == 303
    assert reply.headers["location"] == "/bank?a=b"
    cookie = reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert site.access.token not in cookie


@pytest.mark.parametrize("path", ["/", "/history", "/bank/process-and-thread", "/media/systems/memory.svg", "/none"])
def test_without_the_cookie_nothing_is_shown(visitor: Visitor, path: str) -> None:
    visitor.client.cookies.clear()

    reply = visitor.get(path)

    assert reply.status_code == 403
    assert "mockint serve" in reply.text
    assert "process" not in reply.text


def test_a_wrong_token_opens_nothing(visitor: Visitor) -> None:
    visitor.client.cookies.clear()

    assert visitor.get("/?token=wrong").status_code == 403
    assert visitor.get("/?token=").status_code == 403
    assert visitor.get("/?token=%C3%A9").status_code == 403


def test_the_token_leads_to_no_other_host(visitor: Visitor) -> None:
    reply = visitor.client.get(
        f"http://127.0.0.1:8420//evil.example/?token={visitor.site.access.token}", follow_redirects=False
    )

    assert reply.headers["location"] == "/evil.example/"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8420", "127.0.0.1", "127.0.0.1:80", "", "[::1]:8420"])
def test_a_foreign_host_name_is_refused_even_with_the_cookie(visitor: Visitor, host: str) -> None:
    assert visitor.get("/", host=host).status_code == 403


def test_localhost_is_one_of_our_names(visitor: Visitor) -> None:
    cookie = f"{visitor.site.access.cookie_name}={visitor.site.access.cookie}"

    assert visitor.get("/", host="LOCALHOST:8420", cookie=cookie).status_code == 200


def test_beyond_loopback_an_address_is_a_name_of_ours_and_a_foreign_name_is_not() -> None:
    access = Access(hosts=frozenset({"box:1"}), port=1, any_address=True)

    assert access.knows_host("192.168.1.5:1")
    assert access.knows_host("[fe80::1]:1")
    assert access.knows_host("BOX:1")
    assert not access.knows_host("evil.example:1")
    assert not access.knows_host("192.168.1.5:2")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://evil.example"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8420"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
        {"sec-fetch-site": "none", "origin": "null"},
    ],
)
def test_a_form_of_another_page_changes_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    reply = visitor.post("/session", headers=headers, choice="mixed")

    assert reply.status_code == 403
    assert sessions_in(visitor) == 0


def test_a_request_that_tells_nothing_of_its_origin_changes_nothing(visitor: Visitor) -> None:
    reply = visitor.client.post("/session", data={"csrf": visitor.site.access.csrf})

    assert reply.status_code == 403
    assert sessions_in(visitor) == 0


def test_our_own_origin_is_enough_where_no_browser_sends_more(visitor: Visitor) -> None:
    data = {"csrf": visitor.site.access.csrf, "question": "process-and-thread"}
    reply = visitor.client.post("/session", data=data, headers={"origin": "http://127.0.0.1:8420"})

    assert reply.status_code == 200
    assert sessions_in(visitor) == 1


@pytest.mark.parametrize("csrf", ["", "wrong", "é"])
@pytest.mark.parametrize("path", ["/session", "/settings", "/session/x/answer", "/session/x/draft", "/session/x/hint"])
def test_a_form_without_its_token_changes_nothing(visitor: Visitor, path: str, csrf: str) -> None:
    reply = visitor.post(path, csrf=csrf, lang="zh")

    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers
    assert sessions_in(visitor) == 0


def test_a_form_that_is_too_large_is_refused(visitor: Visitor) -> None:
    session = visitor.begin()

    assert visitor.answer(session, "x" * 5_000_000).status_code == 413
    assert visitor.post("/session", **{f"f{n}": "x" for n in range(300)}).status_code == 422


def test_an_answer_of_a_hundred_thousand_chinese_characters_is_taken(visitor: Visitor) -> None:
    session = visitor.begin()

    assert visitor.answer(session, "线" * 100_000).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/bank", "/nothing", "/static/site.css", "/static/prose.css", "/static/none", "/session/none"]
)
def test_every_reply_forbids_what_is_not_ours(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers

    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "unsafe" not in CONTENT_POLICY


def test_a_refusal_forbids_the_same(visitor: Visitor) -> None:
    reply = visitor.get("/", host="evil.example")

    assert reply.headers["content-security-policy"] == CONTENT_POLICY


def test_a_page_holds_no_script_or_style_of_its_own(visitor: Visitor) -> None:
    session = visitor.begin()
    visitor.answer(session, "Threads share memory.")
    pages = ["/", f"/session/{session}", "/progress", "/history", "/bank", "/bank/hostile", "/settings"]

    for path in pages:
        html = visitor.get(path).text
        assert "<style" not in html
        assert " style=" not in html
        assert html.count("<script") == html.count('<script src="/static/')


@pytest.mark.parametrize(
    "path",
    [
        "/media/systems/none.svg",
        "/media/nowhere/memory.svg",
        "/media/systems/..%2f..%2ftopics.yaml",
        "/media/systems/process-and-thread.yaml",
        "/media/..%2fbank/systems",
        "/static/../site.py",
        "/static/%2e%2e/site.py",
    ],
)
def test_no_other_file_can_be_had(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_a_drawing_is_there_for_day_and_night_and_can_run_nothing(visitor: Visitor) -> None:
    day, night = visitor.get("/media/systems/memory.svg"), visitor.get("/media/systems/memory.svg?night=1")

    assert day.headers["content-type"] == "image/svg+xml"
    assert "#1c2128" not in day.text
    assert "#1c2128" in night.text
    assert "sandbox" in day.headers["content-security-policy"]
    assert "default-src 'none'" in day.headers["content-security-policy"]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_settings_return_to_no_other_site(visitor: Visitor, back: str) -> None:
    data = {"csrf": visitor.site.access.csrf, "lang": "zh", "back": back}
    reply = visitor.client.post("/settings", data=data, headers=visitor.headers, follow_redirects=False)

    assert reply.headers["location"] == "/settings?saved=1"
