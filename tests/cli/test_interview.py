"""`mockint interview` and `history` as a person and a script meet them: a pseudo-terminal, pipes, files, a kill -9."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest

from mockint.cli import main
from mockint.history import History

MOCKINT = [sys.executable, "-m", "mockint"]
COLUMNS = 80

TOPICS = """\
- id: distributed
  name: {en: Distributed training, zh: 分布式训练}
  line: {en: Many GPUs., zh: 很多卡。}
- id: python
  name: {en: Python, zh: Python}
  line: {en: The language., zh: 语言。}
"""
ZERO = r"""
id: zero-stages
topic: distributed
kind: explain
level: 3
minutes: 5
prompt:
  en: What does each **stage** of ZeRO shard? It saves $16\Psi$ bytes. ![bars of memory](media/bars.svg)
  zh: ZeRO 的三个 stage 分别**切分**什么？共 $16\Psi$ 字节。![显存条](media/bars.svg)
answer:
  en: The reference says optimizer states, gradients and parameters.
  zh: 参考答案是优化器状态、梯度和参数。
key_points:
  - id: stage1
    weight: 2
    must: true
    text: {en: Stage 1 shards the optimizer state., zh: stage 1 切分优化器状态。}
  - id: stage2
    text: {en: Stage 2 also shards the gradients., zh: stage 2 还切分梯度。}
  - id: stage3
    weight: 3
    text: {en: Stage 3 also shards the parameters., zh: stage 3 还切分参数。}
misconceptions:
  - id: by-layer
    text: {en: ZeRO puts whole layers on ranks., zh: ZeRO 按层切分。}
    correction: {en: It shards every tensor., zh: 它切分的是每个张量。}
follow_ups:
  - prompt: {en: What does a rank hold during forward?, zh: 前向时每张卡上有什么？}
    probes: [stage3]
references: [{title: The ZeRO paper, url: "https://arxiv.org/abs/1910.02054"}]
"""
ZERO_WORDINGS = """
says:
  stage1: [optimizer state .. (shard|split), 优化器状态 .. 切分]
  stage2: [gradient .. (shard|split|stage 2), 梯度 .. (切分|stage 2)]
  stage3: [parameter .. (shard|split|stage 3), 参数 .. (切分|stage 3)]
  by-layer: [layer .. rank, 按层]
"""
OUTPUT_WORDINGS = """
says:
  zero-and-one: 0 and 1|0 1|0 和 1
  lines: line|一行
  stops: [(before|stop) .. 2, 停 .. 2]
"""
OUTPUT = r"""
id: loop-output
topic: python
kind: code-output
level: 1
minutes: 2
prompt: {en: What does this print?, zh: 这段代码打印什么？}
code:
  source: |
    for i in range(2):
        print(i)
  output: "0\n1\n"
answer: {en: It prints 0 and 1., zh: 打印 0 和 1。}
key_points:
  - id: zero-and-one
    text: {en: It prints 0 and 1., zh: 打印 0 和 1。}
  - id: lines
    text: {en: Each on its own line., zh: 每个一行。}
  - id: stops
    text: {en: It stops before 2., zh: 到 2 之前停止。}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOCKINT_HOME", str(tmp_path / "home"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MOCKINT_LLM", "NO_COLOR", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def bank(tmp_path: Path, home: Path) -> Path:
    root = tmp_path / "bank"
    (root / "distributed" / "media").mkdir(parents=True)
    (root / "python").mkdir()
    (root / "topics.yaml").write_text(TOPICS, encoding="utf-8")
    (root / "distributed" / "zero-stages.yaml").write_text(ZERO, encoding="utf-8")
    (root / "distributed" / "zero-stages.wordings.yaml").write_text(ZERO_WORDINGS, encoding="utf-8")
    (root / "python" / "loop-output.wordings.yaml").write_text(OUTPUT_WORDINGS, encoding="utf-8")
    (root / "python" / "loop-output.yaml").write_text(OUTPUT, encoding="utf-8")
    (root / "distributed" / "media" / "bars.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return root


def kept(home: Path) -> Any:
    """The latest session, as `history --json` gives it."""
    with History(home / "history.sqlite3") as history:
        return history.sessions(limit=1)[0].as_json()


def said(home: Path) -> list[list[str]]:
    return [[part["answer"] for part in attempt["parts"]] for attempt in kept(home)["attempts"]]


def _plain(shown: str) -> str:
    """Without frames and white space, so that words are found however the lines break."""
    return re.sub(r"[\s│╭╮╰╯─]+", "", shown)


class _Display(pyte.HistoryScreen):
    """A terminal that also answers the program's question where its cursor stands."""

    def __init__(self, child: pexpect.spawn) -> None:
        super().__init__(COLUMNS, 40, history=2000, ratio=0.5)
        self._child = child

    def write_process_input(self, data: str) -> None:
        self._child.send(data)

    def text(self) -> str:
        above = ["".join(line[column].data for column in range(COLUMNS)) for line in self.history.top]
        return _plain("\n".join([*above, *self.display]))


class Screen:
    """An interview in a terminal, with what a person would see on it and press."""

    def __init__(self, *args: str, command: list[str] | None = None, env: dict[str, str] | None = None) -> None:
        program, *rest = command or [*MOCKINT, "interview", *args]
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})}
        self.child = pexpect.spawn(program, rest, env=environment, dimensions=(40, COLUMNS), encoding="utf-8")
        self._display = _Display(self.child)
        self._stream = pyte.Stream(self._display)
        self._seen = 0

    def sees(self, *words: str) -> str:
        """Waits until each of the words stands below the one before; returns what stands up to the last."""
        start = self._seen
        for word in words:
            self._seen = self._wait_for(word, self._seen)
        return self._display.text()[start : self._seen]

    def waits_for_an_answer(self) -> None:
        """The bar below stands: keys pressed from here on reach the editor."""
        self.bar_says("Ctrl-D")

    def bar_says(self, word: str) -> None:
        """The last line holds the word. It will be gone again, so it does not count as seen."""
        self._wait(word, lambda: _plain(word) in _plain(self._display.display[-1]))

    def types(self, keys: str) -> None:
        self.child.send(keys)

    def ends(self) -> int | None:
        self.child.expect(pexpect.EOF, timeout=60)
        self.child.close()
        return self.child.exitstatus

    def _wait_for(self, word: str, start: int) -> int:
        self._wait(word, lambda: self._display.text().find(_plain(word), start) >= 0)
        return self._display.text().find(_plain(word), start) + len(_plain(word))

    def _wait(self, word: str, shown: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not shown():
            assert time.monotonic() < deadline, f"{word!r} was not shown in {self._display.text()!r}"
            try:
                self._stream.feed(self.child.read_nonblocking(65536, timeout=1))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert shown(), f"over before {word!r} was shown: {self._display.text()!r}"


PLAIN = ("--seed", "1", "--no-confidence")
"""The easier question first whatever was answered, and nothing asked between the answer and the verdict."""
HAND_IN = "\x04"
ENTER = "\r"
LEFT = "\x1b[D"
BACKSPACE = "\x7f"
CTRL_C = "\x03"


@pytest.fixture
def screen(bank: Path) -> Iterator[Callable[..., Screen]]:
    opened: list[Screen] = []

    def open_(*args: str, env: dict[str, str] | None = None, how: tuple[str, ...] = PLAIN) -> Screen:
        opened.append(Screen("--bank", str(bank), *how, *args, env=env))
        return opened[-1]

    yield open_
    for one in opened:
        one.child.close(force=True)


def test_a_whole_interview_is_typed_graded_followed_up_and_kept(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed")
    it.sees("Question 1 of 1", "What does each", "16Ψ bytes", "picture: bars of memory", "Distributed training")
    it.waits_for_an_answer()
    it.types(f"We shard the optimizer state.{ENTER}A whole layer sits on each rank.{HAND_IN}")
    it.sees("✔ met", "Stage 1 shards the optimizer state.", "Points not heard yet: 2", "Follow-up", "a rank hold")
    it.waits_for_an_answer()
    it.types(f"The parameters are sharded too.{HAND_IN}")
    it.sees("✔ met", "✘ missing", "also shards the gradients", "! misconception", "whole layers", "In fact:")
    it.sees(
        "Score", "67%", "17% before the follow-up", "Summary", "Distributed training", "Show the reference answers?"
    )
    it.types(ENTER)
    it.sees("Reference answer", "The reference says optimizer states", "The ZeRO paper", "mockint history")

    assert it.ends() == 0
    assert said(home) == [
        ["We shard the optimizer state.\nA whole layer sits on each rank.", "The parameters are sharded too."]
    ]
    assert kept(home)["score"] == pytest.approx(4 / 6)
    assert kept(home)["ended_at"]


def test_nothing_that_was_missed_is_named_before_the_follow_up(screen: Callable[..., Screen]) -> None:
    it = screen("--topic", "distributed")
    it.waits_for_an_answer()
    it.types(f"We shard the optimizer state, a layer on each rank.{HAND_IN}")
    before = it.sees("✔ met", "Follow-up")

    assert "Stage1shards" in before
    for secret in ("gradients", "parameters", "wholelayers", "everytensor", "Score"):
        assert secret not in before


def test_chinese_is_typed_edited_and_pasted(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed", "--lang", "zh", "--follow-ups", "0")
    it.sees("第 1 题", "切分", "分布式训练", "难度 3")
    it.waits_for_an_answer()
    it.types("第一阶段切分优花器状态")
    it.types(LEFT * 3 + BACKSPACE + "化")
    it.types("\x1b[F" + ENTER)
    it.types("\x1b[200~然后是梯度，也切分\r最后参数也切分 🙂\x1b[201~")
    it.types(HAND_IN)
    it.sees("✔ 答到", "✔ 答到", "✔ 答到", "得分", "100%", "小结", "参考答案")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert said(home) == [["第一阶段切分优化器状态\n然后是梯度，也切分\n最后参数也切分 🙂"]]


def test_a_paste_of_many_lines_is_not_handed_in_by_its_line_ends(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed", "--follow-ups", "0")
    it.waits_for_an_answer()
    lines = [f"line {number}: we shard" for number in range(60)]
    it.types("\x1b[200~" + "\r".join(lines) + "\x1b[201~")
    it.types("\x1b\r")
    it.sees("Score", "Show the reference answers?")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert said(home) == [["\n".join(lines)]]


def test_an_empty_answer_is_not_handed_in_by_mistake(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed", "--follow-ups", "0")
    it.waits_for_an_answer()
    it.types(HAND_IN)
    it.bar_says("Nothing typed yet")
    it.types(f"/help{ENTER}")
    it.sees("leave this question out")
    it.waits_for_an_answer()
    it.types(f"optimizer state is split{HAND_IN}")
    it.sees("Score")

    assert said(home) == [["optimizer state is split"]]


@pytest.mark.parametrize("idk", ["/idk", "/不会", "／不知道"])
def test_i_dont_know_is_graded_0_and_shows_what_was_missing(
    idk: str, screen: Callable[..., Screen], home: Path
) -> None:
    it = screen("--topic", "distributed")
    it.waits_for_an_answer()
    it.types(f"{idk}{ENTER}")
    it.sees("I don't know", "✘ missing", "Stage 1 shards", "Score", "0%", "Show the reference")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert (kept(home)["attempts"][0]["outcome"], kept(home)["score"]) == ("dont-know", 0)


def test_skip_leaves_a_question_out_and_quit_keeps_the_rest(screen: Callable[..., Screen], home: Path) -> None:
    it = screen()
    it.sees("Question 1 of 2", "What does this print?", "for i in range(2):")
    it.waits_for_an_answer()
    it.types(f"/skip{ENTER}")
    it.sees("Skipped", "Question 2 of 2")
    it.waits_for_an_answer()
    it.types(f"optimizer state is split{HAND_IN}")
    it.sees("Follow-up")
    it.waits_for_an_answer()
    it.types(f"/quit{ENTER}")
    it.sees("✘ missing", "also shards the gradients", "Score", "Show the reference")
    it.types(ENTER)
    it.sees("It prints:", "Reference answer")

    assert it.ends() == 0
    session = kept(home)
    assert session["ended_at"] is None
    assert [attempt["outcome"] for attempt in session["attempts"]] == ["skipped", "answered"]
    assert session["score"] == pytest.approx(2 / 6)


def test_ctrl_c_in_the_middle_of_an_answer_keeps_what_was_handed_in(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--follow-ups", "0")
    it.waits_for_an_answer()
    it.types(f"0 and 1, each on a line{HAND_IN}")
    it.sees("Question 2 of 2")
    it.waits_for_an_answer()
    it.types(f"half an answer{CTRL_C}")
    it.sees("Answers kept: 1", "mockint history")

    assert it.ends() == 130
    assert said(home) == [["0 and 1, each on a line"], [""]]


def test_the_editor_of_the_environment_writes_the_answer(
    screen: Callable[..., Screen], home: Path, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf 'optimizer state 切分\\nby the editor\\n' > \"$1\"\n")
    editor.chmod(0o755)
    it = screen("--topic", "distributed", "--follow-ups", "0", env={"EDITOR": str(editor)})
    it.waits_for_an_answer()
    it.types(f"/edit{ENTER}")
    it.sees("by the editor")
    it.types(HAND_IN)
    it.sees("Score")

    assert said(home) == [["optimizer state 切分\nby the editor"]]


def test_kill_9_after_an_answer_was_handed_in_keeps_it(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed")
    it.waits_for_an_answer()
    it.types(f"optimizer state is split{HAND_IN}")
    it.sees("Follow-up")
    it.child.kill(signal.SIGKILL)
    it.ends()

    assert said(home) == [["optimizer state is split", ""]]
    with sqlite3.connect(home / "history.sqlite3") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def test_with_json_the_questions_go_to_stderr(bank: Path, home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    script = f"{' '.join(MOCKINT)} interview --bank {bank} --topic python --follow-ups 0 --no-confidence --json > {out}"
    it = Screen(command=["bash", "-c", script])
    it.sees("What does this print?")
    it.waits_for_an_answer()
    it.types(f"0 and 1{HAND_IN}")
    it.sees("reference answers?")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert json.loads(out.read_text())["sessions"][0]["attempts"][0]["parts"][0]["answer"] == "0 and 1"


def run(*args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*MOCKINT, *args], input=stdin, capture_output=True, check=False, env={**os.environ, **(env or {})}, timeout=60
    )


def test_a_pipe_answers_question_after_question(bank: Path, home: Path) -> None:
    stdin = "0 and 1\n.\n第一 stage 切分优化器状态\nand gradients are split\n.\nparameters are split\n".encode()
    done = run("interview", "--bank", str(bank), "--seed", "1", stdin=stdin)
    shown = done.stdout.decode()

    assert done.returncode == 0
    assert said(home) == [["0 and 1"], ["第一 stage 切分优化器状态\nand gradients are split", "parameters are split"]]
    assert "│ 第一 stage 切分优化器状态" in shown
    assert "Reference answer  zero-stages" in shown
    assert "\x1b" not in shown
    assert done.stderr == b""


def test_a_pipe_that_ends_early_keeps_what_came(bank: Path, home: Path) -> None:
    done = run("interview", "--bank", str(bank), stdin=b"/idk\n")

    assert done.returncode == 0
    assert "Questions left: 1 of 2." in done.stdout.decode()
    assert [attempt["outcome"] for attempt in kept(home)["attempts"]] == ["dont-know", None]


@pytest.mark.parametrize(
    ("stdin", "answer"),
    [
        (b"0 and 1\r\nline\r\n.\r\n", "0 and 1\nline"),
        (b"caf\xe9 0 and 1", "caf\ufffd 0 and 1"),
        (b"\xef\xbb\xbf0 and 1\n.\n", "0 and 1"),
        (b"\n\n0 and 1\n\n", "\n\n0 and 1\n"),
        (b"\x1b[2J0 and 1 \x00\n.\n", "\x1b[2J0 and 1 \x00"),
        (b"/skip is what I would do\n.\n", "/skip is what I would do"),
    ],
)
def test_whatever_comes_through_a_pipe_is_kept_and_cannot_drive_the_terminal(
    stdin: bytes, answer: str, bank: Path, home: Path
) -> None:
    done = run("interview", "--bank", str(bank), "--topic", "python", "--follow-ups", "0", stdin=stdin)

    assert done.returncode == 0
    assert said(home) == [[answer]]
    assert b"\x1b" not in done.stdout
    assert "\x1b" not in run("history", "last").stdout.decode()


def test_a_terminal_without_unicode_shows_something(bank: Path, home: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii"}
    done = run("interview", "--bank", str(bank), "--lang", "zh", stdin=b"0 and 1\n", env=env)

    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_no_color_shows_no_colour_and_the_words_stay(bank: Path, home: Path) -> None:
    args = [*MOCKINT[1:], "interview", "--bank", str(bank), "--topic", "python", "--answers", "a.yaml"]
    (bank.parent / "a.yaml").write_text("loop-output: 0 and 1\n")
    shown = {}
    for name, env in (("plain", {"NO_COLOR": "1"}), ("colours", {})):
        child = pexpect.spawn(
            MOCKINT[0], args, env={**os.environ, "TERM": "xterm", **env}, cwd=str(bank.parent), encoding="utf-8"
        )
        child.expect(pexpect.EOF)
        child.close()
        shown[name] = child.before or ""

    assert "\x1b[32m" in shown["colours"]
    assert "\x1b[32m" not in shown["plain"]
    assert "✔ met" in shown["plain"]


def test_answers_from_a_file_are_asked_in_its_order_and_graded(
    bank: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bank.parent / "answers.yaml"
    file.write_text(
        "zero-stages:\n  answer: the optimizer state is split\n  follow_ups: [the parameters are split]\n"
        "loop-output: ''\n",
        encoding="utf-8",
    )

    assert main(["interview", "--bank", str(bank), "--answers", str(file), "--json"]) == 0

    captured = capsys.readouterr()
    (session,) = json.loads(captured.out)["sessions"]
    assert captured.err == ""
    assert session["plan"] == ["zero-stages", "loop-output"]
    zero, loop = session["attempts"]
    assert [part["answer"] for part in zero["parts"]] == ["the optimizer state is split", "the parameters are split"]
    assert zero["score"] == pytest.approx(5 / 6)
    marks = {mark["criterion"]: mark for mark in zero["grades"][-1]["marks"]}
    assert marks["stage3"]["evidence"][0]["part"] == 1
    assert (loop["outcome"], loop["score"]) == ("dont-know", 0)


def test_answers_may_be_json_and_are_kept_to_topic_level_and_count(
    bank: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = bank.parent / "answers.json"
    file.write_text('{"zero-stages": "x", "loop-output": {"answer": "0 and 1"}}')

    args = ["interview", "--bank", str(bank), "--answers", str(file), "--json"]
    plans = []
    for more in ([], ["--level", "1-2"], ["--topic", "distributed"], ["--count", "1"]):
        assert main([*args, *more]) == 0
        plans.append(json.loads(capsys.readouterr().out)["sessions"][0]["plan"])

    assert plans == [["zero-stages", "loop-output"], ["loop-output"], ["zero-stages"], ["zero-stages"]]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--topic", "biology"], "unknown topic 'biology': use one of distributed, python"),
        (["--level", "2-9"], "give one from 1 to 5"),
        (["--level", "5"], "no question is of this topic and level"),
        (["--count", "0"], "give 1 or more"),
        (["--lang", "fr"], "unknown language 'fr': use en or zh"),
        (["--follow-ups", "-1"], "give one from 0 to 5"),
        (["--grader", "magic"], "unknown grader 'magic': use"),
        (["--answers", "absent.yaml"], "cannot read the answers 'absent.yaml'"),
    ],
)
def test_an_unusable_option_is_refused_before_anything_is_asked_or_kept(
    args: list[str], words: str, bank: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["interview", "--bank", str(bank), *args]) == 2

    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""
    assert not home.exists()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", "zero-stage: x\n", "unknown question 'zero-stage': did you mean zero-stages?"),
        ("a.yaml", "zero-stages: 12\n", "unusable answer to 'zero-stages'"),
        ("a.yaml", "zero-stages: {answer: x, followups: []}\n", "unusable answer to 'zero-stages'"),
        ("a.yaml", "zero-stages: x\nzero-stages: y\n", "a.yaml:2: the key 'zero-stages' stands here twice"),
        ("a.yaml", "- x\n", "holds no answers"),
        ("a.yaml", "", "holds no answers"),
        ("a.json", '{"zero-stages": "x",\n}', "a.json:2: not valid JSON"),
    ],
)
def test_an_unusable_file_of_answers_is_refused_with_its_place(
    name: str, text: str, words: str, bank: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bank.parent / name).write_text(text)

    assert main(["interview", "--bank", str(bank), "--answers", str(bank.parent / name)]) == 2
    assert words in capsys.readouterr().err
    assert not home.exists()


def test_a_bank_with_problems_is_refused_before_anything_is_asked(
    bank: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bank / "python" / "loop-output.yaml").write_text(OUTPUT.replace("level: 1", "level: 9"))

    assert main(["interview", "--bank", str(bank)]) == 2
    assert "python/loop-output.yaml:5" in capsys.readouterr().err


def test_the_same_seed_asks_the_same_questions(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans = []
    for seed in ("11", "11", "12"):
        done = run("interview", "--seed", seed, "--count", "3", "--json", stdin=b"/skip\n" * 3)
        plans.append(json.loads(done.stdout)["sessions"][0]["plan"])

    assert plans[0] == plans[1]
    assert plans[0] != plans[2]
    assert len(set(plans[0])) == 3


def test_history_lists_sessions_and_shows_one_whole(bank: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    assert "No session is kept yet" in capsys.readouterr().out
    for answer in ("the optimizer state is split", "nothing"):
        (bank.parent / "a.yaml").write_text(f"zero-stages: {answer}\n")
        main(["interview", "--bank", str(bank), "--answers", str(bank.parent / "a.yaml")])
    capsys.readouterr()

    assert main(["history"]) == 0
    listed = capsys.readouterr().out
    assert listed.count("zero-stages") == 2
    assert listed.index("33%") < listed.index("0%  zero-stages")
    first = listed.split()[0]

    assert main(["history", first[-4:]]) == 0
    whole = capsys.readouterr().out
    for words in (first, "What does each stage of ZeRO shard?", "│ the optimizer state is split", "✔ met", "✘ missing"):
        assert words in whole

    assert main(["history", "--json", "--limit", "1"]) == 0
    (latest,) = json.loads(capsys.readouterr().out)["sessions"]
    assert latest["attempts"][0]["parts"][0]["answer"] == "nothing"

    assert main(["history", "zzzz"]) == 2
    assert "unknown session 'zzzz'" in capsys.readouterr().err


def test_history_speaks_the_language_of_the_session(bank: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bank.parent / "a.yaml").write_text("zero-stages: 切分优化器状态\n", encoding="utf-8")
    main(["interview", "--bank", str(bank), "--answers", str(bank.parent / "a.yaml"), "--lang", "zh"])
    capsys.readouterr()

    main(["history", "last"])
    assert "✔ 答到" in capsys.readouterr().out
    main(["history", "last", "--lang", "en"])
    assert "✔ met" in capsys.readouterr().out


def test_a_full_disk_gives_the_answer_back(bank: Path, home: Path) -> None:
    """The file may not grow beyond what it needs to begin a session, so saving a long answer fails."""
    run("interview", "--bank", str(bank), "--topic", "python", stdin=b"/skip\n")
    size = sum(path.stat().st_size for path in home.iterdir())
    answer = "0 and 1 " * 20_000
    limit = f"ulimit -f {size // 1024 + 60}; exec {' '.join(MOCKINT)} interview --bank {bank} --topic python"
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; {limit}"], input=answer.encode(), capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 3
    assert "could not be saved" in done.stdout.decode()
    assert "".join(done.stdout.decode().split()).count("0and1") == 20_000
    assert "make room" in done.stderr.decode()
    assert run("history").returncode == 0


def test_two_terminals_at_once_keep_both_sessions(screen: Callable[..., Screen], home: Path) -> None:
    one, two = (screen("--topic", "python", "--follow-ups", "0") for _ in range(2))
    for it in (one, two):
        it.waits_for_an_answer()
    for it, answer in ((two, "second: 0 and 1"), (one, "first: 0 and 1")):
        it.types(f"{answer}{HAND_IN}")
        it.sees("Score", "Show the reference")
        it.types(f"n{ENTER}")
        assert it.ends() == 0

    with History(home / "history.sqlite3") as history:
        answers = {session.attempts[0].parts[0].answer for session in history.sessions(limit=9)}
    assert answers == {"first: 0 and 1", "second: 0 and 1"}


def test_an_exam_is_asked_through_before_anything_is_judged(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--mode", "exam")
    it.sees("Exam: 7 minutes", "What does this print?")
    it.bar_says("session 6:5")
    it.types(f"0 and 1, each on a line{HAND_IN}")
    before = it.sees("Kept.", "Question 2 of 2")
    it.waits_for_an_answer()
    it.types(f"optimizer state is split{HAND_IN}")
    it.sees("The verdicts", "1. loop-output", "│ 0 and 1", "✔ met", "2. zero-stages", "✘ missing", "Summary")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert "met" not in before
    assert [attempt["score"] is not None for attempt in kept(home)["attempts"]] == [True, True]


def test_how_good_one_thinks_it_was_is_asked_before_the_verdict(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "python", "--follow-ups", "0", how=())
    it.sees("New to you, level", "Question 1 of 1")
    it.waits_for_an_answer()
    it.types(f"0 and 1, each on a line{HAND_IN}")
    before = it.sees("How good was that answer")
    it.types(f"very{ENTER}")
    it.sees("A whole number", "How good was that answer")
    it.types(f"80%{ENTER}")
    it.sees("✔ met", "Show the reference")
    it.types(f"n{ENTER}")

    assert it.ends() == 0
    assert "met" not in before
    assert kept(home)["attempts"][0]["parts"][0]["confidence"] == 0.8


def test_kill_9_while_typing_loses_no_word_and_resume_goes_on(
    screen: Callable[..., Screen], home: Path, bank: Path
) -> None:
    it = screen("--topic", "distributed", "--follow-ups", "0", "--lang", "zh")
    it.waits_for_an_answer()
    it.types(f"第一行写好了{ENTER}优化器状态被切分")
    it.sees("优化器状态被切分")
    drafted(home, "第一行写好了\n优化器状态被切分")
    it.child.kill(signal.SIGKILL)
    it.ends()

    again = Screen(command=[*MOCKINT, "resume", "--bank", str(bank), "--no-confidence"])
    again.sees("继续", "之前输入的内容已放回编辑框", "第一行写好了", "优化器状态被切分")
    again.waits_for_an_answer()
    again.types(f"，梯度也切分{HAND_IN}")
    again.sees("✔ 答到", "得分", "小结")
    again.types(f"n{ENTER}")

    assert again.ends() == 0
    assert said(home) == [["第一行写好了\n优化器状态被切分，梯度也切分"]]
    assert kept(home)["ended_at"]


def drafted(home: Path, text: str) -> None:
    """Waits until the draft is on disk; typing and keeping it are half a second apart."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with History(home / "history.sqlite3") as history:
            if [draft.text for draft in history.drafts(1, 0)] == [text]:
                return
        time.sleep(0.05)
    raise AssertionError(f"{text!r} was not kept")


def test_ctrl_c_keeps_half_an_answer_and_says_how_to_go_on(screen: Callable[..., Screen], home: Path) -> None:
    it = screen("--topic", "distributed")
    it.waits_for_an_answer()
    it.types(f"half an answer{CTRL_C}")
    it.sees("mockint resume")

    assert it.ends() == 130
    drafted(home, "half an answer")


def test_two_terminals_on_one_session_keep_both_answers(screen: Callable[..., Screen], home: Path, bank: Path) -> None:
    one = screen("--topic", "distributed", "--follow-ups", "0")
    one.waits_for_an_answer()
    one.types("optimizer state")
    drafted(home, "optimizer state")
    two = Screen(command=[*MOCKINT, "resume", "--bank", str(bank), "--no-confidence"])
    two.sees("optimizer state")
    two.waits_for_an_answer()
    two.types(f" is split, said in two{HAND_IN}")
    two.sees("Score")
    one.types(f" is split, said in one{HAND_IN}")
    one.sees("answered already in another window", "Summary")

    assert said(home) == [["optimizer state is split, said in two"]]
    drafted(home, "optimizer state is split, said in one")


def test_resume_shows_the_question_and_what_was_said(home: Path, bank: Path) -> None:
    said = b"the optimizer state is split, my own words\n.\n"
    run("interview", "--bank", str(bank), "--topic", "distributed", "--count", "1", "--follow-ups", "1", stdin=said)

    done = run("resume", "--bank", str(bank), stdin=b"the parameters are split\n.\n")

    out = " ".join(done.stdout.decode().split())
    assert "What does each stage of ZeRO shard?" in out
    assert "the optimizer state is split, my own words" in out
    assert out.index("my own words") < out.index("What does a rank hold during forward?")


def test_nothing_to_resume_is_said(home: Path, bank: Path) -> None:
    done = run("resume", "--bank", str(bank))
    assert done.returncode == 2
    assert b"'mockint interview' starts one" in done.stderr


def test_a_role_brings_its_topics_levels_and_minutes(home: Path, bank: Path, tmp_path: Path) -> None:
    role = tmp_path / "role.yaml"
    role.write_text(
        "id: mine\nname: {en: Mine, zh: 我的}\nline: {en: x, zh: x}\ntopics: {python: 1}\nminutes: 20\n",
        encoding="utf-8",
    )
    done = run("interview", "--bank", str(bank), "--role", str(role), stdin=b"0 and 1\n.\n")

    assert done.returncode == 0
    session = kept(home)
    assert (session["plan"], session["profile"], session["limit_seconds"]) == (["loop-output"], "mine", 1200)


def test_the_second_session_asks_what_went_badly_in_the_first(home: Path, bank: Path) -> None:
    for answer in (b"0 and 1\n.\n", b"no idea what this is\n.\n"):
        run("interview", "--bank", str(bank), "--seed", "1", "--count", "1", "--follow-ups", "0", stdin=answer)
    with sqlite3.connect(home / "history.sqlite3") as db:  # three days pass
        db.execute("UPDATE parts SET submitted_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', submitted_at, '-3 days')")
        db.execute("DELETE FROM caches")
    db.close()

    done = run("interview", "--bank", str(bank), "--count", "1", stdin=b"/idk\n")

    assert "Due: you scored 0% 3 days ago" in done.stdout.decode()
