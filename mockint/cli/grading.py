"""`mockint test`, `grade` and `eval`: a grader on samples, on answers, and on answers that people have scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import BankOpt, JsonOpt
from mockint.errors import BankError, FoundWantingError, UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.evaluation.samples import Comparison
    from mockint.question import Question

KAPPA_BAR = 0.85

GraderOpt = Annotated[str, typer.Option("--grader", metavar="NAME", help="Who judges: offline, or an LLM by name.")]


def register(app: typer.Typer) -> None:
    app.command("test")(grade_samples)


def grade_samples(
    questions: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads the annotation at run time
        typer.Argument(metavar="[QUESTION_ID]...", help="Only these questions. Default: all."),
    ] = None,
    bank: BankOpt = None,
    grader: GraderOpt = "offline",
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only samples written after the wordings were frozen.")
    ] = False,
    fail_under: Annotated[
        float, typer.Option("--fail-under", metavar="KAPPA", min=-1, max=1, help="Exit 1 when kappa is below this.")
    ] = KAPPA_BAR,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary.")] = False,
    json: JsonOpt = False,
) -> None:
    """Grade every sample of the bank and compare each verdict with its author's.

    Kappa is Cohen's, over all criteria of all samples, with chance taken separately for key points and misconceptions.
    """
    from mockint.evaluation.samples import compare, sample_kappa, samples_of
    from mockint.grading import grader_named

    loaded, wanted = _questions(bank, questions or [])
    judge = grader_named(grader, glossary=loaded.glossary)
    by_sample = [compare(judge, question, sample) for question, sample in samples_of(wanted, held_out=held_out)]
    comparisons = [comparison for sample in by_sample for comparison in sample]
    if not comparisons:
        what = "held-out sample" if held_out else "sample"
        raise UsageError(f"no {what} to grade in {str(loaded.root)!r}: add one under 'samples:' of a question")
    kappa = sample_kappa(comparisons)
    if json:
        typer.echo(_test_json(judge.name, comparisons, kappa.value))
    else:
        _print_test(loaded, by_sample, quiet=quiet, held_out=held_out)
    if kappa.value < fail_under:
        raise FoundWantingError(f"kappa {kappa.value:.3f} is below {fail_under:g}: read the disagreements above")


def _questions(root: Path | None, ids: list[str]) -> tuple[Bank, list[Question]]:
    """The bank and the questions asked for. With ids, problems of other files are told and do not stop the work."""
    from mockint.bank import default_bank, load_bank, read_bank

    if not ids:
        loaded = load_bank(root or default_bank())
        return loaded, list(loaded.questions)
    loaded, problems = read_bank(root or default_bank())
    known = {question.id for question in loaded.questions}
    broken = {Path(problem.path).stem for problem in problems} - known
    if mine := tuple(problem for problem in problems if Path(problem.path).stem in broken & set(ids)):
        raise BankError(mine)
    wanted = [loaded.question(id) for id in dict.fromkeys(ids)]
    if problems:
        typer.echo(f"{len(problems)} problems elsewhere in the bank: 'mockint check' lists them", err=True)
    return loaded, wanted


def _print_test(loaded: Bank, by_sample: list[list[Comparison]], *, quiet: bool, held_out: bool) -> None:
    from collections import Counter

    from mockint.cli import grading_text as text
    from mockint.evaluation.bootstrap import grouped
    from mockint.evaluation.samples import sample_kappa

    comparisons = [comparison for sample in by_sample for comparison in sample]
    if not quiet:
        for group in grouped(comparisons, lambda c: c.question.id):
            file = loaded.files[group[0].question.id].path
            typer.echo(f"{file} {text.progress(group)}")
        places = _verdict_places(loaded, comparisons)
        failed = [[c for c in sample if not c.agrees] for sample in by_sample]
        shown = [sample for sample in failed if sample and (held_out or not sample[0].sample.held_out)]
        if shown:
            typer.echo(f"\n{text.rule('DISAGREEMENTS')}")
        for sample in shown:
            for line in text.disagreements(sample, places):
                typer.echo(line)
        if hidden := sum(map(bool, failed)) - len(shown):
            # Wordings tuned on a held-out sample would make it measure nothing.
            some = "1 held-out sample differs" if hidden == 1 else f"{hidden} held-out samples differ"
            typer.echo(f"{some} too: --held-out shows them; never tune wordings on them")
    for family, verdicts in (
        ("key point", ("met", "partial", "missing", "contradicted")),
        ("misconception", ("stated", "absent")),
    ):
        table: Counter[tuple[str, str]] = Counter(
            (c.expected, c.mark.verdict) for c in comparisons if c.family == family
        )
        if table:
            typer.echo(f"\n{family}s: what the author said, down; what the grader said, across")
            for line in text.confusion_lines(table, verdicts):
                typer.echo(line)
    typer.echo("")
    for name, chosen in (
        ("all", comparisons),
        ("key points", [c for c in comparisons if c.family == "key point"]),
        ("misconceptions", [c for c in comparisons if c.family == "misconception"]),
        ("held out", [c for c in comparisons if c.sample.held_out]),
    ):
        if chosen:
            typer.echo(f"kappa {name:<16}{text.number(sample_kappa(chosen)):<22}{len(chosen):>6} verdicts")
    differing = sum(not c.agrees for c in comparisons)
    bad = sum(any(not c.agrees for c in sample) for sample in by_sample)
    summary = f"{differing} of {len(comparisons)} verdicts differ, in {bad} of {len(by_sample)} samples"
    typer.echo(typer.style(text.rule(summary), fg="red" if differing else "green"))


def _verdict_places(loaded: Bank, comparisons: list[Comparison]) -> dict[tuple[str, str, str], str]:
    places = {}
    for c in comparisons:
        file = loaded.files[c.question.id]
        number = c.question.samples.index(c.sample)
        line = file.document.line_of(("samples", number, "verdicts", c.criterion))
        places[c.question.id, c.sample.id, c.criterion] = f"{_from_here(loaded.root / file.path)}:{line}"
    return places


def _from_here(path: Path) -> str:
    full, here = path.resolve(), Path.cwd()
    return (full.relative_to(here) if full.is_relative_to(here) else path).as_posix()


def _test_json(grader: str, comparisons: list[Comparison], kappa: float) -> str:
    import json

    rows = [
        {"question": c.question.id, "sample": c.sample.id, "held_out": c.sample.held_out, "criterion": c.criterion}
        | {"expected": c.expected, "got": c.mark.verdict, "agrees": c.agrees, "confidence": c.mark.confidence}
        | {"reason": c.mark.reason, "evidence": [piece.model_dump() for piece in c.mark.evidence]}
        for c in comparisons
    ]
    return json.dumps({"grader": grader, "kappa": kappa, "verdicts": rows}, ensure_ascii=False, indent=2)
