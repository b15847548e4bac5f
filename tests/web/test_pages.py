"""What a visitor meets, page by page, without a screen and without a script."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockint.bank import load_bank
from mockint.grading import grader_named
from mockint.grading.grade import Mark, grade_of
from mockint.history import History, Session, overview
from mockint.question import Question
from mockint.reports import progress_report
from mockint.web.grading import WORKERS, Grading
from mockint.web.view import rows
from tests.one_question import ZERO, plan
from tests.web.sites import ATTACK, Broken, Failing, Fields, Visitor, Waiting, site_in, visiting, write_bank

GOOD = (
    "A process has its own address space, and the threads in it share that memory. Switching threads is cheaper than "
    "switching processes, but when one thread crashes the whole process goes down."
)
MISSING = "Your answer does not say this."


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    with visiting(site_in(tmp_path)) as visitor:
        yield visitor


def kept(visitor: Visitor, session: str) -> Session:
    with History(visitor.site.history_path) as history:
        return history.session(session)


def drafts(visitor: Visitor, session: str) -> list[tuple[str, str]]:
    with History(visitor.site.history_path) as history:
        attempt = history.session(session).attempts[0]
        return [(draft.writer, draft.text) for draft in history.drafts(attempt.id, 0)]


def test_a_first_visit_explains_itself_and_a_later_one_does_not(visitor: Visitor) -> None:
    assert "How it works" in visitor.get("/").text

    visitor.answer(visitor.begin(), GOOD)

    assert "How it works" not in visitor.get("/").text


def test_a_question_shows_prompt_program_picture_and_maths(visitor: Visitor) -> None:
    page = visitor.get(f"/session/{visitor.begin()}").text

    assert "difference between a process and a thread?" in page
    assert '<pre class="m-code"' in page
    assert 'src="/media/systems/memory.svg?night=1" alt="memory of both"' in page
    assert "<msup><mi>n</mi><mn>2</mn></msup>" in page


def test_an_answer_gets_a_verdict_on_every_key_point_with_ones_own_words_marked(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")
    visitor.answer(session, GOOD, confidence="0.7")

    page = visitor.verdict(session).text

    assert page.count('<li class="point v-met">') == 4
    assert '<mark class="v-met">process has its own address space' in page
    assert "100%" in page
    assert "you expected 70%" in page
    assert "took 0:12" in page
    assert "Reference answer" in page
    assert kept(visitor, session).attempts[0].confidence == 0.7


def test_what_was_missed_is_not_told_before_the_follow_up(visitor: Visitor) -> None:
    session = visitor.begin()
    visitor.answer(session, "A process has its own address space.")

    page = visitor.verdict(session).text
    asked = visitor.get(f"/session/{session}").text

    for html in (page, asked):
        assert "A process has its own address space." in html
        assert "cheaper than switching" not in html
        assert "Points not heard yet: 3" in html
    assert "Answer the follow-up" in page
    assert "What does a <strong>switch</strong> cost?" in asked


def test_a_whole_session_in_chinese(tmp_path: Path) -> None:
    with visiting(site_in(tmp_path), lang="zh-CN,zh;q=0.9") as visitor:
        session = visitor.begin(lang="zh")
        asked = visitor.get(f"/session/{session}").text
        visitor.answer(session, "进程有自己独立的地址空间。同一进程的线程共享内存。")
        interim = visitor.verdict(session).text
        follow_up = visitor.get(f"/session/{session}").text
        visitor.answer(session, "线程切换比进程切换便宜。一个线程崩溃会让整个进程退出。", part=1)
        verdict = visitor.verdict(session).text
        summary = visitor.get(f"/session/{session}").text

    assert "进程和线程有什么区别？" in asked
    assert "追问之后再公布" in interim
    assert "切换的<strong>代价</strong>是什么？" in follow_up
    assert verdict.count('<li class="point v-met">') == 4
    assert "你用这些话说到了。" in verdict
    assert "小结" in summary
    assert "100%" in summary


def test_skipping_and_not_knowing_show_the_reference_answer(visitor: Visitor) -> None:
    skipped = visitor.begin()
    visitor.answer(skipped, "", outcome="skipped")
    unknown = visitor.begin()
    visitor.answer(unknown, "half a thought", outcome="dont-know")

    assert "Skipped." in visitor.verdict(skipped).text
    assert "I don&#39;t know" in visitor.verdict(unknown).text
    assert "A process has its own address space." in visitor.verdict(unknown).text
    assert kept(visitor, unknown).attempts[0].outcome == "dont-know"
    assert kept(visitor, unknown).attempts[0].parts[0].answer == "half a thought"


def test_a_hint_keeps_the_words_and_costs_credit(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")

    page = visitor.post(
        f"/session/{session}/hint", place="0", part="0", text="my words so far", seconds="30", writer="a"
    ).text
    visitor.answer(session, GOOD, writer="a")

    assert "Think of <code>memory</code>." in page
    assert "my words so far</textarea>" in page
    assert 'data-spent="30.0"' in page
    assert "90%" in visitor.verdict(session).text


def test_an_exam_tells_nothing_until_its_end(visitor: Visitor) -> None:
    session = visitor.begin(mode="exam", topic=["systems", "networks"], count="3", level_to="4")
    total = len(kept(visitor, session).plan.questions)
    for place in range(total):
        visitor.answer(session, "A process has its own address space.", place=place)
        if place < total - 1:
            assert 'id="answer"' in visitor.get(f"/session/{session}/verdict/{place}").text
            assert "%" not in re.sub(r"<small>\d+%</small>", "", visitor.get(f"/session/{session}/summary").text)
    page = wait_for_summary(visitor, session)

    assert total == 2
    assert "25%" in page.text
    assert all(attempt.grade for attempt in kept(visitor, session).attempts)


def wait_for_summary(visitor: Visitor, session: str) -> object:
    deadline = time.monotonic() + 20
    while not str((page := visitor.get(f"/session/{session}")).url).endswith("/summary"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return page


def test_an_exam_counts_its_time(visitor: Visitor) -> None:
    session = visitor.begin(mode="exam")

    assert 'data-remaining="180.0"' in visitor.get(f"/session/{session}").text

    visitor.post(f"/session/{session}/draft", place="0", part="0", text="x", seconds="200", writer="a")

    page = visitor.get(f"/session/{session}").text
    assert 'data-remaining="-20.0"' in page
    assert "The time is over." in page


def test_a_draft_comes_back_with_the_page(visitor: Visitor) -> None:
    session = visitor.begin()

    reply = visitor.post(
        f"/session/{session}/draft", place="0", part="0", text="\n  half <b> a\nthought", seconds="9", writer="a"
    )

    assert reply.json()["answered"] is False
    textarea = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", visitor.get(f"/session/{session}").text, re.DOTALL)
    assert textarea is not None
    assert textarea[1] == "\n  half &lt;b&gt; a\nthought"


def test_the_drafts_of_two_windows_are_both_shown(visitor: Visitor) -> None:
    session = visitor.begin()
    for writer in ("one", "two"):
        visitor.post(f"/session/{session}/draft", place="0", part="0", text=f"by {writer}", seconds="1", writer=writer)

    page = visitor.get(f"/session/{session}").text

    assert "by two</textarea>" in page
    assert 'data-writer="one"' in page
    assert "by one</pre>" in page


def test_a_second_window_that_hands_in_late_keeps_its_words(visitor: Visitor) -> None:
    session = visitor.begin()
    visitor.answer(session, "from the first window", writer="one")

    late = visitor.answer(session, f"from the second {ATTACK}", writer="two")

    assert late.status_code == 409
    assert f"from the second {ATTACK}" in Fields(late.text).text
    assert kept(visitor, session).attempts[0].parts[0].answer == "from the first window"
    assert drafts(visitor, session) == [("two", f"from the second {ATTACK}")]


def test_typing_on_in_a_window_after_another_has_answered_is_told_and_kept(visitor: Visitor) -> None:
    session = visitor.begin()
    visitor.answer(session, "from the first window", writer="one")

    fields = {"place": "0", "part": "0", "seconds": "1"}
    new = visitor.post(f"/session/{session}/draft", text="more words", writer="two", **fields).json()
    same = visitor.post(f"/session/{session}/draft", text="from the first", writer="one", **fields).json()

    assert new["answered"] is True
    assert same["answered"] is True
    assert drafts(visitor, session) == [("two", "more words")]


def test_a_script_is_told_in_json_what_became_of_the_answer(visitor: Visitor) -> None:
    session = visitor.begin()
    by_script = {"headers": {"x-requested-with": "fetch"}, "place": "0", "part": "0", "outcome": "answered"}

    first = visitor.post(f"/session/{session}/answer", text="one", **by_script)
    second = visitor.post(f"/session/{session}/answer", text="two", **by_script)

    assert first.json() == {"next": f"/session/{session}/verdict/0?live=1"}
    assert second.status_code == 409
    assert "another window" in second.json()["error"]


def test_a_session_goes_on_after_a_crash_between_answer_and_grade(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with visiting(site) as visitor:
        session = visitor.begin(follow_ups="0")
    with History(site.history_path) as history:
        attempt = history.session(session).attempts[0]
        history.save_answer(attempt.id, 0, GOOD, outcome="answered", seconds=1.0)

    with visiting(site) as visitor:
        assert "Left open" in visitor.get("/").text
        visitor.get(f"/session/{session}")
        assert "100%" in visitor.verdict(session).text


def test_a_grader_that_fails_leaves_a_provisional_grade_and_says_why(tmp_path: Path) -> None:
    with visiting(site_in(tmp_path, grader=Failing())) as visitor:
        session = visitor.begin(follow_ups="0")
        visitor.answer(session, GOOD)
        page = visitor.verdict(session).text

    assert "the grade is provisional" in page
    assert "no answer from the endpoint" in page
    assert "100%" in page


def test_a_fault_while_grading_keeps_the_answer_and_offers_to_grade_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with visiting(site_in(tmp_path, grader=Broken())) as visitor:
        session = visitor.begin(follow_ups="0")
        visitor.answer(session, GOOD)
        page = visitor.verdict(session).text

    assert "not graded yet" in page
    assert "Grade it now" in page
    assert GOOD in page
    assert "RuntimeError: a bug" in caplog.text


def test_pages_are_shown_while_every_grader_is_busy_and_the_verdicts_when_they_are_there(tmp_path: Path) -> None:
    grader = Waiting(load_bank(write_bank(tmp_path / "bank")))
    with visiting(site_in(tmp_path, grader=grader)) as visitor, ThreadPoolExecutor(WORKERS + 1) as windows:
        sessions = [visitor.begin(follow_ups="0") for _ in range(WORKERS + 1)]
        for session in sessions:
            visitor.answer(session, GOOD)
        streams = [windows.submit(visitor.get, f"/session/{one}/verdict/0/events") for one in sessions]
        meanwhile = visitor.get("/progress")
        waiting = [stream.done() for stream in streams]
        grader.go.set()
        told = [stream.result(timeout=20).text for stream in streams]

    assert meanwhile.status_code == 200
    assert not any(waiting)
    for text in told:
        assert re.findall(r"event: (\w+)", text) == ["row"] * 4 + ["rest", "done"]


def test_a_history_that_cannot_be_opened_ends_the_grading_with_the_reason(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    site.history_path.mkdir()
    grading = Grading(site)
    job = grading.start("20260101-abcd")
    job.ended.result(timeout=20)
    grading.close()

    assert str(site.history_path) in (job.trouble or "")


def test_hostile_text_of_bank_answer_and_draft_stays_text(visitor: Visitor) -> None:
    session = visitor.begin(topic="networks", level_from="5", follow_ups="0")
    visitor.post(f"/session/{session}/draft", place="0", part="0", text=ATTACK, seconds="1", writer=ATTACK)
    pages = [visitor.get(f"/session/{session}").text]
    visitor.answer(session, ATTACK + " client sends SYN")
    pages.append(visitor.verdict(session).text)
    pages += [visitor.get(path).text for path in ("/bank", "/bank/hostile", "/progress", "/history")]
    pages += [visitor.get(f"/session/{session}/summary").text, visitor.get("/session/%3Cscript%3E").text]

    assert ATTACK in Fields(pages[0]).text
    assert ATTACK in Fields(pages[1]).text
    assert all("window.pwned" in Fields(html).text for html in pages[:5])
    for html in pages:
        for tag, attributes in Fields(html).tags:
            assert not any(name.startswith("on") for name in attributes)
            if tag == "script":
                assert str(attributes["src"]).startswith("/static/")
            if tag == "img":
                assert str(attributes["src"]).startswith("/media/")
            assert not str(attributes.get("href", "")).lower().startswith("javascript")


def test_read_only_shows_everything_and_changes_nothing(tmp_path: Path) -> None:
    site = site_in(tmp_path)
    with visiting(site) as visitor:
        session = visitor.begin(follow_ups="0", count="2", topic=["systems", "networks"])
        visitor.answer(session, GOOD)
        visitor.verdict(session)
    before = dump(site.history_path)

    with visiting(site_in(tmp_path, read_only=True)) as visitor:
        pages = ["/", f"/session/{session}", f"/session/{session}/verdict/0", f"/session/{session}/summary"]
        pages += ["/progress", "/history", "/bank", "/bank/hostile", "/settings"]
        for path in pages:
            page = visitor.get(path)
            assert page.status_code == 200, path
            assert "Read-only" in page.text
        for path in ("/session", f"/session/{session}/answer", f"/session/{session}/draft", f"/session/{session}/hint"):
            assert visitor.post(path, place="1", part="0", text="x", outcome="answered").status_code == 403
        assert visitor.post(f"/session/{session}/grade").status_code == 403
        assert visitor.get(f"/session/{session}/verdict/1").status_code == 200

    assert dump(site.history_path) == before


def test_read_only_keeps_no_sums_of_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "_WORTH_KEEPING", 1)
    site = site_in(tmp_path)
    with visiting(site) as visitor:
        session = visitor.begin(follow_ups="0")
        visitor.answer(session, GOOD)
        visitor.verdict(session)
        visitor.get(f"/session/{session}")
    before = dump(site.history_path)

    for path, read_only, grown in (("/progress", True, False), ("/report", True, False), ("/progress", False, True)):
        with visiting(site_in(tmp_path, read_only=read_only)) as visitor:
            assert visitor.get(path).status_code == 200
        assert (dump(site.history_path) != before) is grown, path


def dump(path: Path) -> list[str]:
    with History(path) as history:
        return list(history._db.iterdump())


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/session/none", "/session/none/verdict/0", "/session/none/summary", "/bank/none", "/refusal"],
)
def test_an_address_that_leads_nowhere_says_so(visitor: Visitor, path: str) -> None:
    page = visitor.get(path)

    assert page.status_code == 404
    assert "<h1>" in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"place": "9"},
        {"place": "-1"},
        {"place": "x"},
        {"part": "7"},
        {"outcome": "won"},
        {"place": "9" * 50},
        {"place": "²"},
    ],
)
def test_a_form_with_something_unusable_is_refused(visitor: Visitor, fields: dict[str, str]) -> None:
    session = visitor.begin()
    given = {"place": "0", "part": "0", "outcome": "answered", "text": "x"} | fields

    assert visitor.post(f"/session/{session}/answer", **given).status_code == 422
    assert kept(visitor, session).attempts[0].outcome is None


@pytest.mark.parametrize("seconds", ["nan", "inf", "-5", "soon", ""])
def test_a_time_that_makes_no_sense_is_left_out(visitor: Visitor, seconds: str) -> None:
    session = visitor.begin()
    visitor.answer(session, "x", seconds=seconds, confidence="7")

    assert kept(visitor, session).attempts[0].parts[0].seconds is None
    assert kept(visitor, session).attempts[0].confidence is None


def test_no_fitting_question_is_told_on_the_start_page(visitor: Visitor) -> None:
    page = visitor.post("/session", choice="mixed", topic="systems", level_from="5", level_to="5", count="1", lang="en")

    assert "No question is of this topic and level" in page.text


def test_a_session_by_what_is_due_says_why_each_question(visitor: Visitor) -> None:
    session = visitor.begin(choice="due", topic=["systems", "networks"], count="2", follow_ups="0")

    assert kept(visitor, session).total == 2
    assert why_shown(visitor, session) == why_kept(visitor, session, 0)

    visitor.answer(session, "x")
    visitor.verdict(session)

    assert why_shown(visitor, session) == why_kept(visitor, session, 1)
    assert len(kept(visitor, session).plan.questions) == 2


def why_shown(visitor: Visitor, session: str) -> str:
    found = re.search(r"<b>Why this question:</b> <span[^>]*>(.*?)</span>", visitor.get(f"/session/{session}").text)
    assert found
    return Fields(found[1]).text


def why_kept(visitor: Visitor, session: str, place: int) -> str:
    why = kept(visitor, session).plan.whys[place]
    assert why
    return why.en


def test_progress_shows_what_is_weak(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")
    visitor.answer(session, "A process has its own address space.")
    visitor.verdict(session)

    page = visitor.get("/progress").text

    assert "Threads of one process share its memory." in page
    assert "25%" in page
    assert "<polyline" not in page
    assert page.count("<circle") == 1


def test_the_pages_and_the_report_name_the_same_points_to_learn_first(visitor: Visitor) -> None:
    """A must-have, then what was missed again and again."""
    for topic in ("systems", "networks", "networks"):
        session = visitor.begin(topic=topic, follow_ups="0", level_to="2")
        visitor.answer(session, "It depends on the load.")
        visitor.verdict(session)
    with History(visitor.site.history_path) as history:
        missed = progress_report(history).missed

    page = visitor.get("/progress").text

    shown = re.findall(r'<p class="point-text"[^>]*>(.*?)(?: <span|</p>)', page)
    assert shown == [point.text for point in missed]
    assert shown[:2] == ["A process has its own address space.", "The client sends a SYN."]


def test_a_question_that_the_bank_no_longer_has_is_named_without_a_link(tmp_path: Path) -> None:
    with visiting(site_in(tmp_path)) as visitor:
        session = visitor.begin(topic="networks", follow_ups="0", level_to="2")
        visitor.answer(session, "It depends on the load.")
        visitor.verdict(session)
    for path in (tmp_path / "bank" / "networks").glob("tcp-handshake.*"):
        path.unlink()

    with visiting(site_in(tmp_path)) as visitor:
        page = visitor.get("/progress").text

    assert "The client sends a SYN." in page
    assert "tcp-handshake" in page
    assert 'href="/bank/tcp-handshake"' not in page


def test_a_report_is_shown_as_it_is_and_may_run_nothing(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")
    visitor.answer(session, f"A process has its own address space. {ATTACK}")
    visitor.verdict(session)

    for path in (f"/session/{session}/report", "/report"):
        report = visitor.get(path)
        assert report.status_code == 200
        assert "<svg" in report.text
        assert "script" not in [tag for tag, _ in Fields(report.text).tags]
        assert "script-src" not in report.headers["content-security-policy"]
        assert report.headers["content-security-policy"].startswith("default-src 'none'")
    assert f'href="/session/{session}/report"' in visitor.get(f"/session/{session}/summary").text
    assert 'href="/report"' in visitor.get("/progress").text


def test_the_report_of_an_exam_waits_for_its_end(visitor: Visitor) -> None:
    session = visitor.begin(mode="exam", topic=["systems", "networks"], count="2", level_to="4")
    visitor.answer(session, GOOD)

    assert str(visitor.get(f"/session/{session}/report").url).endswith("/summary")


def test_a_long_history_is_listed_in_parts(visitor: Visitor) -> None:
    question = visitor.site.bank.question("process-and-thread")
    with History(visitor.site.history_path) as history:
        for _ in range(32):
            id = history.begin_session(plan(question), grader="offline/1")
            history.ask(id, 0, "x")
            history.save_answer(history.session(id).attempts[0].id, 0, "y", outcome="skipped", seconds=None)

    assert visitor.get("/history").text.count("/summary") == 30
    assert visitor.get("/history?n=60").text.count("/summary") == 32
    assert "/history?n=60" in visitor.get("/history?n=nonsense").text
    assert "Older" not in visitor.get("/history?n=60").text


def test_a_session_for_a_role_asks_of_its_topics_alone(tmp_path: Path) -> None:
    profiles = write_bank(tmp_path / "bank") / "profiles"
    profiles.mkdir()
    (profiles / "net.yaml").write_text(
        "id: net\nname: {en: Network engineer, zh: 网络工程师}\nline: {en: Wires., zh: 网线。}\n"
        "topics: {networks: 2}\nlevels: [1, 3]\n",
        encoding="utf-8",
    )
    with visiting(site_in(tmp_path)) as visitor:
        assert "Network engineer" in visitor.get("/").text
        session = kept(visitor, visitor.begin(choice="due", role="net", topic="systems", count="2"))
        assert visitor.post("/session", choice="due", role="none", count="2").status_code == 422

    assert session.plan.profile == "net"
    assert [question.id for question in session.plan.questions] == ["tcp-handshake"]


def test_settings_hold_language_and_colours(visitor: Visitor) -> None:
    page = visitor.post("/settings", lang="zh", theme="dark").text

    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert '<html lang="zh-CN" data-theme="dark">' in visitor.get("/bank").text


def test_no_key_is_ever_on_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "sk-canary-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", canary)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    site = site_in(tmp_path)
    flags = {"base_url": "http://127.0.0.1:9/v1", "timeout": 1.0}
    grader = grader_named("openai:any", wordings=site.bank.wordings, flags=flags)
    with visiting(site_in(tmp_path, grader=grader)) as visitor:
        session = visitor.begin(follow_ups="0")
        visitor.answer(session, GOOD)
        pages = [visitor.verdict(session).text]
        pages += [visitor.get(path).text for path in ("/", "/settings", "/history", f"/session/{session}/summary")]

    assert "provisional" in pages[0]
    assert canary not in "".join(pages) + caplog.text


def test_a_reason_is_shown_by_its_code_and_an_llms_own_as_it_is_and_read_out_as_english() -> None:
    question = Question.model_validate(ZERO)
    marks = [
        Mark(criterion=point.id, verdict="missing", reason=MISSING, code="not_said") for point in question.key_points
    ]
    marks += [Mark(criterion=wrong.id, verdict="absent") for wrong in question.misconceptions]
    marks[0] = marks[0].model_copy(update={"reason": "Something new.", "code": None})

    shown = rows(question, grade_of(question, marks, grader="x/1"), lang="zh", ui="zh", interim=False)

    assert (shown[0].reason, shown[0].reason_lang) == ("Something new.", "en")
    assert (shown[1].reason, shown[1].reason_lang) == ("你的回答没有提到。", "zh")
