"""The note types, frozen from the first release on.

Anki finds a note type by its id and compares fields and templates by theirs. Adding, removing or reordering either
makes every note of the learner "conflicting" for ever; renaming one that has an explicit id is free. So each note type
ships with spare fields, and the question's with spare templates that give no card while their fields are empty: a
later release renames a spare and fills it. Never add, remove or move a row here; never change a number.

One note type serves every kind of question, so that a question may change its kind and keep its history.

The last field is the id: no template depends on it, so whatever a learner adds there creates no card. `Shipped` is a
hash of the other fields as they were shipped: by it an old text differs from a learner's own words.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal

from mockint.question import LANGS, Lang

NoteKind = Literal["question", "cloze"]
SPARE_TEMPLATES = 2


@dataclass(frozen=True)
class NoteField:
    """A field: its number, which is its identity, and its name, which may change."""

    id: int
    name: str


@dataclass(frozen=True)
class CardTemplate:
    """id: its identity, pinned; the name may change. front, back: HTML with the field names in `{{double braces}}`."""

    id: int
    name: str
    front: str
    back: str


@dataclass(frozen=True)
class NoteType:
    """id: Anki's id of it, pinned. cloze: whether Anki makes cards from `{{c1::…}}`. css: shared by all cards."""

    id: int
    name: str
    cloze: bool
    fields: tuple[NoteField, ...]
    templates: tuple[CardTemplate, ...]
    css: str

    def content_hash(self) -> str:
        """32 hex digits. Changes with all that an import would write over the learner's note type."""
        content = json.dumps(
            [
                self.name,
                [[field.id, field.name] for field in self.fields],
                [[template.id, template.name, template.front, template.back] for template in self.templates],
                self.css,
            ]
        )
        return hashlib.sha256(content.encode()).hexdigest()[:32]


_IDS: dict[tuple[NoteKind, Lang], int] = {
    ("question", "en"): 1763480921117,
    ("cloze", "en"): 1763480921331,
    ("question", "zh"): 1763480922117,
    ("cloze", "zh"): 1763480922331,
}

QUESTION_FIELDS = (
    NoteField(41001, "Prompt"),
    NoteField(41002, "Code"),
    NoteField(41003, "Hint"),
    NoteField(41004, "Typed"),
    NoteField(41005, "Output"),
    NoteField(41006, "Key points"),
    NoteField(41007, "Answer"),
    NoteField(41008, "Misconceptions"),
    NoteField(41009, "Follow-ups"),
    NoteField(41010, "References"),
    NoteField(41011, "Other language"),
    NoteField(41012, "Topic"),
    NoteField(41013, "Level"),
    NoteField(41014, "Minutes"),
    NoteField(41015, "Kind"),
    NoteField(41016, "Spare 1"),
    NoteField(41017, "Spare 2"),
    NoteField(41018, "Spare 3"),
    NoteField(41019, "Spare 4"),
    NoteField(41020, "Spare 5"),
    NoteField(41021, "Spare 6"),
    NoteField(41022, "Shipped"),
    NoteField(41023, "Id"),
)
CLOZE_FIELDS = (
    NoteField(42001, "Text"),
    NoteField(42002, "Key point"),
    NoteField(42003, "Question"),
    NoteField(42004, "Other language"),
    NoteField(42005, "Topic"),
    NoteField(42006, "Level"),
    NoteField(42007, "Spare 1"),
    NoteField(42008, "Spare 2"),
    NoteField(42009, "Spare 3"),
    NoteField(42010, "Spare 4"),
    NoteField(42011, "Shipped"),
    NoteField(42012, "Id"),
)

LANG_TAGS: dict[Lang, str] = {"en": "en", "zh": "zh-Hans"}
LABELS: dict[Lang, dict[str, str]] = {
    "en": {
        "level": "Level",
        "minutes": "min",
        "hint": "Hint",
        "type_it": "Type what it prints, with a space for each new line.",
        "key_points": "Key points",
        "key_point": "Key point",
        "answer": "Reference answer",
        "misconceptions": "Misconceptions",
        "follow_ups": "Follow-up questions",
        "references": "References",
        "part_of": "The question it answers",
        "other_language": "中文版",
        "must": "must",
        "program": "Code and its output",
    },
    "zh": {
        "level": "难度",
        "minutes": "分钟",
        "hint": "提示",
        "type_it": "输入程序的输出，换行处打一个空格。",
        "key_points": "要点",
        "key_point": "要点",
        "answer": "参考答案",
        "misconceptions": "常见误区",
        "follow_ups": "追问",
        "references": "参考资料",
        "part_of": "对应的问题",
        "other_language": "English",
        "must": "必答",
        "program": "代码与输出",
    },
}


@cache
def note_type(kind: NoteKind, lang: Lang) -> NoteType:
    """The note type of a kind of note in one language (labels and `lang` are part of the template)."""
    fields = QUESTION_FIELDS if kind == "question" else CLOZE_FIELDS
    first = CardTemplate(
        id=51001 if kind == "question" else 52001,
        name="Question" if kind == "question" else "Key point",
        front=_text(f"{kind}-front.html", lang),
        back=_text(f"{kind}-back.html", lang),
    )
    spares = tuple(_spare_template(number, lang) for number in range(1, SPARE_TEMPLATES + 1))
    return NoteType(
        id=_IDS[kind, lang],
        name=f"mockint {kind} ({lang})",
        cloze=kind == "cloze",
        fields=fields,
        templates=(first, *spares) if kind == "question" else (first,),  # Anki allows a cloze type one template
        css=_read("style.css"),
    )


def note_types() -> dict[str, NoteType]:
    """All of them, by the name under which the ledger knows them."""
    return {f"{lang}/{kind}": note_type(kind, lang) for lang in LANGS for kind in ("question", "cloze")}


def _spare_template(number: int, lang: Lang) -> CardTemplate:
    front, back = f"Spare {2 * number - 1}", f"Spare {2 * number}"
    wrap = f'<article class="mi" lang="{LANG_TAGS[lang]}">'
    foot = '<footer class="mi-foot">{{Id}}</footer>'
    return CardTemplate(
        id=51001 + number,
        name=f"Spare {number}",
        front=f"{{{{#{front}}}}}{wrap}{{{{{front}}}}}</article>{{{{/{front}}}}}",
        back=f'{wrap}{{{{{front}}}}}<hr id="answer">{{{{{back}}}}}{foot}</article>',
    )


def _text(name: str, lang: Lang) -> str:
    other: Lang = "zh" if lang == "en" else "en"
    return Template(_read(name)).substitute(LABELS[lang], lang=LANG_TAGS[lang], other_lang=LANG_TAGS[other])


@cache
def _read(name: str) -> str:
    return (files("mockint.decks") / "templates" / name).read_text(encoding="utf-8")
