"""Answers that nobody needs to be asked about: nothing, the question again, keys hit at random. They cost no request.

Every rule errs on the side of asking: a short answer ("2", "O(n²)") may be right.
"""

from __future__ import annotations

import re
from itertools import pairwise

from mockint.grading.grade import Mark
from mockint.grading.llm.evidence import AnswerText, fold, words
from mockint.phrases.reasons import ReasonCode, sentence
from mockint.question import KeyPoint, Lang, Question

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NOISE_SHARE = 0.75


def obvious_marks(question: Question, answer: AnswerText, lang: Lang) -> list[Mark] | None:
    """Every criterion missing or absent, with the reason; None when the answer has to be graded."""
    why = _why(question, answer)
    if why is None:
        return None
    return [
        Mark(
            criterion=criterion.id,
            verdict="missing" if isinstance(criterion, KeyPoint) else "absent",
            reason=sentence(why).in_(lang),
            code=why,
        )
        for criterion in question.criteria
    ]


def _why(question: Question, answer: AnswerText) -> ReasonCode | None:
    found = words(answer.folded.text)
    if not found:
        return (
            None
            if any(char.isprintable() and not char.isspace() for char in answer.folded.text) and question.code
            else "no_answer"
        )
    if answer.echoes_the_question:
        return "only_the_question"
    return "no_words" if _is_noise(question, answer.text) else None


def _is_noise(question: Question, answer: str) -> bool:
    """Most words run along a row of keys, repeat one letter or have no vowel, and none is a word of the question."""
    found = words(answer)
    if any(not word.isascii() or word[0].isdigit() or word.isupper() for word in found):
        return False
    texts = [question.prompt, question.answer, *(criterion.text for criterion in question.criteria)]
    known = {word for text in texts for word in words(fold(f"{text.en} {text.zh}").text)}
    if known.intersection(map(str.casefold, found)):
        return False
    return sum(_looks_random(word.casefold()) for word in found) >= _NOISE_SHARE * len(found)


def _looks_random(word: str) -> bool:
    if len(word) < 4:
        return False
    steps = list(pairwise(word))
    near = sum(
        a == b or any(abs(row.find(a) - row.find(b)) == 1 for row in _KEY_ROWS if a in row and b in row)
        for a, b in steps
    )
    return near >= 0.75 * len(steps) or not re.search("[aeiouy]", word) or bool(re.search(r"[^aeiouy]{6}", word))
