"""Holds an interview in a terminal: asks, takes the answer, shows the verdict, until it is over."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from rich.console import Console

from mockint.errors import ServiceError, UsageError
from mockint.interview import Ask, Graded, Interview, LineUp, ToGrade
from mockint.markdown.characters import visible
from mockint.phrases.formats import clock
from mockint.terminal.draw import Draw
from mockint.terminal.entry import (
    AnswerSource,
    KeepDraft,
    Piped,
    Submission,
    Typed,
    clarification_in,
    command_in,
)
from mockint.terminal.llm import LLMVoice

_NO = ("n", "no", "q", "不", "否")


@dataclass(frozen=True)
class Screen:
    """Where an interview is held: where answers come from, where everything is drawn, and what an LLM adds."""

    entry: AnswerSource
    console: Console
    draw: Draw
    voice: LLMVoice

    def say(self, text: str, style: str = "") -> None:
        """A line that is neither a question nor a verdict."""
        self.console.print(self.draw.note(text, style) if style else self.draw.note(text))

    def introduce(self, line_up: LineUp) -> None:
        """What is coming, and how to answer."""
        plan, words = line_up.plan, self.draw.words
        self.say(words.begin.format(count=plan.total, minutes=line_up.minutes))
        if plan.mode == "exam" and plan.limit_seconds:
            self.say(words.exam_begins.format(minutes=round(plan.limit_seconds / 60)))
        if isinstance(self.entry, Typed):
            self.say(words.how_to_type, "dim")
        elif isinstance(self.entry, Piped) and not self.entry.echoes:
            self.say(words.how_to_pipe)

    def hold(self, interview: Interview) -> list[str]:
        """Goes on until the session is over or the person quits; returns why answers could not be graded, if any."""
        self._recall(interview)
        failures = self._ask_and_grade(interview)
        self._sum_up(interview)
        return failures

    def stopped(self, interview: Interview) -> str:
        """What to tell somebody who stopped it: what is kept, and how to go on."""
        session, words = interview.session, self.draw.words
        kept = words.stopped.format(count=len(session.answered), id=session.id)
        lines = ["", kept if session.answered else words.stopped_empty]
        if session.ended_at is None and interview.is_resumable:
            lines.append(words.stopped_open.format(id=session.id))
        return "\n".join(lines)

    def _recall(self, interview: Interview) -> None:
        """Of a session that was stopped amid a question: what was asked, and what was said so far."""
        session = interview.session
        open_ = next((one for one in session.attempts if one.closed_at is None and one.submitted), None)
        if open_ is None or session.mode == "exam":
            return
        self.console.print()
        self.console.print(self.draw.question(open_.question, number=open_.place + 1, total=session.total))
        for part in open_.submitted:
            if part.part:
                self.console.print(self.draw.follow_up(part.prompt, open_.question))
            self.console.print(self.draw.answer(part))

    def _ask_and_grade(self, interview: Interview) -> list[str]:
        failures: list[str] = []
        unshown: Graded | None = None
        exam = interview.session.mode == "exam"
        grading = False
        while step := interview.step():
            if unshown and step.attempt.place != unshown.attempt.place:  # nobody asked back after all
                self._show_verdict(unshown)
                unshown = None
            match step:
                case Ask():
                    if not self._ask(step, interview):
                        break
                case ToGrade():
                    if exam:
                        self._ask_again_in_short(step, first=not grading)
                        grading = True
                    with self.voice.thinking():
                        graded = interview.grade(step)
                    self._show(graded)
                    unshown = graded if graded.follow_up else None
                    failures += [graded.failure] if graded.failure else []
        if unshown:
            self._show_verdict(unshown)
        return failures

    def _ask(self, ask: Ask, interview: Interview) -> bool:
        """False when the person wants to stop."""
        self._show_question(ask)
        reply = self._reply(ask, interview)
        if reply is None:
            return False
        try:
            self._save(ask, reply, interview)
        except UsageError:
            self.say(self.draw.words.answered_elsewhere, "yellow")
            return True
        except ServiceError:
            if reply.text:
                self.say(self.draw.words.unsaved, "bold red")
                self.say(visible(reply.text))
            raise
        if self.entry.echoes or reply.outcome != "answered":
            said = ask.part.model_copy(update={"answer": reply.text, "outcome": reply.outcome})
            self.console.print(self.draw.answer(said))
        if interview.session.mode == "exam":
            self.say(self.draw.words.verdicts_later, "dim")
        return True

    def _show_question(self, ask: Ask) -> None:
        self.console.print()
        if ask.part.part:
            self.console.print(self.draw.follow_up(ask.part.prompt, ask.question))
        else:
            if ask.why:
                self.say(ask.why.in_(self.draw.lang), "dim")
            self.console.print(self.draw.question(ask.question, number=ask.number, total=ask.total))
        if ask.drafts and not self.entry.echoes:
            self.say(self.draw.words.draft_found, "dim")

    def _reply(self, ask: Ask, interview: Interview) -> Submission | None:
        """An answer. Before it, `/clarify ...` is told what the question means, and `/hint` is given a hint."""
        seconds = 0.0
        keep = _keep_draft(interview, ask)
        while reply := self.entry.take(ask, keep, remaining=interview.remaining_seconds):
            seconds += reply.seconds or 0.0
            ask = replace(ask, drafts=())  # its words and its time are in the editor now
            if (asked := clarification_in(reply.text)) is not None:
                said = self.voice.clarify(ask.question, asked or ask.part.prompt)
                self.console.print(self.draw.llm_says(self.draw.words.clarification, said))
            elif command_in(reply.text) == "hint":
                hint = interview.hint(ask)
                self.console.print(
                    self.draw.hint(hint, ask.question) if hint else self.draw.note(self.draw.words.no_hint)
                )
            else:
                return reply if reply.seconds is None else replace(reply, seconds=seconds)
        return None

    def _save(self, ask: Ask, reply: Submission, interview: Interview) -> None:
        """The words are kept before anything is asked about them."""
        asks = ask.part.part == 0 and reply.outcome == "answered"
        _keep_draft(interview, ask)(reply.text if asks else "", reply.seconds or 0.0)
        if asks:
            interview.expect(ask, reply.text)
        interview.save(
            ask,
            reply.text,
            outcome=reply.outcome,
            seconds=reply.seconds,
            confidence=self.entry.confidence() if asks else None,
            writer=_writer(),
        )

    def _ask_again_in_short(self, step: ToGrade, *, first: bool) -> None:
        """In an exam the verdict stands far from its question: what was asked and said, once more."""
        if first:
            self.console.print()
            self.console.print(self.draw.heading(self.draw.words.verdicts_now))
        self.console.print()
        self.console.print(self.draw.question_name(step.attempt))
        self.console.print(self.draw.answer(step.attempt.parts[0]))

    def _show(self, graded: Graded) -> None:
        question, draw = graded.attempt.question, self.draw
        self.console.print()
        if graded.failure:
            self.console.print(draw.provisional(graded.failure) if graded.provisional else draw.failed(graded.failure))
        if graded.grade is None:
            return
        if graded.follow_up:
            self.console.print(draw.interim(question, graded.grade))
            return
        self._show_verdict(graded)
        if graded.attempt.over_seconds:
            self._say_it_took_longer(graded)

    def _show_verdict(self, graded: Graded) -> None:
        if graded.grade:
            before = graded.attempt.grades[0].grade
            self.console.print(self.draw.verdict(graded.attempt.question, graded.grade, before=before))

    def _say_it_took_longer(self, graded: Graded) -> None:
        attempt = graded.attempt
        text = self.draw.words.took_longer.format(
            spent=clock(attempt.parts[0].seconds or 0.0),
            minutes=attempt.question.minutes,
            over=clock(attempt.over_seconds),
        )
        self.say(text, "yellow")

    def _sum_up(self, interview: Interview) -> None:
        """By topic; the reference answers to what was answered or skipped; where the session is kept."""
        session, draw = interview.session, self.draw
        met = [attempt for attempt in session.attempts if attempt.outcome]
        if not met:
            self.say(draw.words.stopped_empty)
            return
        if session.answered:
            self.console.print()
            self.console.print(draw.summary(session))
            self.console.print()
            if debrief := self.voice.debrief(session):
                interview.keep_debrief(debrief)
                self.console.print(draw.llm_says(draw.words.debrief, debrief))
        if self._wants_references():
            for attempt in met:
                self.console.print(draw.reference(attempt.question))
                self.console.print()
        if session.over_seconds:
            self.say(draw.words.session_over.format(over=clock(session.over_seconds)))
        if left := session.total - len(met):
            self.say(draw.words.resumable.format(open=left, total=session.total))
            if session.ended_at is None:
                self.say(draw.words.stopped_open.format(id=session.id))
        if used := self.voice.used():
            self.say(draw.words.used.format(used=used), "dim")
        self.say(draw.words.saved.format(id=session.id))

    def _wants_references(self) -> bool:
        """Asked where somebody sits; printed where nobody does."""
        if not isinstance(self.entry, Typed):
            return True
        try:
            return self.console.input(self.draw.words.offer_references).strip().casefold() not in _NO
        except EOFError:
            return False


def _writer() -> str:
    return f"terminal-{os.getpid()}"


def _keep_draft(interview: Interview, ask: Ask) -> KeepDraft:
    def keep(text: str, seconds: float) -> bool:
        try:
            interview.draft(ask, text, seconds=seconds, writer=_writer())
        except ServiceError:
            return False
        return True

    return keep
