"""The bank's Markdown -> HTML for a page that runs no script: escaped, maths as MathML, programs with classed tokens.

`prose.css` beside this module draws all that it writes, by day and by night, and is a part of every page that uses it.
Nothing here is a style attribute or a script, so that a page may forbid both. Any text may be given: what a candidate
typed and what a stranger's bank holds stay text.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape, unescape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from mockint.markdown.characters import visible
from mockint.markdown.parser import parser
from mockint.markdown.renderer import Picture, Renderer, highlighted
from mockint.question import Verdict

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FIRST_HEADING = 3
_LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)

_MATHML = frozenset(
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr"
    " munder munderover".split()
)
_MATHML_ATTRIBUTES = frozenset(
    "accent accentunder depth display displaystyle fence form height largeop linethickness lspace maxsize minsize"
    " movablelimits rspace scriptlevel separator stretchy symmetric voffset width".split()
)
_ALIGNED = re.compile(r"\\(begin|end)\{(align|gather)ed\}")
_DEEPEST_TEX = 60
_FAMILIES = {
    "bold": ("BOLD",),
    "bold-italic": ("BOLD ITALIC", "BOLD"),
    "double-struck": ("DOUBLE-STRUCK",),
    "script": ("SCRIPT",),
    "fraktur": ("FRAKTUR", "BLACK-LETTER"),
    "sans-serif": ("SANS-SERIF",),
    "monospace": ("MONOSPACE",),
}
_DIGITS = "ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE".split()


def prose_css() -> str:
    """The style sheet of all that this module writes."""
    return (files("mockint.markdown") / "prose.css").read_text(encoding="utf-8")


def block(text: str, picture: Picture) -> str:
    """A Markdown document -> HTML. Its headings start at FIRST_HEADING, below those of the page."""
    return _render(parser().parse(text), picture)


def inline(text: str, picture: Picture | None = None) -> str:
    """One paragraph of Markdown -> HTML without a `<p>`. Without `picture`, a picture is its alt text."""
    return _render(parser().parseInline(text.strip()), picture or (lambda _, alt: escape(alt)))


def plain(text: str) -> str:
    """Text that is not Markdown -> HTML. White space is kept for `white-space: pre-wrap` to show."""
    return escape(visible(text), quote=True)


def code(source: str, language: str = "") -> str:
    """A program -> a `<pre>` that scrolls inside itself, its tokens marked by classes `h-…` (Pygments' short names)."""
    kind = "m-output" if language == "output" else "m-code"
    shown = visible(source.rstrip())
    body = highlighted(shown, language) or plain(shown)
    return f'<pre class="{kind}" tabindex="0"><code>{body}</code></pre>'


@lru_cache(maxsize=4096)
def maths(tex: str, *, display: bool = False) -> str:
    """TeX -> MathML. TeX that cannot be converted is shown as it was written.

    Only elements and attributes that draw are let through: the converter itself passes on addresses, styles and tags
    that stand in the TeX (`\\href`, `\\style`, `\\text`).
    """
    if (root := _converted(visible(tex.strip()), display=display)) is None:
        return f'<code class="m-tex">{plain(tex.strip())}</code>'
    html = _mathml(root)
    return f'<div class="m-scroll" tabindex="0">{html}</div>' if display else html


@dataclass(frozen=True)
class MarkedSpan:
    """Words of an answer that a mark quotes. label: short text behind them, as the number of the key point."""

    start: int
    end: int
    verdict: Verdict
    label: str = ""


def marked(text: str, spans: Iterable[MarkedSpan]) -> str:
    """What was said -> HTML with the quoted words in `<mark class="v-VERDICT">`. Spans may overlap or reach too far."""
    inside = [_within(span, len(text)) for span in spans]
    kept = sorted({span for span in inside if span.start < span.end}, key=lambda span: (span.start, span.end))
    edges = sorted({0, len(text), *(span.start for span in kept), *(span.end for span in kept)})
    pieces = []
    for start, end in itertools.pairwise(edges):
        over = [span for span in kept if span.start <= start and end <= span.end]
        said = plain(text[start:end])
        verdict = _gravest(span.verdict for span in over)
        pieces.append(f'<mark class="v-{verdict}">{said}</mark>' if verdict else said)
        pieces += [f'<sup class="m-ref">{plain(span.label)}</sup>' for span in over if span.end == end and span.label]
    return "".join(pieces)


def _within(span: MarkedSpan, length: int) -> MarkedSpan:
    return MarkedSpan(max(0, span.start), min(length, span.end), span.verdict, span.label)


def _gravest(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Of several verdicts on the same words the one to colour them by."""
    order: tuple[Verdict, ...] = ("stated", "contradicted", "met", "partial", "missing", "absent")
    return min(verdicts, key=order.index, default=None)


def _render(tokens: Sequence[Token], picture: Picture) -> str:
    return _renderer().render(tokens, parser().options, {"picture": picture}).strip()


@cache
def _renderer() -> _PageRenderer:
    """It keeps nothing of what it renders; making one looks at each of its methods, which takes longer than a line."""
    return _PageRenderer()


class _PageRenderer(Renderer):
    """What a page needs otherwise."""

    prefix = "m-"
    scroll_box = '<div class="m-scroll" tabindex="0">'
    line_break = "\n"

    def code(self, source: str, language: str = "") -> str:
        return code(source, language)

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return plain(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{plain(tokens[idx].content)}</code>"

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{_heading(tokens[idx])}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{_heading(tokens[idx])}>\n"

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return maths(tokens[idx].content)

    def math_inline_double(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """`$$…$$` amid a paragraph: large, but no block may stand within a `<p>`."""
        return maths("\\displaystyle " + tokens[idx].content)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return maths(tokens[idx].content, display=True) + "\n"

    math_block_label = math_block

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """An address on the web; any other leads nowhere, since a page does not lie where the bank does."""
        href = str(tokens[idx].attrs["href"])
        return f'<a href="{plain(href)}" rel="noopener noreferrer">' if _LINK.match(href) else "<a>"


def _heading(token: Token) -> str:
    return f"h{min(6, int(token.tag[1:]) + FIRST_HEADING - 1)}"


def _converted(tex: str, *, display: bool) -> Element | None:
    """None for TeX that the converter refuses; it has a dozen exceptions of its own without a common base."""
    from latex2mathml import exceptions
    from latex2mathml.converter import convert_to_element

    own = [fault for fault in vars(exceptions).values() if isinstance(fault, type) and issubclass(fault, Exception)]
    refusals: tuple[type[Exception], ...] = (
        *own,
        RecursionError,
        LookupError,
        ValueError,
        StopIteration,
        AttributeError,
        TypeError,
    )
    if _depth(tex) > _DEEPEST_TEX:
        return None
    tex = _ALIGNED.sub(r"\\\1{\2*}", tex)
    try:
        return convert_to_element(tex, display="block" if display else "inline")
    except refusals:
        return None


def _depth(tex: str) -> int:
    depth = deepest = 0
    for sign in re.findall(r"\\left|\\right|\\begin|\\end|\\.|[{}^_]", tex):
        depth += {"{": 1, "\\left": 1, "\\begin": 1, "}": -1, "\\right": -1, "\\end": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


def _mathml(element: Element) -> str:
    children = "".join(_mathml(child) + plain(unescape(child.tail or "")) for child in element)
    text = _lettered(unescape(element.text or ""), element.attrib.get("mathvariant", ""))
    if element.tag not in _MATHML:
        return plain(text) + children
    attributes: dict[str, Any] = {
        name: value for name, value in element.attrib.items() if name in _MATHML_ATTRIBUTES and value is not None
    }
    if element.attrib.get("mathvariant") == "normal":
        attributes["mathvariant"] = "normal"
    if (align := element.attrib.get("columnalign")) in ("left", "right"):
        attributes["class"] = f"m-{align}"
    shown = "".join(f' {name}="{plain(str(value))}"' for name, value in attributes.items())
    return f"<{element.tag}{shown}>{plain(text)}{children}</{element.tag}>"


def _lettered(text: str, variant: str) -> str:
    """Letters of another family, as Unicode has them: browsers no longer obey `mathvariant`."""
    return "".join(_letter(character, _FAMILIES[variant]) for character in text) if variant in _FAMILIES else text


def _letter(character: str, families: Sequence[str]) -> str:
    try:
        name = unicodedata.name(character)
    except ValueError:
        return character
    plain_name = re.sub(r"^(?:LATIN|GREEK) (CAPITAL|SMALL) LETTER (\w+)$", r"\1 \2", name)
    if character.isdecimal() and character.isascii():
        plain_name = f"DIGIT {_DIGITS[int(character)]}"
    for family in families:
        for wanted in (f"MATHEMATICAL {family} {plain_name}", f"{family} {plain_name}"):
            try:
                return unicodedata.lookup(wanted)
            except KeyError:
                continue
    return character
