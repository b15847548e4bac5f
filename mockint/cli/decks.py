"""`mockint build`: the bank as Anki decks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from mockint.cli.options import BankOpt, LevelOpt, TopicOpt, levels
from mockint.errors import FoundWantingError, UsageError

if TYPE_CHECKING:
    from mockint.bank import Bank
    from mockint.decks.build import Plan, Source
    from mockint.question import Lang

OutOpt = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the decks and their ledger are.")]
DeckLangOpt = Annotated[
    Optional[str],  # noqa: UP045 - typer reads the annotation at run time
    typer.Option("--lang", metavar="en|zh", help="Only the deck of this language."),
]


def register(app: typer.Typer) -> None:
    app.command()(build)
    app.command()(diff)
    app.command()(preview)


def build(
    bank: BankOpt = None,
    out: OutOpt = Path("decks"),
    topic: TopicOpt = None,
    level: LevelOpt = None,
    lang: DeckLangOpt = None,
    per_topic: Annotated[bool, typer.Option("--per-topic", help="One deck file for each topic instead.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when the decks are stale.")] = False,
    retire_many: Annotated[
        bool, typer.Option("--retire-many", help="Allow a build that retires many questions at once.")
    ] = False,
    repair_ledger: Annotated[
        bool, typer.Option("--repair-ledger", help="First mend a lost ledger, or one with git's conflict marks.")
    ] = False,
) -> None:
    """Compile the bank into Anki decks, one for each language.

    A selection (--topic, --level, --per-topic) is written beside the whole decks. It has their ledger, so that its
    cards and theirs are the same cards to Anki.
    """
    from mockint.bank import default_bank, load_bank
    from mockint.decks import build as decks

    loaded = load_bank(bank or default_bank())
    selections = _selections(loaded, topic, level, per_topic) if topic or level or per_topic else None
    if selections and (check or repair_ledger):
        raise UsageError("--check and --repair-ledger look at whole decks: leave out --topic, --level and --per-topic")
    if check and repair_ledger:
        raise UsageError("--check writes nothing, --repair-ledger does: give one of them")
    if repair_ledger:
        decks.write_ledger(decks.repair(out), out)
    plan = decks.plan(
        source_of(loaded),
        out,
        now=decks.build_time(),
        langs=_langs(lang),
        seed=seed_of(loaded),
        retire_many=retire_many,
        selections=selections,
    )
    if check:
        _report_stale(plan, out)
        return
    written = decks.write(plan, out)
    typer.echo(_summary(plan))
    typer.echo(f"written: {', '.join(str(out / name) for name in written)}" if written else "nothing to write")


def diff(
    old: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(metavar="[OLD.apkg]", help="A deck that learners have. Default: the decks in --out."),
    ] = None,
    since: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--since", metavar="REV", help="The decks as they were committed in this git revision."),
    ] = None,
    bank: BankOpt = None,
    out: OutOpt = Path("decks"),
    lang: DeckLangOpt = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for release notes.")] = False,
) -> None:
    """What a learner will see on importing the next decks, and what Anki will ignore and why."""
    from mockint.bank import default_bank, load_bank
    from mockint.decks import apkg, build
    from mockint.decks.diff import compare, to_text

    if old and since:
        raise UsageError("give OLD.apkg or --since REV, not both")
    loaded = load_bank(bank or default_bank())
    plan = build.plan(source_of(loaded), out, now=build.build_time(), seed=seed_of(loaded), retire_many=True)
    new = {name: apkg.read_bytes(plan.files[f"mockint-{name}.apkg"].data) for name in _langs(lang)}
    if old:
        before = apkg.read(old)
        new = {name: package for name, package in new.items() if package.note_types.keys() & before.note_types.keys()}
        if not new:
            raise UsageError(f"{old}: none of the note types of mockint is in it")
        packages = dict.fromkeys(new, before)
    elif since:
        packages = {name: apkg.read_bytes(_committed(out / f"mockint-{name}.apkg", since)) for name in new}
    else:
        packages = {name: apkg.read(out / f"mockint-{name}.apkg") for name in new}
    lines = [line for name in new for line in compare(packages[name], new[name], name)]
    typer.echo(to_text(lines, markdown=markdown))


def _committed(path: Path, revision: str) -> bytes:
    """A file as it is in a git revision."""
    import subprocess

    if revision.startswith("-"):
        raise UsageError(f"unusable revision {revision!r}")
    command = ["git", "-C", str(path.parent), "show", f"{revision}:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as fault:
        raise UsageError(f"cannot run git ({fault.strerror}): give OLD.apkg instead of --since") from fault
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise UsageError(f"no {path} in revision {revision!r}: {reason}")
    return done.stdout


def preview(
    bank: BankOpt = None,
    topic: TopicOpt = None,
    level: LevelOpt = None,
    lang: DeckLangOpt = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    write: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--write", metavar="DIR", help="Write the page and its pictures there and do not serve."),
    ] = None,
) -> None:
    """Show every card, light and night, phone and desktop, in a page on this machine alone."""
    from mockint.bank import default_bank, load_bank
    from mockint.decks import preview as pages

    loaded = load_bank(bank or default_bank())
    chosen = _selections(loaded, topic, level, per_topic=False)
    files = pages.files_of(source_of(loaded, next(iter(chosen.values()))), _langs(lang))
    if write:
        pages.write(files, write)
        typer.echo(str(write / pages.INDEX))
        return
    with pages.server(files, port) as (address, wait):
        typer.echo(f"{address} (Ctrl-C ends it)")
        wait()


def _report_stale(plan: Plan, out: Path) -> None:
    from mockint.decks import build as decks

    stale = decks.stale_packages(plan, out)
    if decks.changes(plan) or decks.ledger_is_stale(plan, out):
        raise FoundWantingError(f"{out} is stale ({_summary(plan)}): run 'mockint build' and commit what it writes")
    if stale:
        raise FoundWantingError(
            f"{', '.join(stale)} differ from the bank: run 'mockint build' and commit what it writes"
        )
    typer.echo(f"{out} is up to date")


def _summary(plan: Plan) -> str:
    from mockint.decks import build as decks

    found = decks.changes(plan)
    counts = f"{len(found.changed)} changed, {len(found.added)} added, {len(found.retired)} retired"
    return f"{len(plan.notes)} notes: {counts}"


def _langs(lang: str | None) -> list[Lang]:
    from mockint.question import LANGS

    if lang is None:
        return list(LANGS)
    for known in LANGS:
        if lang == known:
            return [known]
    raise UsageError(f"unknown language {lang!r}: use {' or '.join(LANGS)}")


def seed_of(bank: Bank) -> Path:
    """The ledger of the released decks, beside the bank: it dates notes wherever they are built."""
    for name in ("_decks", "decks"):
        if (path := bank.root.resolve().parent / name / "ledger.json").is_file():
            return path
    return bank.root.resolve().parent / "decks" / "ledger.json"


def source_of(bank: Bank, wanted: frozenset[str] | None = None) -> Source:
    from mockint.decks.build import Source

    return Source(
        questions=[question for question in bank.questions if wanted is None or question.id in wanted],
        topics=bank.topics,
        read_picture=lambda topic, src: (bank.root / topic / src).read_bytes(),
        cache=_cache(bank.root) if wanted is None else None,
    )


def _cache(root: Path) -> Path:
    from hashlib import sha256

    from platformdirs import user_cache_path

    return user_cache_path("mockint") / f"cards-{sha256(str(root.resolve()).encode()).hexdigest()[:16]}.json"


def _selections(bank: Bank, topics: list[str] | None, level: str | None, per_topic: bool) -> dict[str, frozenset[str]]:
    """Name of the selection -> ids of its questions. Raises UsageError for an unknown topic, or nothing left."""
    chosen = [bank.topic(id).id for id in topics] if topics else [topic.id for topic in bank.topics]
    allowed = levels(level)
    left = [question for question in bank.questions if question.topic in chosen and question.level in allowed]
    if not left:
        raise UsageError("no question of the bank is left by --topic and --level: widen them")
    suffix = [f"level-{level}"] if level else []
    if per_topic:
        found = [id for id in chosen if any(question.topic == id for question in left)]
        groups = {"-".join([id, *suffix]): [q for q in left if q.topic == id] for id in found}
    else:
        groups = {"-".join([*(topics or []), *suffix]) or "all": left}
    return {name: frozenset(question.id for question in group) for name, group in groups.items()}
