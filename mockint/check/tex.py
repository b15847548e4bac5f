"""TeX that Anki's MathJax would refuse or show in red, found without running it.

The commands and environments are those of MathJax 3.2 with the packages that Anki loads, as it lists them itself
(mathjax_names.txt: commands, a blank line, environments).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\\$|.", re.DOTALL)
_TWO = "frac dfrac tfrac cfrac binom overset underset stackrel"
_ONE = (
    "sqrt text mathrm mathbf mathit mathsf mathtt mathbb mathcal mathfrak mathscr boldsymbol operatorname hat bar tilde"
    " vec dot ddot widehat widetilde overline underline overbrace underbrace"
)
_ARGUMENTS = dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_ONE.split(), 1)
_VERBATIM = re.compile(r"\\(?:text\w*|mbox|operatorname\*?|tag|label|ce)\s*\{[^{}]*\}")
_DEFINED = re.compile(r"\\(?:newcommand|renewcommand|def|DeclareMathOperator\*?)\s*\{?\\([A-Za-z]+)")


def tex_fault(source: str) -> str | None:
    """What MathJax would complain of, in a few words, or None."""
    defined = set(_DEFINED.findall(source))
    tokens = [token for token in _TOKEN.findall(_VERBATIM.sub(_keep_command, source)) if not token.isspace()]
    return _unknown(tokens, defined) or _unbalanced(tokens) or _environments(source) or _scripts(tokens)


def _keep_command(match: re.Match[str]) -> str:
    return match[0].partition("{")[0] + "{x}"


def _unknown(tokens: list[str], defined: set[str]) -> str | None:
    commands, _ = _names()
    for token in tokens:
        name = token[1:]
        if name[:1].isalpha() and name not in commands and name.rstrip("*") not in commands | defined:
            return f"unknown command {token}"
        if token == "\\":
            return "it ends in a backslash"
        if token in ("\\(", "\\)", "\\[", "\\]"):
            return f"{token} stands within maths"
        if token in "#%$" and len(token) == 1:
            return f"{token} must be written \\{token}"
    return None


def _unbalanced(tokens: list[str]) -> str | None:
    open_: list[str] = []
    closes = {"}": "{", "\\right": "\\left"}
    for token in tokens:
        if token in ("{", "\\left"):
            open_.append(token)
        elif token in closes and (not open_ or open_.pop() != closes[token]):
            return f"{token} without its {closes[token]}"
    return f"{open_[-1]} is never closed" if open_ else None


def _environments(source: str) -> str | None:
    _, known = _names()
    open_: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\s*\{([^}]*)\}", source):
        if name not in known:
            return f"unknown environment {name!r}"
        if kind == "begin":
            open_.append(name)
        elif not open_ or open_.pop() != name:
            return f"\\end{{{name}}} without its \\begin"
    if open_:
        return f"\\begin{{{open_[-1]}}} is never ended"
    if "\\begin" not in source and re.search(r"(?<!\\)&", _VERBATIM.sub("", source)):
        return "& belongs in an environment such as aligned"
    return None


def _scripts(tokens: list[str]) -> str | None:
    """`x^a^b`, `x_`, `\\frac{a}`: a script or an argument too many, or one missing."""
    seen = ""
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token in ("^", "_"):
            if token in seen:
                return f"two {token} on one base: put braces around the first"
            seen += token
            place = _after_argument(tokens, place + 1)
            if place < 0:
                return f"nothing follows {token}"
            continue
        seen = "" if token != "'" else seen
        following = place + 1
        for _ in range(_ARGUMENTS.get(token[1:].rstrip("*"), 0) if token.startswith("\\") else 0):
            if token == "\\sqrt" and following < len(tokens) and tokens[following] == "[":
                break
            following = _after_argument(tokens, following)
            if following < 0:
                return f"{token} lacks an argument"
        if token == "}":
            seen = ""
        place += 1
    return None


def _after_argument(tokens: list[str], place: int) -> int:
    """The place after the token or group here; -1 when there is none."""
    if place >= len(tokens) or tokens[place] in ("}", "^", "_", "&"):
        return -1
    if tokens[place] != "{":
        return place + 1
    depth = 0
    for following in range(place, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[following], 0)
        if depth == 0:
            return following + 1
    return -1


@cache
def _names() -> tuple[frozenset[str], frozenset[str]]:
    text = (files("mockint.check") / "mathjax_names.txt").read_text(encoding="utf-8")
    commands, environments = text.split("\n\n")
    return frozenset(commands.split()), frozenset(environments.split())
