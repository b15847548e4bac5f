"""How grades and comparisons read in a terminal. Text only: nothing here decides anything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import typer

from mockint.batch import GradedRow
from mockint.evaluation.bootstrap import Figure
from mockint.evaluation.calibration import ReliabilityBin
from mockint.evaluation.samples import SampleVerdict
from mockint.evaluation.verdicts import Family
from mockint.grading.grade import MUST_CAP, Mark
from mockint.question import Lang

VERDICTS: Mapping[Family, tuple[str, ...]] = {
    "key point": ("met", "partial", "missing", "contradicted"),
    "misconception": ("stated", "absent"),
}
_WIDTH = 100


def number(figure: Figure, places: int = 2) -> str:
    """`.91 [.88, .94]`, or a dash when the figure is not defined."""
    if math.isnan(figure.value):
        return "–"
    interval = f" [{short(figure.low, places)}, {short(figure.high, places)}]" if not math.isnan(figure.low) else ""
    return short(figure.value, places) + interval


def short(value: float, places: int = 2) -> str:
    """Without the leading zero, as papers print what lies in -1..1; a dash when it is not defined."""
    if math.isnan(value):
        return "–"
    return f"{value:.{places}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{places}f}"


def rule(title: str, sign: str = "=") -> str:
    return f" {title} ".center(_WIDTH, sign)


def progress(comparisons: Sequence[SampleVerdict]) -> str:
    """One sign a sample: a dot, or how many verdicts differ."""
    differing = Counter(c.sample.id for c in comparisons if not c.agrees)
    return "".join(
        typer.style(str(min(differing[id], 9)), fg="red") if differing[id] else "."
        for id in dict.fromkeys(c.sample.id for c in comparisons)
    )


def disagreements(comparisons: Sequence[SampleVerdict], places: Mapping[tuple[str, str, str], str]) -> Iterator[str]:
    """One sample's differences. `places` has file:line of a verdict by (question, sample, criterion)."""
    first = comparisons[0]
    blind = ", written blind" if first.sample.blind else ""
    yield typer.style(rule(f"{first.question.id} :: {first.sample.id}{blind}", "_"), bold=True)
    yield from (f"    {line}" for line in wrapped(first.sample.answer))
    yield ""
    for comparison in comparisons:
        mark = comparison.mark
        where = places.get((first.question.id, first.sample.id, comparison.criterion), "")
        yield f"    {comparison.criterion}: {comparison.question.criterion(comparison.criterion).text.en}"
        for sign, verdict, said in (("-", comparison.expected, "the author"), ("+", mark.verdict, "the grader")):
            yield typer.style(f"E   {sign} {verdict:<13}{said}", fg="red")
        if mark.reason:
            yield f"E     reason: {mark.reason}"
        yield from (f"E     evidence: {line}" for line in evidence(mark))
        if where:
            yield f"{where}: expected {comparison.expected}, got {mark.verdict}"
        yield ""


def wrapped(text: str) -> Iterator[str]:
    """Lines of at most _WIDTH - 4 columns; a wide Chinese character takes two."""
    from rich.cells import chop_cells
    from rich.console import Console
    from rich.text import Text

    for paragraph in text.strip().splitlines():
        for line in Text(paragraph).wrap(Console(), _WIDTH - 4):
            yield from chop_cells(line.plain.rstrip(), _WIDTH - 4) or [""]


def evidence(mark: Mark) -> Iterator[str]:
    for piece in mark.evidence:
        yield f"{' '.join(piece.quote.split())!r} at {piece.start}–{piece.end}"


def confusion_lines(table: Mapping[tuple[str, str], int], verdicts: Sequence[str]) -> Iterator[str]:
    """A row a verdict of the person, a column a verdict of the grader."""
    yield " " * 16 + "".join(f"{verdict:>14}" for verdict in verdicts)
    for expected in verdicts:
        counts = "".join(f"{table.get((expected, got), 0) or '·':>14}" for got in verdicts)
        yield f"{expected:<16}{counts}"


def reliability_lines(table: Sequence[ReliabilityBin]) -> Iterator[str]:
    """A row a bin of confidence, from unsure to sure."""
    yield f"{'confidence':<16}{'verdicts':>14}{'mean':>14}{'right':>14}"
    for one in table:
        edges = f"{short(one.low, 1)} to {short(one.high, 1)}"
        yield f"{edges:<16}{one.n:>14}{short(one.confidence):>14}{short(one.right):>14}"


_GOOD = frozenset({"met", "absent"})


def grade_lines(one: GradedRow, lang: Lang) -> Iterator[str]:
    """One grade in full: every criterion with its verdict, why, and the words that earned or cost it."""
    question, grade = one.question, one.grade
    for criterion in question.criteria:
        mark = grade.mark(criterion.id)
        if mark.verdict == "absent":
            continue
        colour = {"met": "green", "partial": "yellow"}.get(mark.verdict, "red")
        yield f"{typer.style(f'{mark.verdict:<13}', fg=colour)}{criterion.text.in_(lang)} [{criterion.id}]"
        if mark.reason and mark.verdict != "met":
            yield f"{'':<13}{mark.reason}"
        yield from (f"{'':<13}{line}" for line in evidence(mark))
    capped = f", at most {MUST_CAP:.2f} without {' and '.join(grade.capped_by)}" if grade.capped_by else ""
    yield f"score {grade.score:.2f} by {grade.grader}{capped}"


def batch_lines(graded: Sequence[GradedRow], bar: float | None) -> Iterator[str]:
    """A line an answer, in the order of the file; then how many passed and the mean."""
    width = max(len(one.question.id) for one in graded)
    for one in graded:
        lacking = [f"{mark.criterion} {mark.verdict}" for mark in one.grade.marks if mark.verdict not in _GOOD]
        below = bar is not None and one.grade.score < bar
        score = typer.style(f"{one.grade.score:.2f}", fg="red" if below else "green")
        yield f"{score}  {one.question.id:<{width}}  line {one.row.line:<5} {', '.join(lacking)}".rstrip()
    mean = math.fsum(one.grade.score for one in graded) / len(graded)
    passed = f", {sum(one.grade.score >= bar for one in graded)} at {bar:g} or above" if bar is not None else ""
    yield f"{len(graded)} answers, mean {mean:.2f}{passed}"
