"""The HTML report: one file that opens offline, runs nothing, and can be read by everybody."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mockint.errors import UsageError
from mockint.history import History
from mockint.question import Lang, Topic
from mockint.reports import Report, progress_report, session_report
from mockint.reports.page import page
from mockint.reports.pdf import QUIET, browser
from tests.one_question import question
from tests.reports.practice import NOW, TOPICS, ZERO, practice, two_evenings

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'> ]]> </blockquote></style>{{ 7*7 }}\x00\x1b[31m\u202eevil"
)
VOID = {"meta", "img", "br", "hr", "input", "link", "rect", "path", "use", "wbr"}


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text; complains about tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text.append(data)


def both(home: Path, lang: Lang = "en") -> list[Report]:
    first, second = two_evenings(home, lang)
    with History(home / "history.sqlite3") as history:
        return [
            session_report(history, second, compare=first, topics=TOPICS, now=NOW),
            progress_report(history, lang=lang, topics=TOPICS, now=NOW),
        ]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_one_file_without_scripts_or_outside_hosts(home: Path, lang: Lang) -> None:
    for report in both(home, lang):
        html = page(report)
        elements = Elements(html).found

        assert not {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object", "form", "base"}
        addresses = [value for _, attributes in elements for key, value in attributes.items() if key in ("href", "src")]
        assert all(value and value.startswith("#") for value in addresses)
        assert not [key for _, attributes in elements for key in attributes if key.startswith("on") or key == "style"]
        assert not re.search(r"url\((?!#)|@import", html)
        assert "default-src 'none'" in html


@pytest.mark.parametrize(("lang", "said"), [("en", "en"), ("zh", "zh-Hans")])
def test_the_page_is_built_for_everybody(home: Path, lang: Lang, said: str) -> None:
    for report in both(home, lang):
        elements = Elements(page(report)).found
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
        levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]

        assert ("html", {"lang": said}) in elements
        assert [id for id, count in Counter(ids).items() if count > 1] == []
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert all("scope" in attributes for tag, attributes in elements if tag == "th")
        referred = {
            id
            for _, attributes in elements
            for key in ("aria-labelledby", "href")
            for id in (attributes.get(key) or "").removeprefix("#").split()
        }
        assert referred <= set(ids)
        plots = [attributes for tag, attributes in elements if tag == "svg" and attributes.get("role") == "img"]
        assert plots
        assert all(attributes["aria-labelledby"] for attributes in plots)


def test_what_was_typed_and_what_a_stranger_wrote_stay_text(home: Path) -> None:
    hostile = question(
        prompt={"en": HOSTILE, "zh": HOSTILE},
        key_points=[
            {"id": id, "text": {"en": f"{id} {HOSTILE}", "zh": HOSTILE}} for id in ("states", "gradients", "weights")
        ],
        misconceptions=[
            {"id": "layers", "text": {"en": HOSTILE, "zh": HOSTILE}, "correction": {"en": HOSTILE, "zh": HOSTILE}}
        ],
    )
    topic = Topic.model_validate({"id": "distributed", "name": {"en": HOSTILE, "zh": HOSTILE}, "line": TOPICS[0].line})
    with practice(home) as held:
        id = held.begin(hostile, grader=HOSTILE, profile=HOSTILE)
        held.answer(0, f"{HOSTILE} states {HOSTILE} not gradients layers", confidence=0.5)
        held.follow_up(0, HOSTILE)
        report = session_report(held.history, id, topics=[topic], now=NOW)

    html = page(report)

    elements = Elements(html)
    assert not {tag for tag, _ in elements.found} & {"script", "img"}
    assert not [key for _, attributes in elements.found for key in attributes if key.startswith("on")]
    assert "49" not in "".join(elements.text)
    assert not set(html) & {"\x00", "\x1b"}
    shown = "".join(elements.text)
    assert shown.count("<script>alert(1)</script>") >= 10
    assert "not gradients" in shown


def test_the_earning_words_are_marked_and_denied_ones_otherwise(home: Path) -> None:
    with practice(home) as held:
        id = held.begin(ZERO)
        held.answer(0, "states, not gradients, by layers & <b>")
        report = session_report(held.history, id, now=NOW)

    html = page(report)

    assert '<mark class="v-met">states</mark><sup class="m-ref">✔1</sup>' in html
    assert '<mark class="v-contradicted">not gradients</mark><sup class="m-ref">!2</sup>' in html
    assert '<mark class="v-stated">layers</mark><sup class="m-ref">!A</sup> &amp; &lt;b&gt;' in html


def test_the_same_report_gives_the_same_bytes_in_another_process(home: Path, tmp_path: Path) -> None:
    report = both(home)[0]
    (tmp_path / "report.json").write_text(report.model_dump_json())
    script = (
        "import sys; from mockint.reports import Report; from mockint.reports.page import page;"
        "sys.stdout.write(page(Report.model_validate_json(open(sys.argv[1]).read())))"
    )

    again = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "report.json")], capture_output=True, text=True, check=True
    ).stdout

    assert again == page(report)


def test_the_text_of_a_plot_can_be_searched(home: Path) -> None:
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", page(both(home, "zh")[0]))

    assert {"2026-03-03", "75%", "平均把握", "平均得分"} <= set(texts)


def test_an_empty_history_is_a_page_too(home: Path) -> None:
    with History(home / "history.sqlite3") as history:
        html = page(progress_report(history, now=NOW))

    assert "mockint interview" in "".join(Elements(html).text)


def test_an_answer_of_100_kb_is_shown_whole(home: Path) -> None:
    said = "x<y " * 25_000
    with practice(home) as held:
        id = held.begin(ZERO)
        held.answer(0, said)
        report = session_report(held.history, id, now=NOW)

    assert said in "".join(Elements(page(report)).text)


def test_a_missing_library_is_named_with_the_extra_that_brings_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockint.reports.page.find_spec", lambda name: None if name == "matplotlib" else object())
    with History(home / "history.sqlite3") as history:
        report = progress_report(history, now=NOW)

    with pytest.raises(UsageError, match=r"matplotlib: pip install 'mockint\[report\]'"):
        page(report)


@pytest.mark.browser
def test_nothing_in_a_hostile_page_runs_in_a_real_browser(home: Path, tmp_path: Path) -> None:
    """Once as it is made, and once without its policy, which would stop what slipped through the escaping."""
    said = f"{HOSTILE}<svg onload=document.title='run'><script>document.title='run'</script>"
    with practice(home) as held:
        id = held.begin(ZERO, profile=said, grader=said)
        held.answer(0, f"states {said}")
        html = page(session_report(held.history, id, now=NOW))
    assert "Content-Security-Policy" in html
    for name, text in (("with.html", html), ("without.html", html.replace("Content-Security-Policy", "x"))):
        (tmp_path / name).write_text(text, encoding="utf-8")

        dumped = in_browser(tmp_path / name)

        assert f"<title>Session {id}</title>" in dumped
        assert "<script" not in dumped

    obeyed = unescape(html.replace("Content-Security-Policy", "x")).replace("alert(", "void(")
    (tmp_path / "bad.html").write_text(obeyed, encoding="utf-8")
    assert "<title>run</title>" in in_browser(tmp_path / "bad.html")


def in_browser(path: Path) -> str:
    """The document as it stands once it is loaded."""
    command = [browser(), *QUIET, f"--user-data-dir={path.parent / 'profile'}", "--no-sandbox", "--dump-dom"]
    return subprocess.run([*command, path.as_uri()], capture_output=True, text=True, check=True, timeout=120).stdout
