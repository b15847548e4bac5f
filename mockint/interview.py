"""The interview without a screen: choose questions, ask, save the answer, grade it, follow up.

A terminal, a web page and a batch drive the same loop:

    interview = Interview.begin(history, grader, questions, lang="en", seed=1, follow_ups=1)
    while step := interview.step():
        match step:
            case Ask():
                interview.save(step, answer_to(step.prompt), seconds=...)
            case Judge():
                show(interview.judge(step))

What comes next is read from the history every time, so a session that was killed at any point goes on where it stood:
an answer that was saved but not graded comes back as a Judge, a question that was shown but not answered as an Ask
with what was typed so far.

In an exam every question is asked before any is judged, nobody is followed up, and when the time is over nothing new is
asked; what is written beyond it is kept, and marked. Time is the sum of what answering took, so a pause costs nothing.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mockint.errors import ServiceError, UsageError
from mockint.grading import Grader, check_evidence
from mockint.grading.grade import Grade, Mark, grade_of, with_follow_up
from mockint.history import Attempt, Draft, History, Mode, Outcome, Part, Selection, Session
from mockint.question import KeyPoint, Lang, Question, Text
from mockint.schedule import Choice, choose_next, standings


@dataclass(frozen=True)
class Ask:
    """Show this and take an answer. part: 0 for the question, n for its nth follow-up. number: 1-based, of `total`.

    why: why this question was chosen. drafts: what was typed before and not handed in, the newest first.
    """

    attempt: Attempt
    part: Part
    number: int
    total: int
    why: Text | None = None
    drafts: tuple[Draft, ...] = ()

    @property
    def question(self) -> Question:
        return self.attempt.question


# The next question of a session whose plan grows as it goes; None when there is no more.
ChooseNext = Callable[[Session], Choice | None]
# Puts an authored follow-up in words that fit what was said: (attempt, point to draw out, authored prompt) -> prompt.
AskInOwnWords = Callable[[Attempt, KeyPoint, str], str]

DEFAULT_COUNT = 5
GIVE_UP_AFTER = 2  # failures in a row: nobody waits for the same silence a third time


@dataclass(frozen=True)
class Judge:
    """An answer is saved and waits for its grade."""

    attempt: Attempt


@dataclass(frozen=True)
class Judged:
    """What the grader made of an attempt so far.

    grade: None when the grader failed before it could judge any part. failure: why it failed, in a sentence.
    provisional: the grade is the fallback's, until `regrade`.
    follow_up: one comes next, so what was missed must not be shown yet.
    """

    attempt: Attempt
    grade: Grade | None
    failure: str | None
    follow_up: bool
    provisional: bool = False


@dataclass(frozen=True)
class LineUp:
    """What a session is to ask. choices: those that are settled before it begins. count: how many in all.

    minutes: what all of them are meant to take. limit_seconds: when nothing new is asked any more, None for never.
    """

    choices: tuple[Choice, ...]
    count: int
    minutes: int
    limit_seconds: float | None
    selection: Selection


def line_up(
    history: History,
    questions: Sequence[Question],
    *,
    selection: Selection,
    mode: Mode,
    seed: int,
    count: int | None = None,
    minutes: int | None = None,
) -> LineUp:
    """As many questions as asked for, or as fit in the minutes, chosen by what the history shows.

    In practice only the first is settled: each later one is chosen when it is its turn, by how the others went.
    Raises UsageError when no question is in the selection.
    """
    known, now = standings(history), history.now()
    chosen: list[Choice] = []
    most = count if count is not None else DEFAULT_COUNT if minutes is None else len(questions)
    while len(chosen) < most:
        asked = [(choice.question, None) for choice in chosen]
        choice = choose_next(questions, known, asked=asked, selection=selection, seed=seed, now=now)
        if choice is None:
            break
        spent = sum(one.question.minutes for one in chosen)
        if chosen and count is None and minutes is not None and spent + choice.question.minutes > minutes:
            break
        chosen.append(choice)
    if not chosen:
        raise UsageError("no question is of this topic and level: 'mockint list' shows what there is")
    meant = sum(one.question.minutes for one in chosen)
    limit = minutes if minutes is not None else meant if mode == "exam" else None
    return LineUp(
        choices=tuple(chosen if mode == "exam" else chosen[:1]),
        count=len(chosen),
        minutes=meant,
        limit_seconds=None if limit is None else 60.0 * limit,
        selection=selection,
    )


def chooser(history: History, questions: Sequence[Question]) -> ChooseNext:
    """Chooses from these as the session goes, by what the history showed when it began."""
    known = standings(history)

    def choose_for(session: Session) -> Choice | None:
        asked = [(attempt.question, attempt.grade.score if attempt.grade else None) for attempt in session.attempts]
        return choose_next(
            questions, known, asked=asked, selection=session.selection, seed=session.seed, now=history.now()
        )

    return choose_for


def choose(questions: Sequence[Question], *, count: int, seed: int) -> list[Question]:
    """`count` questions (fewer when there are fewer), spread evenly over the topics, easier ones first.

    The same seed and questions give the same choice; a question added to the bank does not shuffle the others.
    """
    by_topic: dict[str, list[Question]] = defaultdict(list)
    for question in sorted(questions, key=lambda question: _draw(seed, question.id)):
        by_topic[question.topic].append(question)
    topics = sorted(by_topic, key=lambda topic: _draw(seed, topic))
    rounds = itertools.zip_longest(*(by_topic[topic] for topic in topics))
    chosen = [question for one_each in rounds for question in one_each if question is not None][:count]
    return sorted(chosen, key=lambda question: question.level)


def _draw(seed: int, id: str) -> bytes:
    return hashlib.sha256(f"{seed}:{id}".encode()).digest()


def follow_up_for(attempt: Attempt, *, limit: int) -> int | None:
    """Which of the question's follow-ups to ask next, by its place; None when none would help.

    The one that probes the weightiest key point still missed (a must-have before others); among several the one that
    probes most of what is missed. Nobody who skipped or said "don't know" is asked more about it.
    """
    grade = attempt.grade
    if grade is None or len(attempt.parts) > limit or attempt.parts[-1].outcome != "answered":
        return None
    missed = {point.id: _missed(point, grade.mark(point.id)) for point in attempt.question.key_points}
    asked = {part.follow_up for part in attempt.parts}

    def worth(place: int) -> tuple[tuple[bool, float], float, int]:
        probed = [missed[id] for id in attempt.question.follow_ups[place].probes]
        return max(probed), sum(weight for _, weight in probed), -place

    left = [place for place in range(len(attempt.question.follow_ups)) if place not in asked]
    best = max(left, key=worth, default=None)
    return best if best is not None and worth(best)[1] > 0 else None


def point_to_probe(attempt: Attempt, place: int) -> KeyPoint:
    """The weightiest point still missed of those that a follow-up probes; the attempt must be graded."""
    if attempt.grade is None:
        raise ValueError("an attempt without a grade has no missed points")
    grade, probes = attempt.grade, attempt.question.follow_ups[place].probes
    points = [point for point in attempt.question.key_points if point.id in probes]
    return max(points, key=lambda point: _missed(point, grade.mark(point.id)))


def _missed(point: KeyPoint, mark: Mark) -> tuple[bool, float]:
    """(must-have, weight of what is missed), to compare."""
    lost = {"met": 0.0, "partial": 0.5}.get(mark.verdict, 1.0) * point.weight
    return (point.must and lost > 0, lost)


def grade_parts(grader: Grader, question: Question, parts: Sequence[Part], *, so_far: Grade | None = None) -> Grade:
    """The grade of all parts, the later ones counted as follow-ups.

    so_far: what the same grader gave to the parts before the last, so that they are not judged again.
    Raises ServiceError when the grader could not judge.
    """
    hints = sum(part.hints for part in parts)
    if so_far is not None:
        last = parts[-1]
        marks = with_follow_up(question, so_far.marks, _marks(grader, question, last), part=last.part)
        return grade_of(question, marks, grader=grader.name, hints=hints)
    marks = list(_marks(grader, question, parts[0]))
    for part in parts[1:]:
        marks = with_follow_up(question, marks, _marks(grader, question, part), part=part.part)
    return grade_of(question, marks, grader=grader.name, hints=hints)


def _marks(grader: Grader, question: Question, part: Part) -> Sequence[Mark]:
    """Nothing said is nothing met: no grader is asked, and none can find otherwise."""
    if not part.answer.strip():
        return [
            Mark(criterion=criterion.id, verdict="missing" if isinstance(criterion, KeyPoint) else "absent")
            for criterion in question.criteria
        ]
    marks = grader.mark(_as_asked(question, part), part.answer)
    check_evidence(marks, part.answer, grader=grader.name)
    return marks


def _as_asked(question: Question, part: Part) -> Question:
    """The question as the candidate saw it when answering this part: with the follow-up behind it."""
    if not part.part:
        return question
    both = {lang: f"{text}\n\n{part.prompt}" for lang, text in question.prompt}
    return question.model_copy(update={"prompt": Text.model_validate(both)})


class Interview:
    """One session. All that it knows is in the history."""

    def __init__(
        self,
        history: History,
        session: str,
        grader: Grader,
        *,
        fallback: Grader | None = None,
        in_own_words: AskInOwnWords | None = None,
        choose_next: ChooseNext | None = None,
    ) -> None:
        """Go on with a session of the history. Raises UsageError when there is none of this id.

        fallback: grades provisionally what the grader could not judge, so that the interview goes on.
        choose_next: finds the next question while the plan holds fewer than the session's count.
        """
        self._history = history
        self._grader = grader
        self._fallback = fallback
        self._in_own_words = in_own_words
        self._choose_next = choose_next
        self._failures: list[str] = []  # since the grader last judged
        self.session_id = history.session(session).id

    @classmethod
    def begin(
        cls,
        history: History,
        grader: Grader,
        questions: Sequence[Question],
        *,
        lang: Lang,
        seed: int,
        follow_ups: int,
        mode: Mode = "practice",
        limit_seconds: float | None = None,
        profile: str | None = None,
        count: int | None = None,
        selection: Selection | None = None,
        whys: Sequence[Text | None] = (),
        fallback: Grader | None = None,
        in_own_words: AskInOwnWords | None = None,
        choose_next: ChooseNext | None = None,
    ) -> Interview:
        """Keep a new session that asks these questions in this order, then chosen ones until there are `count`."""
        session = history.begin_session(
            questions,
            lang=lang,
            grader=grader.name,
            seed=seed,
            follow_ups=0 if mode == "exam" else follow_ups,
            mode=mode,
            limit_seconds=limit_seconds,
            profile=profile,
            count=count,
            selection=selection,
            whys=whys,
        )
        return cls(history, session, grader, fallback=fallback, in_own_words=in_own_words, choose_next=choose_next)

    @property
    def session(self) -> Session:
        """As it stands on disk."""
        return self._history.session(self.session_id)

    def step(self) -> Ask | Judge | None:
        """What to do now; None when the session is over. Asking twice without saving gives the same step."""
        session = self.session
        if session.mode == "exam" and (ask := self._open_question(session) or self._next_question(session)):
            return ask
        for attempt in session.attempts:
            if attempt.closed_at is None and (step := self._step_of(attempt, session)):
                return step
        if session.mode != "exam" and (ask := self._next_question(session)):
            return ask
        self._history.end_session(session.id)
        return None

    @property
    def is_resumable(self) -> bool:
        """Something was handed in or typed, and it is not over."""
        return any(session.id == self.session_id for session in self._history.open_sessions(limit=20))

    @property
    def remaining_seconds(self) -> float | None:
        """Until the session's time is over, below 0 after it; None when it has no limit. Drafts count."""
        session = self.session
        if session.limit_seconds is None:
            return None
        waiting = self._waiting(session)
        drafts = self._history.drafts(waiting.id, waiting.parts[-1].part) if waiting else ()
        return session.limit_seconds - session.spent_seconds - max((draft.seconds for draft in drafts), default=0.0)

    def _waiting(self, session: Session) -> Attempt | None:
        """The attempt whose answer is being written."""
        opened = (one for one in session.attempts if one.closed_at is None and one.parts[-1].outcome is None)
        return next(opened, None)

    def _open_question(self, session: Session) -> Ask | None:
        waiting = self._waiting(session)
        return self._ask(waiting.place) if waiting else None

    def _next_question(self, session: Session) -> Ask | None:
        """Asks the next of the plan, which grows first when it is too short. None: nothing is left, or no time."""
        if session.limit_seconds is not None and session.spent_seconds >= session.limit_seconds:
            return None
        place = len(session.attempts)
        if place == len(session.plan) < session.total and self._choose_next:
            if (choice := self._choose_next(session)) is None:
                return None
            self._history.plan_next(session.id, place, choice.question, choice.why)
            session = self.session  # another window may have been first
        if place >= len(session.plan):
            return None
        self._history.ask(session.id, place, session.plan[place].prompt.in_(session.lang))
        return self._ask(place)

    def _step_of(self, attempt: Attempt, session: Session) -> Ask | Judge | None:
        """What the open attempt needs; None after closing it because it needs nothing more."""
        if attempt.parts[-1].outcome is None:
            return self._ask(attempt.place)
        if attempt.outcome != "skipped":
            if attempt.graded_parts < len(attempt.parts):
                return Judge(attempt)
            if (place := follow_up_for(attempt, limit=session.follow_ups)) is not None:
                prompt = attempt.question.follow_ups[place].prompt.in_(session.lang)
                if self._in_own_words:
                    prompt = self._in_own_words(attempt, point_to_probe(attempt, place), prompt)
                self._history.ask_follow_up(attempt.id, len(attempt.parts), prompt, place)
                return self._ask(attempt.place)
        self._history.close_attempt(attempt.id)
        return None

    def _ask(self, place: int) -> Ask:
        session = self.session
        attempt = session.attempts[place]
        part = attempt.parts[-1]
        return Ask(
            attempt,
            part,
            number=place + 1,
            total=session.total,
            why=session.whys[place],
            drafts=self._history.drafts(attempt.id, part.part),
        )

    def draft(self, ask: Ask, text: str, *, seconds: float, writer: str) -> None:
        """Put on disk what is typed so far. seconds: spent on it, with what earlier drafts took."""
        self._history.save_draft(ask.attempt.id, ask.part.part, text, writer=writer, seconds=seconds)

    def save(
        self,
        ask: Ask,
        answer: str,
        *,
        outcome: Outcome = "answered",
        seconds: float | None = None,
        confidence: float | None = None,
        writer: str = "",
    ) -> None:
        """Put the answer on disk. An answer of white space alone counts as "don't know". writer: of the drafts.

        Raises UsageError when the part was answered already (in another window): that answer stays, and these words
        are kept as a draft.
        """
        if outcome == "answered" and not answer.strip():
            outcome = "dont-know"
        kept = self._history.save_answer(
            ask.attempt.id,
            ask.part.part,
            answer,
            outcome=outcome,
            seconds=seconds,
            confidence=confidence,
            writer=writer,
        )
        if not kept:
            raise UsageError(
                f"{ask.question.id!r} was answered already in another window: that answer counts, and yours is kept "
                "as a draft"
            )

    def hint(self, ask: Ask) -> str | None:
        """The next hint of the question, from weak to strong; it costs credit. None when there is no more."""
        session = self.session
        taken = session.attempts[ask.attempt.place].hints
        if taken >= len(ask.question.hints):
            return None
        self._history.take_hint(ask.attempt.id, ask.part.part)
        return ask.question.hints[taken].in_(session.lang)

    def judge(self, judge: Judge) -> Judged:
        """Grade what is saved. When the grader fails, the fallback grades; without one the attempt is closed as is."""
        attempt = judge.attempt
        try:
            grade, failure = self._graded(attempt, self._grader), None
            self._failures.clear()
        except ServiceError as error:
            failure = str(error)
            self._failures.append(failure)
            if self._fallback is None:
                self._history.close_attempt(attempt.id)
                return Judged(attempt, attempt.grade, failure=failure, follow_up=False)
            grade = self._graded(attempt, self._fallback)
        self._history.add_grade(attempt.id, grade, parts=len(attempt.parts), question=attempt.question)
        session = self.session
        attempt = session.attempts[attempt.place]
        more = follow_up_for(attempt, limit=session.follow_ups) is not None
        return Judged(attempt, grade, failure=failure, follow_up=more, provisional=failure is not None)

    def _graded(self, attempt: Attempt, grader: Grader) -> Grade:
        """By the grader, from where it left off; the fallback goes on from whatever grade there is."""
        if grader is self._grader and self._fallback and len(self._failures) >= GIVE_UP_AFTER:
            raise ServiceError(self._failures[-1])
        before = attempt.grades[-1] if attempt.grades else None
        is_own = before and (grader is self._fallback or before.grade.grader == grader.name)
        goes_on = before and is_own and before.parts == len(attempt.parts) - 1
        so_far = before.grade if before and goes_on else None
        return grade_parts(grader, attempt.question, attempt.parts, so_far=so_far)


@dataclass(frozen=True)
class Regraded:
    """An attempt graded again. after: None when the grader failed, which `failure` says in a sentence."""

    attempt: Attempt
    before: Grade | None
    after: Grade | None
    failure: str | None = None

    @property
    def changed(self) -> list[tuple[Mark | None, Mark]]:
        """The marks whose verdict is another one now, with what they were."""
        if self.after is None:
            return []
        pairs = [(self.before.mark(mark.criterion) if self.before else None, mark) for mark in self.after.marks]
        return [(old, new) for old, new in pairs if old is None or old.verdict != new.verdict]


def needs_regrade(attempt: Attempt, grader: Grader) -> bool:
    """Something was handed in that this grader has not judged."""
    submitted = len(attempt.submitted)
    own = (kept.parts for kept in attempt.grades if kept.grade.grader == grader.name)
    return attempt.outcome in ("answered", "dont-know") and max(own, default=0) < submitted


def regrade(history: History, attempt: Attempt, grader: Grader) -> Regraded:
    """Grade all parts again and keep the new grade beside the old ones; it counts from now on."""
    try:
        grade = grade_parts(grader, attempt.question, attempt.submitted)
    except ServiceError as error:
        return Regraded(attempt, attempt.grade, None, str(error))
    history.add_grade(attempt.id, grade, parts=len(attempt.submitted), question=attempt.question)
    return Regraded(attempt, attempt.grade, grade)
