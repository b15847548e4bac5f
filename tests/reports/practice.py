"""Two evenings of practice, small enough to read, with everything in them that a report has to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mockint.grading.grade import Grade, grade_of
from mockint.history import History, Outcome
from mockint.interview import grade_parts
from mockint.question import Lang, Question, Topic
from tests.one_question import WordGrader, plan, question

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TOPICS = (
    Topic.model_validate({"id": "systems", "name": {"en": "Systems", "zh": "系统"}, "line": {"en": ".", "zh": "。"}}),
    Topic.model_validate(
        {
            "id": "distributed",
            "name": {"en": "Distributed training", "zh": "分布式训练"},
            "line": {"en": ".", "zh": "。"},
        }
    ),
)
ZERO = question()
CACHE = question(
    id="cache",
    topic="systems",
    level=1,
    minutes=2,
    prompt={"en": "What does a cache **keep**?", "zh": "缓存里**存**什么？"},
    key_points=[
        {
            "id": "recent",
            "text": {"en": "It keeps what was used $n < k$ steps ago.", "zh": "存最近 $n < k$ 步用过的。"},
        },
        {"id": "copies", "text": {"en": "It keeps copies.", "zh": "存的是副本。"}},
        {"id": "small", "text": {"en": "It is small.", "zh": "容量很小。"}, "must": True},
    ],
    misconceptions=[],
    follow_ups=[],
)


class Practice:
    """A history under a clock that goes only when it is told to."""

    def __init__(self, history: History, lang: Lang) -> None:
        self.history, self.lang = history, lang
        self.now = datetime(2026, 3, 2, 19, tzinfo=UTC)

    def begin(self, *questions: Question, grader: str = "word/1", **more: object) -> str:
        self.now += timedelta(days=1)
        wanted = plan(*questions, **{"lang": self.lang, "follow_ups": 1} | more)
        self.session = self.history.begin_session(wanted, grader=grader)
        return self.session

    def ask(self, place: int) -> int:
        self.history.ask(self.session, place, self._kept.plan.questions[place].prompt.in_(self.lang))
        return self._kept.attempts[place].id

    def answer(
        self,
        place: int,
        text: str,
        *,
        outcome: Outcome = "answered",
        seconds: float | None = 60,
        confidence: float | None = None,
        hints: int = 0,
        graded: bool = True,
        by: str = "word/1",
        provisional: bool = False,
    ) -> int:
        id = self.ask(place)
        for _ in range(hints):
            self.history.take_hint(id, 0)
        self.history.save_answer(id, 0, text, outcome=outcome, seconds=seconds, confidence=confidence)
        if graded and outcome != "skipped":
            self.grade(place, by=by, provisional=provisional)
        return id

    def follow_up(self, place: int, text: str, *, seconds: float = 30, graded: bool = True) -> None:
        attempt = self._kept.attempts[place]
        prompt = attempt.question.follow_ups[0].prompt.in_(self.lang)
        self.history.ask_follow_up(attempt.id, len(attempt.parts), prompt, 0)
        self.history.save_answer(attempt.id, len(attempt.parts), text, outcome="answered", seconds=seconds)
        if graded:
            self.grade(place)

    def grade(self, place: int, *, by: str = "word/1", provisional: bool = False) -> None:
        attempt = self._kept.attempts[place]
        grade: Grade = grade_parts(WordGrader(), attempt.question, attempt.parts)
        if by != "word/1":
            hints = sum(part.hints for part in attempt.parts)
            grade = grade_of(attempt.question, grade.marks, grader=by, hints=hints)
        self.history.add_grade(
            attempt.id, grade, parts=len(attempt.parts), question=attempt.question, provisional=provisional
        )

    @property
    def _kept(self):  # type: ignore[no-untyped-def]
        return self.history.session(self.session)


@contextmanager
def practice(home: Path, lang: Lang = "en") -> Iterator[Practice]:
    """A new history in this folder."""
    held: list[Practice] = []
    with History(home / "history.sqlite3", now=lambda: held[0].now if held else NOW) as history:
        held.append(Practice(history, lang))
        yield held[0]


def two_evenings(home: Path, lang: Lang = "en") -> tuple[str, str]:
    """The ids of both sessions. The second has a follow-up, a hint, an answer over time, skipped and ungraded ones."""
    with practice(home, lang) as held:
        first = held.begin(ZERO, CACHE)
        held.answer(0, "It splits layers, not gradients.", seconds=400, confidence=0.9)
        held.answer(1, "What is recent and small.", seconds=30, confidence=0.5)
        second = held.begin(ZERO, CACHE, question(id="later"), question(id="open"), mode="exam", limit_seconds=400)
        held.answer(0, "The states\n  are sharded; copies of <b>weights</b>\x1b[31m are not.", hints=1, confidence=0.6)
        held.follow_up(0, "And the gradients.")
        held.answer(1, "", outcome="dont-know", seconds=400, confidence=0.0)
        held.answer(2, "Nothing judged this.", graded=False)
        held.ask(3)
        return first, second
