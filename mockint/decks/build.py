"""Questions -> the files of decks/: read the ledger and the packages that are there, think, write what differs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mockint.decks import apkg
from mockint.decks.cache import CardCache, fingerprint
from mockint.decks.compile import DeckSource, compile_notes
from mockint.decks.folder import LEDGER, DeckFolder, last_texts, ledger_of, write_file
from mockint.decks.ledger import LATEST, Ledger, for_keys, renames, settle
from mockint.decks.ledger_file import read_ledger, read_text, to_text
from mockint.decks.ledger_join import caught_up
from mockint.decks.notes import CardNote
from mockint.decks.notetypes import note_types
from mockint.decks.package import Package, kind_of, package_of, retired_name, retired_package
from mockint.errors import FoundWantingError, UsageError
from mockint.question import LANGS, Lang


@dataclass(frozen=True)
class BuildPlan:
    """What a build comes to; `write` carries it out.

    before: the ledger that was read. files: every package by its name, the tombstones first. obsolete: packages that
    should no longer be there. renamed: keys of notes that shipped under another.
    """

    before: Ledger
    ledger: Ledger
    ledger_text: str
    files: Mapping[str, Package]
    obsolete: Sequence[str]
    renamed: frozenset[str]
    notes: Sequence[CardNote]
    cache: CardCache


@dataclass(frozen=True)
class Changes:
    """Keys of notes that a build adds, changes and retires, and of note types that it changes."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    note_types: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired or self.note_types)


def build_time() -> int:
    """Seconds since the epoch: SOURCE_DATE_EPOCH where it is set. Raises UsageError when it is no number."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return int(datetime.now(UTC).timestamp())
    if not given.isascii() or not given.isdigit() or int(given) > LATEST:
        raise UsageError(f"SOURCE_DATE_EPOCH is {given!r}: expected whole seconds since 1970, before the year 2100")
    return int(given)


def plan(
    source: DeckSource,
    out: Path,
    *,
    now: int,
    langs: Sequence[Lang] = LANGS,
    seed: Path | None = None,
    retire_many: bool = False,
    selections: Mapping[str, frozenset[str]] | None = None,
) -> BuildPlan:
    """All decks of these languages as they should be. Raises UsageError when the ledger is lost or unreadable.

    selections: name -> ids of the questions of a deck `mockint-<lang>-<name>.apkg`, instead of the whole decks. The
    ledger settles the whole bank all the same: what a learner has of one deck is what the others must build upon.
    """
    if selections and "retired" in selections:
        raise UsageError("'retired' names the decks of questions that left the bank: build the whole decks instead")
    cache = CardCache(source.cache)
    notes = compile_notes(source, langs, cache)
    folder = DeckFolder(out)
    before = _ledger_of(folder, seed, {note.key for note in notes}, cache)
    ledger, renamed = _settled(before, notes, folder, now=now, langs=langs, retire_many=retire_many)
    times = to_text(ledger)
    packages = _retired_packages(ledger, times, langs, folder)
    for lang in langs:
        own = [note for note in notes if note.lang == lang]
        if selections is None:
            packages[f"mockint-{lang}.apkg"] = package_of(own, ledger, times, lang, source)
        for name, ids in (selections or {}).items():
            chosen = [note for note in own if note.question_id in ids]
            packages[f"mockint-{lang}-{name}.apkg"] = package_of(chosen, ledger, times, lang, source, name)
    obsolete = [name for name in map(retired_name, langs) if name not in packages and (out / name).is_file()]
    return BuildPlan(before, ledger, times, packages, obsolete, renamed, notes, cache)


def _settled(
    before: Ledger,
    notes: Sequence[CardNote],
    folder: DeckFolder,
    *,
    now: int,
    langs: Sequence[Lang],
    retire_many: bool,
) -> tuple[Ledger, frozenset[str]]:
    """The ledger after this build, and the new keys of notes that shipped under another."""
    keys = {note.key for note in notes}
    leaving = frozenset(key for key in before.notes if key not in keys and key.split("/")[0] in langs)
    texts = last_texts(folder, {before.guid(key): key for key in leaving})
    renamed = renames(before, notes, texts)
    retiring = leaving - set(renamed.values())
    _guard_retirement(retiring, before, retire_many)
    _guard_texts(retiring - texts.keys(), folder)
    ledger = settle(before, notes, note_types(), now=now, last_texts=texts, retiring=retiring, renamed=renamed)
    return ledger, frozenset(renamed)


def _retired_packages(ledger: Ledger, times: str, langs: Sequence[Lang], folder: DeckFolder) -> dict[str, Package]:
    return {
        retired_name(lang): retired_package(ledger, times, lang, folder)
        for lang in langs
        if any(key.startswith(f"{lang}/") for key in ledger.retired)
    }


def changes(plan: BuildPlan) -> Changes:
    """What the ledger of this build has that the one before has not."""
    before, after = plan.before, plan.ledger
    return Changes(
        added=tuple(key for key in after.notes if key not in before.notes and key not in plan.renamed),
        changed=tuple(
            key
            for key, entry in after.notes.items()
            if key in plan.renamed or (key in before.notes and before.notes[key] != entry)
        ),
        retired=tuple(key for key in after.retired if key not in before.retired),
        note_types=tuple(key for key, state in after.note_types.items() if before.note_types.get(key) != state),
    )


def summary(plan: BuildPlan) -> str:
    """How many notes there are, and how many this build changes, adds and retires."""
    found = changes(plan)
    counts = f"{len(found.changed)} changed, {len(found.added)} added, {len(found.retired)} retired"
    return f"{len(plan.notes)} notes: {counts}"


def check(plan: BuildPlan, out: Path) -> None:
    """Raises FoundWantingError when a build would write anything."""
    stale = stale_packages(plan, out)
    if changes(plan) or ledger_is_stale(plan, out):
        raise FoundWantingError(f"{out} is stale ({summary(plan)}): run 'mockint build' and commit what it writes")
    if stale:
        raise FoundWantingError(
            f"{', '.join(stale)} differ from the bank: run 'mockint build' and commit what it writes"
        )


def write(plan: BuildPlan, out: Path) -> list[str]:
    """Write what differs, each file in one step, the ledger first. Returns the names written or removed.

    The ledger goes first: after a crash between the two, the next build finds every time already settled. Raises
    UsageError when the folder cannot be written.
    """
    written = []
    if ledger_is_stale(plan, out):
        write_file(out / LEDGER, plan.ledger_text.encode())
        written.append(LEDGER)
    for name in stale_packages(plan, out):
        if name in plan.files:
            write_file(out / name, plan.files[name].data)
        else:
            (out / name).unlink()
        written.append(name)
    _remember(plan, out, written)
    return written


def ledger_is_stale(plan: BuildPlan, out: Path) -> bool:
    """Whether the file differs from the plan: as text, so that one edited by hand is written anew."""
    return not (out / LEDGER).is_file() or read_text(out / LEDGER) != plan.ledger_text


def stale_packages(plan: BuildPlan, out: Path) -> list[str]:
    """Packages that differ from the plan in content, are missing, or should no longer be there."""
    return [name for name, package in plan.files.items() if not _same(out / name, package, plan.cache)] + [
        *plan.obsolete
    ]


def _remember(plan: BuildPlan, out: Path, written: Sequence[str]) -> None:
    for name, package in plan.files.items():
        if name in written or package.fingerprint not in plan.cache.used:
            plan.cache.keep_file(package.fingerprint, (out / name).read_bytes())
    key = _folder_key(out)
    if written or key not in plan.cache.used:
        plan.cache.keep_file(key, DeckFolder(out).digest())
    plan.cache.save()


def _folder_key(out: Path) -> str:
    return fingerprint("folder", str(out.resolve()))


def _ledger_of(folder: DeckFolder, seed: Path | None, keys: set[str], cache: CardCache) -> Ledger:
    """The ledger of the folder, or for a new one what the seed knows of these notes."""
    path = folder.path / LEDGER
    ledger = read_ledger(path)
    if ledger is not None:
        written_here = cache.knows_file(_folder_key(folder.path), folder.digest())
        return ledger if written_here else caught_up(ledger, ledger_of(folder.packages))
    if lost := [file.name for file in folder.files()]:
        raise UsageError(
            f"{path} is missing though {', '.join(lost)} is folder: restore it with 'git checkout', or run"
            " 'mockint build --repair-ledger', which reads it back from the decks"
        )
    return for_keys((read_ledger(seed) if seed else None) or Ledger(), keys)


def _guard_retirement(retiring: frozenset[str], before: Ledger, retire_many: bool) -> None:
    """Another bank has hardly a question of this one. A learner of a small bank may well lose two at once."""
    questions = {key.split("/")[2] for key in retiring if kind_of(key) == "question"}
    shipped = {key.split("/")[2] for key in before.notes if kind_of(key) == "question"}
    if not retire_many and len(questions) > 1 and len(questions) > min(len(shipped) - 1, max(2, len(shipped) // 2)):
        raise UsageError(
            f"this would retire {len(questions)} of {len(shipped)} shipped questions: is --bank the right bank?"
            " If it is meant, add --retire-many"
        )


def _guard_texts(missing: frozenset[str], folder: DeckFolder) -> None:
    for key in sorted(missing):
        if not any(name.startswith(f"mockint-{key[:2]}") for name in folder.packages):
            raise UsageError(
                f"{key!r} left the bank, and its last text is in no deck of {folder.path}: restore the decks with"
                " 'git checkout', then build again"
            )


def _same(path: Path, package: Package, cache: CardCache) -> bool:
    """Whether the file holds the package; by the cache's word where it has one."""
    if not path.is_file():
        return False
    data = path.read_bytes()
    if cache.knows_file(package.fingerprint, data) or data == package.data:
        return True
    try:
        return apkg.contents(data) == apkg.contents(package.data)
    except apkg.DAMAGE:
        return False
