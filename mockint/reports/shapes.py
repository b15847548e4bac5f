"""What a report says, as one frozen value. Its JSON is published: `report.schema.json` is made from these shapes.

Shares and scores are 0..1, times are seconds, moments are UTC in ISO 8601. Texts are in the report's language and, like
the answers, raw: whoever renders them escapes them. A number that cannot be known is null, never a made-up 0.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mockint.history import Outcome
from mockint.phrases.reasons import ReasonCode
from mockint.question import Frozen, KeyPointVerdict, Lang, Verdict

FORMAT = "mockint-report"
VERSION = 1

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Duration = Annotated[float, Field(ge=0)]
Grain = Literal["session", "day", "week", "month"]


class SessionFacts(Frozen):
    """One sitting. planned: how many questions it meant to ask. over_seconds: spent beyond its time limit."""

    id: str
    started_at: str
    ended_at: str | None
    lang: Lang
    grader: str
    mode: str
    profile: str | None
    planned: Count
    limit_seconds: Duration | None
    spent_seconds: Duration
    over_seconds: Duration
    score: Share | None


class Totals(Frozen):
    """Counts of attempts. graded + ungraded = answered + dont_know; skipped ones and open ones are never graded.

    provisional: graded, but only by the stand-in for an LLM that failed, or before a follow-up was heard.
    score: the mean over the graded ones. passed: those of at least the pass mark. over: those that took longer than
    the question allows (follow-ups do not count), over_seconds: by how much in all.
    """

    sessions: Count
    questions: Count
    asked: Count
    answered: Count
    dont_know: Count
    skipped: Count
    open: Count
    graded: Count
    ungraded: Count
    provisional: Count
    score: Share | None
    passed: Count
    pass_mark: Share
    seconds: Duration
    over: Count
    over_seconds: Duration
    hints: Count


class TrendPoint(Frozen):
    """The graded attempts of one session, or of all sessions begun in one day, week (from Monday) or month.

    session: its id when the grain is the session. score: their mean, null when none is graded. current: the session
    reported on.
    """

    start: str
    session: str | None
    sessions: Count
    graded: Count
    score: Share | None
    current: bool = False


class Trend(Frozen):
    """Oldest first. `grain` is the finest that keeps the points few enough to draw."""

    grain: Grain
    points: list[TrendPoint]


class Cell(Frozen):
    """The key points of one topic at one level. met: how many count as met, a partly met one as a half.

    share is null where nothing was graded yet.
    """

    level: Annotated[int, Field(ge=1, le=5)]
    questions: Count
    met: Annotated[float, Field(ge=0)]
    of: Count
    share: Share | None


class HeatRow(Frozen):
    """One topic; a cell for each of the levels 1 to 5, and `share` over all of them."""

    topic: str
    name: str
    cells: list[Cell]
    share: Share | None


class PointStanding(Frozen):
    """How a key point fared at the question's latest graded attempt."""

    criterion: str
    verdict: KeyPointVerdict


class QuestionRow(Frozen):
    """One question over time. first and last: scores of its first and latest graded attempts in the report."""

    question: str
    topic: str
    level: int
    attempts: Count
    first: Share | None
    last: Share | None
    last_at: str
    points: list[PointStanding]


class MissedPoint(Frozen):
    """A key point that the latest graded attempt at its question did not meet, with the right wording in `text`.

    missed of looked_at: in so many of the latest graded attempts (in a session: of that one). said: the words that
    earned half of it, or denied it.
    """

    question: str
    topic: str
    level: int
    criterion: str
    text: str
    must: bool
    weight: float
    verdict: KeyPointVerdict
    missed: Count
    looked_at: Count
    said: list[str]


class StatedBelief(Frozen):
    """A misconception that was stated at the latest graded attempt, the words that did, and what is true instead."""

    question: str
    topic: str
    criterion: str
    text: str
    correction: str | None
    said: list[str]


class AnswerSpan(Frozen):
    """`answer[start:end]`, counted in Unicode code points: words that earned or denied a key point, or stated a
    misconception. In the order of their starts; several may cover the same words."""

    start: Count
    end: Count
    criterion: str
    verdict: Verdict


class AnswerPart(Frozen):
    """part: 0 for the answer, n for the nth follow-up. outcome: null while it was not handed in."""

    part: Count
    prompt: str
    outcome: Outcome | None
    answer: str
    spans: list[AnswerSpan]
    seconds: Duration | None
    hints: Count
    confidence: Share | None


class PointMark(Frozen):
    """What the grade that counts says of a key point. verdict is null while the attempt is ungraded.

    reason: the grader's sentence. code: which of mockint's own that is; null for an LLM's.
    """

    criterion: str
    text: str
    must: bool
    weight: float
    verdict: KeyPointVerdict | None
    reason: str
    code: ReasonCode | None
    said: list[str]


class Answer(Frozen):
    """One attempt, in the order of the session. minutes: what the question allows. code: a program that it shows.

    seconds: for the answer itself, which alone can be over time; the parts have their own.
    """

    place: Count
    question: str
    topic: str
    topic_name: str
    level: int
    kind: str
    minutes: int
    outcome: Outcome | None
    score: Share | None
    provisional: bool
    grader: str | None
    capped_by: list[str]
    seconds: Duration | None
    over_seconds: Duration
    hints: Count
    confidence: Share | None
    code: str | None
    parts: list[AnswerPart]
    points: list[PointMark]
    beliefs: list[StatedBelief]


class Bin(Frozen):
    """The attempts whose confidence lies in [low, high), in the last bin [low, high]: mean confidence, mean score."""

    low: Share
    high: Share
    count: Count
    confidence: Share
    score: Share


class Calibration(Frozen):
    """Confidence given before the verdict against the score that came of it, over the graded attempts that have one.

    brier: the mean of (confidence - score)^2; 0 is perfect. baseline: what always saying the mean score would earn, so
    that a brier above it means the confidences tell less than nothing. bias: mean confidence - mean score; above 0 is
    overconfident.
    """

    count: Count
    brier: Share
    baseline: Share
    bias: Annotated[float, Field(ge=-1, le=1)]
    confidence: Share
    score: Share
    bins: list[Bin]


class ChangedPoint(Frozen):
    """A criterion whose verdict differs between the two sessions; null where that attempt is ungraded."""

    criterion: str
    text: str
    before: Verdict | None
    after: Verdict | None


class ComparedQuestion(Frozen):
    """A question of both sessions. changed: the criteria whose verdicts differ, in the order of the question."""

    question: str
    topic: str
    before: Share | None
    after: Share | None
    changed: list[ChangedPoint]


class ComparedTopic(Frozen):
    """Mean scores over the graded attempts of a topic in either session."""

    topic: str
    name: str
    before: Share | None
    after: Share | None


class SessionComparison(Frozen):
    """This session (`after`) against another one (`before`, described by `session`)."""

    session: SessionFacts
    before: Totals
    topics: list[ComparedTopic]
    questions: list[ComparedQuestion]
    only_before: list[str]
    only_after: list[str]


class Report(Frozen):
    """Practice as it stands: one session, or (`progress`) all of them, from `since` on.

    heat, questions and missed look at the latest graded attempt of each question. questions is empty and answers is
    filled for a session, and the other way round for progress.
    """

    format: Literal["mockint-report"] = "mockint-report"
    version: Literal[1] = 1
    kind: Literal["session", "progress"]
    lang: Lang
    made_at: str
    since: str | None
    session: SessionFacts | None
    totals: Totals
    trend: Trend
    heat: list[HeatRow]
    questions: list[QuestionRow]
    missed: list[MissedPoint]
    beliefs: list[StatedBelief]
    answers: list[Answer]
    calibration: Calibration | None
    comparison: SessionComparison | None
