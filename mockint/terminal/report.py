"""A Report in a terminal: bars, sparklines, a heat map of characters. All of it reads without colour, in 60 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mockint.markdown.characters import visible
from mockint.markdown.terminal import code, markdown
from mockint.markdown.wrapped import Wrapped
from mockint.phrases import ReportPhrases
from mockint.phrases.formats import DASH, SIGNS, change, duration, percent, spark
from mockint.question import Verdict
from mockint.reports.latest import levels_in
from mockint.reports.marking import MOST_CHARACTERS, LeftOut, labels, pieces
from mockint.reports.progress import weakest_first
from mockint.reports.sentences import (
    about,
    compared_time,
    confidence_sentences,
    figures,
    standing,
    title,
    trend_sentence,
)
from mockint.reports.shapes import (
    Answer,
    AnswerPart,
    Calibration,
    MissedPoint,
    QuestionRow,
    Report,
    SessionComparison,
    StatedBelief,
)
from mockint.terminal.pieces import (
    COLOURS,
    Barred,
    bar,
    correction_text,
    inline,
    point_text,
    quotes_text,
    score_colour,
    score_text,
    verdict_text,
)

MOST_MISSED = 12
MOST_QUESTIONS = 15


def draw_report(report: Report, *, styled: bool) -> Iterator[RenderableType]:
    """styled: the terminal shows underlines; without them, marked words stand in square brackets."""
    words = ReportPhrases(report.lang)
    yield _heading(title(report, words), strong=True)
    yield Wrapped(visible(" | ".join(about(report, words))), style="dim")
    if not report.totals.asked:
        yield Wrapped("\n" + words.nothing_kept)
        return
    yield Text("")
    yield _figures(report, words)
    for name, body in _sections(report, words, styled):
        yield Text("")
        yield _heading(name)
        yield from body


def _sections(report: Report, words: ReportPhrases, styled: bool) -> Iterator[tuple[str, list[RenderableType]]]:
    if len(report.trend.points) > 1:
        yield words.trend + words.aside.format(what=words.grains[report.trend.grain]), [_TrendLine(report, words)]
    if report.heat:
        yield words.heat, [_note(words.heat_says), Text(""), _heat(report, words)]
    if report.questions:
        yield words.questions, [_note(words.weakest_first), Text(""), *_questions(report.questions, words)]
    if report.totals.graded:
        yield words.missed, list(_missed(report.missed, words))
    if report.beliefs:
        yield words.beliefs, list(_beliefs(report.beliefs, words))
    if report.calibration:
        yield words.confidence, [*_confidence(report.calibration, words)]
    if any(answer.seconds for answer in report.answers):
        yield words.time, [_times(report.answers, words)]
    if report.comparison:
        name = words.comparison.format(id=report.comparison.session.id)
        yield name, list(_comparison(report.comparison, report, words))
    if report.answers:
        yield words.answers, [block for answer in report.answers for block in _answer(answer, words, styled)]


def _heading(text: str, *, strong: bool = False) -> RenderableType:
    return Rule(
        Text(visible(text), "bold"), align="left", style="" if strong else "dim", characters="━" if strong else "─"
    )


def _note(text: str, style: str = "dim") -> RenderableType:
    """In a Group, because rich joins bare Texts into one of its own, which wraps otherwise."""
    return Group(Wrapped(visible(text), style=style))


def _grid(*columns: str) -> Table:
    """A column for each letter: l, r, or w for one that takes what is left."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        grid.add_column(
            justify="right" if column == "r" else "left", no_wrap=column != "w", ratio=1 if column == "w" else None
        )
    return grid


def _figures(report: Report, words: ReportPhrases) -> RenderableType:
    grid = _grid("l", "r", "w")
    for name, figure, meaning in figures(report.totals, words, report=report):
        first = name == words.score
        shown = score_text(report.totals.score) if first else Text(figure)
        body: list[RenderableType] = [bar(report.totals.score)] if first and report.totals.score is not None else []
        grid.add_row(Text(name, "bold"), shown, Group(*body, Wrapped(meaning, style="dim")))
    return grid


class _TrendLine:
    """As many of the latest points as the line holds."""

    def __init__(self, report: Report, words: ReportPhrases) -> None:
        self._report, self._words = report, words

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        points = self._report.trend.points[-(options.max_width - 14) :]
        line = Text()
        for point in points:
            style = score_colour(point.score) if point.score is not None else "dim"
            line.append(spark(point.score), f"{style} reverse" if point.current else style)
        first, last = points[0].score, points[-1].score
        yield Text.assemble(percent(first).rjust(5), "  ", line, "  ", percent(last))
        if said := trend_sentence(self._report.trend, self._words):
            yield _note(said)


def _heat(report: Report, words: ReportPhrases) -> RenderableType:
    levels = levels_in(report.heat)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    table.add_column(words.topic, ratio=1, overflow="fold")
    for level in levels:
        table.add_column(words.level_short.format(level=level), justify="right", no_wrap=True)
    table.add_column(words.all, justify="right", no_wrap=True)
    for row in report.heat:
        cells = [_heat_cell(row.cells[level - 1].share) for level in levels]
        table.add_row(Wrapped(visible(row.name)), *cells, _heat_cell(row.share, "bold"))
    return table


def _heat_cell(share: float | None, style: str = "") -> Text:
    if share is None:
        return Text("·", "dim")
    return Text(f"{spark(share)}{100 * share:3.0f}", f"{style} {score_colour(share)}".strip())


def _questions(rows: Sequence[QuestionRow], words: ReportPhrases) -> Iterator[RenderableType]:
    weakest = weakest_first(rows)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    table.add_column(words.question, ratio=1, overflow="fold")
    table.add_column(words.key_points, no_wrap=True)
    for name in (words.first, words.latest):
        table.add_column(name, justify="right", no_wrap=True)
    for row in weakest[:MOST_QUESTIONS]:
        strip = Text()
        for point in row.points:
            strip.append(SIGNS[point.verdict], COLOURS[point.verdict])
        id = Text(visible(row.question), overflow="fold")
        table.add_row(id, strip, percent(row.first), score_text(row.last))
    yield table
    if len(weakest) > MOST_QUESTIONS:
        yield _note(words.more.format(count=len(weakest) - MOST_QUESTIONS))


def _missed(points: Sequence[MissedPoint], words: ReportPhrases) -> Iterator[RenderableType]:
    if not points:
        yield _note(words.nothing_missed, "")
        return
    yield _note(words.missed_says)
    yield Text("")
    grid = _grid("l", "w")
    for point in points[:MOST_MISSED]:
        where = [visible(point.question)]
        if point.looked_at > 1:
            where.append(words.times.format(missed=point.missed, of=point.looked_at))
        lines: list[RenderableType] = [point_text(point.text, words, must=point.must)]
        lines += _quotes(point.said, point.verdict, words)
        grid.add_row(verdict_text(point.verdict, words), Group(*lines, Wrapped(words.comma.join(where), style="dim")))
    yield grid
    if len(points) > MOST_MISSED:
        yield _note(words.more.format(count=len(points) - MOST_MISSED))


def _quotes(said: Sequence[str], verdict: Verdict, words: ReportPhrases) -> list[RenderableType]:
    return [quotes_text(said, verdict, before=words.said + words.colon)] if said else []


def _beliefs(beliefs: Sequence[StatedBelief], words: ReportPhrases) -> Iterator[RenderableType]:
    grid = _grid("l", "w")
    for belief in beliefs[:MOST_MISSED]:
        lines: list[RenderableType] = [inline(belief.text), *_quotes(belief.said, "stated", words)]
        if belief.correction:
            lines.append(correction_text(belief.correction, words))
        where = Wrapped(visible(belief.question), style="dim")
        grid.add_row(Text(SIGNS["stated"], "red"), Group(*lines, where))
    yield grid
    if len(beliefs) > MOST_MISSED:
        yield _note(words.more.format(count=len(beliefs) - MOST_MISSED))


def _confidence(calibration: Calibration, words: ReportPhrases) -> Iterator[RenderableType]:
    for said in confidence_sentences(calibration, words):
        yield _note(said, "")
    yield Text("")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    table.add_column(words.said_between, no_wrap=True)
    for name in (words.answers_count, words.mean_confidence, words.mean_score):
        table.add_column(name, justify="right")
    for one in calibration.bins:
        between = f"{percent(one.low)}{DASH}{percent(one.high)}"
        table.add_row(between, str(one.count), percent(one.confidence), score_text(one.score))
    yield table


def _times(answers: Sequence[Answer], words: ReportPhrases) -> RenderableType:
    """A bar that is full when the time the question allows is used up."""
    grid = _grid("r", "l", "r", "w")
    for answer in answers:
        if answer.seconds is None:
            continue
        allowed = 60 * answer.minutes
        spent = duration(answer.seconds, words)
        note = f"/ {duration(allowed, words)}"
        over = Text("  " + words.over_by.format(time=duration(answer.over_seconds, words)), "yellow")
        used = bar(min(1.0, answer.seconds / allowed), 12)
        grid.add_row(str(answer.place + 1), used, spent, Text.assemble(note, over if answer.over_seconds else ""))
    return grid


def _comparison(comparison: SessionComparison, report: Report, words: ReportPhrases) -> Iterator[RenderableType]:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    table.add_column(words.topic, ratio=1, overflow="fold")
    for name in (words.before, words.after, words.change):
        table.add_column(name, justify="right", no_wrap=True)
    for row in comparison.topics:
        table.add_row(Wrapped(visible(row.name)), *_steps(row.before, row.after))
    table.add_row(Text(words.all, "bold"), *_steps(comparison.before.score, report.totals.score))
    yield table
    yield _note(compared_time(report, words))
    yield Text("")
    if not comparison.questions:
        yield _note(words.no_same)
        return
    yield Text(words.same_questions, "bold")
    for question in comparison.questions:
        before, after, moved = _steps(question.before, question.after)
        yield Text.assemble("  ", visible(question.question), "  ", before, " → ", after, "  ", moved)
        grid = _grid("l", "w")
        for point in question.changed:
            was, now = ((words.verdicts[one] if one else words.not_graded) for one in (point.before, point.after))
            grid.add_row(Text(f"{was} → {now}"), inline(point.text))
        if question.changed:
            yield Padding(grid, (0, 0, 0, 4))


def _steps(before: float | None, after: float | None) -> tuple[Text, Text, Text]:
    moved = change(before, after)
    style = "" if before is None or after is None or before == after else "green" if after > before else "red"
    return Text(percent(before)), Text(percent(after)), Text(moved, style)


def _answer(answer: Answer, words: ReportPhrases, styled: bool) -> Iterator[RenderableType]:
    numbers = labels(answer)
    yield Text("")
    head = Text.assemble(
        (words.question_heading.format(number=answer.place + 1), "bold"), f"  {visible(answer.question)}  "
    )
    head.append(_standing(answer, words))
    yield Group(head)
    for part in answer.parts:
        yield Padding(_prompt(part, words), (0, 0, 0, 2))
        if answer.code and not part.part:
            yield Padding(code(answer.code, "python"), (0, 0, 0, 2))
        yield Barred(_marked_answer(part, numbers, words, styled))
    if answer.outcome != "skipped" and answer.score is not None:
        yield _points(answer, numbers, words)


def _standing(answer: Answer, words: ReportPhrases) -> Text:
    notes = words.comma.join(standing(answer, words))
    if answer.score is None:
        return Text(notes, "yellow")
    return Text.assemble(score_text(answer.score), (words.aside.format(what=notes) if notes else "", "dim"))


def _prompt(part: AnswerPart, words: ReportPhrases) -> RenderableType:
    text = markdown(part.prompt, picture=lambda _, alt: f"[{alt}]")
    return Group(Text(words.follow_up, "dim"), text) if part.part else text


def _marked_answer(part: AnswerPart, numbers: dict[str, str], words: ReportPhrases, styled: bool) -> Text:
    if part.outcome != "answered" or not part.answer.strip():
        return Wrapped(words.outcomes[part.outcome], style="dim")
    text = Wrapped()
    is_open = False
    for piece in pieces(part, most=MOST_CHARACTERS):
        if isinstance(piece, LeftOut):
            text.append(f" {words.shortened.format(count=f'{piece.characters:,}')} ", "dim")
            continue
        opens = not styled and piece.verdict is not None and not is_open
        closes = not styled and piece.verdict is not None and bool(piece.ended)
        is_open = not styled and piece.verdict is not None and not closes
        style = f"underline {COLOURS[piece.verdict]}" if piece.verdict else ""
        text.append("[" * opens + visible(piece.text) + "]" * closes, style)
        for span in piece.ended:
            text.append(f"{SIGNS[span.verdict]}{numbers.get(span.criterion, '')}", f"dim {COLOURS[span.verdict]}")
    return text


def _points(answer: Answer, numbers: dict[str, str], words: ReportPhrases) -> RenderableType:
    grid = _grid("r", "l", "w")
    for point in answer.points:
        sign = verdict_text(point.verdict, words) if point.verdict else Text(words.not_graded)
        grid.add_row(numbers[point.criterion], sign, point_text(point.text, words, must=point.must))
    for belief in answer.beliefs:
        grid.add_row(numbers[belief.criterion], verdict_text("stated", words), inline(belief.text))
    return Padding(grid, (0, 0, 0, 2))
