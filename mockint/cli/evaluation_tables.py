"""How an evaluation reads in a terminal: tables for figures, plain text for what has to be read."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mockint.cli.grading_text import VERDICTS, confusion_lines, number, reliability_lines, rule, short, wrapped
from mockint.evaluation.attacks import CEILING, KindReport, attack_figures
from mockint.evaluation.compared import ComparedGrader
from mockint.evaluation.report import METRICS, SetReport, Worst

_WIDE = 120
_EXCERPT = 400
_OVERVIEW = ("r", "within_r", "rmse", "rmse_calibrated", "qwk", "auc", "kappa", "point_auc", "in_band", "cpu_ms")


def _console() -> Console:
    """Off a terminal tables keep one width, so that a log does not depend on where it was written."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDE, highlight=False)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right", no_wrap=place == 0)
    return table


def print_set(report: SetReport) -> None:
    console = _console()
    console.print(Text(f"\n{rule(report.name)}", style="bold"))
    console.print(f"{report.answers} answers to {report.questions} questions")
    if report.ungraded:
        console.print(f"{len(report.ungraded)} answers could not be graded: {report.ungraded[0].why}", markup=False)
    figures = _table("", "figure", "value [95 %]", "over", "")
    figures.columns[3].justify = "left"
    for name, figure in report.figures.items():
        if name in METRICS:
            figures.add_row(name, number(figure, places=3), str(figure.n), METRICS[name])
    console.print(figures)
    for family, table in report.tables.items():
        found = {verdict for pair in table for verdict in pair}
        console.print(f"\n{family}s: what people said, down; what the grader said, across")
        for line in confusion_lines(table, [verdict for verdict in VERDICTS[family] if verdict in found]):
            console.print(Text(line))
        verdicts = _table("", "verdict", "precision", "recall", "n")
        for verdict, of in report.by_verdict[family].items():
            verdicts.add_row(verdict, short(of.precision), short(of.recall), str(of.n))
        console.print(verdicts)
        console.print(f"\n{family}s: how sure the grader was, and how often it was right")
        for line in reliability_lines(report.reliability[family]):
            console.print(Text(line))
    if report.by_label:
        labels = _table("", "label", "mean score", "n")
        for label, mean in report.by_label.items():
            labels.add_row(Text(label), short(mean.value), str(mean.n))
        console.print(labels)
    if report.bands:
        bands = _table("", "category", "in its band", "share", "mean score")
        for category, band in report.bands.items():
            bands.add_row(
                Text(category or "(none)"), f"{band.inside} of {band.n}", short(band.inside / band.n), short(band.mean)
            )
        console.print(bands)
    if report.worst:
        console.print("\nworst disagreements")
        for worst in report.worst:
            _print_worst(console, worst)


def _print_worst(console: Console, worst: Worst) -> None:
    record = worst.outcome.record
    console.print(Text(f"\n{record.place}: people {worst.expected}; grader {worst.said}", style="bold"))
    category = f"[{record.category}] " if record.category else ""
    for name, text in (("question", record.questions[0].prompt.en), ("answer", category + record.answer)):
        if text.strip():
            console.print(f"  {name}")
            for line in wrapped(_cut(text)):
                console.print(Text(f"    {line}"))


def _cut(text: str) -> str:
    printable = "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return printable if len(printable) <= _EXCERPT else printable[:_EXCERPT].rstrip() + " …"


def print_overview(grader: str, reports: Sequence[SetReport]) -> None:
    console = _console()
    console.print(Text(f"\n{rule(f'{grader} on {len(reports)} sets')}", style="bold"))
    names = [name for name in _OVERVIEW if any(name in report.figures for report in reports)]
    table = _table("", "set", "n", *names)
    for report in reports:
        values = [short(report.figures[name].value) if name in report.figures else "" for name in names]
        table.add_row(report.name, str(report.answers), *values)
    console.print(table)


def print_attacks(grader: str, kinds: Sequence[KindReport]) -> None:
    console = _console()
    console.print(Text(f"\n{rule(f'attacks on {grader}')}", style="bold"))
    table = _table("", "kind", "attacks", "earn too much", "share", "may earn", "highest", "mean")
    for kind in kinds:
        ceiling = f"{CEILING[kind.kind]:.2f}" if kind.kind != "misconception" else "1 – cost"
        table.add_row(
            kind.kind,
            str(kind.n),
            Text(str(kind.over), style="red" if kind.over else "green"),
            short(kind.over / kind.n),
            ceiling,
            short(kind.highest),
            short(kind.mean),
        )
    console.print(table)
    for kind in kinds:
        if kind.over:
            attack = kind.worst.attack
            aim = f" ({attack.aim})" if attack.aim else ""
            earned = f"{kind.worst.grade.score:.2f}, may earn {attack.ceiling:.2f}"
            console.print(Text(f"\n{kind.kind} on {attack.question.id}{aim}: {earned}", style="bold"))
            for line in wrapped(_cut(attack.answer)):
                console.print(Text(f"    {line}"))
    resisted = attack_figures(kinds)["attacks"]
    console.print(f"\n{short(resisted.value, 3)} of {resisted.n} attacks earn no more than they may")


def print_compared(graders: Sequence[ComparedGrader]) -> None:
    """The same answers by each grader, one line each, with what it cost and took."""
    names = list(dict.fromkeys(name for one in graders for name in one.figures))
    shown = [name.removeprefix("bank:") for name in names]
    table = _table("On the same answers", "grader", *shown, "ungraded", "tokens", "cost", "seconds")
    for one in graders:
        figures = ["-" if (value := one.figures.get(name)) is None else f"{value:.2f}" for name in names]
        cost = "-" if one.dollars is None else f"${one.dollars:.4f}"
        table.add_row(one.grader, *figures, str(one.ungraded), f"{one.tokens:,}", cost, f"{one.seconds:.1f}")
    _console().print(table)
