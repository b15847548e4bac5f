"""Which question to ask next, and why in one line.

Each question that may be asked has a worth, the sum of four things; the highest is asked:

    urgency     2 to 3 when it is due, 1.5 to 2 when the last answer failed, 1 when it is new, less when it is known
    level       less the further it is from the level that the last answers in its topic earned
    topic       less the more of this session its topic has had, measured by the topics' weights
    seed        up to a quarter, so that equals come in another order with another seed

The line never says what a good answer would hold: it is read before answering.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockint.grading.grade import PASS
from mockint.history import Selection
from mockint.phrases import SchedulePhrases
from mockint.phrases.formats import percent
from mockint.question import LANGS, Question, Text
from mockint.schedule.replay import FORGOTTEN, Standing

FIRST_LEVEL = 2.0
LAST_ANSWERS = 5
RAISES = 0.8
TOO_FRESH = timedelta(hours=12)
_LEVEL_STEP, _TOPIC_STEP, _SEED_SHARE = 0.3, 0.8, 0.25


@dataclass(frozen=True)
class Choice:
    """A question to ask, and why in one line that gives nothing of the answer away."""

    question: Question
    why: Text | None = None


Asked = tuple[Question, float | None]
"""A question of this session and the score so far; None while it is not graded."""


def choose_next(
    questions: Sequence[Question],
    known: Mapping[str, Standing],
    *,
    asked: Sequence[Asked] = (),
    selection: Selection | None = None,
    seed: int = 0,
    now: datetime,
) -> Choice | None:
    """The best of the questions that this session has not asked; None when it has asked all. Deterministic."""
    selection = selection or Selection()
    done = {question.id for question, _ in asked}
    left = [question for question in questions if question.id not in done and selection.allows(question)]
    if not left:
        return None
    levels = {topic: level_of(topic, known, asked, selection) for topic in {question.topic for question in left}}

    def worth(question: Question) -> float:
        return (
            _urgency(known.get(question.id), now)
            - _LEVEL_STEP * abs(question.level - levels[question.topic])
            - _TOPIC_STEP * _had(question.topic, asked, selection)
            + _SEED_SHARE * _drawn(seed, question.id)
        )

    best = max(left, key=lambda question: (worth(question), question.id))
    in_topic = _earned_in(best.topic, known, asked)
    return Choice(best, _why(best, known.get(best.id), now, levels[best.topic] if in_topic else None))


def level_of(topic: str, known: Mapping[str, Standing], asked: Sequence[Asked], selection: Selection) -> float:
    """The level that fits: a step above what was answered well, a step below what was not; of the last answers in
    the topic, else in any topic. This session's count first."""
    low, high = selection.levels
    last = (_earned_in(topic, known, asked) or _earned_in(None, known, asked))[:LAST_ANSWERS]
    level = sum(last) / len(last) if last else FIRST_LEVEL
    return min(float(high), max(float(low), level))


def _earned_in(topic: str | None, known: Mapping[str, Standing], asked: Sequence[Asked]) -> list[int]:
    """The levels that answers earned, the latest first; None: in any topic."""
    now = [
        _earned(question.level, score)
        for question, score in reversed(asked)
        if score is not None and topic in (question.topic, None)
    ]
    before = sorted(known.values(), key=lambda one: one.last_at, reverse=True)
    return now + [_earned(one.level, one.last_score) for one in before if topic in (one.topic, None)]


def _earned(level: int, score: float) -> int:
    return level + (1 if score >= RAISES else -1 if score < FORGOTTEN else 0)


def _urgency(standing: Standing | None, now: datetime) -> float:
    if standing is None:
        return 1.0
    recall = standing.recall(now)
    if now - standing.last_at < TOO_FRESH:
        return -recall
    if standing.due_at <= now:
        return 3.0 - recall
    if standing.last_score < PASS:
        return 1.5 + 0.5 * (1 - standing.last_score)
    return 1.0 - recall


def _had(topic: str, asked: Sequence[Asked], selection: Selection) -> float:
    """How many of its turns the topic has had: 1 when it had as many as its weight gives it in a round of all."""
    had = sum(question.topic == topic for question, _ in asked)
    if not selection.topics:
        return float(had)
    mean = sum(selection.topics.values()) / len(selection.topics)
    weight = selection.topics[topic] / mean
    return (had + 0.5) / weight  # the half lets weights count from the first question on


def _drawn(seed: int, id: str) -> float:
    return int.from_bytes(hashlib.sha256(f"{seed}:{id}".encode()).digest()[:4]) / 2**32


def _why(question: Question, standing: Standing | None, now: datetime, level: float | None) -> Text:
    """level: that the answers in this topic earned; None when there are none."""
    en, zh = (_why_in(SchedulePhrases(lang), question, standing, now, level) for lang in LANGS)
    return Text(en=en, zh=zh)


def _why_in(
    words: SchedulePhrases, question: Question, standing: Standing | None, now: datetime, level: float | None
) -> str:
    if standing is None and level is None:
        return words.new.format(level=question.level)
    if standing is None:
        return words.new_in_topic.format(level=question.level, earned=f"{level:.0f}")
    ago, score = _ago(words, (now - standing.last_at).days), percent(standing.last_score)
    if standing.due_at <= now:
        return words.due_again.format(score=score, ago=ago, recall=percent(standing.recall(now)))
    if standing.last_score < PASS:
        return words.weak.format(score=score, ago=ago)
    return words.first_forgotten.format(score=score, ago=ago)


def _ago(words: SchedulePhrases, days: int) -> str:
    if days < 1:
        return words.today
    return words.yesterday if days == 1 else words.days_ago.format(days=days)
