"""Attempts -> how well each question is known: an attempt is a review, its score the rating.

Nothing here is a fact of its own: what is kept in the history's cache only saves replaying the same attempts again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from mockint.grading.grade import PASS
from mockint.history import History, Result
from mockint.question import Question

if TYPE_CHECKING:
    from fsrs import Card, Rating, Scheduler

CACHE = "standings/1"  # raise the number when the replay gives other states
FORGOTTEN, GOOD, FLUENT = 0.5, 0.8, 0.9
"""Scores: below the first an answer counts as forgotten, from the last on as easy."""
MAX_INTERVAL_DAYS = 180
LATEST = 100
"""So many of a question's attempts are replayed: what came before them no longer moves its state."""


@dataclass(frozen=True)
class Standing:
    """How well a question is known. stability: days until the chance to recall it has fallen to 90 %.

    difficulty: 1..10. attempt: the last that was counted. Times are in UTC.
    """

    question: str
    topic: str
    level: int
    reviews: int
    attempt: int
    last_score: float
    last_at: datetime
    due_at: datetime
    stability: float
    difficulty: float

    def recall(self, now: datetime) -> float:
        """The chance, 0..1, that a good answer would come now."""
        return float(_scheduler().get_card_retrievability(_card(self), now))


def standings(history: History) -> dict[str, Standing]:
    """By question id. Replays only what was graded since the last time, and all of a question that was regraded."""
    known, through = _kept(history)
    new = history.results(since_grade=through)
    if not new:
        return known
    regraded = {row.question for row in new if row.question in known and row.attempt <= known[row.question].attempt}
    if regraded:
        known = {id: standing for id, standing in known.items() if id not in regraded}
        new = [row for row in new if row.question not in regraded] + [
            row for row in history.results() if row.question in regraded
        ]
    known = replay(new, known)
    history.cache(CACHE, _dumped(known, max(through, *(row.grade for row in new))))
    return known


def replay(results: Iterable[Result], known: Mapping[str, Standing] | None = None) -> dict[str, Standing]:
    """The standings after these results, which are in the order of their attempts. A clock that was set back counts
    as standing still."""
    by_question: dict[str, list[Result]] = defaultdict(list)
    for row in results:
        by_question[row.question].append(row)
    after = dict(known or {})
    for id, rows in by_question.items():
        standing = after.get(id) if len(rows) < LATEST else None
        for row in rows[-LATEST:]:
            standing = reviewed(standing, row)
        if standing:
            reviews = len(rows) + (after[id].reviews if id in after else 0)
            after[id] = replace(standing, reviews=reviews)
    return after


def reviewed(before: Standing | None, row: Result) -> Standing:
    at = datetime.fromisoformat(row.at)
    if before is not None:
        at = max(at, before.last_at)
    card, _ = _scheduler().review_card(_card(before), rating(row.score), at)
    return Standing(
        question=row.question,
        topic=row.topic,
        level=row.level,
        reviews=(before.reviews if before else 0) + 1,
        attempt=row.attempt,
        last_score=row.score,
        last_at=at,
        due_at=card.due,
        stability=card.stability or 0.0,
        difficulty=card.difficulty or 0.0,
    )


def answered_well(question: Question, before: Standing | None, at: datetime) -> Standing:
    """As it will stand if a good answer is given then: what a plan supposes."""
    attempt = before.attempt if before else 0
    row = Result(attempt, "", question.id, question.topic, question.level, at.isoformat(), GOOD, None, None, 0)
    return reviewed(before, row)


def rating(score: float) -> Rating:
    """What an answer of this score is in the words of spaced repetition."""
    from fsrs import Rating

    if score < FORGOTTEN:
        return Rating.Again
    if score < PASS:
        return Rating.Hard
    return Rating.Good if score < FLUENT else Rating.Easy


@cache
def _scheduler() -> Scheduler:
    """No steps of minutes (an interview question comes back another day) and no chance in the intervals."""
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), maximum_interval=MAX_INTERVAL_DAYS, enable_fuzzing=False)


def _card(standing: Standing | None) -> Card:
    from fsrs import Card, State

    if standing is None:
        return Card(card_id=0)
    return Card(
        card_id=0,
        state=State.Review,
        stability=standing.stability,
        difficulty=standing.difficulty,
        due=standing.due_at,
        last_review=standing.last_at,
    )


def _kept(history: History) -> tuple[dict[str, Standing], int]:
    content = history.cached(CACHE)
    if content is None:
        return {}, 0
    kept = json.loads(content)
    return {id: _loaded(id, fields) for id, fields in kept["standings"].items()}, kept["through_grade"]


def _loaded(id: str, fields: dict[str, Any]) -> Standing:
    times = {key: datetime.fromisoformat(fields[key]) for key in ("last_at", "due_at")}
    return Standing(question=id, **{**fields, **times})


def _dumped(known: Mapping[str, Standing], through: int) -> str:
    fields = {
        id: {
            **{key: value for key, value in vars(one).items() if key != "question"},
            "last_at": one.last_at.isoformat(),
            "due_at": one.due_at.isoformat(),
        }
        for id, one in known.items()
    }
    return json.dumps({"through_grade": through, "standings": fields}, separators=(",", ":"))
