"""The bank's Markdown -> the HTML of a card: escaped, highlighted with classes, maths for Anki's MathJax.

What Anki, MathJax and a browser would misread in a field is made harmless here, in one place:

    {{ }}               a field's name in a template, the end of a cloze   -> &#123; &#125;, and `{ {`, `} }` within TeX
    \\( \\) \\[ \\]     maths                                              -> split by a word joiner, or &#92; in code
    [sound:…] [latex]   Anki's own marks, obeyed even in code and alt text -> &#91;
    < & in TeX          a tag that swallows the rest of the line           -> &lt; &amp;
    \\x1f, controls     the separator of fields                            -> their visible pictures (␟)

White space that no reader sees gives no other HTML: a paragraph that is wrapped anew is no update for a learner.

Colours are classes only, so that a card follows the learner's theme.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from mockint.markdown.characters import visible
from mockint.markdown.parser import parser
from mockint.markdown.renderer import Picture, Renderer, highlighted, language_of

WORD_JOINER = "\u2060"
CLOZE_MARKS = re.compile(r"\{\{c1::|\}\}")

_OPEN, _CLOSE = (
    "\ufdd0",
    "\ufdd1",
)  # stand for {{c1:: and }} until the sentence is rendered; no text holds noncharacters
_NONCHARACTERS = {ord(_OPEN): 0xFFFD, ord(_CLOSE): 0xFFFD}
_ANKI_MARK = re.compile(r"\[(?=sound:|anki:|type:|/?latex\]|/?\$\$?\])", re.IGNORECASE)
_TEX_PAIR = re.compile(r"\\\\[()\[\]]?|\\[()\[\]]")
_OPENERS = "([{（【《〈「『“‘"
_CLOSERS = ",.;:!?)]}%，。；：！？、）】》〉」』”’…"
_MATHS_WITH_PUNCTUATION = re.compile(
    rf"(?P<before>[{re.escape(_OPENERS)}]?)(?P<open>{_OPEN}?)"
    rf"(?P<maths>\\\((?:(?!\\\)).)*\\\))(?P<close>{_CLOSE}?)(?P<after>[{re.escape(_CLOSERS)}]*)",
    re.DOTALL,
)


def block(text: str, picture: Picture, *, fold: str = "") -> str:
    """A Markdown document -> HTML.

    fold: the words on which programs that are followed by their output fold open; "" leaves them open.
    """
    return _render(parser().parse(text), {"picture": picture, "fold": fold})


def inline(text: str, picture: Picture) -> str:
    """One paragraph of Markdown -> HTML without a `<p>`."""
    return _render(parser().parseInline(text.strip()), {"picture": picture})


def cloze(text: str, picture: Picture) -> str:
    """A sentence with `[[words to recall]]` -> HTML with `{{c1::words to recall}}`, all of them on one card.

    Anki ends a cloze at the first `}}` and takes what follows `::` in it for a hint, so neither may stand in the words.
    """
    html = _render(parser().parseInline(text.strip()), {"picture": picture, "cloze": True})
    html = html.replace("::", "&#58;&#58;").replace(f"}}{_CLOSE}", f"&#125;{_CLOSE}")
    return html.replace(_OPEN, "{{c1::").replace(_CLOSE, "}}")


def plain(text: str) -> str:
    """Text that is not Markdown -> HTML."""
    return _harmless(escape(_visible(text), quote=False))


def code(source: str, language: str = "") -> str:
    """A program -> a `<pre>` that scrolls inside itself, its tokens marked by classes `h-…` (Pygments' short names)."""
    shown = _visible(source.rstrip("\n"))
    body = highlighted(shown, language) or escape(shown, quote=False)
    kind = "mi-output" if language == "output" else "mi-code"
    return f'<pre class="{kind}"><code>{_harmless(_no_maths(body))}</code></pre>'


def _render(tokens: Sequence[Token], env: dict[str, Any]) -> str:
    return _CardRenderer().render(tokens, parser().options, env).strip()


class _CardRenderer(Renderer):
    """What a card needs otherwise."""

    prefix = "mi-"
    scroll_box = '<div class="mi-scroll">'
    line_break = " "

    def code(self, source: str, language: str = "") -> str:
        return code(source, language)

    def renderInline(  # noqa: N802 - markdown-it's name for it
        self, tokens: Sequence[Token], options: OptionsDict, env: EnvType
    ) -> str:
        html = super().renderInline(tokens, options, env)
        return _MATHS_WITH_PUNCTUATION.sub(_keep_together, html) if "\\(" in html else html

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        text = re.sub("[ \t]+", " ", _visible(tokens[idx].content))
        text = re.sub(r"\\(?=[()\[\]])", "\\\\" + WORD_JOINER, text)
        html = escape(text, quote=False)
        if env.get("cloze"):
            html = html.replace("[[", _OPEN).replace("]]", _CLOSE)
        return _harmless(html)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{_harmless(_no_maths(escape(_visible(tokens[idx].content), quote=False)))}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        html = super().fence(tokens, idx, options, env)
        if not env.get("fold"):
            return html
        if idx + 1 < len(tokens) and _is_output(tokens[idx + 1]) and not _is_output(tokens[idx]):
            return f'<details class="mi-fold"><summary>{plain(env["fold"])}</summary>\n{html}'
        if idx and _is_output(tokens[idx]) and tokens[idx - 1].type == "fence":
            return f"{html}</details>\n"
        return html

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"\\({tex(tokens[idx].content)}\\)"

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"\\[{tex(tokens[idx].content)}\\]"

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="mi-scroll">\\[{tex(tokens[idx].content)}\\]</div>\n'

    math_block_label = math_block

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<a href="{attribute(str(tokens[idx].attrs["href"]))}">'


def tex(source: str) -> str:
    """TeX -> HTML that MathJax reads as that TeX, and in which no cloze ends."""
    source = _TEX_PAIR.sub(_no_delimiter, re.sub(r"\s+", " ", _visible(source.strip())))
    while "}}" in source or "{{" in source:
        source = source.replace("}}", "} }").replace("{{", "{ {")
    return _harmless(escape(source, quote=False))


def _no_delimiter(match: re.Match[str]) -> str:
    r"""A new row before a bracket, `\\[2pt]` or `\\(x)`, looks like the start of maths: the same in other words.

    A lone `\[` is no TeX ('mockint check' says so), and must not take the rest of the card along.
    """
    row, bracket = match[0][:-1], match[0][-1]
    if row == "\\\\":
        return f"{row}*[" if bracket == "[" else f"{row} {bracket}"
    return match[0] if bracket == "\\" else f"\\{WORD_JOINER}{bracket}"


def attribute(value: str) -> str:
    """Text -> the inside of a double-quoted attribute."""
    return _harmless(escape(_visible(value), quote=True))


def _is_output(token: Token) -> bool:
    return token.type == "fence" and language_of(token) == "output"


def _keep_together(match: re.Match[str]) -> str:
    """Maths and the punctuation on it stay on one line: MathJax's box would otherwise let a comma start the next."""
    half_a_cloze = bool(match["open"]) != bool(match["close"])
    if half_a_cloze or not (match["before"] or match["after"]):
        return match[0]
    return f'<span class="mi-together">{match[0]}</span>'


def _visible(text: str) -> str:
    """Neither a control character, nor one of the two that stand for a cloze."""
    return visible(text).translate(_NONCHARACTERS)


def _harmless(html: str) -> str:
    html = html.replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;")
    return _ANKI_MARK.sub("&#91;", html) if "[" in html else html


def _no_maths(html: str) -> str:
    """`\\(` in code is code: MathJax skips it anyhow, Anki's search for maths does not."""
    return re.sub(r"\\(?=[()\[\]])", "&#92;", html)
