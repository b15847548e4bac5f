"""Questions -> the files of decks/: read the ledger and the packages that are there, think, write what differs."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from string import Template

from mockint.decks import apkg
from mockint.decks.apkg import ReadNote, ReadPackage
from mockint.decks.cache import Cache, fingerprint
from mockint.decks.ledger import (
    LATEST,
    LastText,
    Ledger,
    Retired,
    Shipped,
    TypeState,
    caught_up,
    for_keys,
    join,
    read_ledger,
    read_text,
    renames,
    settle,
    sides_of_conflict,
    to_text,
)
from mockint.decks.notes import CardNote, content_hash, guid_of, notes_of
from mockint.decks.notetypes import NoteKind, note_type, note_types
from mockint.decks.packed import CARDS_PER_NOTE, DeckInfo, PackedNote
from mockint.decks.pictures import ReadPicture, media_name
from mockint.errors import UsageError
from mockint.files import write_whole
from mockint.question import LANGS, Lang, Question, Topic

LEDGER = "ledger.json"
_PICTURE = re.compile(r'<img class="mi-[a-z]+" src="([^"]+)"')
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
class Folder:
    """Where the decks of earlier builds are."""

    path: Path

    def files(self) -> list[Path]:
        return sorted(path for lang in LANGS for path in self.path.glob(f"mockint-{lang}*.apkg"))

    @cached_property
    def packages(self) -> dict[str, ReadPackage]:
        """By file name. One that cannot be read is passed over: it will be replaced."""
        found = {}
        for path in self.files():
            with suppress(UsageError):
                found[path.name] = apkg.read(path)
        return found

    def digest(self) -> bytes:
        """Of the names and bytes of the ledger and all packages."""
        files = [path for path in (self.path / LEDGER, *self.files()) if path.is_file()]
        return b"".join(path.name.encode() + hashlib.sha256(path.read_bytes()).digest() for path in files)


@dataclass(frozen=True)
class Plan:
    """What a build comes to.

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
    if not given.isascii() or not given.isdigit() or int(given) > LATEST:
        raise UsageError(f"SOURCE_DATE_EPOCH is {given!r}: expected whole seconds since 1970, before the year 2100")
    return int(given)


def plan(
    source: Source,
    out: Path,
    *,
    now: int,
    langs: Sequence[Lang] = LANGS,
    seed: Path | None = None,
    retire_many: bool = False,
    selections: Mapping[str, frozenset[str]] | None = None,
) -> Plan:
    """All decks of these languages as they should be. Raises UsageError when the ledger is lost or unreadable.

    selections: name -> ids of the questions of a deck `mockint-<lang>-<name>.apkg`, instead of the whole decks. The
    ledger settles the whole bank all the same: what a learner has of one deck is what the others must build upon.
    """
    if selections and "retired" in selections:
        raise UsageError("'retired' names the decks of questions that left the bank: build the whole decks instead")
    cache = Cache(source.cache)
    notes = compile_notes(source, langs, cache)
    keys = {note.key for note in notes}
    there = Folder(out)
    before = _ledger_of(there, seed, keys, cache)
    leaving = frozenset(key for key in before.notes if key not in keys and key.split("/")[0] in langs)
    texts = _last_texts(there, {before.guid(key): key for key in leaving})
    renamed = renames(before, notes, texts)
    retiring = leaving - set(renamed.values())
    _guard_retirement(retiring, before, retire_many)
    _guard_texts(retiring - texts.keys(), there)
    ledger = settle(before, notes, note_types(), now=now, last_texts=texts, retiring=retiring, renamed=renamed)
    packages: dict[str, Package] = {}
    obsolete = []
    times = to_text(ledger)
    for lang in langs:
        name = f"mockint-{lang}-retired.apkg"
        if any(key.startswith(f"{lang}/") for key in ledger.retired):
            packages[name] = _retired_package(ledger, times, lang, there)
        elif (out / name).is_file():
            obsolete.append(name)
    for lang in langs:
        own = [note for note in notes if note.lang == lang]
        if selections is None:
            packages[f"mockint-{lang}.apkg"] = _package(own, ledger, times, lang, source)
        for name, ids in (selections or {}).items():
            chosen = [note for note in own if note.question_id in ids]
            packages[f"mockint-{lang}-{name}.apkg"] = _package(chosen, ledger, times, lang, source, name)
    return Plan(before, ledger, times, packages, obsolete, frozenset(renamed), notes, cache)


def changes(plan: Plan) -> Changes:
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


def write(plan: Plan, out: Path) -> list[str]:
    """Write what differs, each file in one step, the ledger first. Returns the names written or removed.

    The ledger goes first: after a crash between the two, the next build finds every time already settled. Raises
    UsageError when the folder cannot be written.
    """
    written = []
    if ledger_is_stale(plan, out):
        _replace(out / LEDGER, plan.ledger_text.encode())
        written.append(LEDGER)
    for name in stale_packages(plan, out):
        if name in plan.files:
            _replace(out / name, plan.files[name].data)
        else:
            (out / name).unlink()
        written.append(name)
    _remember(plan, out, written)
    return written


def ledger_is_stale(plan: Plan, out: Path) -> bool:
    """Whether the file differs from the plan: as text, so that one edited by hand is written anew."""
    return not (out / LEDGER).is_file() or read_text(out / LEDGER) != plan.ledger_text


def stale_packages(plan: Plan, out: Path) -> list[str]:
    """Packages that differ from the plan in content, are missing, or should no longer be there."""
    return [name for name, package in plan.files.items() if not _same(out / name, package, plan.cache)] + [
        *plan.obsolete
    ]


def _remember(plan: Plan, out: Path, written: Sequence[str]) -> None:
    for name, package in plan.files.items():
        if name in written or package.fingerprint not in plan.cache.used:
            plan.cache.keep_file(package.fingerprint, (out / name).read_bytes())
    key = _folder_key(out)
    if written or key not in plan.cache.used:
        plan.cache.keep_file(key, Folder(out).digest())
    plan.cache.save()


def _folder_key(out: Path) -> str:
    return fingerprint("folder", str(out.resolve()))


def _package(
    notes: Sequence[CardNote], ledger: Ledger, times: str, lang: Lang, source: Source, selection: str = ""
) -> Package:
    """times: the ledger as text, for the fingerprint."""
    made_of = [(note.key, note.content_hash(), [file.name for file in note.media]) for note in notes]
    topics = [topic.model_dump_json() for topic in source.topics]
    styles = [type_.content_hash() for type_ in note_types().values()]
    mark = fingerprint("package", lang, selection, made_of, topics, styles, times)
    return Package(mark, partial(package, notes, ledger, lang, source, whole=not selection))


def package(notes: Sequence[CardNote], ledger: Ledger, lang: Lang, source: Source, *, whole: bool = True) -> bytes:
    """The .apkg of these notes, which stand in the ledger."""
    ids = _note_ids(ledger, lang)
    packed = [
        PackedNote(
            id=ids[note.key],
            guid=ledger.guid(note.key),
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
    decks = _decks(packed, notes, ledger, lang, source, whole=whole)
    return apkg.pack(packed, decks, _type_times(ledger, lang), media, PRESET)


def _retired_package(ledger: Ledger, times: str, lang: Lang, there: Folder) -> Package:
    """Tombstones: what learners have, with one tag more. In a file of their own, so that newcomers never meet them.

    Their pictures come out of the packages that are there, now, before those are replaced.
    """
    keys = sorted(key for key in ledger.retired if key.startswith(f"{lang}/"))
    wanted = {name for key in keys for text in ledger.retired[key].fields for name in _PICTURE.findall(text)}
    media = _media_of(wanted, there) if wanted else {}
    return Package(
        fingerprint("retired", times, lang, sorted(media)), partial(_pack_retired, keys, ledger, lang, media)
    )


def _media_of(names: set[str], there: Folder) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for file, package in there.packages.items():
        if left := (names - found.keys()).intersection(package.media):
            found |= apkg.read_media(there.path / file, sorted(left))
    return found


def _pack_retired(keys: Sequence[str], ledger: Ledger, lang: Lang, media: Mapping[str, bytes]) -> bytes:
    ids = _note_ids(ledger, lang)
    packed = [
        PackedNote(
            id=ids[key],
            guid=ledger.guid(key),
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
    return apkg.pack(packed, decks, _type_times(ledger, lang), media)


def _decks(
    packed: Sequence[PackedNote],
    notes: Sequence[CardNote],
    ledger: Ledger,
    lang: Lang,
    source: Source,
    *,
    whole: bool,
) -> list[DeckInfo]:
    """The description goes to the root; that of a selection only to the one deck it fills, or an import would tell the
    owner of the whole decks wrong counts."""
    root = f"mockint-{lang}"
    questions = sum(note.kind == "question" for note in notes)
    description = Template(_template(f"description-{lang}.html")).substitute(
        questions=questions, cards=len(notes), version=version_of(ledger, lang)
    )
    names = sorted({note.deck for note in packed})
    texts = {f"{root}::{topic.id}": f"<p>{topic.line.in_(lang)}</p>" for topic in source.topics}
    if whole:
        texts[root] = description
    elif len(names) == 1:
        texts[names[0]] = texts.get(names[0], "") + description
    return [DeckInfo(_deck_id(name), name, texts.get(name, "")) for name in (root, *names)]


def version_of(ledger: Ledger, lang: Lang) -> str:
    """The day of the last change, which is also the version a learner sees."""
    return datetime.fromtimestamp(ledger.version(lang), UTC).strftime("%Y-%m-%d")


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


def _ledger_of(there: Folder, seed: Path | None, keys: set[str], cache: Cache) -> Ledger:
    """The ledger of the folder, or for a new one what the seed knows of these notes."""
    path = there.path / LEDGER
    ledger = read_ledger(path)
    if ledger is not None:
        written_here = cache.knows_file(_folder_key(there.path), there.digest())
        return ledger if written_here else caught_up(ledger, _from_packages(there.packages))
    if lost := [file.name for file in there.files()]:
        raise UsageError(
            f"{path} is missing though {', '.join(lost)} is there: restore it with 'git checkout', or run"
            " 'mockint build --repair-ledger', which reads it back from the decks"
        )
    return for_keys((read_ledger(seed) if seed else None) or Ledger(), keys)


def _guard_retirement(retiring: frozenset[str], before: Ledger, retire_many: bool) -> None:
    """Another bank has hardly a question of this one. A learner of a small bank may well lose two at once."""
    questions = {key.split("/")[2] for key in retiring if _kind(key) == "question"}
    shipped = {key.split("/")[2] for key in before.notes if _kind(key) == "question"}
    if not retire_many and len(questions) > 1 and len(questions) > min(len(shipped) - 1, max(2, len(shipped) // 2)):
        raise UsageError(
            f"this would retire {len(questions)} of {len(shipped)} shipped questions: is --bank the right bank?"
            " If it is meant, add --retire-many"
        )


def _guard_texts(missing: frozenset[str], there: Folder) -> None:
    for key in sorted(missing):
        if not any(name.startswith(f"mockint-{key[:2]}") for name in there.packages):
            raise UsageError(
                f"{key!r} left the bank, and its last text is in no deck of {there.path}: restore the decks with"
                " 'git checkout', then build again"
            )


def _last_texts(there: Folder, keys: Mapping[str, str]) -> dict[str, LastText]:
    """The text that learners have of notes that leave, out of the packages built last. keys: by GUID."""
    newest: dict[str, ReadNote] = {}
    for package in there.packages.values() if keys else ():
        for note in package.notes:
            if note.guid in keys and (note.guid not in newest or newest[note.guid].changed < note.changed):
                newest[note.guid] = note
    return {keys[guid]: LastText(note.fields, note.tags) for guid, note in newest.items()}


def repair(out: Path) -> Ledger:
    """The ledger of `out` made good: both sides of a git conflict joined, or read back from the decks.

    Raises UsageError when neither the ledger nor the decks hold enough.
    """
    path = out / LEDGER
    text = read_text(path) if path.is_file() else ""
    if sides := sides_of_conflict(text):
        return join(*sides)
    ledger = _from_packages(Folder(out).packages)
    if not ledger.notes:
        raise UsageError(f"{out} holds no deck to read a ledger from: restore one with 'git checkout'")
    return ledger


def _from_packages(there: Mapping[str, ReadPackage]) -> Ledger:
    """Of a note that is in several decks, also under several ids, the latest counts: some may be of older builds."""
    kinds = {type_.id: name for name, type_ in note_types().items()}
    types: dict[str, TypeState] = {}
    latest: dict[str, tuple[ReadNote, bool]] = {}
    for name, package in there.items():
        for id, (type_, changed) in package.note_types.items():
            if id in kinds and (kinds[id] not in types or types[kinds[id]].changed < changed):
                types[kinds[id]] = TypeState(type_.content_hash(), changed)
        for note in package.notes:
            if note.note_type in kinds and (note.guid not in latest or latest[note.guid][0].changed < note.changed):
                latest[note.guid] = note, name == f"mockint-{kinds[note.note_type][:2]}-retired.apkg"
    notes: dict[str, Shipped] = {}
    retired: dict[str, Retired] = {}
    for note, is_retired in latest.values():
        key = f"{kinds[note.note_type]}/{note.fields[-1].replace(' / ', '/')}"
        guid = "" if note.guid == guid_of(key) else note.guid
        if is_retired:
            retired[key] = Retired(note.changed, note.created, note.deck, note.fields, note.tags, guid)
        else:
            digest = content_hash(note.fields, note.tags)
            notes[key] = Shipped(digest, note.changed, note.created, note.deck, guid)
    return Ledger(types, notes, retired)


def write_ledger(ledger: Ledger, out: Path) -> None:
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
    """Raises UsageError when the folder cannot be written; what was there is still whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as fault:
        raise UsageError(f"cannot write in {path.parent} ({fault.strerror}): give another --out") from fault
