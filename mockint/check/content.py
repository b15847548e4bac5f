"""Rules on what a question says: enough samples, something to recall in a cloze."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockint.bank import Bank
from mockint.bank.files import BankFile
from mockint.decks.pictures import NIGHT
from mockint.errors import Problem
from mockint.markdown.parser import image_sources, parser
from mockint.question import LANGS, Question

MIN_SAMPLES = 4
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def few_samples(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    if not bank.samples.problems(question) and (count := len(bank.samples(question))) < MIN_SAMPLES:
        message = f"{count} samples: add up to {MIN_SAMPLES} or more (strong, partial, wrong, Chinese)"
        yield (bank.samples.file(question) or file).problem((), "few-samples", message, "warning")


def misconception_without_correction(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for place, wrong in enumerate(question.misconceptions):
        if wrong.correction is None:
            message = f"{wrong.id!r} does not say what is true instead: add a 'correction'"
            yield file.problem(("misconceptions", place), "no-correction", message, "warning")


def cloze_hides_nothing(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for place, point in enumerate(question.key_points):
        for lang in LANGS if point.cloze else ():
            if point.cloze and not re.search(r"\[\[.+?\]\]", point.cloze.in_(lang)):
                message = "nothing to recall: put the words to hide in [[double square brackets]]"
                yield file.problem(("key_points", place, "cloze", lang), "empty-cloze", message)


def compare_without_table(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for lang in LANGS if question.kind == "compare" else ():
        if not any(token.type == "table_open" for token in parser().parse(question.answer.in_(lang))):
            message = "a compare question's answer has a table: add one"
            yield file.problem(("answer", lang), "no-table", message, "warning")


def code_output_without_code(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    if (question.kind == "code-output") != (question.code is not None):
        message = "'code' and the kind 'code-output' belong together: add 'code' with source and output, or change one"
        yield file.problem(("code",) if question.code else ("kind",), "code-output", message)


def no_reference(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    if not question.references:
        yield file.problem((), "no-reference", "no reference: add the primary source", "warning")


def no_follow_up(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    if not question.follow_ups:
        yield file.problem((), "no-follow-up", "no follow-up: add one that probes a key point", "warning")


def no_hint(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    if not question.hints:
        yield file.problem((), "no-hint", "no hint: add one or two, weak to strong", "warning")


def picture_colours(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for key in ("prompt", "answer"):
        for lang in LANGS:
            for src in image_sources(getattr(question, key).in_(lang)):
                if not src.endswith(".svg"):
                    continue
                text = bank.media_path(question, src).read_text(encoding="utf-8", errors="replace")
                if strange := sorted({colour.lower() for colour in _COLOUR.findall(text)} - NIGHT.keys()):
                    message = f"{src} uses {', '.join(strange)}: keep to the palette, or night mode cannot follow"
                    yield file.problem((key, lang), "picture-colours", message)
