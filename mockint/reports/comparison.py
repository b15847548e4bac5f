"""One session set against another."""

from __future__ import annotations

from collections.abc import Sequence

from mockint.errors import UsageError
from mockint.history import Attempt, History, Session
from mockint.question import Lang, Topic
from mockint.reports.shapes import ChangedPoint, ComparedQuestion, ComparedTopic, SessionComparison
from mockint.reports.topics import in_topic_order, scores_of_attempts, topic_name
from mockint.reports.totals import session_facts, session_totals


def comparison_of(
    history: History, session: Session, other_id: str, topics: Sequence[Topic], lang: Lang
) -> SessionComparison:
    """other_id: the earlier session. Raises UsageError when it is the same one, or not in the history."""
    if other_id == session.id:
        raise UsageError(f"the session {other_id!r} cannot be compared with itself: give another one")
    other = history.session(other_id)
    before, after = ({one.question.id: one for one in each.answered} for each in (other, session))
    return SessionComparison(
        session=session_facts(other),
        before=session_totals(other),
        topics=_compared_topics(other, session, topics, lang),
        questions=[_compared(before[id], after[id], lang) for id in after if id in before],
        only_before=[id for id in before if id not in after],
        only_after=[id for id in after if id not in before],
    )


def _compared_topics(before: Session, after: Session, topics: Sequence[Topic], lang: Lang) -> list[ComparedTopic]:
    old, new = ({row.topic: row.score for row in scores_of_attempts(one.answered)} for one in (before, after))
    rows = [
        ComparedTopic(topic=topic, name=topic_name(topic, topics, lang), before=old.get(topic), after=new.get(topic))
        for topic in dict.fromkeys((*new, *old))
    ]
    return in_topic_order(rows, topics)


def _compared(before: Attempt, after: Attempt, lang: Lang) -> ComparedQuestion:
    old, new = (
        {mark.criterion: mark.verdict for mark in one.grade.marks} if one.grade else {} for one in (before, after)
    )
    return ComparedQuestion(
        question=after.question.id,
        topic=after.question.topic,
        before=before.grade.score if before.grade else None,
        after=after.grade.score if after.grade else None,
        changed=[
            ChangedPoint(
                criterion=criterion.id,
                text=criterion.text.in_(lang),
                before=old.get(criterion.id),
                after=new.get(criterion.id),
            )
            for criterion in after.question.criteria
            if old.get(criterion.id) != new.get(criterion.id)
        ],
    )
