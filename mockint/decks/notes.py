"""Question -> notes: identity, fields and tags. Pure, but for the pictures it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import normalize
from urllib.parse import urlsplit

from mockint.decks.notetypes import LABELS, NoteKind, NoteType, note_type
from mockint.decks.pictures import MediaFile, ReadPicture, show
from mockint.errors import UsageError
from mockint.markdown import card
from mockint.markdown.parser import cloze_fault
from mockint.question import KeyPoint, Lang, Question, Topic

TAG = "mockint"
TYPED_MAX = 120
"""A longer output is shown, not asked for: nobody types it."""


@dataclass(frozen=True)
class CardNote:
    """One note as it is to be: everything that Anki stores of it except when it last changed.

    key: `<lang>/question/<question id>` or `<lang>/cloze/<question id>/<key point id>`. The GUID derives from the key
    that the note ships under first; the ledger knows it when the key has changed since.
    fields: in the order of the note type. media: the files that its fields show.
    position: the order in which new cards are met, compared as it stands.
    """

    key: str
    kind: NoteKind
    lang: Lang
    topic: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    media: tuple[MediaFile, ...]
    position: tuple[int, int, int, str, int]

    @property
    def question_id(self) -> str:
        return self.key.split("/")[2]

    @property
    def note_type(self) -> NoteType:
        return note_type(self.kind, self.lang)

    def named_fields(self) -> dict[str, str]:
        """By name, in their order."""
        names = (field.name for field in self.note_type.fields)
        return dict(zip(names, self.fields, strict=True))

    def content_hash(self) -> str:
        return content_hash(self.fields, self.tags)


def content_hash(fields: tuple[str, ...], tags: tuple[str, ...]) -> str:
    """32 hex digits. What decides whether a note has changed: all that an update would write over the learner's."""
    return hashlib.sha256("\x1f".join((*fields, " ".join(tags))).encode()).hexdigest()[:32]


def shipped_hash(fields: Mapping[str, str]) -> str:
    """The value of the field `Shipped`, 16 hex digits of a hash of all others, in order, as Anki stores them (NFC)."""
    others = "\x1f".join(value for name, value in fields.items() if name != "Shipped")
    return hashlib.sha256(normalize("NFC", others).encode()).hexdigest()[:16]


def key_of(note_type: str, id: str) -> str:
    """note_type: `<lang>/<kind>`. id: as it stands in the field `Id` of a note of that type."""
    return f"{note_type}/{id.replace(' / ', '/')}"


def guid_of(key: str) -> str:
    """The identity of a note in every collection. Never change it."""
    from genanki import guid_for

    return str(guid_for("mockint", key))


def notes_of(question: Question, topic: Topic, topic_place: int, lang: Lang, read: ReadPicture) -> list[CardNote]:
    """The question's note, then one note for each key point that has a cloze."""
    writer = _Writer(question, topic, topic_place, lang, read)
    return [writer.question_note(), *writer.cloze_notes()]


class _Writer:
    """Writes the notes of one question in one language."""

    def __init__(self, question: Question, topic: Topic, topic_place: int, lang: Lang, read: ReadPicture) -> None:
        self.question, self.topic, self.topic_place, self.lang = question, topic, topic_place, lang
        self.other: Lang = "zh" if lang == "en" else "en"
        self.read = read
        self.shown: list[MediaFile] = []

    def question_note(self) -> CardNote:
        question = self.question
        fields = {
            "Prompt": self._prompt(),
            "Hint": self._hints(),
            "Key points": self._key_points(self.lang),
            "Answer": self._answer(self.lang),
            "Misconceptions": self._misconceptions(),
            "Follow-ups": _list(self._inline(item.prompt.in_(self.lang)) for item in question.follow_ups),
            "References": self._references(),
            "Other language": self._other_language(),
            "Topic": card.plain(self.topic.name.in_(self.lang)),
            "Level": str(question.level),
            "Minutes": str(question.minutes),
            "Kind": question.kind,
            "Id": question.id,
        }
        if question.code:
            fields["Output"] = card.code(question.code.output, "output") if question.code.output.strip() else ""
            typed = " ".join(question.code.output.split())
            fields["Typed"] = card.plain(typed) if len(typed) <= TYPED_MAX else ""
        return self._note("question", f"{self.lang}/question/{question.id}", fields, 0)

    def cloze_notes(self) -> Iterator[CardNote]:
        for place, point in enumerate(self.question.key_points, 1):
            if point.cloze:
                fields = self._cloze_fields(point, point.cloze.in_(self.lang), point.cloze.in_(self.other))
                yield self._note("cloze", f"{self.lang}/cloze/{self.question.id}/{point.id}", fields, place)

    def _cloze_fields(self, point: KeyPoint, sentence: str, other: str) -> dict[str, str]:
        text = card.cloze(sentence, self._picture)
        if fault := cloze_fault(sentence):
            raise UsageError(f"question {self.question.id!r}, key point {point.id!r}: {fault}")
        return {
            "Text": text,
            "Key point": self._block(point.text.in_(self.lang)),
            "Question": self._prompt(),
            "Other language": card.CLOZE_MARKS.sub("", card.cloze(other, self._picture)),
            "Topic": card.plain(self.topic.name.in_(self.lang)),
            "Level": str(self.question.level),
            "Id": f"{self.question.id} / {point.id}",
        }

    def _note(self, kind: NoteKind, key: str, fields: dict[str, str], place: int) -> CardNote:
        question = self.question
        tags = [
            f"{TAG}::topic::{question.topic}",
            f"{TAG}::level::{question.level}",
            f"{TAG}::kind::{question.kind}",
            f"{TAG}::id::{question.id}",
            *(f"{TAG}::tag::{tag}" for tag in question.tags),
        ]
        media, self.shown = tuple(dict.fromkeys(self.shown)), []
        names = [field.name for field in note_type(kind, self.lang).fields]
        values = {name: fields.get(name, "") for name in names}
        values["Shipped"] = shipped_hash(values)
        return CardNote(
            key=key,
            kind=kind,
            lang=self.lang,
            topic=question.topic,
            fields=tuple(values.values()),
            tags=tuple(sorted(set(tags))),
            media=media,
            position=(question.level, int(kind == "cloze"), self.topic_place, question.id, place),
        )

    def _prompt(self) -> str:
        """With the program: the first field tells notes apart, and many a prompt is 'What does this print?'.

        So the field `Code` stays empty; its template still shows the one of a note from before.
        """
        html, code = self._block(self.question.prompt.in_(self.lang)), self.question.code
        return f"{html}\n{card.code(code.source, code.language)}" if code else html

    def _key_points(self, lang: Lang) -> str:
        """Must-haves first on the eye: a pill and a coloured edge."""
        items = []
        for point in self.question.key_points:
            text = self._inline(point.text.in_(lang))
            pill = f' <span class="mi-pill">{LABELS[lang]["must"]}</span>' if point.must else ""
            kind = ' class="mi-must"' if point.must else ""
            items.append(f"<li{kind}>{text}{pill}</li>")
        return f"<ul>{''.join(items)}</ul>"

    def _misconceptions(self) -> str:
        items = []
        for wrong in self.question.misconceptions:
            html = f'<span class="mi-belief">{self._inline(wrong.text.in_(self.lang))}</span>'
            if wrong.correction:
                html += f'<span class="mi-correction">{self._inline(wrong.correction.in_(self.lang))}</span>'
            items.append(html)
        return _list(items)

    def _hints(self) -> str:
        hints = [self._inline(hint.in_(self.lang)) for hint in self.question.hints]
        return hints[0] if len(hints) == 1 else _list(hints)

    def _references(self) -> str:
        items = []
        for reference in self.question.references:
            host = urlsplit(reference.url).netloc.removeprefix("www.")
            link = f'<a href="{card.attribute(reference.url)}">{card.plain(reference.title)}</a>'
            items.append(f'{link} <span class="mi-host">{card.plain(host)}</span>')
        return _list(items)

    def _other_language(self) -> str:
        prompt = self._block(self.question.prompt.in_(self.other))
        points = f'<div class="mi-points">{self._key_points(self.other)}</div>'
        return f"{prompt}\n{points}\n{self._answer(self.other)}"

    def _answer(self, lang: Lang) -> str:
        """A program that only proves what the answer says folds open: a card is read on a phone."""
        return card.block(self.question.answer.in_(lang), self._picture, fold=LABELS[lang]["program"])

    def _block(self, text: str) -> str:
        return card.block(text, self._picture)

    def _inline(self, text: str) -> str:
        return card.inline(text, self._picture)

    def _picture(self, src: str, alt: str) -> str:
        html, files = show(self.question.topic, src, alt, self.read)
        self.shown += files
        return html


def _list(items: Iterator[str] | list[str]) -> str:
    html = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{html}</ul>" if html else ""
