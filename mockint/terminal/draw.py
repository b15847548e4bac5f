"""What a question, a verdict, a summary and a history look like. Values in, rich renderables out.

A verdict is a sign and a word, never a colour alone. While a follow-up is to come, nothing that was missed is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mockint.grading.grade import HINT_COST, MUST_CAP, Grade, Mark
from mockint.history import Attempt, Part, Session
from mockint.markdown.characters import visible
from mockint.markdown.terminal import Picture, code, markdown
from mockint.markdown.wrapped import Wrapped
from mockint.phrases import TerminalPhrases
from mockint.phrases.formats import llm_use, percent, when
from mockint.phrases.reasons import ReasonCode, sentence
from mockint.question import KeyPoint, Lang, Misconception, Question, Topic
from mockint.reports.topics import TopicScore, scores_of_attempts
from mockint.terminal.pieces import (
    COLOURS,
    Barred,
    bar,
    correction_text,
    point_text,
    quotes_text,
    score_text,
    verdict_text,
)

# Codes of what was said and did not count, or of what changed: the verdict alone would puzzle.
_EXPLAINED: frozenset[ReasonCode] = frozenset(
    code
    for code in get_args(ReasonCode)
    if code.startswith(("withheld_", "withdrawn_")) or code in ("cannot_assess", "both", "taken_back", "corrected")
)


class Draw:
    """Draws in one language. `media` is the bank's folder, to name a picture by a path that can be opened."""

    def __init__(self, lang: Lang, topics: Iterable[Topic] = (), media: Path | None = None) -> None:
        self.lang = lang
        self.words = TerminalPhrases(lang)
        self._topics = {topic.id: topic.name.in_(lang) for topic in topics}
        self._media = media

    def topic(self, id: str) -> str:
        """Its name; its id where the bank no longer has it."""
        return visible(self._topics.get(id, id))

    def markdown(self, text: str, question: Question) -> RenderableType:
        """A text of the question, its pictures named by the path that shows them."""
        return markdown(text, picture=self._picture(question))

    def _picture(self, question: Question) -> Picture:
        def picture(src: str, alt: str) -> str:
            path = self._media / question.topic / src if self._media else src
            return visible(self.words.picture.format(alt=alt, path=path))

        return picture

    def question(self, question: Question, *, number: int, total: int) -> RenderableType:
        """The prompt with its program. number: from 1, of total."""
        words = self.words
        about = (
            self.topic(question.topic),
            words.level.format(level=question.level),
            words.minutes.format(minutes=question.minutes),
        )
        body = [self.markdown(question.prompt.in_(self.lang), question)]
        if question.code:
            body += [Text(""), code(question.code.source, question.code.language)]
        return Panel(
            Group(*body),
            title=Text(words.question_of.format(number=number, total=total), "bold"),
            title_align="left",
            subtitle=Text(" | ".join(about)),
            subtitle_align="right",
            border_style="blue",
            padding=(1, 2),
        )

    def heading(self, text: str) -> RenderableType:
        """A rule with a title, between parts of a session."""
        return Rule(Text(text, "bold"), align="left", style="dim")

    def question_name(self, attempt: Attempt) -> RenderableType:
        """One line that says which question it was."""
        name = f"{attempt.place + 1}. {attempt.question.id}"
        return Text.assemble((name, "bold"), f"  {self.topic(attempt.question.topic)}")

    def follow_up(self, prompt: str, question: Question) -> RenderableType:
        """What is asked back, in a frame of its own."""
        title = Text(self.words.follow_up, "bold")
        return Panel(
            self.markdown(prompt, question), title=title, title_align="left", border_style="magenta", padding=(0, 2)
        )

    def answer(self, part: Part, marks: Sequence[Mark] = ()) -> RenderableType:
        """What was said, behind a bar, the words that earned something underlined."""
        if part.outcome == "skipped":
            return Text(f"  {self.words.skipped}", "dim")
        text = Wrapped(visible(part.answer.strip("\n")) or self.words.dont_know)
        before = len(part.answer) - len(part.answer.lstrip("\n"))
        for mark in marks:
            for evidence in mark.evidence:
                if evidence.part == part.part:
                    start, end = max(0, evidence.start - before), max(0, evidence.end - before)
                    text.stylize(f"underline {COLOURS[mark.verdict]}", start, end)
        return Barred(text)

    def interim(self, question: Question, grade: Grade) -> RenderableType:
        """The verdict while a follow-up is to come: what was heard, and only how many points were not."""
        heard = [
            self._row(
                grade.mark(point.id),
                self._point(point) if grade.mark(point.id).verdict == "met" else None,
                explained=False,  # a reason would tell what is missing
            )
            for point in question.key_points
            if grade.mark(point.id).verdict in ("met", "partial")
        ]
        rest = sum(grade.mark(point.id).verdict != "met" for point in question.key_points)
        return Group(self._rows(heard), Wrapped(self.words.not_heard.format(count=rest), style="dim"))

    def verdict(self, question: Question, grade: Grade, *, before: Grade | None = None) -> RenderableType:
        """Every key point, the misconceptions that were stated with what is true, and the score.

        before: the grade of the answer without its follow-ups.
        """
        rows = [self._row(grade.mark(point.id), self._point(point)) for point in question.key_points]
        rows += [
            self._row(grade.mark(wrong.id), Wrapped(visible(wrong.text.in_(self.lang))), wrong)
            for wrong in question.misconceptions
            if grade.mark(wrong.id).verdict == "stated"
        ]
        return Group(self._rows(rows), self._score(grade, before))

    def _point(self, point: KeyPoint) -> Text:
        return point_text(point.text.in_(self.lang), self.words, must=point.must)

    def _row(
        self, mark: Mark, text: Text | None, misconception: Misconception | None = None, *, explained: bool = True
    ) -> tuple[Text, RenderableType]:
        lines: list[RenderableType] = [text] if text else []
        if mark.evidence:
            lines.append(quotes_text((piece.quote for piece in mark.evidence), mark.verdict))
        if explained and (why := self._reason(mark)):
            lines.append(Wrapped(why, "dim"))
        if misconception and misconception.correction:
            lines.append(correction_text(misconception.correction.in_(self.lang), self.words))
        return verdict_text(mark.verdict, self.words), Group(*lines)

    def _reason(self, mark: Mark) -> str | None:
        """Why, where it is not plain from the verdict and the quote: an LLM's own words, or what was not counted."""
        if mark.code is None:
            return visible(mark.reason) if mark.verdict in ("partial", "contradicted", "stated") else None
        return sentence(mark.code).in_(self.lang) if mark.code in _EXPLAINED else None

    def _rows(self, rows: Sequence[tuple[Text, RenderableType]]) -> RenderableType:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        for sign, body in rows:
            grid.add_row(sign, body)
        return grid

    def _score(self, grade: Grade, before: Grade | None) -> Text:
        text = Text.assemble((f"\n{self.words.score} ", "bold"), score_text(grade.score), "  ", bar(grade.score))
        notes = []
        if before is not None and before.score != grade.score:
            notes.append(self.words.score_before.format(before=percent(before.score)))
        if grade.capped_by and grade.score == MUST_CAP:
            notes.append(self.words.capped.format(cap=percent(MUST_CAP)))
        if notes:
            text.append(" " + self.words.aside.format(what="; ".join(notes)), "dim")
        return text

    def failed(self, reason: str) -> RenderableType:
        """reason: a sentence, why there is no grade."""
        return self.note(self.words.failed.format(reason=visible(reason.rstrip("."))), "yellow")

    def provisional(self, reason: str) -> RenderableType:
        """reason: a sentence, why the grade is only provisional."""
        return self.note(self.words.provisional.format(reason=visible(reason.rstrip("."))), "yellow")

    def hint(self, text: str, question: Question) -> RenderableType:
        """With what it costs."""
        title = Text(self.words.hint.format(cost=percent(HINT_COST)), "bold")
        return Panel(
            self.markdown(text, question), title=title, title_align="left", border_style="yellow", padding=(0, 2)
        )

    def llm_says(self, title: str, text: str) -> RenderableType:
        """What the LLM says beside questions: a clarification or the debrief. Plain text, whatever is in it."""
        body = Wrapped(visible(text))
        return Panel(body, title=Text(title, "bold"), title_align="left", border_style="magenta", padding=(0, 2))

    def note(self, text: str, style: str = "") -> RenderableType:
        """A sentence of ours. In a Group, because rich joins bare Texts into one of its own, which wraps otherwise."""
        return Group(Wrapped(text, style))

    def summary(self, session: Session) -> RenderableType:
        """One line a topic, and one for all when there are several."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(ratio=1)
        for _ in range(3):
            grid.add_column(no_wrap=True, justify="right")
        rows = [(self.topic(row.topic), row) for row in scores_of_attempts(session.answered)]
        if len(rows) > 1:
            graded = sum(row.graded for _, row in rows)
            rows.append((self.words.all, TopicScore("", session.score, graded, len(session.answered))))
        for name, row in rows:
            score, shown = row.score, (Text(self.words.not_graded, "dim"), Text(""))
            if score is not None:
                shown = (score_text(score), bar(score))
            grid.add_row(Wrapped(name), Text(f"{row.graded}/{row.answers}", "dim"), *shown)
        return Group(Rule(Text(self.words.summary, "bold"), align="left", style="dim"), grid)

    def reference(self, question: Question) -> RenderableType:
        """What the program prints, the answer of an expert, and where to read more."""
        parts: list[RenderableType] = [
            Rule(Text.assemble((self.words.reference_answer, "bold"), f"  {question.id}"), align="left", style="dim")
        ]
        if question.code:
            parts += [Text(self.words.prints + self.words.colon), code(question.code.output, "text"), Text("")]
        parts.append(self.markdown(question.answer.in_(self.lang), question))
        if question.references:
            parts += [Text(""), Text(self.words.read_more, "bold")]
            grid = Table.grid(padding=(0, 1, 0, 0))
            for reference in question.references:
                where = Text(visible(reference.url), "dim", overflow="fold")
                grid.add_row("-", Group(Wrapped(visible(reference.title)), where))
            parts.append(grid)
        return Group(*parts)

    def criteria(self, question: Question) -> RenderableType:
        """What a good answer says with its weight, then the wrong beliefs with what is true."""
        rows: list[tuple[Text, RenderableType]] = [
            (Text(f"{point.weight:g}", "bold"), self._point(point)) for point in question.key_points
        ]
        for wrong in question.misconceptions:
            belief: list[RenderableType] = [Wrapped(visible(wrong.text.in_(self.lang)))]
            if wrong.correction:
                belief.append(correction_text(wrong.correction.in_(self.lang), self.words))
            rows.append((Text(f"-{wrong.weight:g}", "red"), Group(*belief)))
        title = Rule(Text(self.words.good_answer, "bold"), align="left", style="dim")
        return Group(title, self._rows(rows))

    def past_attempt(self, attempt: Attempt, total: int) -> Iterator[RenderableType]:
        """An attempt of the history: what was asked, what was said, and its grades."""
        grade = attempt.grade
        marks = grade.marks if grade else []
        yield self.question(attempt.question, number=attempt.place + 1, total=total)
        for part in attempt.parts:
            if part.part:
                yield self.follow_up(part.prompt, attempt.question)
            yield self.answer(part, marks) if part.outcome else Text(f"  {self.words.outcomes[None]}", "dim")
            yield Text("")
        if grade:
            yield self.verdict(attempt.question, grade, before=attempt.grades[0].grade)
        elif attempt.outcome == "answered":
            yield Text(self.words.not_graded, "yellow")
        graders = {one.grade.grader for one in attempt.grades}
        if len(graders) > 1:
            for one in attempt.grades:
                yield Text(f"  {when(one.graded_at)}  {one.grade.grader}  {percent(one.grade.score)}", "dim")

    def past_session(self, session: Session) -> RenderableType:
        """A session of the history as one line, and a line for each of its attempts."""
        answered = self.words.answered_of.format(answered=len(session.answered), total=len(session.plan.questions))
        mean = score_text(session.score)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(ratio=1)
        for attempt in session.attempts:
            if attempt.outcome:
                grid.add_row(self._outcome(attempt), Text(attempt.question.id))
        by = session.grader
        if use := session.llm_use:
            by += f" ({llm_use(use.tokens, use.dollars, self.words)})"
        head = Text.assemble(
            (session.id, "bold"), f"  {when(session.started_at)}  ", mean, f"  {answered}  ", (by, "dim")
        )
        return Group(head, Padding(grid, (0, 0, 1, 2)))

    def past_debrief(self, session: Session) -> RenderableType | None:
        """What the LLM said at the end of it, if it did."""
        return self.llm_says(self.words.debrief, session.debrief) if session.debrief else None

    def _outcome(self, attempt: Attempt) -> Text:
        if attempt.outcome == "skipped":
            return Text(self.words.skipped.rstrip(".。"), "dim")
        return score_text(attempt.grade.score) if attempt.grade else Text(self.words.not_graded, "yellow")
