"""`mockint eval`: how well a grader agrees with people, and what earns credit from it that should not."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer
from typer.core import TyperCommand

from mockint.cli.grading import check_folder
from mockint.cli.llm import say_usage
from mockint.cli.options import BaseUrlOpt, BudgetOpt, JsonOpt, TimeoutOpt
from mockint.errors import FoundWantingError, ServiceError, UsageError
from mockint.evaluation.compared import ComparedGrader, Started

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.bank.samples import SampleSet
    from mockint.evaluation.attacks import Attack, GradedAttack, KindReport
    from mockint.evaluation.flips import Flips
    from mockint.evaluation.records import Record
    from mockint.evaluation.report import SetReport
    from mockint.evaluation.run import GradedRecord, UngradedRecord
    from mockint.grading import Grader
    from mockint.question import Question, Sample

SAMPLES = "bank"
ATTACKS = "attacks"


class _BankMayStandAlone(TyperCommand):
    """`--bank` without a value means the bank that came with mockint; typer has no options with an optional value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for place, arg in enumerate(args):
            if arg == "--bank" and (place + 1 == len(args) or args[place + 1].startswith("-")):
                from mockint.bank import default_bank

                args = [*args[: place + 1], str(default_bank()), *args[place + 1 :]]
                break
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    app.command("eval", cls=_BankMayStandAlone)(evaluate)


def evaluate(
    files: Annotated[
        Optional[list[Path]],  # noqa: UP045 - typer reads the annotation at run time
        typer.Argument(metavar="[FILE]...", help="JSON lines: answers that people have scored. Each file is a set."),
    ] = None,
    bank: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--bank", metavar="[DIR]", help="Measure on the samples of a bank. Without DIR: of ours."),
    ] = None,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="Of the bank, the answers that were written blind and not read since."),
    ] = False,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="Instead of the bank's samples: attacks made from its content.")
    ] = False,
    grader: Annotated[
        str, typer.Option("--grader", metavar="NAME", help="Who grades: offline, openai:NAME or mixed:NAME.")
    ] = "offline",
    second: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--second", metavar="NAME", help="Another LLM: decides where the first and offline differ."),
    ] = None,
    examples: Annotated[
        bool, typer.Option("--examples", help="Also measure the LLM with two marked samples of each question shown.")
    ] = False,
    fail_under: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--fail-under",
            metavar="[SET:]METRIC=VALUE",
            help="Exit 1 when a figure does not reach the value (error and time: exceeds it). Repeat for more.",
        ),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write a prediction per answer, as JSON lines."),
    ] = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, help="How many disagreements of each set to show; blind, none.")
    ] = 5,
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help="Bootstrap resamples behind each interval; 0 for none.")
    ] = 500,
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="N", min=1, help="Ask N times, and say how often the verdict changes.")
    ] = 1,
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    budget: BudgetOpt = None,
    json: JsonOpt = False,
) -> None:
    """Measure a grader against people's labels, or against attacks.

    \b
    Metrics: r, within_r, rmse, rmse_calibrated, qwk, auc, ap (scores); kappa, score.r, score.error,
    calibration, point_auc, point_ap (criteria; kappa and calibration also as .points and
    .misconceptions alone); in_band, in_band.CATEGORY (adversarial answers); attacks, attacks.KIND
    (share that earns no more than it may); cpu_ms.
    A set is named by its file (data/x.jsonl: x), the samples are the set 'bank'.
    """
    from mockint.cli.evaluation_tables import print_compared
    from mockint.evaluation.attacks import attack_figures, attack_metrics, attacks_on, by_kind
    from mockint.evaluation.bars import fallen, read_bars
    from mockint.evaluation.report import metrics_of
    from mockint.grading import grader_named, llm_backed
    from mockint.wordings import no_wordings

    check_folder(out)
    worst = 0 if blind else worst  # whoever reads a blind answer can't measure with it any more
    loaded = _bank(bank, attacks=attacks)
    battery = list(attacks_on(loaded.questions, loaded.wordings)) if loaded and attacks else []
    sets = _sets(files or [], None if attacks else loaded, kept="blind" if blind else "samples")
    if not sets and not battery:
        raise UsageError("nothing to grade: give FILEs of JSON lines, --bank [DIR], or --attacks --bank [DIR]")
    available = {name: metrics_of(records) for name, records in sets.items()}
    bars = read_bars(fail_under or [], available | ({ATTACKS: attack_metrics(battery)} if battery else {}))
    wordings = loaded.wordings if loaded else no_wordings
    flags = {"base_url": base_url, "timeout": timeout, "budget": budget}
    samples = loaded.samples if loaded else None
    measured = grader_named(grader, wordings=wordings, samples=samples, second=second, flags=flags)
    graders = [measured, *_asked_again(measured, repeats - 1)]

    began = Started(measured)
    reports, ungraded, flips = _graded_sets(graders, sets, out=out, worst=worst, resamples=resamples)
    compared = [began.line(reports)]
    if llm_backed(measured) and sets and repeats == 1:  # several runs would not be the time and cost of one
        compared += _others(grader, loaded, sets, flags, examples=examples, alone=second is not None)
    attempts, missed = _attempts(measured, battery)
    ungraded += missed
    kinds = by_kind(attempts)
    if json:
        typer.echo(_as_json(measured.name, reports, kinds, flips, compared))
    else:
        _print(measured.name, reports, kinds, flips)
        if len(compared) > 1:
            print_compared(compared)
    say_usage(measured)
    figures = {report.name: report.figures for report in reports} | ({ATTACKS: attack_figures(kinds)} if kinds else {})
    if ungraded:
        raise ServiceError(f"{ungraded} answers could not be graded and take part in no figure; run it again")
    if short := fallen(bars, figures):
        raise FoundWantingError("below the bar:\n" + "\n".join(f"  {sentence}" for sentence in short))


def _others(
    grader: str,
    loaded: Bank | None,
    sets: dict[str, list[Record]],
    flags: Mapping[str, Any],
    *,
    examples: bool,
    alone: bool,
) -> list[ComparedGrader]:
    """What an LLM is held against on the same answers: the offline grader, and itself with examples where asked for.

    alone: the LLM without the second one, too. A mixed grader is held against its LLM for everything.
    """
    from mockint.grading import grader_named
    from mockint.wordings import no_wordings

    wordings, samples = (loaded.wordings, loaded.samples) if loaded else (no_wordings, None)
    others = [grader_named("offline", wordings=wordings)]
    kind, _, llm = grader.partition(":")
    if kind == "mixed" or alone:
        others.append(grader_named(f"openai:{llm}" if llm else "openai", wordings=wordings, flags=flags))
    if examples:
        others.append(grader_named(grader, wordings=wordings, samples=samples, flags={**flags, "examples": True}))
    lines = []
    for other in others:
        began = Started(other)
        reports, _, _ = _graded_sets([other], sets, out=None, worst=0, resamples=0)
        lines.append(began.line(reports))
    return lines


def _bank(root: Path | None, *, attacks: bool) -> Bank | None:
    from mockint.bank import default_bank, load_bank

    return load_bank(root or default_bank()) if root or attacks else None


def _sets(files: Sequence[Path], loaded: Bank | None, *, kept: SampleSet) -> dict[str, list[Record]]:
    """The records of each file and of the bank's samples. Lines that are no record are told on stderr."""
    from mockint.evaluation.bootstrap import grouped
    from mockint.evaluation.records import read_records
    from mockint.evaluation.samples import record_of, samples_of

    records, problems = read_records(files)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems and not records:
        raise UsageError(f"no usable record in {', '.join(str(file) for file in files)}")
    sets = {group[0].set: group for group in grouped(records, lambda record: record.set)}
    if loaded:
        sets[SAMPLES] = [
            record_of(question, sample, set_=SAMPLES, place=_place(loaded, question, sample, kept))
            for question, sample in samples_of(loaded.questions, partial(loaded.samples, which=kept))
        ]
    return {name: group for name, group in sets.items() if group}


def _place(loaded: Bank, question: Question, sample: Sample, kept: SampleSet) -> str:
    file = loaded.samples.file(question, kept)
    if file is None:
        return ""
    number = loaded.samples(question, kept).index(sample)
    return f"{(loaded.root / file.path).as_posix()}:{file.document.line_of((number,))}"


def _graded_sets(
    graders: Sequence[Grader], sets: dict[str, list[Record]], *, out: Path | None, worst: int, resamples: int
) -> tuple[list[SetReport], int, dict[str, Flips]]:
    """The figures are those of the first grader; the others are the same one, asked again."""
    from mockint.evaluation.flips import flips_in
    from mockint.evaluation.report import report_on

    runs = [{name: list(_graded(grader, name, records)) for name, records in sets.items()} for grader in graders]
    graded = runs[0]
    flips = {name: flips_in([run[name] for run in runs]) for name in sets} if len(runs) > 1 else {}
    if out:
        _write_predictions(out, (outcome for outcomes in graded.values() for outcome in outcomes))
    reports = [report_on(name, outcomes, worst=worst, resamples=resamples) for name, outcomes in graded.items()]
    return reports, sum(len(report.ungraded) for report in reports), flips


def _graded(grader: Grader, name: str, records: Sequence[Record]) -> Iterator[GradedRecord | UngradedRecord]:
    """Grade, saying how far it is where somebody watches."""
    from mockint.evaluation.run import run
    from mockint.grading import marked_ahead

    answers = [(question, record.answer) for record in records for question in record.questions]
    ahead = marked_ahead(
        grader, answers, on_done=lambda done: _progress(f"{name}: {done} of {len(answers)}", last=False)
    )
    for number, outcome in enumerate(run(ahead, records), 1):
        _progress(f"{name}: {number} of {len(records)}", last=number == len(records))
        yield outcome


def _attempts(grader: Grader, battery: Sequence[Attack]) -> tuple[list[GradedAttack], int]:
    """The attacks that were graded, and how many were not."""
    from mockint.evaluation.attacks import GradedAttack, attempt
    from mockint.grading import marked_ahead

    ahead = marked_ahead(grader, [(attack.question, attack.answer) for attack in battery])
    graded: list[GradedAttack] = []
    for number, one in enumerate(attempt(ahead, battery), 1):
        _progress(f"attacks: {number} of {len(battery)}", last=number == len(battery))
        if isinstance(one, GradedAttack):
            graded.append(one)
    return graded, len(battery) - len(graded)


def _asked_again(grader: Grader, times: int) -> list[Grader]:
    """The same grader, made to think again where it would replay what it said."""
    from mockint.grading import llm_backed

    llm = llm_backed(grader)
    return [llm.again(number) if llm else grader for number in range(1, times + 1)]


def _progress(text: str, *, last: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K" + ("" if last else text))
        sys.stderr.flush()


def _write_predictions(path: Path, outcomes: Iterable[GradedRecord | UngradedRecord]) -> None:
    import json

    from mockint.evaluation.run import GradedRecord

    try:
        with path.open("w", encoding="utf-8") as file:
            for outcome in outcomes:
                if isinstance(outcome, GradedRecord):
                    file.write(json.dumps(outcome.prediction(), ensure_ascii=False) + "\n")
    except OSError as fault:
        raise UsageError(f"cannot write the predictions to {str(path)!r}: {fault.strerror or fault}") from fault


def _print(grader: str, reports: Sequence[SetReport], kinds: Sequence[KindReport], flips: Mapping[str, Flips]) -> None:
    from mockint.cli import evaluation_tables as tables

    for report in reports:
        tables.print_set(report)
    if len(reports) > 1:
        tables.print_overview(grader, reports)
    for name, found in flips.items():
        typer.echo(
            f"{name}: asked {found.runs} times, {found.changed} of {found.verdicts} verdicts changed "
            f"({found.rate:.1%}), and {found.changed_sides} of {found.answers} answers changed sides of the pass line"
        )
    if kinds:
        tables.print_attacks(grader, kinds)


def _as_json(
    grader: str,
    reports: Sequence[SetReport],
    kinds: Sequence[KindReport],
    flips: Mapping[str, Flips],
    compared: Sequence[ComparedGrader],
) -> str:
    import json
    from dataclasses import asdict

    sets = {report.name: _set_as_json(report) for report in reports}
    battery = {
        kind.kind: {
            "n": kind.n,
            "over": kind.over,
            "highest": kind.highest,
            "mean": round(kind.mean, 6),
            "worst": {
                "question": kind.worst.attack.question.id,
                "lang": kind.worst.attack.lang,
                "aim": kind.worst.attack.aim,
                "answer": kind.worst.attack.answer,
                "ceiling": round(kind.worst.attack.ceiling, 6),
                "score": kind.worst.grade.score,
            },
        }
        for kind in kinds
    }
    document: dict[str, Any] = {"grader": grader, "sets": sets} | ({"attacks": battery} if kinds else {})
    if len(compared) > 1:
        document["compared"] = [asdict(one) for one in compared]
    if flips:
        document["flips"] = {name: asdict(found) | {"rate": found.rate} for name, found in flips.items()}
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)


def _set_as_json(report: SetReport) -> dict[str, Any]:
    from mockint.cli import figures_json

    return {
        "answers": report.answers,
        "questions": report.questions,
        "ungraded": len(report.ungraded),
        "figures": figures_json.figures(report.figures),
        "reliability": figures_json.reliability(report.reliability),
        "confusion": {
            family: [{"people": gold, "grader": said, "n": n} for (gold, said), n in sorted(table.items())]
            for family, table in report.tables.items()
        },
        "verdicts": {
            family: {
                verdict: {
                    "precision": figures_json.number(f.precision),
                    "recall": figures_json.number(f.recall),
                    "n": f.n,
                }
                for verdict, f in figures.items()
            }
            for family, figures in report.by_verdict.items()
        },
        "mean_by_label": {label: figures_json.number(figure.value) for label, figure in report.by_label.items()},
        "bands": {
            category: {"n": band.n, "inside": band.inside, "mean": figures_json.number(band.mean)}
            for category, band in report.bands.items()
        },
        "worst": [
            {
                "answer_id": w.outcome.record.answer_id,
                "place": w.outcome.record.place,
                "distance": figures_json.number(w.distance),
                "people": w.expected,
                "grader": w.said,
            }
            for w in report.worst
        ],
    }
