"""YAML files -> Bank. Every problem of every file is collected with its line; then the load fails once.

    bank/topics.yaml                  a list of topics, in order
    bank/profiles/<id>.yaml           the roles that one can practise for
    bank/<topic>/<id>.yaml            one question a file: what is true. Pictures in media/ beside them
    bank/<topic>/<id>.samples.yaml    answers with the verdicts they deserve; <id>.blind.yaml: those that nobody has
                                      read since they were written blind
    bank/<topic>/<id>.wordings.yaml   how the offline grader listens, with the words of concepts.yaml beside it and in
                                      bank/

Samples and wordings are read when somebody asks for them.

A bank is untrusted input: see `bank.yaml` for what its YAML may not do and `bank.media` for its pictures.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import mockint.question as shapes
from mockint.bank.document_cache import DocumentCache
from mockint.bank.files import BankFile, read_file, relative, validate
from mockint.bank.media import media_fault
from mockint.bank.samples import SampleFiles
from mockint.bank.wordings import CONCEPTS, WordingFiles
from mockint.errors import BankError, Problem, UsageError
from mockint.markdown.parser import image_sources
from mockint.question import Profile, Question, Topic

PROFILES = "profiles"
_TOPICS = TypeAdapter(list[Topic])
_PROFILE = TypeAdapter(Profile)
_QUESTION = TypeAdapter(Question)
PARTS = (".samples", ".blind", ".wordings")
"""What may follow a question's id in the name of a file that belongs to it."""


@dataclass(frozen=True, eq=False)
class Bank:
    """All questions, in the order of topics, then level, then id. `files` has the file and lines of each."""

    root: Path
    topics: tuple[Topic, ...]
    questions: tuple[Question, ...]
    files: Mapping[str, BankFile] = field(default_factory=dict)
    profiles: tuple[Profile, ...] = ()

    @cached_property
    def wordings(self) -> WordingFiles:
        """Question id -> how the offline grader listens to it. Raises BankError for a faulty file when it is read."""
        return WordingFiles(self.root, {question.id: question.topic for question in self.questions})

    @cached_property
    def samples(self) -> SampleFiles:
        """Question -> its samples. Raises BankError for a faulty file when it is read."""
        return SampleFiles(self.root)

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
    file = read_file(root, root / "topics.yaml", problems)
    topics = validate(file, _TOPICS, problems) if file else None
    if file and topics is not None:
        seen: set[str] = set()
        for place, topic in enumerate(topics):
            if topic.id in seen:
                problems.append(file.problem((place,), "duplicate-id", f"the topic {topic.id!r} stands here twice"))
            seen.add(topic.id)
    return tuple(topics or ())


def _read_profiles(root: Path, topics: set[str], problems: list[Problem]) -> Iterator[Profile]:
    for path in sorted((root / PROFILES).glob("*.yaml")):
        file = read_file(root, path, problems)
        profile = _profile(file, topics, problems) if file else None
        if file and profile:
            if profile.id == path.stem:
                yield profile
            else:
                message = f"id {profile.id!r} differs from the file's name {path.stem!r}"
                problems.append(file.problem(("id",), "id-is-file-name", message))


def _profile(file: BankFile, topics: set[str], problems: list[Problem]) -> Profile | None:
    profile = validate(file, _PROFILE, problems)
    unknown = [id for id in profile.topics if id not in topics] if profile else []
    for id in unknown:
        message = f"unknown topic {id!r}: use {', '.join(sorted(topics))}"
        problems.append(file.problem(("topics", id), "unknown-topic", message))
    return None if unknown else profile


def _own_profile(path: Path, topics: set[str]) -> Profile:
    if not path.is_file():
        raise UsageError(f"no profile at {str(path)!r}: write one as in bank/profiles/, or use --role with an id")
    problems: list[Problem] = []
    file = read_file(path.parent, path, problems)
    profile = _profile(file, topics, problems) if file else None
    if profile is None:
        raise BankError(tuple(problems))
    return profile


def _read_questions(
    root: Path, topics: Sequence[Topic], problems: list[Problem], *, pictures: bool
) -> Iterator[tuple[Question, BankFile]]:
    known = {topic.id for topic in topics}
    cache = DocumentCache(root)
    folders = (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    for folder in sorted(path for path in folders if path.name != PROFILES):
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.is_dir():
                continue
            if fault := _stray(path):
                problems.append(Problem(relative(path, root), 0, "stray-file", fault))
            if path.suffix != ".yaml" or path.name == CONCEPTS or path.stem.endswith(PARTS):
                continue
            if file := read_file(root, path, problems, cache.document):
                question = validate(file, _QUESTION, problems)
                found = list(_place_problems(file, known)) if isinstance(file.document.value, dict) else []
                problems += found
                if question is not None:
                    inside = list(_question_problems(question, file, root if pictures else None))
                    problems += inside
                    if not found and not inside:
                        yield question, file
    cache.save()


def _stray(path: Path) -> str | None:
    """Why a file of a topic's folder belongs to nothing."""
    if path.suffix != ".yaml":
        return f"{path.name!r} is not used: questions are NAME.yaml, pictures lie in media/"
    name, _, part = path.stem.partition(".")
    if f".{part}" in PARTS and not path.with_name(f"{name}.yaml").is_file():
        return f"there is no question {name!r} beside it: rename the file or add {name}.yaml"
    return None


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
        for verb, ids in (("probes", follow_up.probes), ("earns", follow_up.earns)):
            for id in ids:
                if id not in points:
                    message = f"{verb} the unknown key point {id!r}: use one of {', '.join(sorted(points))}"
                    yield file.problem(("follow_ups", place, verb), "unknown-criterion", message)
        if follow_up.earns and follow_up.answer is None:
            message = "says what a good reply earns, not what it says: add 'answer'"
            yield file.problem(("follow_ups", place, "earns"), "no-follow-up-answer", message)
    for place, wrong in enumerate(question.misconceptions):
        for id in wrong.denies:
            if id not in points:
                message = f"denies the unknown key point {id!r}: use one of {', '.join(sorted(points))}"
                yield file.problem(("misconceptions", place, "denies"), "unknown-criterion", message)
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
