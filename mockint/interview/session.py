"""One session, from its first question to its last verdict; `mockint.interview` says how to drive it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockint.errors import ServiceError, UsageError
from mockint.grading import Grader, marked_ahead
from mockint.grading.grade import Grade
from mockint.grading.protocols import EarlyGrader
from mockint.history import Attempt, Draft, History, LLMUse, Outcome, Part, Plan, Session
from mockint.interview.follow_up import follow_up_for, point_left, point_to_probe
from mockint.interview.line_up import ChooseNext
from mockint.interview.parts import grade_parts
from mockint.question import KeyPoint, Question, Text

if TYPE_CHECKING:
    from mockint.llm.endpoint import Endpoint


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
        """The question that is asked, or that the follow-up belongs to."""
        return self.attempt.question


# Puts a follow-up in words that fit what was said: (attempt, point to draw out, authored prompt or None) -> prompt.
# None where nobody wrote one and the LLM's own could not be asked.
AskInOwnWords = Callable[[Attempt, KeyPoint, str | None], str | None]

GIVE_UP_AFTER = 2  # failures in a row: nobody waits for the same silence a third time


@dataclass(frozen=True)
class Services:
    """What an interview asks of others.

    fallback: grades provisionally what the grader could not grade, so that the interview goes on.
    in_own_words: puts follow-ups; None leaves them as they were authored.
    choose_next: finds the next question while the plan holds fewer than its count.
    llm_use: what an LLM has used since the program began; None where there is no LLM.
    """

    grader: Grader
    fallback: Grader | None = None
    in_own_words: AskInOwnWords | None = None
    choose_next: ChooseNext | None = None
    llm_use: Callable[[], LLMUse] | None = None


@dataclass(frozen=True)
class ToGrade:
    """An answer is saved and waits for its grade."""

    attempt: Attempt


@dataclass(frozen=True)
class Graded:
    """What the grader made of an attempt so far.

    grade: None when the grader failed before it could grade any part. failure: why it failed, in a sentence.
    provisional: the grade is the fallback's, until `regrade`.
    follow_up: one comes next, or may come, so what was missed must not be shown yet.
    """

    attempt: Attempt
    grade: Grade | None
    failure: str | None
    follow_up: bool
    provisional: bool = False


def llm_use_of(endpoint: Endpoint) -> Callable[[], LLMUse]:
    """What the endpoint's meter shows, as the history keeps it."""

    def used() -> LLMUse:
        meter = endpoint.meter
        return LLMUse(requests=meter.used.requests, tokens=meter.used.tokens, dollars=meter.cost)

    return used


class Interview:
    """One session. All that it knows is in the history."""

    def __init__(self, history: History, session: str, services: Services) -> None:
        """Go on with a session of the history. Raises UsageError when there is none of this id."""
        self._history = history
        self._services = services
        self._failures: list[str] = []  # since the grader last graded
        self._together: Grader | None = None  # the grader, once it has begun with all answers of an exam
        self._llm_use = services.llm_use() if services.llm_use else LLMUse()
        found = history.session(session)
        self.session_id, self._is_exam = found.id, found.mode == "exam"

    @classmethod
    def begin(cls, history: History, plan: Plan, services: Services) -> Interview:
        """Keep a new session that asks the plan's questions in their order, then chosen ones up to its count."""
        return cls(history, history.begin_session(plan, grader=services.grader.name), services)

    @property
    def session(self) -> Session:
        """As it stands on disk."""
        return self._history.session(self.session_id)

    def step(self) -> Ask | ToGrade | None:
        """What to do now; None when the session is over. Asking twice without saving gives the same step."""
        step = self._next_step()
        self.keep_llm_use()  # a follow-up may have been put in the LLM's words
        return step

    def _next_step(self) -> Ask | ToGrade | None:
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
        limit = session.plan.limit_seconds
        if limit is None:
            return None
        waiting = self._waiting(session)
        drafts = self._history.drafts(waiting.id, waiting.parts[-1].part) if waiting else ()
        return limit - session.spent_seconds - max((draft.seconds for draft in drafts), default=0.0)

    def _waiting(self, session: Session) -> Attempt | None:
        """The attempt whose answer is being written."""
        opened = (one for one in session.attempts if one.closed_at is None and one.parts[-1].outcome is None)
        return next(opened, None)

    def _open_question(self, session: Session) -> Ask | None:
        waiting = self._waiting(session)
        return self._ask(waiting.place) if waiting else None

    def _next_question(self, session: Session) -> Ask | None:
        """Asks the next of the plan, which grows first when it is too short. None: nothing is left, or no time."""
        limit = session.plan.limit_seconds
        if limit is not None and session.spent_seconds >= limit:
            return None
        place = len(session.attempts)
        if place == len(session.plan.questions) < session.total and self._services.choose_next:
            if (choice := self._services.choose_next(session)) is None:
                return None
            self._history.plan_next(session.id, place, choice.question, choice.why)
            session = self.session  # another window may have been first
        if place >= len(session.plan.questions):
            return None
        self._history.ask(session.id, place, session.plan.questions[place].prompt.in_(session.lang))
        return self._ask(place)

    def _step_of(self, attempt: Attempt, session: Session) -> Ask | ToGrade | None:
        """What the open attempt needs; None after closing it because it needs nothing more."""
        if attempt.parts[-1].outcome is None:
            return self._ask(attempt.place)
        if attempt.outcome != "skipped":
            if attempt.graded_parts < len(attempt.parts):
                return ToGrade(attempt)
            if follow_up := self._follow_up(attempt, session):
                prompt, place = follow_up
                self._history.ask_follow_up(attempt.id, len(attempt.parts), prompt, place)
                return self._ask(attempt.place)
        self._history.close_attempt(attempt.id)
        return None

    def _follow_up(self, attempt: Attempt, session: Session) -> tuple[str, int | None] | None:
        """What to ask back, and the place of the authored follow-up that it is, if it is one."""
        in_own_words, limit = self._services.in_own_words, session.plan.follow_ups
        place = follow_up_for(attempt, limit=limit)
        if place is not None:
            authored = attempt.question.follow_ups[place].prompt.in_(session.lang)
            put = in_own_words(attempt, point_to_probe(attempt, place), authored) if in_own_words else None
            return put or authored, place
        if in_own_words and (point := point_left(attempt, limit=limit)):
            put = in_own_words(attempt, point, None)
            return (put, None) if put else None
        return None

    def _has_follow_up(self, attempt: Attempt, session: Session) -> bool:
        """One comes next, or may come."""
        limit = session.plan.follow_ups
        by_llm = self._services.in_own_words is not None and point_left(attempt, limit=limit) is not None
        return by_llm or follow_up_for(attempt, limit=limit) is not None

    def _ask(self, place: int) -> Ask:
        session = self.session
        attempt = session.attempts[place]
        part = attempt.parts[-1]
        return Ask(
            attempt,
            part,
            number=place + 1,
            total=session.total,
            why=session.plan.whys[place],
            drafts=self._history.drafts(attempt.id, part.part),
        )

    def expect(self, ask: Ask, answer: str) -> None:
        """This answer is about to be saved: a grader that takes its time may begin with it."""
        grader = self._services.grader
        if isinstance(grader, EarlyGrader) and ask.part.part == 0 and answer.strip():
            grader.begin(ask.question, answer)

    def keep_llm_use(self) -> None:
        """Count what the LLM used for this session since this was last called; the steps of the interview call it."""
        if self._services.llm_use is None:
            return
        now = self._services.llm_use()
        if now != self._llm_use:
            self._history.add_llm_use(self.session_id, now.since(self._llm_use))
            self._llm_use = now

    def keep_debrief(self, text: str) -> None:
        """Keep what was said at the end, with what it cost."""
        self._history.keep_debrief(self.session_id, text)
        self.keep_llm_use()

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

    def grade(self, step: ToGrade) -> Graded:
        """Grade what is saved. When the grader fails, the fallback grades; without one the attempt is closed as is."""
        graded = self._grade(step)
        self.keep_llm_use()
        return graded

    def _begin_all(self) -> Grader:
        """At the end of an exam all answers wait: a grader that can takes them together."""
        waiting = [one for one in self.session.attempts if one.closed_at is None and one.outcome != "skipped"]
        answers = [(one.question, one.parts[0].answer) for one in waiting if one.parts[0].answer.strip()]
        return marked_ahead(self._services.grader, answers, someone_waits=True)

    def _grade(self, step: ToGrade) -> Graded:
        attempt = step.attempt
        if self._is_exam and self._together is None:
            self._together = self._begin_all()
        try:
            grade, failure = self._graded(attempt, self._together or self._services.grader), None
            self._failures.clear()
        except ServiceError as error:
            failure = str(error)
            if not error.own:
                self._failures.append(failure)
            if self._services.fallback is None:
                self._history.close_attempt(attempt.id)
                return Graded(attempt, attempt.grade, failure=failure, follow_up=False)
            grade = self._graded(attempt, self._services.fallback)
        provisional = failure is not None
        self._history.add_grade(
            attempt.id, grade, parts=len(attempt.parts), question=attempt.question, provisional=provisional
        )
        session = self.session
        attempt = session.attempts[attempt.place]
        more = self._has_follow_up(attempt, session)
        return Graded(attempt, grade, failure=failure, follow_up=more, provisional=provisional)

    def _graded(self, attempt: Attempt, grader: Grader) -> Grade:
        """By the grader, from where it left off; the fallback goes on from whatever grade there is."""
        is_asked_now = grader is self._services.grader  # what was marked together needs no more waiting
        if is_asked_now and self._services.fallback and len(self._failures) >= GIVE_UP_AFTER:
            raise ServiceError(self._failures[-1])
        before = attempt.grades[-1] if attempt.grades else None
        is_own = before and (grader is self._services.fallback or before.grade.grader == grader.name)
        goes_on = before and is_own and before.parts == len(attempt.parts) - 1
        so_far = before.grade if before and goes_on else None
        return grade_parts(grader, attempt.question, attempt.parts, so_far=so_far)
