"""Rules on how the offline grader listens: patterns can be read, hear something, and only what they should."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mockint.bank import Bank
from mockint.bank.files import BankFile
from mockint.errors import Problem
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.compiler import Compiled
from mockint.grading.offline.lexicon import lexicon
from mockint.grading.offline.match import Reading, read
from mockint.grading.offline.notation import PatternError, normal_form, parse
from mockint.grading.offline.patterns import Pattern, faults_of
from mockint.question import LANGS, KeyPoint, Question
from mockint.wordings import Wordings, Written

MAX_COLUMNS = 120
_NAMED = re.compile(r"<([a-z0-9-]+)>")


def unreadable_file(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """What is wrong with the samples' and the wordings' files themselves."""
    yield from bank.samples.problems(question)
    yield from bank.wordings.problems(question.id)


def pattern_fault(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """A pattern that cannot be read, or that names a concept nobody wrote."""
    if wordings := _wordings(bank, question):
        for fault in _faults(wordings):
            where = fault.written or Written("")
            column = where.column + fault.offset
            yield Problem(where.path, where.line, "pattern", f"column {column} of {where.text!r}: {fault}")


def unknown_criterion(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    known = [criterion.id for criterion in question.criteria]
    points = [point.id for point in question.key_points]
    wordings, own = _wordings(bank, question), bank.wordings.file(question.id)
    if wordings is None or own is None:
        return
    for hears, by_criterion in wordings.patterns.items():
        for id in by_criterion:
            if id not in (points if hears == "partly" else known):
                message = f"wordings for the unknown criterion {id!r}: use {', '.join(known)}"
                if id in known:
                    message = f"{id!r} is a misconception, and nobody states a half of one: move it to 'says'"
                yield own.problem((hears, id), "unknown-criterion", message)


def criterion_without_wording(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    wordings, own = _wordings(bank, question), bank.wordings.file(question.id)
    for criterion in question.criteria:
        if wordings and criterion.id not in wordings.patterns.get("says", {}):
            message = f"{criterion.id!r} has no pattern: say under 'says' how people put it"
            yield (own or file).problem(("says",) if own else (), "no-wording", message, "warning")


def pattern_twice(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """The same pattern of one criterion, also when its parts or alternatives stand in another order."""
    wordings = _wordings(bank, question)
    if wordings is None or _faults(wordings):
        return
    first: dict[tuple[str, object], Written] = {}
    for by_criterion in wordings.patterns.values():
        for id, patterns in by_criterion.items():
            for pattern in patterns:
                other = first.setdefault((id, normal_form(parse(pattern.text))), pattern)
                if other is not pattern:
                    message = f"{pattern.text!r} also stands in line {other.line}: remove one"
                    yield Problem(pattern.path, pattern.line, "pattern-twice", message)


def unused_concept(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    wordings = _wordings(bank, question)
    if wordings is None:
        return
    texts = [one.text for several in wordings.concepts.values() for one in several]
    texts += [one.text for by in wordings.patterns.values() for several in by.values() for one in several]
    named = {name for text in texts for name in _NAMED.findall(text)} | {rival.text for rival in wordings.rivals}
    for name, alternatives in wordings.concepts.items():
        if name not in named:
            message = f"no pattern names the concept {name!r}: use it or remove it"
            yield Problem(alternatives[0].path, alternatives[0].line, "unused-concept", message, "warning")


def long_line(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    path = bank.wordings.path(question.id)
    if path.is_file():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if len(line) > MAX_COLUMNS:
                message = f"{len(line)} columns: write a list of alternatives, {MAX_COLUMNS} at most a line"
                yield Problem(path.relative_to(bank.root).as_posix(), number, "long-line", message, "warning")


def unheard_pattern(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """A pattern that hears nothing in any sample is untried, and mostly a variant of another."""
    compiled = _compiled(bank, question)
    if compiled is None or bank.samples.problems(question):
        return
    heard: set[Written] = set()
    for sample in bank.samples(question):
        heard.update(pattern.written for pattern in _heard(read(compiled, sample.answer)))
    for written in dict.fromkeys(pattern.written for pattern in compiled.table.patterns):
        if written not in heard:
            message = f"{written.text!r} hears nothing in any sample: add one that says it, widen it or remove it"
            yield Problem(written.path, written.line, "unheard-pattern", message, "warning")


def heard_in_the_reference(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """The reference answer denies none of its key points and states no misconception."""
    compiled = _compiled(bank, question)
    if compiled is None:
        return
    for lang in LANGS:
        reading = read(compiled, question.answer.in_(lang))
        for (place, hears), patterns in reading.patterns.items():
            criterion = question.criteria[place]
            if hears == ("denies" if isinstance(criterion, KeyPoint) else "says"):
                for one in patterns:
                    if all(any(h.outright and not h.apart for h in half) for half in one.halves):
                        written = one.pattern.written
                        found = f"hears {criterion.id!r} {_SENSE[hears]} in the reference ({lang})"
                        message = f"{written.text!r} {found}: tighten it"
                        yield Problem(written.path, written.line, "heard-in-reference", message)


_SENSE = {"denies": "denied", "says": "stated"}


def _heard(reading: Reading) -> Iterable[Pattern]:
    return [one.pattern for patterns in reading.patterns.values() for one in patterns]


def _wordings(bank: Bank, question: Question) -> Wordings | None:
    return None if bank.wordings.problems(question.id) else bank.wordings(question.id)


def _faults(wordings: Wordings) -> list[PatternError]:
    return list(faults_of(wordings, lexicon()))


def _compiled(bank: Bank, question: Question) -> Compiled | None:
    wordings = _wordings(bank, question)
    return None if wordings is None or _faults(wordings) else _grader(bank).compiled(question)


@lru_cache(maxsize=1)
def _grader(bank: Bank) -> OfflineGrader:
    return OfflineGrader(bank.wordings)
