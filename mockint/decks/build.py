"""Questions -> the files of decks/: read the ledger and the packages that are there, think, write what differs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from string import Template

from mockint.decks import apkg
from mockint.decks.apkg import CARDS_PER_NOTE, DeckInfo, PackedNote
from mockint.decks.cache import Cache, fingerprint
from mockint.decks.ledger import (
    LastText,
    Ledger,
    Retired,
    Shipped,
    TypeState,
    join,
    read_ledger,
    read_text,
    settle,
    sides_of_conflict,
    to_text,
)
from mockint.decks.notes import CardNote, content_hash, guid_of, notes_of
from mockint.decks.notetypes import NoteKind, note_type, note_types
from mockint.decks.pictures import ReadPicture, media_name
from mockint.errors import UsageError
from mockint.question import LANGS, Lang, Question, Topic

LEDGER = "ledger.json"
_RETIRE_AT_ONCE = 0.25
PRESET = {
    "id": 1763480923001,
    "name": "mockint",
    "mod": 1763480923,
    "new": {
        "bury": True,
        "delays": [1, 10],
        "initialFactor": 2500,
        "ints": [1, 4, 0],
        "order": 1,
        "perDay": 10,
    },
    "newGatherPriority": 1,  # lowest position: by level, then topic, across all subdecks
    "newSortOrder": 1,  # as gathered
}


@dataclass(frozen=True)
class Source:
    """What a deck is made of: questions in the bank's order, topics in order, and the bytes of a picture.

    cache: a file of this machine that spares rendering and packing again what has not changed; None for none.
    """

    questions: Sequence[Question]
    topics: Sequence[Topic]
    read_picture: ReadPicture
    cache: Path | None = None


@dataclass(frozen=True)
class Package:
    """A package to be: a hash of all it is made of, and its bytes, made when they are first asked for."""

    fingerprint: str
    make: Callable[[], bytes]

    @cached_property
    def data(self) -> bytes:
        return self.make()


@dataclass(frozen=True)
class Plan:
    """What a build comes to. before: the ledger that was read. files: every package by its name."""

    before: Ledger
    ledger: Ledger
    files: Mapping[str, Package]
    notes: Sequence[CardNote]
    cache: Cache


@dataclass(frozen=True)
class Changes:
    """Keys of notes that a build adds, changes and retires, and of note types that it changes."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    note_types: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired or self.note_types)


def compile_notes(source: Source, langs: Sequence[Lang] = LANGS, cache: Cache | None = None) -> list[CardNote]:
    """Every note of the questions, in the order in which new cards are to be met."""
    cache = cache or Cache(None)
    places = {topic.id: (place, topic) for place, topic in enumerate(source.topics)}
    notes: list[CardNote] = []
    for question in source.questions:
        place, topic = places[question.topic]
        content = question.model_dump_json(exclude={"samples"})
        for lang in langs:
            key = fingerprint("notes", content, topic.model_dump_json(), place, lang)
            found = cache.notes(key)
            if found is None or not _pictures_unchanged(found, source.read_picture):
                found = notes_of(question, topic, place, lang, source.read_picture)
                cache.keep_notes(key, found)
            notes += found
    return sorted(notes, key=lambda note: note.position)


def _pictures_unchanged(notes: Sequence[CardNote], read: ReadPicture) -> bool:
    """Whether each picture still has the name that its bytes give it."""
    shown = {file for note in notes for file in note.media if not file.night}
    return all(file.name == media_name(file.src, "", read(file.topic, file.src)) for file in shown)


def build_time() -> int:
    """Seconds since the epoch: SOURCE_DATE_EPOCH where it is set. Raises UsageError when it is no number."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return int(datetime.now(UTC).timestamp())
    if not given.isascii() or not given.isdigit():
        raise UsageError(f"SOURCE_DATE_EPOCH is {given!r}: expected whole seconds since 1970")
    return int(given)


def plan(
    source: Source,
    out: Path,
    *,
    now: int,
    langs: Sequence[Lang] = LANGS,
    seed: Path | None = None,
    retire_many: bool = False,
) -> Plan:
    """All decks of these languages as they should be. Raises UsageError when the ledger is lost or unreadable."""
    before = _ledger_of(out, seed)
    cache = Cache(source.cache)
    notes = compile_notes(source, langs, cache)
    keys = {note.key for note in notes}
    retiring = frozenset(key for key in before.notes if key not in keys and key.split("/")[0] in langs)
    _guard_retirement(retiring, before, retire_many)
    ledger = settle(
        before,
        notes,
        note_types(),
        now=now,
        last_texts=_last_texts(out, retiring),
        retiring=retiring,
    )
    packages: dict[str, Package] = {}
    times = to_text(ledger)
    for lang in langs:
        own = [note for note in notes if note.lang == lang]
        packages[f"mockint-{lang}.apkg"] = _package(own, ledger, times, lang, source)
        if any(key.startswith(f"{lang}/") for key in ledger.retired):
            name = f"mockint-{lang}-retired.apkg"
            packages[name] = Package(fingerprint("retired", times, lang), partial(_retired_package, ledger, lang))
    return Plan(before, ledger, packages, notes, cache)


def plan_subset(source: Source, out: Path, name: str, *, now: int, langs: Sequence[Lang], seed: Path | None) -> Plan:
    """Decks of these questions alone, as `mockint-<lang>-<name>.apkg`. The ledger is read and not changed."""
    before = _ledger_of(out, seed)
    cache = Cache(None)
    notes = compile_notes(source, langs, cache)
    ledger = settle(before, notes, note_types(), now=now, last_texts={})
    packages = {
        f"mockint-{lang}-{name}.apkg": _package([note for note in notes if note.lang == lang], ledger, "", lang, source)
        for lang in langs
    }
    return Plan(before, before, packages, notes, cache)


def changes(plan: Plan) -> Changes:
    before, after = plan.before, plan.ledger
    return Changes(
        added=tuple(key for key in after.notes if key not in before.notes),
        changed=tuple(key for key, entry in after.notes.items() if key in before.notes and before.notes[key] != entry),
        retired=tuple(key for key in after.retired if key not in before.retired),
        note_types=tuple(key for key, state in after.note_types.items() if before.note_types.get(key) != state),
    )


def write(plan: Plan, out: Path) -> list[str]:
    """Write what differs, each file in one step, the ledger first. Returns the names written or removed.

    The ledger goes first: after a crash between the two, the next build finds every time already settled.
    """
    out.mkdir(parents=True, exist_ok=True)
    written = []
    if plan.ledger != plan.before or not (out / LEDGER).is_file():
        _replace(out / LEDGER, to_text(plan.ledger).encode())
        written.append(LEDGER)
    for name in stale_packages(plan, out):
        if name in plan.files:
            _replace(out / name, plan.files[name].data)
        else:
            (out / name).unlink()
        written.append(name)
    _remember(plan, out)
    return written


def write_packages(plan: Plan, out: Path) -> list[str]:
    """Write the packages alone, for decks that are not the released ones."""
    out.mkdir(parents=True, exist_ok=True)
    for name, package in plan.files.items():
        _replace(out / name, package.data)
    return sorted(plan.files)


def stale_packages(plan: Plan, out: Path) -> list[str]:
    """Packages that differ from the plan in content, are missing, or should no longer be there."""
    langs = {note.lang for note in plan.notes}
    gone = [f"mockint-{lang}-retired.apkg" for lang in sorted(langs)]
    extra = [name for name in gone if name not in plan.files and (out / name).is_file()]
    return [name for name, package in plan.files.items() if not _same(out / name, package, plan.cache)] + extra


def _remember(plan: Plan, out: Path) -> None:
    for name, package in plan.files.items():
        plan.cache.keep_file(package.fingerprint, (out / name).read_bytes())
    plan.cache.save()


def _package(notes: Sequence[CardNote], ledger: Ledger, times: str, lang: Lang, source: Source) -> Package:
    """times: the ledger as text, for the fingerprint."""
    made_of = [(note.key, note.content_hash(), [file.name for file in note.media]) for note in notes]
    topics = [topic.model_dump_json() for topic in source.topics]
    styles = [type_.content_hash() for type_ in note_types().values()]
    mark = fingerprint("package", lang, made_of, topics, styles, times)
    return Package(mark, partial(package, notes, ledger, lang, source))


def package(notes: Sequence[CardNote], ledger: Ledger, lang: Lang, source: Source) -> bytes:
    """The .apkg of these notes, which stand in the ledger."""
    ids = _note_ids(ledger, lang)
    packed = [
        PackedNote(
            id=ids[note.key],
            guid=note.guid,
            changed=ledger.notes[note.key].changed,
            note_type=note_type(note.kind, lang),
            deck=ledger.notes[note.key].deck,
            fields=note.fields,
            tags=note.tags,
            due=place,
        )
        for place, note in enumerate(notes, 1)
    ]
    media = {file.name: file.data(source.read_picture) for note in notes for file in note.media}
    return apkg.pack(packed, _decks(packed, notes, ledger, lang, source), _type_times(ledger, lang), media, PRESET)


def _retired_package(ledger: Ledger, lang: Lang) -> bytes:
    """Tombstones: what learners have, with one tag more. In a file of their own, so that newcomers never meet them."""
    ids = _note_ids(ledger, lang)
    keys = sorted(key for key in ledger.retired if key.startswith(f"{lang}/"))
    packed = [
        PackedNote(
            id=ids[key],
            guid=guid_of(key),
            changed=ledger.retired[key].changed,
            note_type=note_type(_kind(key), lang),
            deck=ledger.retired[key].deck,
            fields=ledger.retired[key].fields,
            tags=ledger.retired[key].tags,
            due=place,
        )
        for place, key in enumerate(keys, 1)
    ]
    decks = [DeckInfo(_deck_id(name), name) for name in sorted({note.deck for note in packed})]
    return apkg.pack(packed, decks, _type_times(ledger, lang), {})


def _decks(
    packed: Sequence[PackedNote], notes: Sequence[CardNote], ledger: Ledger, lang: Lang, source: Source
) -> list[DeckInfo]:
    lines = {f"mockint-{lang}::{topic.id}": f"<p>{topic.line.in_(lang)}</p>" for topic in source.topics}
    root = f"mockint-{lang}"
    questions = sum(note.kind == "question" for note in notes)
    description = Template(_template(f"description-{lang}.html")).substitute(
        questions=questions, cards=len(notes), version=version_of(ledger)
    )
    names = sorted({note.deck for note in packed})
    return [DeckInfo(_deck_id(root), root, description)] + [
        DeckInfo(_deck_id(name), name, lines.get(name, "")) for name in names
    ]


def version_of(ledger: Ledger) -> str:
    """The day of the last change, which is also the version a learner sees."""
    return datetime.fromtimestamp(ledger.version(), UTC).strftime("%Y-%m-%d")


def _template(name: str) -> str:
    return (files("mockint.decks") / "templates" / name).read_text(encoding="utf-8").replace("\n", " ").strip()


def _note_ids(ledger: Ledger, lang: Lang) -> dict[str, int]:
    """An id is the millisecond in which the note first shipped, moved on past those before it. Nothing ever leaves."""
    firsts = {key: entry.first for key, entry in ledger.notes.items()}
    firsts |= {key: entry.first for key, entry in ledger.retired.items()}
    step = 2 * CARDS_PER_NOTE  # the two languages take turns, so that both decks can be imported without a clash
    offset = LANGS.index(lang) * CARDS_PER_NOTE
    ids: dict[str, int] = {}
    last = 0
    for first, key in sorted((first, key) for key, first in firsts.items() if key.startswith(f"{lang}/")):
        last = max(last + step, first * 1000 + offset)
        ids[key] = last
    return ids


def _type_times(ledger: Ledger, lang: Lang) -> dict[int, int]:
    return {
        note_type(kind, lang).id: ledger.note_types[f"{lang}/{kind}"].changed
        for kind in ("question", "cloze")
        if f"{lang}/{kind}" in ledger.note_types
    }


def _deck_id(name: str) -> int:
    return 1_600_000_000_000 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100_000_000_000


def _kind(key: str) -> NoteKind:
    return "question" if key.split("/")[1] == "question" else "cloze"


def _ledger_of(out: Path, seed: Path | None) -> Ledger:
    ledger = read_ledger(out / LEDGER)
    if ledger is not None:
        return ledger
    if lost := [path.name for path in _main_packages(out)]:
        raise UsageError(
            f"{out / LEDGER} is missing though {', '.join(lost)} is there: restore it with 'git checkout', or run"
            " 'mockint build --repair-ledger', which reads it back from the decks"
        )
    return (read_ledger(seed) if seed else None) or Ledger()


def _main_packages(out: Path) -> list[Path]:
    return [path for lang in LANGS if (path := out / f"mockint-{lang}.apkg").is_file()]


def _guard_retirement(retiring: frozenset[str], before: Ledger, retire_many: bool) -> None:
    questions = {key for key in retiring if _kind(key) == "question"}
    shipped = sum(_kind(key) == "question" for key in before.notes)
    if not retire_many and len(questions) > max(2, shipped * _RETIRE_AT_ONCE):
        raise UsageError(
            f"this would retire {len(questions)} of {shipped} shipped question notes: is --bank the right bank?"
            " If it is meant, add --retire-many"
        )


def _last_texts(out: Path, keys: frozenset[str]) -> dict[str, LastText]:
    """The text that learners have of the notes that leave, out of the packages built last."""
    if not keys:
        return {}
    guids = {guid_of(key): key for key in keys}
    texts = {
        guids[note.guid]: LastText(note.fields, note.tags)
        for path in _main_packages(out)
        for note in apkg.read(path).notes
        if note.guid in guids
    }
    if missing := sorted(keys - texts.keys()):
        raise UsageError(
            f"{missing[0]!r} left the bank, and its last text is in no deck of {out}: restore the decks with"
            " 'git checkout', then build again"
        )
    return texts


def repair(out: Path) -> Ledger:
    """The ledger of `out` made good: both sides of a git conflict joined, or read back from the decks.

    Raises UsageError when neither the ledger nor the decks hold enough.
    """
    path = out / LEDGER
    text = read_text(path) if path.is_file() else ""
    if sides := sides_of_conflict(text):
        return join(*sides)
    ledger = _from_packages(out)
    if not ledger.notes:
        raise UsageError(f"{out} holds no deck to read a ledger from: restore one with 'git checkout'")
    return ledger


def _from_packages(out: Path) -> Ledger:
    kinds = {type_.id: name for name, type_ in note_types().items()}
    types: dict[str, TypeState] = {}
    notes: dict[str, Shipped] = {}
    retired: dict[str, Retired] = {}
    for lang in LANGS:
        for name in (f"mockint-{lang}.apkg", f"mockint-{lang}-retired.apkg"):
            if not (out / name).is_file():
                continue
            package = apkg.read(out / name)
            for id, (type_, changed) in package.note_types.items():
                types[kinds[id]] = TypeState(type_.content_hash(), changed)
            for note in package.notes:
                key = f"{kinds[note.note_type]}/{note.fields[-1].replace(' / ', '/')}"
                if name.endswith("-retired.apkg"):
                    retired[key] = Retired(note.changed, note.created, note.deck, note.fields, note.tags)
                else:
                    digest = content_hash(note.fields, note.tags)
                    notes[key] = Shipped(digest, note.changed, note.created, note.deck)
    return Ledger(types, notes, retired)


def write_ledger(ledger: Ledger, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    _replace(out / LEDGER, to_text(ledger).encode())


def _same(path: Path, package: Package, cache: Cache) -> bool:
    """Whether the file holds the package; by the cache's word where it has one."""
    if not path.is_file():
        return False
    there = path.read_bytes()
    if cache.knows_file(package.fingerprint, there) or there == package.data:
        return True
    try:
        return apkg.contents(there) == apkg.contents(package.data)
    except Exception:  # a damaged zip raises many things, and all of them mean: not the same
        return False


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
