"""`mockint test`, `grade` and `eval`: a grader on samples, on answers, and on answers that people have scored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.llm import print_requests, say_usage
from mockint.cli.options import BankOpt, BaseUrlOpt, BudgetOpt, JsonOpt, LangOpt, TimeoutOpt, grader_of, language
from mockint.errors import BankError, FoundWantingError, ServiceError, UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.bank.samples import SampleSet
    from mockint.batch import GradedRow, Read, UngradedRow
    from mockint.errors import Problem
    from mockint.evaluation.bootstrap import Figure
    from mockint.evaluation.samples import SampleVerdict
    from mockint.grading import Grader
    from mockint.question import Lang, Question

KAPPA_BAR = 0.85

GraderOpt = Annotated[str, typer.Option("--grader", metavar="NAME", help="Who grades: offline, or an LLM by name.")]


def register(app: typer.Typer) -> None:
    app.command("test")(grade_samples)
    app.command("grade")(grade)


def grade_samples(
    questions: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads the annotation at run time
        typer.Argument(metavar="[QUESTION_ID]...", help="Only these questions. Default: all."),
    ] = None,
    bank: BankOpt = None,
    grader: GraderOpt = "offline",
    blind: Annotated[
        bool, typer.Option("--blind", help="Instead, the answers that nobody has read since they were written blind.")
    ] = False,
    fail_under: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--fail-under",
            metavar="[METRIC=]VALUE",
            help=f"Exit 1 when a figure does not reach the value (error, calibration: exceeds it). Repeat for more. "
            f"Default: kappa={KAPPA_BAR:g}.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the summary.")] = False,
    json: JsonOpt = False,
) -> None:
    """Grade every sample of the bank and compare each verdict with its author's.

    Kappa is Cohen's, over all criteria of all samples, with chance taken separately for key points and misconceptions.

    \b
    Metrics: kappa, kappa.points, kappa.misconceptions; score.r and score.error of the share of key
    points made; calibration, calibration.points, calibration.misconceptions (expected calibration
    error). A value alone is a kappa.
    """
    from mockint.evaluation.bars import fallen, read_bars
    from mockint.evaluation.report import verdict_figures, verdict_metrics
    from mockint.evaluation.samples import compare, family_of, labelled_verdicts, samples_of

    loaded, wanted = _questions(bank, questions or [])
    kept: SampleSet = "blind" if blind else "samples"
    samples = list(samples_of(wanted, partial(loaded.samples, which=kept)))
    if not any(sample.verdicts for _, sample in samples):
        raise UsageError(f"nothing to grade in {str(loaded.root)!r}: add answers to a question's .{kept}.yaml")
    texts = [text if "=" in text else f"kappa={text}" for text in fail_under or [f"{KAPPA_BAR:g}"]]
    families = {family_of(question, id) for question, sample in samples for id in sample.verdicts}
    bars = read_bars(texts, {"samples": verdict_metrics(families)})
    chosen = grader_of(grader, loaded.wordings, samples=loaded.samples)
    by_sample = [compare(chosen, question, sample) for question, sample in samples]
    comparisons = [comparison for sample in by_sample for comparison in sample]
    figures = verdict_figures(labelled_verdicts(comparisons))
    if json:
        typer.echo(_test_json(chosen.name, comparisons, figures))
    else:
        _print_test(loaded, by_sample, figures, kept, quiet=quiet)
    if short := fallen(bars, {"samples": figures}):
        told = "\n".join(f"  {sentence}" for sentence in short)
        raise FoundWantingError(f"below the bar, read the disagreements above:\n{told}")


def grade(
    what: Annotated[
        str, typer.Argument(metavar="ANSWERS|QUESTION_ID", help="A .jsonl, .yaml or .csv file; or one question's id.")
    ],
    bank: BankOpt = None,
    grader: GraderOpt = "offline",
    fail_under: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--fail-under", metavar="SCORE", min=0, max=1, help="Exit 1 when a score is below this, 0 to 1."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="text|json|junit", help="How to print it.")] = "text",
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Write it to a file instead of printing it."),
    ] = None,
    lang: LangOpt = "en",
    base_url: BaseUrlOpt = None,
    timeout: TimeoutOpt = None,
    budget: BudgetOpt = None,
    batch_api: Annotated[
        bool,
        typer.Option("--batch-api", help="Ask by OpenAI's Batch API: half the price, and it takes up to a day."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print each request to the LLM, and send nothing.")
    ] = False,
) -> None:
    """Grade answers to questions of the bank: those in a file, or one from standard input.

    A file holds rows with question_id, answer and any other columns, which are kept; YAML may also map question ids
    to answers. Rows that cannot be used are named with their line, the others are graded, and the exit code is 2.

    An LLM grades several at a time, and every reply is kept as it comes: when the command is stopped, however that
    happens, the same command goes on where it was, and pays for no reply twice. With --batch-api it waits for the
    batch that is under way; what needs a second look is asked afterwards, at the usual price.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.batch import GradedRow, UngradedRow, grade_rows, unknown_questions
    from mockint.cli.progress import BatchProgress
    from mockint.grading import marked_ahead

    if format_ not in ("text", "json", "junit"):
        raise UsageError(f"unknown format {format_!r}: use text, json or junit")
    spoken = language(lang)
    check_folder(out)
    loaded = load_bank(bank or default_bank())
    questions = {question.id: question for question in loaded.questions}
    rows, problems = _rows(what, loaded)
    problems = sorted([*problems, *unknown_questions(rows, questions)])
    chosen = grader_of(
        grader, loaded.wordings, samples=loaded.samples, base_url=base_url, timeout=timeout, budget=budget
    )
    answers = [(questions[row.question_id], row.answer) for row in rows if row.question_id in questions]
    if dry_run:
        print_requests(chosen, answers)
        return
    with BatchProgress(len(answers), chosen) as progress:
        if batch_api:
            _fetch_in_batch(chosen, answers)
        ahead = marked_ahead(chosen, answers, on_done=progress.done)
        done = []
        for one in grade_rows(rows, questions, ahead):
            done.append(one)
            progress.done(len(done))
    say_usage(chosen)
    graded = [one for one in done if isinstance(one, GradedRow)]
    ungraded = [one for one in done if isinstance(one, UngradedRow)]
    for problem in problems:
        typer.echo(str(problem), err=True)
    printed = _printed(graded, ungraded, problems, format_=format_, bar=fail_under, lang=spoken)
    if out:
        try:
            out.write_text(printed, encoding="utf-8")
        except OSError as fault:
            raise UsageError(f"cannot write to {str(out)!r}: {fault.strerror or fault}") from fault
    else:
        typer.echo(printed, nl=False)
    if problems:
        unusable = "1 unusable row" if len(problems) == 1 else f"{len(problems)} unusable rows"
        raise UsageError(f"{unusable}; {len(graded)} graded")
    if not done:
        raise UsageError(f"{what!r} holds no answers")
    if ungraded:
        raise ServiceError("\n".join(_why_ungraded(ungraded, len(graded))))
    if fail_under is not None and (below := sum(one.grade.score < fail_under for one in graded)):
        raise FoundWantingError(f"{below} of {len(graded)} scores are below {fail_under:g}")


def _fetch_in_batch(grader: Grader, answers: list[tuple[Question, str]]) -> None:
    from mockint.grading import llm_backed

    llm = llm_backed(grader)
    if llm is None:
        raise UsageError("--batch-api is for an LLM: give --grader openai:NAME, or see 'mockint llm check'")
    llm.fetch_in_batch(answers)


def check_folder(out: Path | None) -> None:
    """Before any work is done for it: the folder of an output file has to exist. Raises UsageError."""
    if out and not out.parent.is_dir():
        raise UsageError(f"cannot write {str(out)!r}: there is no folder {str(out.parent)!r}")


_SUFFIXES = (".jsonl", ".yaml", ".yml", ".csv")


def _rows(what: str, loaded: Bank) -> Read:
    """The rows of a file; or, for a question's id, one row with what stands on standard input."""
    import sys

    from mockint.batch import Row

    path = Path(what)
    if path.suffix.lower() in _SUFFIXES:
        return _rows_of_file(path)
    if path.exists() or len(path.parts) > 1:
        raise UsageError(f"unusable answers {what!r}: expected a file that ends in {', '.join(_SUFFIXES)}")
    question = loaded.question(what)
    if sys.stdin.isatty():
        typer.echo(f"{question.prompt.en.strip()}\n(end the answer with Ctrl-D)", err=True)
    try:
        answer = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UsageError(f"the answer on standard input is not UTF-8 ({fault.reason})") from fault
    return [Row("<stdin>", 1, question.id, answer)], []


def _rows_of_file(path: Path) -> Read:
    from mockint.bank import yaml
    from mockint.batch import read_csv, read_jsonl, rows_of

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise UsageError(f"cannot read the answers {str(path)!r}: {fault.strerror or fault}") from fault
    except UnicodeDecodeError as fault:
        raise UsageError(f"the answers {str(path)!r} are not UTF-8 ({fault.reason}): save them as UTF-8") from fault
    name = path.as_posix()
    match path.suffix.lower():
        case ".jsonl":
            return read_jsonl(text, name)
        case ".csv":
            return read_csv(text, name)
        case _:
            try:
                document = yaml.parse(text)
            except yaml.YamlError as fault:
                raise UsageError(f"{name}:{fault.line}: {fault}") from fault
            return rows_of(document.value, name, document.line_of)


def _printed(
    graded: list[GradedRow],
    ungraded: list[UngradedRow],
    problems: list[Problem],
    *,
    format_: str,
    bar: float | None,
    lang: Lang,
) -> str:
    from mockint.cli import grading_text as text
    from mockint.cli.junit import junit

    match format_:
        case "json":
            return _grades_json(graded, ungraded, problems)
        case "junit":
            return junit(graded, ungraded, problems, bar=bar, lang=lang)
        case _ if len(graded) == 1:
            return "\n".join(text.grade_lines(graded[0], lang)) + "\n"
        case _:
            return "\n".join(text.batch_lines(graded, bar)) + "\n" if graded else ""


def _why_ungraded(ungraded: list[UngradedRow], graded: int) -> list[str]:
    """A count, then each reason once, with the rows it holds for."""
    not_sent = sum(not one.is_sent for one in ungraded)
    counts = {"could not be graded": len(ungraded) - not_sent, "were not sent": not_sent}
    told = " and ".join(f"{count} {what}" for what, count in counts.items() if count)
    reasons: dict[str, list[UngradedRow]] = {}
    for one in ungraded:
        reasons.setdefault(one.why, []).append(one)
    rows = [f"  {_places(those)}: {why}" for why, those in reasons.items()]
    again = "What is graded is kept: the same command, with a larger --budget if that ran out, asks only for the rest."
    return [f"of {graded + len(ungraded)} answers {told}:", *rows, *([again] if not_sent else [])]


def _places(rows: list[UngradedRow]) -> str:
    """`answers.jsonl:4,7-12`, file by file."""
    by_file: dict[str, list[int]] = {}
    for one in rows:
        by_file.setdefault(one.row.path, []).append(one.row.line)
    return ", ".join(f"{path}:{_ranges(lines)}" for path, lines in by_file.items())


def _ranges(numbers: list[int]) -> str:
    """`4,7-12`, of ascending numbers."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1][1:] = [number]
        else:
            ranges.append([number])
    return ",".join("-".join(map(str, ends)) for ends in ranges)


def _grades_json(graded: list[GradedRow], ungraded: list[UngradedRow], problems: list[Problem]) -> str:
    import json

    rows = [
        {"path": one.row.path, "line": one.row.line, "question_id": one.row.question_id, "answer": one.row.answer}
        | {"columns": dict(one.row.columns), "grade": one.grade.model_dump(mode="json")}
        for one in graded
    ]
    document = {
        "rows": rows,
        "ungraded": [{"path": o.row.path, "line": o.row.line, "sent": o.is_sent, "message": o.why} for o in ungraded],
        "problems": [{"path": p.path, "line": p.line, "message": p.message} for p in problems],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


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


def _print_test(
    loaded: Bank, by_sample: list[list[SampleVerdict]], figures: Mapping[str, Figure], kept: SampleSet, *, quiet: bool
) -> None:
    """Of blind answers only the figures: who reads them can measure nothing by them any more."""
    from mockint.cli import grading_text as text
    from mockint.evaluation.bootstrap import grouped
    from mockint.evaluation.report import LOWER_IS_BETTER, reliability_tables
    from mockint.evaluation.samples import labelled_verdicts
    from mockint.evaluation.verdicts import confusions, kappa_figure

    comparisons = [comparison for sample in by_sample for comparison in sample]
    if not quiet and kept == "samples":
        for group in grouped(comparisons, lambda c: c.question.id):
            file = loaded.files[group[0].question.id].path
            typer.echo(f"{file} {text.progress(group)}")
        places = _verdict_places(loaded, comparisons)
        failed = [[c for c in sample if not c.agrees] for sample in by_sample]
        shown = [sample for sample in failed if sample]
        if shown:
            typer.echo(f"\n{text.rule('DISAGREEMENTS')}")
        for sample in shown:
            for line in text.disagreements(sample, places):
                typer.echo(line)
    labelled = labelled_verdicts(comparisons)
    tables, reliability = confusions(labelled), reliability_tables(labelled)
    for family, table in tables.items():
        typer.echo(f"\n{family}s: what the author said, down; what the grader said, across")
        for line in text.confusion_lines(table, text.VERDICTS[family]):
            typer.echo(line)
        typer.echo(f"\n{family}s: how sure the grader was, and how often it was right")
        for line in text.reliability_lines(reliability[family]):
            typer.echo(line)
    typer.echo("")
    shown_figures = dict(figures)
    if apart := labelled_verdicts(c for c in comparisons if c.sample.blind):
        shown_figures["kappa, written blind"] = kappa_figure(apart, resamples=500)
    for name, figure in shown_figures.items():
        counted = "samples" if name.startswith("score.") else "verdicts"
        digits = 3 if name in LOWER_IS_BETTER else 2  # bars on errors are hundredths
        typer.echo(f"{name:<28}{text.number(figure, digits):<22}{figure.n:>6} {counted}")
    differing = sum(not c.agrees for c in comparisons)
    bad = sum(any(not c.agrees for c in sample) for sample in by_sample)
    summary = f"{differing} of {len(comparisons)} verdicts differ, in {bad} of {len(by_sample)} samples"
    typer.echo(typer.style(text.rule(summary), fg="red" if differing else "green"))


def _verdict_places(loaded: Bank, comparisons: list[SampleVerdict]) -> dict[tuple[str, str, str], str]:
    places = {}
    for c in comparisons:
        file = loaded.samples.file(c.question)
        if file is None:
            continue
        number = loaded.samples(c.question).index(c.sample)
        line = file.document.line_of((number, "verdicts", c.criterion))
        places[c.question.id, c.sample.id, c.criterion] = f"{_from_here(loaded.root / file.path)}:{line}"
    return places


def _from_here(path: Path) -> str:
    full, here = path.resolve(), Path.cwd()
    return (full.relative_to(here) if full.is_relative_to(here) else path).as_posix()


def _test_json(grader: str, comparisons: list[SampleVerdict], figures: Mapping[str, Figure]) -> str:
    import json

    from mockint.cli import figures_json
    from mockint.evaluation.report import reliability_tables
    from mockint.evaluation.samples import labelled_verdicts

    rows = [
        {"question": c.question.id, "sample": c.sample.id, "blind": c.sample.blind, "criterion": c.criterion}
        | {"expected": c.expected, "got": c.mark.verdict, "agrees": c.agrees, "confidence": c.mark.confidence}
        | {"reason": c.mark.reason, "code": c.mark.code, "evidence": [piece.model_dump() for piece in c.mark.evidence]}
        for c in comparisons
    ]
    document = {
        "grader": grader,
        "kappa": figures["kappa"].value,
        "figures": figures_json.figures(figures),
        "reliability": figures_json.reliability(reliability_tables(labelled_verdicts(comparisons))),
        "verdicts": rows,
    }
    return json.dumps(document, ensure_ascii=False, indent=2)
