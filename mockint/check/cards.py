"""Rules on how a question will look on a card, found in the source before any deck is built.

What the compiler can make harmless it does (`a < b`, `}}`, control characters in code); these rules find what only the
author can fix: maths that MathJax refuses, Markdown or HTML that stays on the card as text, a card that is too long.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import takewhile

from markdown_it.token import Token

from mockint.bank import Bank
from mockint.bank.files import BankFile
from mockint.bank.yaml import Place
from mockint.check.tex import tex_fault
from mockint.errors import Problem
from mockint.markdown.characters import first_unseen
from mockint.markdown.parser import cloze_fault, parser
from mockint.question import LANGS, Lang, Question, Text

MAX_SCREENS = 3.0
_HTML = re.compile(
    r"</?(a|b|i|u|s|br|hr|p|em|strong|sub|sup|code|pre|span|div|img|table|tr|td|th|ul|ol|li|h[1-6]|details|summary|kbd"
    r"|font|center|script|style|iframe)\b[^<>\n]*>",
    re.IGNORECASE,
)
_LEFT = {
    "** or __": re.compile(r"\*\*|(?<!\w)__(?=\S)"),
    "a code fence": re.compile(r"```|~~~"),
    "a backtick": re.compile(r"`"),
    "a heading": re.compile(r"^#{1,6}\s", re.MULTILINE),
    "a table's rule": re.compile(r"\|\s*:?-{3,}"),
    "a link": re.compile(r"\]\((?:https?:|media/)"),
}
_MATHS_AS_TEXT = re.compile(r"\\[A-Za-z]{2,}|\$[^$\s][^$\n]*[\\^_{}]|[\w)][\^_]\{")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def maths(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """TeX that MathJax refuses; a sentence between two dollar signs; `\\(` where the bank writes `$`."""
    for place, text in _texts(question):
        for token in _tokens(text, place):
            if token.type.startswith("math"):
                if fault := tex_fault(token.content):
                    yield _at(file, bank, place, token.content, "tex", f"${_clip(token.content)}$: {fault}")
                elif _is_prose(token.content):
                    message = f"${_clip(token.content)}$ reads like a sentence: write \\$ for a dollar sign"
                    yield _at(file, bank, place, token.content, "prose-in-maths", message)
            elif token.type == "text" and (found := _MATHS_AS_TEXT.search(token.content)):
                message = f"{_clip(token.content[found.start() :])!r} looks like maths outside $…$: is a $ missing?"
                yield _at(file, bank, place, found[0], "maths-as-text", message)
        if re.search(r"(?<!\\)\\[(\[]", _without_code(text)):
            yield _at(file, bank, place, "\\", "maths-as-text", "maths is written $…$ or $$…$$, not \\(…\\) or \\[…\\]")


def markup_left_as_text(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """HTML is shown, never obeyed; Markdown that did not take (often `**` beside Chinese punctuation) is shown too."""
    for place, text in _texts(question):
        for token in _tokens(text, place):
            if token.type != "text":
                continue
            if found := _HTML.search(token.content):
                message = f"{found[0]!r} would stand on the card as it is: use Markdown, or `code`"
                yield _at(file, bank, place, found[0], "html-as-text", message)
            for what, pattern in _LEFT.items():
                if left := pattern.search(token.content):
                    message = f"{what} would stay on the card near {_clip(token.content[left.start() :])!r}"
                    yield _at(file, bank, place, left[0], "markdown-as-text", message)


def control_characters(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for place, text in _texts(question):
        if found := first_unseen(text):
            message = f"the control character U+{ord(found):04X} is in the text: remove it"
            yield file.problem(place, "control-character", message)


def cloze_brackets(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    for place, text in _texts(question):
        if "cloze" in place and "[[" in text and (fault := cloze_fault(text)):
            yield file.problem(place, "cloze-brackets", fault)


def same_front(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """Two notes with the same first field: Anki calls the second a duplicate."""
    before = list(takewhile(lambda other: other.id != question.id, bank.questions))
    for lang in LANGS:
        for other in before:
            if other.prompt.in_(lang) == question.prompt.in_(lang) and other.code == question.code:
                message = f"the prompt is also that of {other.id!r}: word one of them differently"
                yield file.problem(("prompt", lang), "same-prompt", message)
        clozes = {point.cloze.in_(lang): other.id for other in before for point in other.key_points if point.cloze}
        for place, point in enumerate(question.key_points):
            if point.cloze is None:
                continue
            if there := clozes.get(sentence := point.cloze.in_(lang)):
                message = f"the cloze is also in {there!r}: word one of them differently, or leave one out"
                yield file.problem(("key_points", place, "cloze", lang), "same-cloze", message)
            clozes.setdefault(sentence, question.id)


def too_long(question: Question, file: BankFile, bank: Bank) -> Iterator[Problem]:
    """A card's back on a phone, estimated: what is folded away does not count."""
    for lang in LANGS:
        parts = [question.prompt.in_(lang), question.answer.in_(lang)]
        height = 320 + sum(_height(part) for part in parts)
        height += sum(_lines(point.text.in_(lang), 340) * 22 + 5 for point in question.key_points)
        if question.code:
            height += 20 * (question.code.source.count("\n") + question.code.output.count("\n") + 2)
        if (screens := height / 844) > MAX_SCREENS:
            message = (
                f"the card's back is about {screens:.1f} phone screens long: shorten the answer or split the question"
            )
            yield file.problem(("answer", lang), "long-card", message, "warning")


def _texts(question: Question) -> Iterator[tuple[Place, str]]:
    """Every text in Markdown, with its place in the file."""
    texts: list[tuple[Place, Text]] = [(("prompt",), question.prompt), (("answer",), question.answer)]
    for place, point in enumerate(question.key_points):
        texts.append((("key_points", place, "text"), point.text))
        if point.cloze:
            texts.append((("key_points", place, "cloze"), point.cloze))
    for place, wrong in enumerate(question.misconceptions):
        texts.append((("misconceptions", place, "text"), wrong.text))
        if wrong.correction:
            texts.append((("misconceptions", place, "correction"), wrong.correction))
    texts += [(("follow_ups", place, "prompt"), item.prompt) for place, item in enumerate(question.follow_ups)]
    texts += [(("hints", place), hint) for place, hint in enumerate(question.hints)]
    langs: tuple[Lang, ...] = LANGS
    return (((*place, lang), text.in_(lang)) for place, text in texts for lang in langs)


def _tokens(text: str, place: Place) -> Iterator[Token]:
    if "cloze" in place:
        text = text.replace("[[", "").replace("]]", "")
    for token in parser().parse(text):
        yield token
        yield from token.children or []


def _at(file: BankFile, bank: Bank, place: Place, snippet: str, rule: str, message: str) -> Problem:
    """The problem on the very line of a long text: the first line from the key on that holds the snippet."""
    problem = file.problem(place, rule, message)
    first = next((line for line in snippet.splitlines() if line.strip()), "")
    lines = (bank.root / file.path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines[problem.line - 1 :], problem.line):
        if first and first.strip() in line:
            return Problem(problem.path, number, rule, message, problem.severity)
    return problem


def _is_prose(tex: str) -> bool:
    words = re.findall(r"(?<![\\\w])[A-Za-z]{2,}(?!\w)", re.sub(r"\\[A-Za-z]+\*?\s*\{[^{}]*\}", " ", tex))
    return len(words) >= 3 and not re.search(r"[\\=^_{}]", tex)


def _without_code(text: str) -> str:
    return re.sub(r"```.*?```|~~~.*?~~~|`+[^`]*`+|\$\$.*?\$\$|\$[^$\n]*\$", "", text, flags=re.DOTALL)


def _height(markdown: str) -> float:
    """Pixels of rendered Markdown in a column of 366 px at 15 px."""
    height, folded = 0.0, False
    tokens = parser().parse(markdown)
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if token.type == "fence":
            folded = folded and token.info == "output"
            if following is not None and following.type == "fence" and following.info == "output":
                folded, height = True, height + 34
            if not folded:
                height += 27 + 20 * token.content.count("\n")
        elif token.type == "math_block":
            height += 70
        elif token.type == "tr_open":
            height += 46
        elif token.type == "inline" and not token.hidden and "image" in {child.type for child in token.children or []}:
            height += 230
        elif token.type == "inline" and not (place and tokens[place - 1].type in ("td_open", "th_open")):
            height += _lines(token.content, 366) * 22 + 7
    return height


def _lines(text: str, width: int) -> int:
    wide = len(_CJK.findall(text))
    return max(1, math.ceil((wide * 15 + (len(text) - wide) * 7.1) / width))


def _clip(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
