"""`<id>.wordings.yaml` and the two `concepts.yaml` above it -> Wordings, with the line and column of every pattern."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from mockint.bank.files import BankFile, read_file, validate
from mockint.errors import BankError, Problem
from mockint.question import Frozen, Id, NonEmpty
from mockint.wordings import HEARS, Concepts, Hears, Wordings, Written

CONCEPTS = "concepts.yaml"


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[NonEmpty], Field(min_length=1), BeforeValidator(_listed)]
_CONCEPTS: TypeAdapter[dict[Id, list[str]]] = TypeAdapter(dict[Id, Texts])


class _File(Frozen):
    """The shape of `<id>.wordings.yaml`."""

    concepts: dict[Id, Texts] = {}
    rivals: list[Id] = []
    says: dict[Id, Texts] = {}
    partly: dict[Id, Texts] = {}
    denies: dict[Id, Texts] = {}


_FILE = TypeAdapter(_File)


class WordingFiles:
    """The wordings of a bank's questions, read when asked for and kept. topics: the topic of each question."""

    def __init__(self, root: Path, topics: Mapping[str, str]) -> None:
        self._root = root
        self._topics = topics
        self._read: dict[str, tuple[Wordings, BankFile | None, list[Problem]]] = {}
        self._shared: dict[str, tuple[Concepts, list[Problem]]] = {}
        self._keys: dict[str, str] = {}
        self._hashes: dict[Path, str] = {}

    def __call__(self, question_id: str) -> Wordings:
        """Empty for a question without wordings. Raises BankError."""
        wordings, _, problems = self._of(question_id)
        if problems:
            raise BankError(tuple(problems))
        return wordings

    def key(self, question_id: str) -> str:
        """sha256 over the bytes of the three files, as hex."""
        if question_id not in self._keys:
            topic = self._root / self._topics.get(question_id, ".")
            digest = sha256()
            for path in (self._root / CONCEPTS, topic / CONCEPTS, self.path(question_id)):
                if path not in self._hashes:
                    self._hashes[path] = sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
                digest.update(self._hashes[path].encode())
            self._keys[question_id] = digest.hexdigest()
        return self._keys[question_id]

    def file(self, question_id: str) -> BankFile | None:
        """Its `<id>.wordings.yaml` and the lines in it; None when there is none or it cannot be read."""
        return self._of(question_id)[1]

    def path(self, question_id: str) -> Path:
        """Where its wordings stand, or would."""
        return self._root / self._topics.get(question_id, ".") / f"{question_id}.wordings.yaml"

    def problems(self, question_id: str) -> list[Problem]:
        """In its own file and in the concepts of its topic and of the bank."""
        return self._of(question_id)[2]

    def _of(self, question_id: str) -> tuple[Wordings, BankFile | None, list[Problem]]:
        if question_id not in self._read:
            shared, problems = self._concepts(self._topics.get(question_id, "."))
            wordings, file, own = _read(self._root, self.path(question_id), shared)
            self._read[question_id] = wordings, file, [*problems, *own]
        return self._read[question_id]

    def _concepts(self, topic: str) -> tuple[Concepts, list[Problem]]:
        if topic not in self._shared:
            problems: list[Problem] = []
            concepts: dict[str, tuple[Written, ...]] = {}
            for path in dict.fromkeys((self._root / CONCEPTS, self._root / topic / CONCEPTS)):
                file = read_file(self._root, path, problems) if path.is_file() else None
                found = validate(file, _CONCEPTS, problems) if file else None
                for name in found or {}:
                    if file and name in concepts:
                        message = f"the concept {name!r} also stands in {concepts[name][0].path}: rename or merge it"
                        problems.append(file.problem((name,), "duplicate-concept", message))
                if file and found:
                    concepts |= {name: _written(file, (name,), texts) for name, texts in found.items()}
            self._shared[topic] = concepts, problems
        return self._shared[topic]


def _read(root: Path, path: Path, shared: Concepts) -> tuple[Wordings, BankFile | None, list[Problem]]:
    problems: list[Problem] = []
    file = read_file(root, path, problems) if path.is_file() else None
    found = validate(file, _FILE, problems) if file else None
    if file is None or found is None:
        return Wordings(shared=shared), file, problems
    for name in found.concepts:
        if name in shared:
            message = f"the concept {name!r} also stands in {shared[name][0].path}: rename it, or use that one"
            problems.append(file.problem(("concepts", name), "duplicate-concept", message))
    patterns: dict[Hears, dict[str, tuple[Written, ...]]] = {
        hears: {id: _written(file, (hears, id), texts) for id, texts in getattr(found, hears).items()}
        for hears in HEARS
    }
    return (
        Wordings(
            path=file.path,
            concepts={name: _written(file, ("concepts", name), texts) for name, texts in found.concepts.items()},
            shared=shared,
            rivals=_written(file, ("rivals",), found.rivals),
            patterns=patterns,
        ),
        file,
        problems,
    )


def _written(file: BankFile, place: tuple[str, ...], texts: list[str]) -> tuple[Written, ...]:
    single = (*place,) in file.document.columns  # one text instead of a list of one
    placed = []
    for number, text in enumerate(texts):
        line, column = file.document.place_of(place if single else (*place, number))
        placed.append(Written(text, file.path, line, column))
    return tuple(placed)
