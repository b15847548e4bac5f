"""The shapes of the bank: Question and its parts, Sample, Topic. Frozen values; unknown keys are refused.

A Question holds what is true and what a learner sees. How the offline grader listens stands apart (`wordings`), and so
do the samples.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = get_args(Lang)
Kind = Literal["explain", "compare", "code-output", "diagram", "design"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KeyPointVerdict = Literal["met", "partial", "missing", "contradicted"]
MisconceptionVerdict = Literal["stated", "absent"]
Verdict = Literal["met", "partial", "missing", "contradicted", "stated", "absent"]

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Points = Annotated[float, Field(gt=0, le=10)]


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("expected an http:// or https:// address")
    return value


Url = Annotated[str, AfterValidator(_http_url)]


class Frozen(BaseModel):
    """Base of every shape: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(Frozen):
    """The same text in every language of the bank."""

    en: NonEmpty
    zh: NonEmpty

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh


class Topic(Frozen):
    id: Id
    name: Text
    line: Text


class Profile(Frozen):
    """A role to practise for. topics: weight by topic id. levels: the lowest and the highest. minutes: of a session."""

    id: Id
    name: Text
    line: Text
    topics: Annotated[dict[Id, Points], Field(min_length=1)]
    levels: tuple[Annotated[int, Field(ge=1, le=5)], Annotated[int, Field(ge=1, le=5)]] = (1, 5)
    minutes: Annotated[int, Field(ge=5, le=240)] = 30

    @model_validator(mode="after")
    def _levels_in_order(self) -> Self:
        if self.levels[0] > self.levels[1]:
            raise ValueError(f"levels {list(self.levels)}: write the lower one first")
        return self


class KeyPoint(Frozen):
    """One thing a good answer says.

    cloze: the key point as one sentence for a cloze card, the words to recall in `[[double square brackets]]`.
    """

    id: Id
    text: Text
    weight: Points = 1.0
    must: bool = False
    cloze: Text | None = None


class Misconception(Frozen):
    """A wrong belief. Stating it costs `weight` points; `correction` says what is true instead.

    denies: the key points that whoever states it says the opposite of.
    """

    id: Id
    text: Text
    correction: Text | None = None
    weight: Points = 1.0
    denies: list[Id] = []


Criterion = KeyPoint | Misconception


class FollowUp(Frozen):
    """A question asked after the answer, aimed at the key points it probes.

    answer: what a good reply says. earns: the key points that such a reply has made, also where it does not repeat
    their words.
    """

    prompt: Text
    probes: Annotated[list[Id], Field(min_length=1)]
    answer: Text | None = None
    earns: list[Id] = []


class Reference(Frozen):
    title: NonEmpty
    url: Url


class Source(Frozen):
    """Where a question came from: which heading of which notes."""

    notes: NonEmpty
    heading: NonEmpty


class Code(Frozen):
    """A program that is part of the question. `output` is what it prints; a test runs it and compares."""

    language: Literal["python"] = "python"
    source: NonEmpty
    output: str


class Sample(Frozen):
    """An answer as a candidate would give it, and the verdict of a careful person on every criterion.

    blind: written from prompt, key points and misconceptions alone, without sight of wordings, samples and grader.
    """

    id: Id
    answer: str
    verdicts: dict[Id, Verdict]
    blind: bool = False
    note: str | None = None


class Question(Frozen):
    id: Id
    topic: Id
    kind: Kind
    level: Annotated[int, Field(ge=1, le=5)]
    minutes: Annotated[int, Field(ge=1, le=60)]
    tags: list[Id] = []
    prompt: Text
    code: Code | None = None
    answer: Text
    key_points: Annotated[list[KeyPoint], Field(min_length=3, max_length=8)]
    misconceptions: list[Misconception] = []
    follow_ups: list[FollowUp] = []
    hints: list[Text] = []
    references: list[Reference] = []
    source: Source | None = None

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Key points, then misconceptions, as they stand in the file. Every grader marks each exactly once."""
        return (*self.key_points, *self.misconceptions)

    def criterion(self, id: str) -> Criterion:
        return next(criterion for criterion in self.criteria if criterion.id == id)

    def content(self) -> dict[str, Any]:
        """All that a learner sees, as JSON values."""
        content = self.model_dump(mode="json")
        # What does not use a field that came later keeps the hash that it had before there was any.
        for wrong in content["misconceptions"]:
            _drop_unused(wrong, "denies")
        for follow_up in content["follow_ups"]:
            _drop_unused(follow_up, "answer", "earns")
        return content

    def content_hash(self) -> str:
        """sha256 of the content, as hex."""
        return self._content_hash

    def __copy__(self) -> Self:
        """A copy is mostly made to be changed: it must not take the hash along."""
        copied = super().__copy__()
        copied.__dict__.pop("_content_hash", None)
        return copied

    @cached_property
    def _content_hash(self) -> str:
        canonical = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def _drop_unused(content: dict[str, Any], *names: str) -> None:
    for name in names:
        if not content[name]:
            del content[name]
