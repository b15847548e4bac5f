"""YAML files -> Bank. Every problem of every file is collected with its line; then the load fails once.

    bank/topics.yaml            a list of topics, in order
    bank/glossary.yaml          a list of groups of equal terms
    bank/profiles/<id>.yaml     the roles that one can practise for
    bank/<topic>/<id>.yaml      one question a file, pictures in media/ beside them

A bank is untrusted input: see `bank.yaml` for what its YAML may not do and `bank.media` for its pictures.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

import mockint.question as shapes
from mockint.bank import yaml
from mockint.bank.media import media_fault
from mockint.bank.remembered import Remembered
from mockint.errors import BankError, Problem, UsageError
from mockint.markdown import image_sources
from mockint.question import (
    Glossary,
    KeyPoint,
    KeyPointVerdict,
    MisconceptionVerdict,
    Profile,
    Question,
    Topic,
)

MAX_FILE_BYTES = 512 * 1024
PROFILES = "profiles"
T = TypeVar("T")


@dataclass(frozen=True)
class Bank:
    """All questions, in the order of topics, then level, then id. `files` has the file and lines of each."""

    root: Path
    topics: tuple[Topic, ...]
    questions: tuple[Question, ...]
    glossary: Glossary
    files: Mapping[str, BankFile] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()

    def profile(self, name: str) -> Profile:
        """By its id or its name in either language, or from a YAML file at this path.

        Raises UsageError for an unknown one, BankError with file and line for a faulty file.
        """
        for profile in self.profiles:
            if name.casefold() in (profile.id, *(text.casefold() for _, text in profile.name)):
                return profile
        if (path := Path(name)).suffix in (".yaml", ".yml"):
            return _own_profile(path, {topic.id for topic in self.topics})
        known = ", ".join(profile.id for profile in self.profiles)
        raise UsageError(f"unknown role {name!r}: use one of {known}, or a profile of your own, as in my-role.yaml")

    def question(self, id: str) -> Question:
        """Raises UsageError for an unknown id, naming the nearest ones."""
        for question in self.questions:
            if question.id == id:
                return question
        near = difflib.get_close_matches(id, [q.id for q in self.questions], n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "'mockint list' shows every id"
        raise UsageError(f"unknown question {id!r}: {hint}")

    def topic(self, id: str) -> Topic:
        """Raises UsageError for an unknown id."""
        for topic in self.topics:
            if topic.id == id:
                return topic
        raise UsageError(f"unknown topic {id!r}: use one of {', '.join(t.id for t in self.topics)}")

    def media_path(self, question: Question, src: str) -> Path:
        """The file of a picture that the question names as `media/NAME`."""
        return self.root / question.topic / src


@dataclass(frozen=True)
class BankFile:
    """One question's file: its path relative to the bank, and the line of every key in it."""

    path: str
    document: yaml.Document

    def problem(self, place: yaml.Path, rule: str, message: str, severity: str = "error") -> Problem:
        return Problem(self.path, self.document.line_of(place), rule, message, severity)


def default_bank() -> Path:
    """The bank that came with the installed package, or the one beside a source checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_bank", package.parent / "bank"):
        if (folder / "topics.yaml").is_file():
            return folder
    raise UsageError("no bank came with this installation: give one with --bank DIR")


def load_bank(root: Path, *, pictures: bool = True) -> Bank:
    """Raises BankError with all problems when there is any of severity error, UsageError when there is no bank.

    pictures: whether they are looked at too; what shows none starts quicker without.
    """
    bank, problems = read_bank(root, pictures=pictures)
    if problems:
        raise BankError(tuple(problems))
    return bank


def topics_of(root: Path) -> tuple[Topic, ...]:
    """The topics alone, which read fast: no question is opened. Empty when they cannot be read."""
    return _read_topics(root, []) if (root / "topics.yaml").is_file() else ()


def read_bank(root: Path, *, pictures: bool = True) -> tuple[Bank, list[Problem]]:
    """The questions that could be read, and every problem with the rest. Raises UsageError when there is no bank."""
    if not (root / "topics.yaml").is_file():
        raise UsageError(f"no bank at {str(root)!r}: expected a folder with a topics.yaml")
    problems: list[Problem] = []
    topics = _read_topics(root, problems)
    glossary = _read_glossary(root, problems)
    profiles = tuple(_read_profiles(root, {topic.id for topic in topics}, problems))
    read = list(_read_questions(root, topics, problems, pictures=pictures))
    problems += _duplicate_ids(read)
    order = {topic.id: place for place, topic in enumerate(topics)}
    unique = {question.id: (question, file) for question, file in reversed(read)}
    sorted_ids = sorted(unique, key=lambda id: (order[unique[id][0].topic], unique[id][0].level, id))
    return (
        Bank(
            root=root,
            topics=topics,
            questions=tuple(unique[id][0] for id in sorted_ids),
            glossary=glossary,
            files={id: unique[id][1] for id in sorted_ids},
            profiles=profiles,
        ),
        sorted(set(problems)),
    )


def select(bank: Bank, *, topics: Collection[str] = (), levels: Collection[int] = range(1, 6)) -> tuple[Question, ...]:
    """The questions of these topics (none given: all) and levels. Raises UsageError for an unknown topic."""
    for id in topics:
        bank.topic(id)
    return tuple(q for q in bank.questions if (not topics or q.topic in topics) and q.level in levels)


def _read_topics(root: Path, problems: list[Problem]) -> tuple[Topic, ...]:
    file = _read_file(root, root / "topics.yaml", problems)
    topics = _validate(file, TypeAdapter(list[Topic]), problems) if file else None
    if file and topics is not None:
        seen: set[str] = set()
        for place, topic in enumerate(topics):
            if topic.id in seen:
                problems.append(file.problem((place,), "duplicate-id", f"the topic {topic.id!r} stands here twice"))
            seen.add(topic.id)
    return tuple(topics or ())


def _read_glossary(root: Path, problems: list[Problem]) -> Glossary:
    if not (root / "glossary.yaml").is_file():
        return Glossary()
    file = _read_file(root, root / "glossary.yaml", problems)
    if not file:
        return Glossary()
    wrapped = BankFile(file.path, _under(file.document, "groups"))
    return _validate(wrapped, TypeAdapter(Glossary), problems) or Glossary()


def _read_profiles(root: Path, topics: set[str], problems: list[Problem]) -> Iterator[Profile]:
    for path in sorted((root / PROFILES).glob("*.yaml")):
        file = _read_file(root, path, problems)
        profile = _profile(file, topics, problems) if file else None
        if file and profile:
            if profile.id == path.stem:
                yield profile
            else:
                message = f"id {profile.id!r} differs from the file's name {path.stem!r}"
                problems.append(file.problem(("id",), "id-is-file-name", message))


def _profile(file: BankFile, topics: set[str], problems: list[Problem]) -> Profile | None:
    profile = _validate(file, TypeAdapter(Profile), problems)
    unknown = [id for id in profile.topics if id not in topics] if profile else []
    for id in unknown:
        message = f"unknown topic {id!r}: use {', '.join(sorted(topics))}"
        problems.append(file.problem(("topics", id), "unknown-topic", message))
    return None if unknown else profile


def _own_profile(path: Path, topics: set[str]) -> Profile:
    if not path.is_file():
        raise UsageError(f"no profile at {str(path)!r}: write one as in bank/profiles/, or use --role with an id")
    problems: list[Problem] = []
    file = _read_file(path.parent, path, problems)
    profile = _profile(file, topics, problems) if file else None
    if profile is None:
        raise BankError(tuple(problems))
    return profile


def _under(document: yaml.Document, key: str) -> yaml.Document:
    return yaml.Document({key: document.value}, {(key, *path): line for path, line in document.lines.items()})


def _read_questions(
    root: Path, topics: Sequence[Topic], problems: list[Problem], *, pictures: bool
) -> Iterator[tuple[Question, BankFile]]:
    known = {topic.id for topic in topics}
    remembered = Remembered()
    folders = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    for folder in sorted(path for path in folders if path.name != PROFILES):
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.is_dir():
                continue
            if path.suffix != ".yaml":
                fix = "questions are NAME.yaml, pictures lie in media/"
                problems.append(Problem(_relative(path, root), 0, "stray-file", f"{path.name!r} is not used: {fix}"))
                continue
            if file := _read_file(root, path, problems, remembered.document):
                question = _validate(file, TypeAdapter(Question), problems)
                found = list(_place_problems(file, known)) if isinstance(file.document.value, dict) else []
                problems += found
                if question is not None:
                    inside = list(_question_problems(question, file, root if pictures else None))
                    problems += inside
                    if not found and not inside:
                        yield question, file
    remembered.save()


def _read_file(
    root: Path, path: Path, problems: list[Problem], parse: Callable[[str], yaml.Document] = yaml.parse
) -> BankFile | None:
    name = _relative(path, root)
    if not path.resolve().is_relative_to(root.resolve()):
        problems.append(Problem(name, 0, "unsafe-path", "the file lies outside the bank: copy it in"))
        return None
    if path.stat().st_size > MAX_FILE_BYTES:
        problems.append(Problem(name, 0, "file-size", f"over {MAX_FILE_BYTES // 1024} KiB: split or shorten it"))
        return None
    try:
        return BankFile(name, parse(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError as fault:
        problems.append(Problem(name, 0, "yaml", f"not UTF-8 ({fault.reason} at byte {fault.start}): save it as UTF-8"))
    except yaml.YamlError as fault:
        problems.append(Problem(name, fault.line, "yaml", str(fault)))
    return None


def _validate(file: BankFile, shape: TypeAdapter[T], problems: list[Problem]) -> T | None:
    try:
        return shape.validate_python(file.document.value)
    except ValidationError as fault:
        problems.extend(_shape_problems(file, fault))
        return None


def _shape_problems(file: BankFile, fault: ValidationError) -> Iterator[Problem]:
    for error in fault.errors(include_url=False):
        place = tuple(error["loc"])
        where = ".".join(str(step) for step in place)
        match error["type"]:
            case "missing":
                rule, message = "missing-key", f"{where}: missing; add {str(place[-1])!r}"
            case "extra_forbidden":
                rule, message = "unknown-key", f"{where}: unknown key; {_spelling(str(place[-1]))}"
            case "string_type":
                rule, message = "shape", f"{where}: expected text; put {error['input']!r} in quotes"
            case _:
                rule, message = "shape", f"{where or 'file'}: {error['msg']}"
        yield file.problem(place, rule, message)


def _spelling(key: str) -> str:
    known = {
        name
        for shape in vars(shapes).values()
        if isinstance(shape, type) and issubclass(shape, BaseModel)
        for name in shape.model_fields
    }
    near = difflib.get_close_matches(key, sorted(known), n=1)
    return f"did you mean {near[0]!r}?" if near else "remove it"


def _place_problems(file: BankFile, topics: set[str]) -> Iterator[Problem]:
    """The id is the file's name; the topic is the folder's, and stands in topics.yaml."""
    folder, name = Path(file.path).parent.name, Path(file.path).stem
    value: dict[str, Any] = file.document.value
    if "id" in value and value["id"] != name:
        yield file.problem(("id",), "id-is-file-name", f"id {value['id']!r} differs from the file's name {name!r}")
    if "topic" not in value:
        return
    topic = value["topic"]
    if topic not in topics:
        known = ", ".join(sorted(topics))
        message = f"unknown topic {topic!r}: use {known}, or add it to topics.yaml"
        yield file.problem(("topic",), "unknown-topic", message)
    elif topic != folder:
        message = f"topic {topic!r} lies in {folder!r}: move the file to {topic}/"
        yield file.problem(("topic",), "topic-is-folder", message)


def _question_problems(question: Question, file: BankFile, root: Path | None) -> Iterator[Problem]:
    """root: where its pictures are; None to leave them unseen."""
    yield from _inner_duplicates(question, file)
    points = {point.id for point in question.key_points}
    for place, follow_up in enumerate(question.follow_ups):
        for id in follow_up.probes:
            if id not in points:
                message = f"probes the unknown key point {id!r}: use one of {', '.join(sorted(points))}"
                yield file.problem(("follow_ups", place, "probes"), "unknown-criterion", message)
    for place, wrong in enumerate(question.misconceptions):
        for id in wrong.denies:
            if id not in points:
                message = f"denies the unknown key point {id!r}: use one of {', '.join(sorted(points))}"
                yield file.problem(("misconceptions", place, "denies"), "unknown-criterion", message)
    yield from _verdict_problems(question, file)
    if root is not None:
        yield from _media_problems(question, file, root)


def _inner_duplicates(question: Question, file: BankFile) -> Iterator[Problem]:
    criteria: set[str] = set()
    for key in ("key_points", "misconceptions"):
        for place, criterion in enumerate(getattr(question, key)):
            if criterion.id in criteria:
                message = f"the id {criterion.id!r} stands in this question twice: rename one"
                yield file.problem((key, place, "id"), "duplicate-id", message)
            criteria.add(criterion.id)
    samples: set[str] = set()
    for place, sample in enumerate(question.samples):
        if sample.id in samples:
            message = f"the sample {sample.id!r} stands here twice: rename one"
            yield file.problem(("samples", place), "duplicate-id", message)
        samples.add(sample.id)


def _verdict_problems(question: Question, file: BankFile) -> Iterator[Problem]:
    allowed: dict[str, tuple[str, ...]] = {
        criterion.id: get_args(KeyPointVerdict if isinstance(criterion, KeyPoint) else MisconceptionVerdict)
        for criterion in question.criteria
    }
    for place, sample in enumerate(question.samples):
        where = ("samples", place, "verdicts")
        for id, verdict in sample.verdicts.items():
            if id not in allowed:
                message = f"a verdict for the unknown criterion {id!r}: use {', '.join(allowed)}"
                yield file.problem((*where, id), "unknown-criterion", message)
            elif verdict not in allowed[id]:
                message = f"the verdict on {id!r} cannot be {verdict!r}: use {', '.join(allowed[id])}"
                yield file.problem((*where, id), "wrong-verdict", message)
        if missing := [id for id in allowed if id not in sample.verdicts]:
            message = f"sample {sample.id!r} has no verdict on {', '.join(missing)}: add it"
            yield file.problem(where, "missing-verdict", message)


def _media_problems(question: Question, file: BankFile, root: Path) -> Iterator[Problem]:
    for key in ("prompt", "answer"):
        text = getattr(question, key)
        for lang in shapes.LANGS:
            for src in image_sources(text.in_(lang)):
                if fault := media_fault(root / question.topic, src, root):
                    yield file.problem((key, lang), "media", fault)


def _duplicate_ids(read: Sequence[tuple[Question, BankFile]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for question, file in read:
        other = first.setdefault(question.id, file.path)
        if other != file.path:
            message = f"the id {question.id!r} is also that of {other}: ids are unique in the bank"
            yield file.problem(("id",), "duplicate-id", message)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
