"""Lint rules over a Bank: what loads, but should not ship as it is.

A rule is a function from one question and its file to problems. Its id stands in every problem it reports, and
tests/check has an input that it must find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockint.bank import Bank
from mockint.bank.files import BankFile
from mockint.check import cards, content, wordings
from mockint.errors import Problem
from mockint.question import Question

Rule = Callable[[Question, BankFile, Bank], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    wordings.unreadable_file,
    wordings.pattern_fault,
    wordings.unknown_criterion,
    wordings.criterion_without_wording,
    wordings.pattern_twice,
    wordings.unused_concept,
    wordings.long_line,
    wordings.unheard_pattern,
    wordings.heard_in_the_reference,
    content.few_samples,
    content.misconception_without_correction,
    content.cloze_hides_nothing,
    content.compare_without_table,
    content.code_output_without_code,
    content.no_reference,
    content.no_follow_up,
    content.no_hint,
    content.picture_colours,
    cards.maths,
    cards.markup_left_as_text,
    cards.control_characters,
    cards.cloze_brackets,
    cards.same_front,
    cards.too_long,
)


def lint(bank: Bank) -> list[Problem]:
    """Every problem the rules find, sorted by place."""
    return sorted(
        problem
        for question in bank.questions
        for rule in RULES
        for problem in rule(question, bank.files[question.id], bank)
    )
