"""What an LLM says on the pages beside questions: clarifications and the debrief."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockint.grading import grader_named
from mockint.history import History
from tests.llm.loopback import Body, Http, Reply, asked, marks, serving
from tests.web.sites import Visitor, site_in, visiting


def llm(body: Body) -> Reply | Http:
    """Marks everything as not said; clarifies, asks back and debriefs in a line each."""
    if not body.get("stream"):
        return Reply(marks(**{name: "missing" if name[0] == "k" else "absent" for name in asked(body)}))
    system = body["messages"][0]["content"]
    if "follow-up question" in system:
        return Reply("What else comes to mind?")
    return Reply("Read about processes first." if "debrief" in system else "It is about an operating system.")


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    with serving(llm) as server:
        wordings = site_in(tmp_path).bank.wordings
        grader = grader_named("openai:tiny", wordings=wordings, flags={"base_url": server.url})
        with visiting(site_in(tmp_path, grader=grader)) as visitor:
            yield visitor


def test_what_a_question_means_can_be_asked_and_the_words_in_the_editor_stay(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")
    assert "It is about an operating system." not in visitor.get(f"/session/{session}").text

    where = {"place": 0, "part": 0, "text": "A process has", "asked": "in Linux?"}
    page = visitor.post(f"/session/{session}/clarify", **where).text

    assert "It is about an operating system." in page
    assert "A process has" in page


def test_a_session_ends_with_a_debrief_that_is_kept_with_what_it_cost(visitor: Visitor) -> None:
    session = visitor.begin(follow_ups="0")
    visitor.answer(session, "I have no idea about this one, to be honest.")
    visitor.verdict(session)
    visitor.get(f"/session/{session}")

    deadline = time.monotonic() + 20
    while "Read about processes first." not in (page := visitor.get(f"/session/{session}/summary").text):
        assert time.monotonic() < deadline, page
        time.sleep(0.05)

    with History(visitor.site.history_path) as history:
        kept = history.session(session)
    assert kept.debrief == "Read about processes first."
    assert kept.llm_use is not None
    assert kept.llm_use.requests == 2
    assert "tokens" in page


def test_without_an_llm_nothing_is_offered(tmp_path: Path) -> None:
    with visiting(site_in(tmp_path)) as visitor:
        session = visitor.begin(follow_ups="0")

        assert "What does the question mean?" not in visitor.get(f"/session/{session}").text


def test_only_without_an_llm_a_page_says_that_nothing_leaves_this_computer(tmp_path: Path, visitor: Visitor) -> None:
    assert "Everything stays on this computer" not in visitor.get("/").text
    with visiting(site_in(tmp_path / "offline")) as offline:
        assert "Everything stays on this computer" in offline.get("/").text
