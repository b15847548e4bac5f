"""What a question, a verdict, a summary and a history look like. Values in, rich renderables out.

A verdict is a sign and a word, never a colour alone. While a follow-up is to come, nothing that was missed is named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from mockint.grading.grade import HINT_COST, MUST_CAP, PASS, Evidence, Grade, Mark
from mockint.history import Attempt, Part, Session
from mockint.markdown.characters import visible
from mockint.markdown.terminal import Picture, code, markdown
from mockint.markdown.wrapped import Wrapped
from mockint.question import KeyPoint, Lang, Misconception, Question, Topic, Verdict
from mockint.terminal.words import Words, words_in

SIGNS: dict[Verdict, str] = {
    "met": "✔",
    "partial": "~",
    "missing": "✘",
    "contradicted": "!",
    "stated": "!",
    "absent": " ",
}
_COLOURS: dict[Verdict, str] = {
    "met": "green",
    "partial": "yellow",
    "missing": "red",
    "contradicted": "red",
    "stated": "red",
    "absent": "",
}
_BAR_CELLS = 20


class Draw:
    """Draws in one language. `media` is the bank's folder, to name a picture by a path that can be opened."""

    def __init__(self, lang: Lang, topics: Iterable[Topic] = (), media: Path | None = None) -> None:
        self.lang = lang
        self.words: Words = words_in(lang)
        self._topics = {topic.id: topic.name.in_(lang) for topic in topics}
        self._media = media

    def topic(self, id: str) -> str:
        return visible(self._topics.get(id, id))

    def markdown(self, text: str, question: Question) -> RenderableType:
        return markdown(text, picture=self._picture(question))

    def _picture(self, question: Question) -> Picture:
        def picture(src: str, alt: str) -> str:
            path = self._media / question.topic / src if self._media else src
            return visible(self.words.picture.format(alt=alt, path=path))

        return picture

    def question(self, question: Question, *, number: int, total: int) -> RenderableType:
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
            title=Text(words.question.format(number=number, total=total), "bold"),
            title_align="left",
            subtitle=Text(" | ".join(about)),
            subtitle_align="right",
            border_style="blue",
            padding=(1, 2),
        )

    def heading(self, text: str) -> RenderableType:
        return Rule(Text(text, "bold"), align="left", style="dim")

    def asked(self, attempt: Attempt) -> RenderableType:
        """One line that says which question it was."""
        name = f"{attempt.place + 1}. {attempt.question.id}"
        return Text.assemble((name, "bold"), f"  {self.topic(attempt.question.topic)}")

    def follow_up(self, prompt: str, question: Question) -> RenderableType:
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
                    text.stylize(f"underline {_COLOURS[mark.verdict]}", start, end)
        return _Barred(text)

    def interim(self, question: Question, grade: Grade) -> RenderableType:
        """The verdict while a follow-up is to come: what was heard, and only how many points were not."""
        heard = [
            self._row(grade.mark(point.id), self._point(point) if grade.mark(point.id).verdict == "met" else None)
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
        text = Wrapped()
        text.append(self._inline(point.text.in_(self.lang)))
        if point.must:
            text.append(self.words.aside.format(self.words.must), "dim")
        return text

    def _inline(self, text: str) -> Text:
        """A key point's one paragraph, its code and maths drawn."""
        group = markdown(text, picture=lambda _, alt: alt)
        first = group.renderables[0] if isinstance(group, Group) and group.renderables else None
        return first if isinstance(first, Text) else Wrapped(visible(text))

    def _row(
        self, mark: Mark, text: Text | None, misconception: Misconception | None = None
    ) -> tuple[Text, RenderableType]:
        sign = Text(f"{SIGNS[mark.verdict]} {self.words.verdicts[mark.verdict]}", _COLOURS[mark.verdict])
        lines: list[RenderableType] = [text] if text else []
        if mark.evidence:
            lines.append(self._quote(mark.evidence, _COLOURS[mark.verdict]))
        if misconception and misconception.correction:
            correction = Wrapped(self.words.in_fact, "bold")
            correction.append(self._inline(misconception.correction.in_(self.lang)))
            lines.append(correction)
        return sign, Group(*lines)

    def _rows(self, rows: Sequence[tuple[Text, RenderableType]]) -> RenderableType:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        for sign, body in rows:
            grid.add_row(sign, body)
        return grid

    def _quote(self, evidence: Sequence[Evidence], colour: str) -> Text:
        opening, closing = self.words.quote
        quotes = [f"{opening}{' '.join(visible(piece.quote).split())}{closing}" for piece in evidence]
        return Wrapped(" … ".join(quotes), style=f"italic {colour}")

    def _score(self, grade: Grade, before: Grade | None) -> Text:
        text = Text.assemble((f"\n{self.words.score} ", "bold"), percent(grade.score), "  ", bar(grade.score))
        notes = []
        if before is not None and before.score != grade.score:
            notes.append(self.words.score_before.format(before=f"{before.score:.0%}"))
        if grade.capped_by and grade.score == MUST_CAP:
            notes.append(self.words.capped.format(cap=f"{MUST_CAP:.0%}"))
        if notes:
            text.append(" " + self.words.aside.format("; ".join(notes)), "dim")
        return text

    def failed(self, reason: str) -> RenderableType:
        return self.note(self.words.failed.format(reason=visible(reason.rstrip("."))), "yellow")

    def provisional(self, reason: str) -> RenderableType:
        return self.note(self.words.provisional.format(reason=visible(reason.rstrip("."))), "yellow")

    def hint(self, text: str, question: Question) -> RenderableType:
        title = Text(self.words.hint.format(cost=f"{HINT_COST:.0%}"), "bold")
        return Panel(
            self.markdown(text, question), title=title, title_align="left", border_style="yellow", padding=(0, 2)
        )

    def spoken(self, title: str, text: str) -> RenderableType:
        """What the LLM says beside questions: a clarification or the debrief. Plain text, whatever is in it."""
        body = Wrapped(visible(text))
        return Panel(body, title=Text(title, "bold"), title_align="left", border_style="magenta", padding=(0, 2))

    def note(self, text: str, style: str = "") -> RenderableType:
        """A sentence of ours. In a Group, because rich joins bare Texts into one of its own, which wraps otherwise."""
        return Group(Wrapped(text, style))

    def summary(self, session: Session) -> RenderableType:
        """One line a topic, and one for all when there are several."""
        by_topic: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in session.answered:
            by_topic[attempt.question.topic].append(attempt)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(ratio=1)
        for _ in range(3):
            grid.add_column(no_wrap=True, justify="right")
        groups = [(self.topic(topic), attempts) for topic, attempts in by_topic.items()]
        if len(groups) > 1:
            groups.append((self.words.all_topics, session.answered))
        for name, attempts in groups:
            scores = [attempt.grade.score for attempt in attempts if attempt.grade]
            mean = sum(scores) / len(scores) if scores else None
            shown = (Text(self.words.not_graded, "dim"), Text("")) if mean is None else (percent(mean), bar(mean))
            grid.add_row(Wrapped(name), Text(f"{len(scores)}/{len(attempts)}", "dim"), *shown)
        return Group(Rule(Text(self.words.summary, "bold"), align="left", style="dim"), grid)

    def reference(self, question: Question) -> RenderableType:
        parts: list[RenderableType] = [
            Rule(Text.assemble((self.words.reference_answer, "bold"), f"  {question.id}"), align="left", style="dim")
        ]
        if question.code:
            parts += [Text(self.words.prints), code(question.code.output, "text"), Text("")]
        parts.append(self.markdown(question.answer.in_(self.lang), question))
        if question.references:
            parts += [Text(""), Text(self.words.references, "bold")]
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
                truth = Wrapped(self.words.in_fact, "bold")
                truth.append(self._inline(wrong.correction.in_(self.lang)))
                belief.append(truth)
            rows.append((Text(f"-{wrong.weight:g}", "red"), Group(*belief)))
        title = Rule(Text(self.words.key_points, "bold"), align="left", style="dim")
        return Group(title, self._rows(rows))

    def kept_attempt(self, attempt: Attempt, total: int) -> Iterator[RenderableType]:
        """An attempt of the history: what was asked, what was said, and its grades."""
        grade = attempt.grade
        marks = grade.marks if grade else []
        yield self.question(attempt.question, number=attempt.place + 1, total=total)
        for part in attempt.parts:
            if part.part:
                yield self.follow_up(part.prompt, attempt.question)
            yield self.answer(part, marks) if part.outcome else Text(f"  {self.words.waiting}", "dim")
            yield Text("")
        if grade:
            yield self.verdict(attempt.question, grade, before=attempt.grades[0].grade)
        elif attempt.outcome == "answered":
            yield Text(self.words.not_graded, "yellow")
        graders = {kept.grade.grader for kept in attempt.grades}
        if len(graders) > 1:
            for kept in attempt.grades:
                yield Text(f"  {when(kept.graded_at)}  {kept.grade.grader}  {kept.grade.score:.0%}", "dim")

    def kept_session(self, session: Session) -> RenderableType:
        """A session of the history as one line, and a line for each of its attempts."""
        answered = self.words.answered_of.format(answered=len(session.answered), total=len(session.plan.questions))
        mean = percent(session.score) if session.score is not None else Text("-")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(ratio=1)
        for attempt in session.attempts:
            if attempt.outcome:
                grid.add_row(self._outcome(attempt), Text(attempt.question.id))
        head = Text.assemble(
            (session.id, "bold"), f"  {when(session.started_at)}  ", mean, f"  {answered}  ", (session.grader, "dim")
        )
        return Group(head, Padding(grid, (0, 0, 1, 2)))

    def _outcome(self, attempt: Attempt) -> Text:
        if attempt.outcome == "skipped":
            return Text(self.words.skipped.rstrip(".。"), "dim")
        return percent(attempt.grade.score) if attempt.grade else Text(self.words.not_graded, "yellow")


def percent(score: float) -> Text:
    return Text(
        f"{score:.0%}".rjust(4), "bold green" if score >= PASS else "bold yellow" if score > 0.4 else "bold red"
    )


def bar(score: float) -> Text:
    full = round(score * _BAR_CELLS)
    return Text.assemble(("█" * full, ""), ("░" * (_BAR_CELLS - full), "dim"))


def when(stamp: str) -> str:
    """A kept time in the reader's own time zone, to the minute."""
    return datetime.fromisoformat(stamp).astimezone().strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True)
class _Barred:
    """Text with a bar on its left, which stays when the text is copied or printed without colours."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.text, options.update(width=options.max_width - 4), pad=False):
            yield Segment("  │ ", Style(dim=True))
            yield from line
            yield Segment.line()
