"""Questions that hold everything a card finds hard to show, as values that a test edits and builds decks from."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockint.decks.build import BuildPlan, plan, write
from mockint.decks.compile import DeckSource
from mockint.question import Question, Topic

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 80"><rect width="640" height="80" fill="#ffffff"/>'
    b'<text x="9" y="40" font-size="20">plain ink</text><path d="M0 60h640" stroke="#0969DA"/></svg>'
)
TOPICS = [
    {"id": "alpha", "name": {"en": "Alpha", "zh": "甲"}, "line": {"en": "First.", "zh": "第一。"}},
    {"id": "beta", "name": {"en": "Beta", "zh": "乙"}, "line": {"en": "Second.", "zh": "第二。"}},
]


def point(id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "text": {"en": text, "zh": f"{text}。"}, **more}


def _question(id: str, topic: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "topic": topic,
        "kind": "explain",
        "level": 2,
        "minutes": 3,
        "prompt": {"en": f"What is {id}?", "zh": f"{id} 是什么？"},
        "answer": {"en": f"It is {id}.", "zh": f"就是 {id}。"},
        "key_points": [point("one", "One."), point("two", "Two."), point("three", "Three.")],
        **more,
    }


QUESTIONS = [
    _question(
        "escapes",
        "alpha",
        prompt={
            "en": "List<int>, a < b && c, {{Field}} }} $5 and \\\\(x\\\\) [sound:a.mp3] [latex]x[/latex]"
            " \x1f <b>bold</b>?",
            "zh": "数组 `List<int>` 与 {{c1::假}}\n换行，“引号”。",
        },
        answer={
            "en": "Inline $a<b$, and $\\frac{a}{b_{c}}$.\n\n$$\n\\sum_{i=1}^{n} x_{i}\n$$\n\n"
            "| a | b |\n|---|--:|\n| 1 | 2 |\n\n"
            "```python\nprint('{{x}}', 1 < 2)\n```\n```output\n{{x}} True\n```\n\n![A box & more](media/box.svg)",
            "zh": "行内公式 $a<b$，还有（$x$）。\n\n```cpp\nstd::vector<int> v;\n```",
        },
        key_points=[
            point(
                "braces",
                "A set of `{{1}}`.",
                must=True,
                cloze={
                    "en": "$\\frac{a}{b_{c}}$ is [[$x_{\\text{a}}$]], and `std::move` [[`a::b{{}}`]] {x}.",
                    "zh": "[[{b}]]，$x$。",
                },
            ),
            point("two", "Two."),
            point("three", "Three."),
        ],
        misconceptions=[point("wrong", "a > b", correction={"en": "a < b", "zh": "a < b"})],
        references=[{"title": "A & B <c>", "url": "https://example.org/?a=1&b=2"}],
        hints=[{"en": "Think.", "zh": "想。"}],
        follow_ups=[{"prompt": {"en": "And?", "zh": "然后？"}, "probes": ["two"]}],
    ),
    _question(
        "prints",
        "alpha",
        kind="code-output",
        level=1,
        code={"source": "for i in range(2):\n    print(i, '<')\n", "output": "0 <\n1 <\n"},
    ),
    _question("plain", "beta", tags=["basics"]),
    _question(
        "clozes",
        "beta",
        level=3,
        key_points=[
            point("one", "One.", cloze={"en": "It is [[one]].", "zh": "是[[一]]。"}),
            point("two", "Two.", cloze={"en": "It is [[two]].", "zh": "是[[二]]。"}),
            point("three", "Three."),
        ],
    ),
]


@dataclass
class Release:
    """A bank that is edited and released again and again into one folder, a day apart."""

    out: Path
    questions: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {question["id"]: copy.deepcopy(question) for question in QUESTIONS}
    )
    pictures: dict[str, bytes] = field(default_factory=lambda: {"media/box.svg": SVG})
    now: int = 1_700_000_000

    def source(self) -> DeckSource:
        topics = [Topic.model_validate(topic) for topic in TOPICS]
        questions = [Question.model_validate(question) for question in self.questions.values()]
        return DeckSource(questions, topics, lambda topic, src: self.pictures[src])

    def plan(self, **options: Any) -> BuildPlan:
        return plan(self.source(), self.out, now=self.now, **options)

    def publish(self, edit: Callable[[Release], None] | None = None, **options: Any) -> Path:
        """Edit, wait a day, build. Returns the English deck."""
        if edit:
            edit(self)
        self.now += 86_400
        write(self.plan(**options), self.out)
        return self.out / "mockint-en.apkg"
