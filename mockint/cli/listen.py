"""`mockint listen`: which pattern of a question hears what in an answer, while one writes the wordings."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import BankOpt, JsonOpt
from mockint.errors import BankError, MockintError, UsageError

if TYPE_CHECKING:
    from mockint.grading.offline.explain import CameNear, Explained, HeardBy

_LOOK_EVERY = 0.3
"""Seconds between two looks at the files."""
_SIGNS = {"met": "✔", "partial": "◐", "missing": "✘", "contradicted": "!", "stated": "!", "absent": "·"}


def register(app: typer.Typer) -> None:
    app.command()(listen)


def listen(
    id: Annotated[str, typer.Argument(metavar="ID", help="The question's id, as 'mockint list' prints it.")],
    answer: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads the annotation at run time
        typer.Option(
            "--answer", metavar="FILE", help="Listen to this file, again whenever it or the wordings are saved."
        ),
    ] = None,
    bank: BankOpt = None,
    json: JsonOpt = False,
) -> None:
    """Show which pattern hears what in an answer, and what came near. Type it, pipe it, or give a file.

    In a terminal, answers end with a line that holds a single '.'; whenever the wordings are saved the last answer is
    heard again.
    """
    from mockint.bank import default_bank

    root = bank or default_bank()
    if json or (answer is None and not sys.stdin.isatty()):
        _tell(root, id, _read(answer) if answer else sys.stdin.read(), json=json)
        return
    _keep_listening(root, id, answer)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"cannot read {str(path)!r}: {fault}") from fault


def _tell(root: Path, id: str, answer: str, *, json: bool = False) -> None:
    from mockint.bank import load_bank
    from mockint.check.wordings import pattern_fault
    from mockint.grading.grade import grade_of
    from mockint.grading.offline import OfflineGrader
    from mockint.grading.offline.explain import explain
    from mockint.phrases.formats import percent

    loaded = load_bank(root, pictures=False)
    question = loaded.question(id)
    loaded.wordings(id)
    if faults := tuple(pattern_fault(question, loaded.files[id], loaded)):
        raise BankError(faults)
    grader = OfflineGrader(loaded.wordings)
    explained = explain(grader.compiled(question), answer)
    if json:
        typer.echo(_as_json(explained))
        return
    grade = grade_of(question, [one.mark for one in explained], grader=grader.name)
    typer.echo(typer.style(f"\n{id}: {percent(grade.score)}", bold=True))
    for one in explained:
        for line in _lines(one):
            typer.echo(line)


def _lines(one: Explained) -> Iterator[str]:
    colour = {"met": "green", "absent": None, "partial": "yellow"}.get(one.mark.verdict, "red")
    yield ""
    head = f"{_SIGNS[one.mark.verdict]} {one.mark.verdict:<13}{one.criterion.id}: {one.criterion.text.en}"
    yield typer.style(head, fg=colour)
    for heard in one.heard:
        yield from _heard_lines(heard)
    for near in one.near:
        yield from _near_lines(near)
    if not one.heard and not one.near and one.mark.verdict in ("missing", "absent"):
        yield f"    {one.mark.reason}"


def _heard_lines(heard: HeardBy) -> Iterator[str]:
    half = "" if heard.whole else ", a half of it"
    yield f"    {heard.hears} in line {heard.written.line}{half}: {_short(heard.written.text)}"
    for stretch in heard.stretches:
        why_not = f"   ({'; '.join(stretch.why_not)})" if stretch.why_not else ""
        yield f"        “{' '.join(stretch.quote.split())}”{why_not}"


def _near_lines(near: CameNear) -> Iterator[str]:
    yield f"    near: {near.hears} in line {near.written.line}: {_short(near.written.text)}"
    said = ", ".join(f"{_short(part, 40)} “{' '.join(stretch.quote.split())}”" for part, stretch in near.heard)
    rest = (
        f"; nothing for {', '.join(_short(part, 40) for part in near.missing)}"
        if near.missing
        else "; but not near each other"
    )
    yield f"        heard {said}{rest}"


def _short(pattern: str, most: int = 90) -> str:
    """A pattern on one line; its line in the file is named beside it."""
    text = " ".join(pattern.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _as_json(explained: Sequence[Explained]) -> str:
    import json
    from dataclasses import asdict

    rows = [
        {
            "criterion": one.criterion.id,
            "verdict": one.mark.verdict,
            "reason": one.mark.reason,
            "heard": [asdict(heard) for heard in one.heard],
            "near": [asdict(near) for near in one.near],
        }
        for one in explained
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _keep_listening(root: Path, id: str, file: Path | None) -> None:
    """Until the input ends or Ctrl-C. What is typed is read by a thread, so that the files can be watched meanwhile."""
    typed: queue.Queue[str | None] = queue.Queue()
    if file is None:
        typer.echo("Type an answer; a line with a single '.' ends it. Ctrl-D leaves.", err=True)
        threading.Thread(target=_type, args=(typed,), daemon=True).start()
    last = _read(file) if file else None
    seen: dict[Path, float] | None = None
    while True:
        now = _saved(root, id, file)
        if last is not None and now != seen:
            last = _read(file) if file else last
            _try_to_tell(root, id, last)
        seen = now
        try:
            answer = typed.get(timeout=_LOOK_EVERY)
        except queue.Empty:
            continue
        if answer is None:
            return
        last, seen = answer, None


def _try_to_tell(root: Path, id: str, answer: str) -> None:
    """A file in the middle of an edit is told and waited for."""
    try:
        _tell(root, id, answer)
    except MockintError as fault:
        typer.echo(typer.style(f"\n{fault}", fg="red"), err=True)


def _type(typed: queue.Queue[str | None]) -> None:
    lines: list[str] = []
    for line in sys.stdin:
        if line.strip() == ".":
            typed.put("".join(lines))
            lines.clear()
        else:
            lines.append(line)
    if lines:
        typed.put("".join(lines))
    typed.put(None)


def _saved(root: Path, id: str, file: Path | None) -> dict[Path, float]:
    """When each file that decides what is heard was last saved."""
    watched = [*root.glob("concepts.yaml"), *root.glob("*/concepts.yaml"), *root.glob(f"*/{id}*.yaml")]
    return {path: path.stat().st_mtime for path in [*watched, *([file] if file else [])] if path.is_file()}
