"""What a learner who has one package will see on importing another, and what of it Anki will ignore."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from re import sub
from typing import Literal

from mockint.decks import apkg
from mockint.decks.apkg import ReadNote, ReadPackage
from mockint.decks.build import BuildPlan
from mockint.errors import UsageError
from mockint.question import Lang

DifferenceKind = Literal["changed", "added", "retired", "ignored", "note type"]
KINDS: tuple[DifferenceKind, ...] = ("changed", "added", "retired", "ignored", "note type")
_TITLES: Mapping[DifferenceKind, str] = {
    "changed": "Changed: updated in place",
    "added": "Added: new cards",
    "retired": "Retired: the cards stay, mockint-<lang>-retired.apkg tags them mockint::retired",
    "ignored": "Anki will ignore",
    "note type": "Look of the cards",
}


@dataclass(frozen=True, order=True)
class Difference:
    """One thing a learner will or will not see. id: as it stands on the card. what: the fields and tags concerned."""

    kind: DifferenceKind
    id: str
    what: str
    lang: str = ""


def differences(
    plan: BuildPlan, langs: Sequence[Lang], out: Path, *, old: Path | None = None, since: str | None = None
) -> list[Difference]:
    """What is new in the whole decks of these languages, against those in `out`.

    old: against this package instead, which is of one language. since: against those in `out` as they are in this git
    revision. Raises UsageError for a package that is not there or that mockint cannot have built.
    """
    new = {lang: apkg.read_bytes(plan.files[f"mockint-{lang}.apkg"].data) for lang in langs}
    if old:
        package = apkg.read(old)
        new = {lang: built for lang, built in new.items() if built.note_types.keys() & package.note_types.keys()}
        if not new:
            raise UsageError(f"{old}: none of the note types of mockint is in it")
        before = dict.fromkeys(new, package)
    elif since:
        before = {lang: apkg.read_bytes(_committed(out / f"mockint-{lang}.apkg", since)) for lang in new}
    else:
        before = {lang: apkg.read(out / f"mockint-{lang}.apkg") for lang in new}
    return [difference for lang in new for difference in compare(before[lang], new[lang], lang)]


def _committed(path: Path, revision: str) -> bytes:
    """A file as it is in a git revision."""
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


def compare(old: ReadPackage, new: ReadPackage, lang: str) -> list[Difference]:
    """Every difference, by kind, then id."""
    before = {note.guid: note for note in old.notes}
    after = {note.guid: note for note in new.notes}
    lines = list(_note_types(old, new, lang))
    for guid, note in after.items():
        if guid not in before:
            lines.append(Difference("added", _id(note), _title(note), lang))
        else:
            lines += _changes(before[guid], note, new, lang)
    gone = (note for guid, note in before.items() if guid not in after)
    lines += [Difference("retired", _id(note), _title(note), lang) for note in gone]
    return sorted(lines, key=lambda line: (KINDS.index(line.kind), line.id))


def _changes(old: ReadNote, new: ReadNote, package: ReadPackage, lang: str) -> Iterable[Difference]:
    what = _what(old, new, package)
    if what and old.note_type != new.note_type:
        yield Difference("ignored", _id(new), "it has another note type; Anki keeps the old card and its text", lang)
    elif what and new.changed <= old.changed:
        yield Difference("ignored", _id(new), f"{what}: its time is not later than before; was the ledger lost?", lang)
    elif what:
        yield Difference("changed", _id(new), what, lang)
    if old.deck != new.deck:
        why = f"moved from {old.deck} to {new.deck}; Anki never moves a card on import"
        yield Difference("ignored", _id(new), why, lang)
    elif (topic := _topic(new)) != _topic(old):
        why = f"the topic is now {topic}: the tag says so, the card stays in {new.deck}, because Anki never moves it"
        yield Difference("ignored", _id(new), why, lang)


def _what(old: ReadNote, new: ReadNote, package: ReadPackage) -> str:
    names = [field.name for field in package.note_types[new.note_type][0].fields]
    if len(old.fields) != len(new.fields):
        return "number of fields"
    parts = [name for name, a, b in zip(names, old.fields, new.fields, strict=True) if a != b and name != "Shipped"]
    parts += [f"+{tag}" for tag in sorted(set(new.tags) - set(old.tags))]
    parts += [f"-{tag}" for tag in sorted(set(old.tags) - set(new.tags))]
    return ", ".join(parts)


def _note_types(old: ReadPackage, new: ReadPackage, lang: str) -> Iterable[Difference]:
    for id, (type_, changed) in new.note_types.items():
        if id not in old.note_types:
            yield Difference("note type", type_.name, "new", lang)
            continue
        was, was_changed = old.note_types[id]
        if [part.id for part in was.fields] != [part.id for part in type_.fields]:
            yield Difference("ignored", type_.name, "its fields are others: every note would be conflicting", lang)
        elif [part.id for part in was.templates] != [part.id for part in type_.templates]:
            yield Difference("ignored", type_.name, "its templates are others: every note would be conflicting", lang)
        elif was.content_hash() != type_.content_hash():
            late = changed > was_changed
            what = "fields, templates or styles are updated in place" if late else "changed, but its time is not later"
            yield Difference("note type" if late else "ignored", type_.name, what, lang)


def _id(note: ReadNote) -> str:
    return note.fields[-1]


def _title(note: ReadNote) -> str:
    text = " ".join(unescape(sub(r"<[^>]+>|\{\{c1::|\}\}", "", note.fields[0])).split())
    return text if len(text) <= 90 else f"{text[:89]}…"


def _topic(note: ReadNote) -> str:
    return next((tag.rpartition("::")[2] for tag in note.tags if tag.startswith("mockint::topic::")), "")


def to_text(lines: Sequence[Difference], *, markdown: bool) -> str:
    """The report; languages in which the same holds share a line."""
    joined: dict[tuple[DifferenceKind, str, str], list[str]] = {}
    for line in lines:
        what = line.what if line.kind not in ("added", "retired") else ""
        joined.setdefault((line.kind, line.id, what), []).append(line.lang)
    titles: dict[tuple[DifferenceKind, str], str] = {}
    for line in lines:
        if line.kind in ("added", "retired"):
            titles.setdefault((line.kind, line.id), line.what)
    out: list[str] = []
    for kind in KINDS:
        rows = [(id, what or titles.get((kind, id), ""), langs) for (k, id, what), langs in joined.items() if k == kind]
        if rows:
            out.append(f"{'### ' if markdown else ''}{_TITLES[kind]} ({len(rows)})")
            out += [_row(id, what, langs, markdown=markdown) for id, what, langs in rows]
            out.append("")
    return "\n".join(out).rstrip() or "No learner will see any difference."


def _row(id: str, what: str, langs: list[str], *, markdown: bool) -> str:
    name = f"`{id}`" if markdown else id
    return f"{'-' if markdown else ' '} {name} [{', '.join(sorted(set(langs)))}] {what}".rstrip()
