"""What stands by topic: scores, names, and the bank's order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from mockint.history import Attempt
from mockint.question import Lang, Topic
from mockint.reports.totals import mean


class OfTopic(Protocol):
    """Anything that says its topic by id."""

    @property
    def topic(self) -> str: ...


Row = TypeVar("Row", bound=OfTopic)


class TopicScore(NamedTuple):
    """score: the mean, 0..1, of those of its answers that are graded; None when none is. topic: its id."""

    topic: str
    score: float | None
    graded: int
    answers: int


def topic_scores(answers: Iterable[tuple[str, float | None]]) -> list[TopicScore]:
    """(topic, score or None while it is not graded) of each answer -> a row a topic, in the order of their first."""
    by_topic: dict[str, list[float | None]] = {}
    for topic, score in answers:
        by_topic.setdefault(topic, []).append(score)
    return [_topic_score(topic, scores) for topic, scores in by_topic.items()]


def _topic_score(topic: str, scores: Sequence[float | None]) -> TopicScore:
    graded = [score for score in scores if score is not None]
    return TopicScore(topic, mean(sum(graded), len(graded)), len(graded), len(scores))


def scores_of_attempts(attempts: Iterable[Attempt]) -> list[TopicScore]:
    """By topic, each attempt's score as it counts."""
    return topic_scores((one.question.topic, one.grade.score if one.grade else None) for one in attempts)


def in_topic_order(rows: Iterable[Row], topics: Sequence[Topic]) -> list[Row]:
    """In the bank's order of topics; rows of a topic that the bank no longer has come last, as they came."""
    order = {topic.id: place for place, topic in enumerate(topics)}
    return sorted(rows, key=lambda row: order.get(row.topic, len(order)))


def topic_name(topic: str, topics: Sequence[Topic], lang: Lang) -> str:
    """Its id where the bank no longer has it."""
    return next((one.name.in_(lang) for one in topics if one.id == topic), topic)
