"""The one parser of the bank's Markdown (CommonMark, tables and `$maths$`, HTML off), and what is looked for in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin


@cache
def parser() -> MarkdownIt:
    """`html` is off: a tag in the bank's text is shown, never obeyed."""
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    return markdown.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)


def image_sources(text: str) -> list[str]:
    """The address of every picture in the text, in order."""
    if "![" not in text:
        return []
    return [str(token.attrs["src"]) for token in _all(parser().parse(text)) if token.type == "image"]


def without_pictures(text: str) -> str:
    """The text with the words that name each picture in its place."""
    return re.sub(r"!\[([^\]]*)\]\([^)\s]*\)", r"[\1]", text) if "![" in text else text


def cloze_fault(sentence: str) -> str | None:
    """What is wrong with the `[[words to recall]]` of a cloze, or None. Brackets in code or maths do not count."""
    tokens = _all(parser().parseInline(sentence.strip()))
    marks = re.findall(r"\[\[|\]\]", "".join(token.content for token in tokens if token.type == "text"))
    if not marks:
        return "the cloze has no words to recall: put them in [[double square brackets]]"
    if marks != ["[[", "]]"] * (len(marks) // 2):
        return "the cloze's [[ and ]] do not pair up: close each in plain text before the next opens"
    return None


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])
