"""Two packages -> what a learner who has the first will see on importing the second, and what Anki will ignore."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from re import sub
from typing import Literal

from mockint.decks.apkg import ReadNote, ReadPackage

Kind = Literal["changed", "added", "retired", "ignored", "note type"]
KINDS: tuple[Kind, ...] = ("changed", "added", "retired", "ignored", "note type")
_TITLES: Mapping[Kind, str] = {
    "changed": "Changed: updated in place",
    "added": "Added: new cards",
    "retired": "Retired: the cards stay, mockint-<lang>-retired.apkg tags them mockint::retired",
    "ignored": "Anki will ignore",
    "note type": "Look of the cards",
}


@dataclass(frozen=True, order=True)
class Line:
    """One thing a learner will or will not see. id: as it stands on the card. what: the fields and tags concerned."""

    kind: Kind
    id: str
    what: str
    lang: str = ""


def compare(old: ReadPackage, new: ReadPackage, lang: str) -> list[Line]:
    """Every difference, by kind, then id."""
    before = {note.guid: note for note in old.notes}
    after = {note.guid: note for note in new.notes}
    lines = list(_note_types(old, new, lang))
    for guid, note in after.items():
        if guid not in before:
            lines.append(Line("added", _id(note), _title(note), lang))
        else:
            lines += _changes(before[guid], note, new, lang)
    lines += [Line("retired", _id(note), _title(note), lang) for guid, note in before.items() if guid not in after]
    return sorted(lines, key=lambda line: (KINDS.index(line.kind), line.id))


def _changes(old: ReadNote, new: ReadNote, package: ReadPackage, lang: str) -> Iterable[Line]:
    what = _what(old, new, package)
    if what and old.note_type != new.note_type:
        yield Line("ignored", _id(new), "it has another note type; Anki keeps the old card and its text", lang)
    elif what and new.changed <= old.changed:
        yield Line("ignored", _id(new), f"{what}: its time is not later than before; was the ledger lost?", lang)
    elif what:
        yield Line("changed", _id(new), what, lang)
    if old.deck != new.deck:
        why = f"moved from {old.deck} to {new.deck}; Anki never moves a card on import"
        yield Line("ignored", _id(new), why, lang)
    elif (topic := _topic(new)) != _topic(old):
        why = f"the topic is now {topic}: the tag says so, the card stays in {new.deck}, because Anki never moves it"
        yield Line("ignored", _id(new), why, lang)


def _what(old: ReadNote, new: ReadNote, package: ReadPackage) -> str:
    names = [field.name for field in package.note_types[new.note_type][0].fields]
    if len(old.fields) != len(new.fields):
        return "number of fields"
    parts = [name for name, a, b in zip(names, old.fields, new.fields, strict=True) if a != b and name != "Shipped"]
    parts += [f"+{tag}" for tag in sorted(set(new.tags) - set(old.tags))]
    parts += [f"-{tag}" for tag in sorted(set(old.tags) - set(new.tags))]
    return ", ".join(parts)


def _note_types(old: ReadPackage, new: ReadPackage, lang: str) -> Iterable[Line]:
    for id, (type_, changed) in new.note_types.items():
        if id not in old.note_types:
            yield Line("note type", type_.name, "new", lang)
            continue
        was, was_changed = old.note_types[id]
        if [part.id for part in was.fields] != [part.id for part in type_.fields]:
            yield Line("ignored", type_.name, "its fields are others: every note would be conflicting", lang)
        elif [part.id for part in was.templates] != [part.id for part in type_.templates]:
            yield Line("ignored", type_.name, "its templates are others: every note would be conflicting", lang)
        elif was.content_hash() != type_.content_hash():
            late = changed > was_changed
            what = "fields, templates or styles are updated in place" if late else "changed, but its time is not later"
            yield Line("note type" if late else "ignored", type_.name, what, lang)


def _id(note: ReadNote) -> str:
    return note.fields[-1]


def _title(note: ReadNote) -> str:
    text = " ".join(unescape(sub(r"<[^>]+>|\{\{c1::|\}\}", "", note.fields[0])).split())
    return text if len(text) <= 90 else f"{text[:89]}…"


def _topic(note: ReadNote) -> str:
    return next((tag.rpartition("::")[2] for tag in note.tags if tag.startswith("mockint::topic::")), "")


def to_text(lines: Sequence[Line], *, markdown: bool) -> str:
    """The report; languages in which the same holds share a line."""
    joined: dict[tuple[Kind, str, str], list[str]] = {}
    for line in lines:
        what = line.what if line.kind not in ("added", "retired") else ""
        joined.setdefault((line.kind, line.id, what), []).append(line.lang)
    titles: dict[tuple[Kind, str], str] = {}
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
