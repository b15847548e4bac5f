"""The values that the history hands out: sessions, attempts, parts, grades. Frozen, and independent of SQLite."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from mockint.grading.grade import Grade
from mockint.question import Frozen, Lang, Question, Text, Verdict

Outcome = Literal["answered", "dont-know", "skipped"]
Mode = Literal["practice", "exam"]


class Part(Frozen):
    """What was asked and what was said. `outcome` is None until it was handed in.

    part: 0 for the answer, n for the nth follow-up. follow_up: its place in the question's list, None for the answer.
    seconds: time spent answering, by a clock that does not jump. hints: taken before it was.
    confidence: the score, 0..1, that the candidate expected, said before the verdict.
    Times are UTC, ISO 8601.
    """

    part: int
    prompt: str
    follow_up: int | None
    asked_at: str
    answer: str = ""
    outcome: Outcome | None = None
    submitted_at: str | None = None
    seconds: float | None = None
    hints: int = 0
    confidence: float | None = None


class Draft(Frozen):
    """Words that were typed and not handed in. writer: the window or terminal that they were typed in."""

    writer: str
    text: str
    seconds: float
    saved_at: str


class Result(NamedTuple):
    """One answered attempt as a plain row, for reading very many. score: of the counting grade; grade: its id."""

    attempt: int
    session: str
    question: str
    topic: str
    level: int
    at: str
    score: float
    seconds: float | None
    confidence: float | None
    grade: int


class KeyPointResult(NamedTuple):
    """What the counting grade of an attempt says of one criterion."""

    attempt: int
    question: str
    criterion: str
    verdict: Verdict
    at: str


class Selection(Frozen):
    """What a session may choose its questions from. topics: weight by id, none for all alike. levels: from, to."""

    topics: dict[str, float] = {}
    levels: tuple[int, int] = (1, 5)

    def allows(self, question: Question) -> bool:
        """Its topic is among ours, or we have none, and its level lies between ours."""
        low, high = self.levels
        return low <= question.level <= high and (not self.topics or question.topic in self.topics)


class LLMUse(Frozen):
    """What an LLM used for a session. tokens: read and written. dollars: None where no price is known."""

    requests: int = 0
    tokens: int = 0
    dollars: float | None = None

    def __add__(self, other: LLMUse) -> LLMUse:
        known = [one.dollars for one in (self, other) if one.dollars is not None]
        return LLMUse(
            requests=self.requests + other.requests,
            tokens=self.tokens + other.tokens,
            dollars=sum(known) if known else None,
        )

    def since(self, before: LLMUse) -> LLMUse:
        """What came on top of what was used before."""
        dollars = None if self.dollars is None else self.dollars - (before.dollars or 0.0)
        return LLMUse(requests=self.requests - before.requests, tokens=self.tokens - before.tokens, dollars=dollars)


class KeptGrade(Frozen):
    """A grade as it was given. parts: how many it had seen. content_hash: by which version of the question.

    provisional: it stands in for one that the grader asked for could not give.
    """

    grade: Grade
    parts: int
    content_hash: str
    graded_at: str
    provisional: bool = False


class Attempt(Frozen):
    id: int
    place: int
    question: Question
    content_hash: str
    closed_at: str | None
    parts: list[Part]
    grades: list[KeptGrade]

    @property
    def grade(self) -> Grade | None:
        """The grade that counts: the latest of those that saw the most parts. None while ungraded: that is no zero."""
        return self.kept_grade.grade if self.kept_grade else None

    @property
    def kept_grade(self) -> KeptGrade | None:
        """The grade that counts, with when and how it was given."""
        return max(reversed(self.grades), key=lambda kept: kept.parts, default=None)

    @property
    def graded_parts(self) -> int:
        """How many parts the grade that saw the most has seen; 0 while ungraded."""
        return max((kept.parts for kept in self.grades), default=0)

    @property
    def submitted(self) -> list[Part]:
        """The parts that were handed in, in order."""
        return [part for part in self.parts if part.outcome is not None]

    @property
    def hints(self) -> int:
        """Taken so far, over all parts."""
        return sum(part.hints for part in self.parts)

    @property
    def seconds(self) -> float:
        """Spent on the question and its follow-ups, as far as it was measured."""
        return sum(part.seconds or 0.0 for part in self.parts)

    @property
    def over_seconds(self) -> float:
        """By how much the answer took longer than the question's minutes; follow-ups do not count."""
        spent = self.parts[0].seconds if self.parts else None
        return max(0.0, (spent or 0.0) - 60 * self.question.minutes)

    @property
    def confidence(self) -> float | None:
        """The score, 0..1, that the candidate expected of the answer."""
        return self.parts[0].confidence if self.parts else None

    @property
    def outcome(self) -> Outcome | None:
        """What became of the question itself; None while it waits for an answer."""
        return self.parts[0].outcome if self.parts else None

    def as_json(self) -> dict[str, Any]:
        """For a program to read: everything but the question's text."""
        return {
            "place": self.place,
            "question": self.question.id,
            "topic": self.question.topic,
            "level": self.question.level,
            "content_hash": self.content_hash,
            "outcome": self.outcome,
            "seconds": round(self.seconds, 3),
            "over_seconds": round(self.over_seconds, 3),
            "score": self.grade.score if self.grade else None,
            "closed_at": self.closed_at,
            "parts": [part.model_dump(mode="json") for part in self.parts],
            "grades": [
                kept.model_dump(mode="json", exclude={"grade"}) | kept.grade.model_dump(mode="json")
                for kept in self.grades
            ],
        }


class Plan(Frozen):
    """What a session is to ask, and how; settled before it begins.

    questions: in this order. With a count beyond them the plan grows: the next is chosen when it is its turn.
    whys: why each question was chosen, as many as questions, or none. seed: what draws among equals.
    follow_ups: at most so many a question. limit_seconds: the time for all answers together, None for no limit.
    profile: the id of the role that is practised for. selection: what the questions still to come are chosen from.
    """

    questions: list[Question]
    whys: list[Text | None] = []
    count: int | None = None
    lang: Lang
    seed: int
    follow_ups: int
    mode: Mode = "practice"
    limit_seconds: float | None = None
    profile: str | None = None
    selection: Selection | None = None

    @property
    def total(self) -> int:
        """How many questions it means to ask."""
        return max(self.count or 0, len(self.questions))


class Session(Frozen):
    """One sitting: its plan as far as it has grown, and the attempts at the questions that were asked so far.

    grader: the name of the one that was asked for. debrief: what an LLM said at its end. llm_use: None without an LLM.
    """

    id: str
    started_at: str
    ended_at: str | None
    grader: str
    plan: Plan
    attempts: list[Attempt]
    debrief: str | None = None
    llm_use: LLMUse | None = None

    @property
    def lang(self) -> Lang:
        return self.plan.lang

    @property
    def mode(self) -> Mode:
        return self.plan.mode

    @property
    def total(self) -> int:
        return self.plan.total

    @property
    def spent_seconds(self) -> float:
        """On all answers and replies, as far as it was measured."""
        return sum(attempt.seconds for attempt in self.attempts)

    @property
    def over_seconds(self) -> float:
        """By how much the answers took longer than the session's time limit; 0 without one."""
        limit = self.plan.limit_seconds
        return max(0.0, self.spent_seconds - limit) if limit is not None else 0.0

    @property
    def answered(self) -> list[Attempt]:
        """Attempts that have a grade or wait for one: answered, or "don't know", but not skipped."""
        return [attempt for attempt in self.attempts if attempt.outcome in ("answered", "dont-know")]

    def is_provisional(self, attempt: Attempt) -> bool:
        """Its grade is missing, has not seen every part, or stands in for one that could not be given."""
        if attempt not in self.answered:
            return False
        kept = attempt.kept_grade
        return kept is None or kept.parts < len(attempt.submitted) or kept.provisional

    @property
    def score(self) -> float | None:
        """The mean over the graded attempts; None when there is none."""
        scores = [attempt.grade.score for attempt in self.answered if attempt.grade]
        return sum(scores) / len(scores) if scores else None

    def as_json(self) -> dict[str, Any]:
        """For a program to read: everything but the texts of the questions."""
        return {
            **self.model_dump(mode="json", exclude={"plan", "attempts"}),
            **self.plan.model_dump(mode="json", exclude={"questions"}),
            "score": self.score,
            "spent_seconds": round(self.spent_seconds, 3),
            "over_seconds": round(self.over_seconds, 3),
            "plan": [question.id for question in self.plan.questions],
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }
