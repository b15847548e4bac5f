"""A real Chromium on a real server: what is typed is never lost, the keyboard is enough, nothing else is loaded."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from mockint.history import History
from tests.web.conftest import Desk, begin
from tests.web.sites import ATTACK, free_port, served, site_in

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

GOOD = "A process has its own address space, and threads in it share that memory."
GOOD_ZH = "进程有自己独立的地址空间。同一进程的线程共享内存。"
MORE = "Switching threads is cheaper; a crash of one thread ends the whole process."
MORE_ZH = "线程切换比进程切换便宜。一个线程崩溃会让整个进程退出。"


def handed_in(desk: Desk) -> list[tuple[str, str | None]]:
    with History(desk.site.history_path) as history:
        return [(part.answer, part.outcome) for one in history.sessions(limit=9) for part in one.attempts[0].parts]


SAVED = r"/\d\d:\d\d:\d\d/.test(document.getElementById('saved').textContent)"
NAMED = "document.getElementById('answer').elements.writer.value !== ''"


def until(page: Any, holds: str) -> None:
    """Playwright's own waiting evaluates a string in the page, which the pages' policy rightly forbids."""
    deadline = time.monotonic() + 15
    while not page.evaluate(holds):
        assert time.monotonic() < deadline, f"never: {holds}"
        page.wait_for_timeout(50)


def text_of(page: Any) -> str:
    return str(page.input_value("#text"))


def verdict_of(page: Any) -> Any:
    page.wait_for_selector(".verdict-rest")
    return page


@pytest.mark.parametrize(
    ("lang", "locale", "answer", "more", "met", "summary"),
    [
        (
            "en",
            "en-US",
            GOOD,
            MORE,
            "met",
            "Summary",
        ),
        ("zh", "zh-CN", GOOD_ZH, MORE_ZH, "答到", "小结"),
    ],
)
def test_a_whole_session_by_keyboard_alone(
    desk: Desk, lang: str, locale: str, answer: str, more: str, met: str, summary: str
) -> None:
    page = desk.window(locale=locale)
    tab_to(page, "input[name=choice][value=due]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=topic][value=systems]")
    page.keyboard.press("Space")
    tab_to(page, "input[name=count]")
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_selector("#text")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.insert_text(answer)
    tab_to(page, "input[name=confidence][value='0.1']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Enter")
    verdict_of(page)
    expect(page.locator(".point.v-met")).to_have_count(2)
    assert page.locator(".point").first.locator(".verdict-word").inner_text().split()[1] == met
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#text")
    page.keyboard.insert_text(more)
    page.keyboard.press("Control+Enter")
    verdict_of(page)
    until(page, "document.querySelectorAll('.point.v-met').length === 4")
    assert "100%" in page.inner_text(".score")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/summary")

    assert page.inner_text("h1").startswith(summary)
    with History(desk.site.history_path) as history:
        kept = history.sessions(limit=1)[0]
    assert kept.lang == lang
    assert kept.attempts[0].confidence == 0.3
    assert 0 < (kept.attempts[0].parts[0].seconds or 0) < 60


def tab_to(page: Any, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


def test_a_reload_in_the_middle_of_a_word_loses_nothing(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.keyboard.type("A process has its own add")
    page.reload()

    assert text_of(page) == "A process has its own add"
    page.keyboard.type("ress space")
    assert text_of(page) == "A process has its own address space"


def test_what_was_typed_two_seconds_ago_survives_a_browser_that_dies(desk: Desk) -> None:
    first = desk.context()
    page = desk.window(first)
    begin(page)
    page.keyboard.insert_text("前半句 and a half")
    until(page, SAVED)
    where = page.url
    first.close()

    other = desk.window()
    assert "Left open" in other.inner_text("main")
    other.goto(where)
    assert text_of(other) == "前半句 and a half"


def test_leaving_the_page_saves_at_once(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    where = page.url
    page.keyboard.insert_text("on my way out")
    page.goto(f"{desk.address}/bank")
    other = desk.window()
    other.goto(where)

    assert text_of(other) == "on my way out"


def test_two_windows_on_one_question_lose_no_words(desk: Desk) -> None:
    context = desk.context()
    first, second = desk.window(context), desk.window(context)
    begin(first)
    second.goto(first.url)
    first.fill("#text", GOOD)
    second.fill("#text", f"Something else. {ATTACK}")
    until(second, SAVED)
    first.keyboard.press("Control+Enter")
    verdict_of(first)

    second.bring_to_front()
    second.focus("#text")
    desk.complaints.clear()
    second.keyboard.press("Control+Enter")
    second.wait_for_selector("#trouble:not([hidden])")
    refusal = [complaint for complaint in desk.complaints if "409" in complaint]
    desk.complaints.clear()

    assert len(refusal) == 1
    assert "another window" in second.inner_text("#trouble")
    expect(second.locator("#onwards a")).to_be_visible()
    assert text_of(second) == f"Something else. {ATTACK}"
    assert handed_in(desk)[0] == (GOOD, "answered")
    with History(desk.site.history_path) as history:
        attempt = history.sessions(limit=1)[0].attempts[0]
        assert [draft.text for draft in history.drafts(attempt.id, 0)] == [f"Something else. {ATTACK}"]


def test_a_duplicated_window_writes_drafts_of_its_own(desk: Desk) -> None:
    context = desk.context()
    first = desk.window(context)
    begin(first)
    until(first, NAMED)
    with context.expect_page() as opened:
        first.evaluate("window.open(location.href)")
    second = opened.value
    until(second, NAMED)

    names = [page.input_value("input[name=writer]") for page in (first, second)]
    assert names[0] != names[1]


def test_when_the_server_is_gone_the_words_stay_and_are_handed_in_later(tmp_path: Path, chromium: Any) -> None:
    port = free_port()
    site = site_in(tmp_path, port=port)
    with served(site, port) as address:
        desk = Desk(site, address, chromium)
        page = desk.window()
        begin(page)
        page.fill("#text", "before")
    page.fill("#text", GOOD)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "Not handed in" in page.inner_text("#trouble")
    assert text_of(page) == GOOD

    with served(replace(site), port):
        page.keyboard.press("Control+Enter")
        verdict_of(page)
        page.context.close()
    assert handed_in(desk)[0] == (GOOD, "answered")


def test_a_hint_keeps_the_words_in_the_editor(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.keyboard.type("so far")
    page.click("button[formaction$='/hint']")
    page.wait_for_selector(".hints")

    assert "memory" in page.inner_text(".hints")
    assert text_of(page) == "so far"


def test_the_clock_goes_on_after_a_reload_and_tells_when_the_time_is_over(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.keyboard.type("x")
    page.evaluate(
        """async () => {
            const form = document.getElementById("answer");
            const body = new URLSearchParams(new FormData(form));
            body.set("seconds", "200");
            await fetch(form.dataset.draft, {method: "POST", body});
        }"""
    )
    page.reload()
    page.wait_for_selector(".over:not([hidden])")

    assert re.search(r"3:2\d of 3 min, over by 0:2\d", page.inner_text("#clock"))


def test_an_exam_shows_its_verdicts_at_the_end(desk: Desk) -> None:
    page = desk.window()
    page.check("input[name=topic][value=networks]")
    begin(page, mode="exam", count=2)
    for number in (1, 2):
        page.locator("h1", has_text=f"{number} of 2").wait_for()
        page.wait_for_selector("#left:not([hidden])")
        page.fill("#text", GOOD)
        page.keyboard.press("Control+Enter")
    page.wait_for_url("**/summary")

    expect(page.locator(".rows li")).to_have_count(2)
    expect(page.locator(".rows .dot")).to_have_count(2)


def test_verdicts_come_one_by_one_and_are_read_out(desk: Desk) -> None:
    page = desk.window()
    begin(page)
    page.fill("#text", GOOD)
    page.evaluate("sessionStorage.setItem('watch', '1')")
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            const rows = document.getElementById("rows");
            window.seen = [];
            const look = () => window.seen.push(rows.children.length);
            if (rows) new MutationObserver(look).observe(rows, {childList: true});
        })"""
    )
    page.keyboard.press("Control+Enter")
    verdict_of(page)

    assert page.evaluate("window.seen") == [1, 2]
    assert page.get_attribute("#rows", "aria-live") == "polite"
    assert page.get_attribute("#waiting", "role") == "status"


def test_a_broken_stream_ends_in_the_same_page(desk: Desk) -> None:
    page = desk.window()
    page.route("**/events", lambda route: route.abort())
    begin(page)
    page.fill("#text", GOOD)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".verdict-rest")
    broken = [complaint for complaint in desk.complaints if "ERR_FAILED" in complaint]
    desk.complaints[:] = [complaint for complaint in desk.complaints if "ERR_FAILED" not in complaint]

    assert broken
    expect(page.locator(".point.v-met")).to_have_count(2)


def test_without_scripts_a_session_can_be_held(desk: Desk) -> None:
    page = desk.window(java_script_enabled=False)
    begin(page)
    page.fill("#text", GOOD)
    page.click("button[value=answered]")
    page.wait_for_selector(".verdict-rest")
    page.click("a.primary")
    page.click("button[value=dont-know]")
    page.wait_for_selector(".verdict-rest")

    expect(page.locator(".point.v-met")).to_have_count(2)
    expect(page.locator(".point.v-missing")).to_have_count(2)


def test_hostile_text_runs_nothing(desk: Desk) -> None:
    page = desk.window()
    page.select_option("select[name=level_from]", "5")
    begin(page, topic="networks")
    page.fill("#text", f"{ATTACK} the client sends a SYN")
    page.keyboard.press("Control+Enter")
    verdict_of(page)
    assert ATTACK in page.inner_text(".said")
    for path in ("/bank", "/bank/hostile", "/progress", "/history"):
        page.goto(desk.address + path)
        assert page.evaluate("window.pwned") is None
    page.goto(f"{desk.address}/bank/hostile")
    page.click("#model > summary")

    assert page.evaluate("window.pwned") is None
    assert "window.pwned=1" in page.inner_text("main")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_page_is_accessible_by_day_and_night_and_fits_a_phone(desk: Desk, locale: str) -> None:
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page = desk.window(locale=locale, viewport={"width": 390, "height": 844})

    def look(name: str) -> None:
        page.evaluate(axe)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            result = page.evaluate("axe.run({resultTypes: ['violations']})")
            found = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in result["violations"]]
            assert found == [], f"{name} {theme}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than a phone"

    look("first visit")
    begin(page, lang=locale[:2])
    look("question")
    page.fill("#text", GOOD if locale == "en-US" else GOOD_ZH)
    page.click("button[formaction$='/hint']")
    page.wait_for_selector(".hints")
    look("question with a hint")
    page.keyboard.press("Control+Enter")
    verdict_of(page)
    page.wait_for_timeout(400)
    look("interim verdict")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#text")
    look("follow-up")
    page.fill("#text", "Threads are isolated. 线程之间互相隔离。")
    page.keyboard.press("Control+Enter")
    verdict_of(page)
    page.wait_for_timeout(400)
    look("verdict")
    page.reload()
    look("verdict again")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/summary")
    look("summary")
    for path in ("/", "/progress", "/history", "/bank", "/settings", "/bank/hostile"):
        page.goto(desk.address + path)
        look(path)
    page.goto(f"{desk.address}/bank/process-and-thread")
    page.click("#model > summary")
    look("bank question, unfolded")
    page.goto(f"{desk.address}/nothing")
    desk.complaints[:] = [complaint for complaint in desk.complaints if "404" not in complaint]
    look("nothing here")


def test_the_chosen_colours_win_over_the_systems(desk: Desk) -> None:
    page = desk.window(color_scheme="dark")
    page.goto(f"{desk.address}/settings")
    page.check("input[name=theme][value=light]", force=True)
    page.click("main button.primary")
    page.wait_for_selector(".note.good")
    page.goto(f"{desk.address}/bank/process-and-thread")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 251, 252)"
    expect(page.locator(".by-day").first).to_be_visible()  # once its file, asked for late, is there
    expect(page.locator(".by-night").first).to_be_hidden()
