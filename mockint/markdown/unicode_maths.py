r"""LaTeX -> one line of Unicode that reads well in a terminal: `\frac{12\Psi}{N}` -> `12Ψ/N`, `O(n^2)` -> `O(n²)`.

pylatexenc reads the LaTeX. It drops the braces that say where a fraction or a power ends, so those are settled here.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

MAX_LENGTH = 2000
_RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ⊤'",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡᵀ′",
        strict=True,
    )
)
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_FUNCTIONS = ("log", "ln", "exp", "sin", "cos", "tanh", "max", "min", "arg", "argmax", "argmin", "det", "tr")
# ^{…}, ^x or ^\macro, whose braces hold no braces: the innermost ones.
_SCRIPT = re.compile(r"([\^_])\s*(?:\{([^{}]*)\}|(\\[A-Za-z]+|[^\s\\{}]))")
_AFTER_MACRO = re.compile(r"\\[A-Za-z]+\s*\Z")
_OPERATOR = re.compile(r"[-+−=<>≤≥≈·⋅×/|, ]")
# Where a fraction starts and ends, until what stands beside it is known.
_START, _END = "\x03", "\x04"

_TIDY: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"{_END}(?=[\w√({_START}])", "·"),
        (rf"(?<=[\w)]){_START}", " "),
        (f"[{_START}{_END}]", ""),
        (r"\s*([=≤≥≈←→∈∼])\s*", r" \1 "),
        (r"\s+([+-])\s*|\s*([+-])\s+", r" \1\2 "),
        (r"([=≤≥≈←→∈∼]) ([+-]) ", r"\1 \2"),
        (r"\s*([×·])\s*", r"\1"),
        (r"√\((\w[\u0300-\u036f₀-ₜ⁰-ⁿ]*)\)", r"√\1"),
        (r"([(\[{⌊⌈])\s+", r"\1"),
        (r"\s+([)\]}⌋⌉,])", r"\1"),
        (rf"\b({'|'.join(_FUNCTIONS)}) \(", r"\1("),
        (r"\s+", " "),
    )
)


def unicode_maths(latex: str) -> str:
    """As near to the formula as one line comes; the LaTeX itself when it cannot be read."""
    if len(latex) > MAX_LENGTH:
        return latex
    try:
        text = _reader().latex_to_text(_with_scripts(latex))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # what pylatexenc meets in bad LaTeX
        return latex
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip() or latex


def _with_scripts(latex: str) -> str:
    """Powers and indices replaced, from the innermost outwards."""
    while (replaced := _SCRIPT.sub(_script, latex)) != latex:
        latex = replaced
    return latex.replace("\x01", "^").replace("\x02", "_")


def _script(match: re.Match[str]) -> str:
    """Raised or lowered signs if there are such for all of it; otherwise `^(…)` or `_…`, hidden from the next round."""
    sign, group, single = match.groups()
    inside = _plain(group if group is not None else single)
    table, kept = (_RAISED, "\x01") if sign == "^" else (_LOWERED, "\x02")
    if inside and all(char in table for char in inside):
        shown = "".join(table[char] for char in inside)
    else:
        shown = f"{kept}({inside})" if _OPERATOR.search(inside) else f"{kept}{inside}"
    before = match.string[: match.start()]
    return "{}" + shown if _AFTER_MACRO.search(before) else shown


def _plain(latex: str) -> str:
    return re.sub(r"\s+", "", _reader().latex_to_text(latex)) if "\\" in latex else latex


@cache
def _reader() -> LatexNodes2Text:
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    # It logs what it cannot read; the LaTeX itself is shown then, and nobody needs a second message.
    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())

    def fraction(node: Any, l2tobj: Any) -> str:
        if node.nodeargd is None or len(node.nodeargd.argnlist) != 2:
            raise ValueError("a fraction needs two arguments")
        over, under = (l2tobj.nodelist_to_text([part]).strip() for part in node.nodeargd.argnlist)
        return f"{_START}{_grouped(over)}/{_grouped(under)}{_END}"

    # Bold and script letters lie outside the fonts of many terminals.
    upright = [MacroTextSpec(name, simplify_repl="%s") for name in ("mathbf", "boldsymbol", "bm", "mathcal")]
    fractions = [MacroTextSpec(name, simplify_repl=fraction) for name in ("frac", "dfrac", "tfrac")]
    functions = [MacroTextSpec(name, simplify_repl=f" {name} ") for name in _FUNCTIONS]
    signs = {"qquad": "   ", "epsilon": "ε", "cdot": "·", "mid": "|"}
    context = get_default_latex_context_db()
    context.add_context_category(
        "mockint",
        prepend=True,
        macros=[*upright, *fractions, *functions, *(MacroTextSpec(k, simplify_repl=v) for k, v in signs.items())],
    )
    return LatexNodes2Text(latex_context=context, math_mode="text")


def _grouped(text: str) -> str:
    """In brackets when it would otherwise run into its neighbours."""
    outside, depth = "", 0
    for char in text.strip(_START + _END):
        depth += (char in "([{") - (char in ")]}")
        outside += char if depth == 0 else ""
    return f"({text})" if _OPERATOR.search(outside) else text
