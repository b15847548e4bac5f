"""The bank's Markdown, written again: what the bank's own parser obeys stays, all else is escaped.

Another renderer obeys more than ours does (HTML, bare addresses, footnotes), and a prompt may come from a stranger's
bank or from an LLM. So the text is parsed by the one parser and every piece of it is written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.tree import SyntaxTreeNode

from mockint.markdown.characters import visible
from mockint.markdown.parser import parser

_OBEYED = re.compile(r"[\\`*_\[\]|~$]")
_WRAPS = {"strong": "**", "em": "*", "s": "~~"}


def escaped(text: str, *, starts: bool = True) -> str:
    """Text that is no Markdown and no HTML. starts: it begins a line, where more signs mean something."""
    text = visible(text)
    indent = len(text) - len(text.lstrip(" \t")) if starts else 0
    body = _OBEYED.sub(r"\\\g<0>", text[indent:]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "&nbsp;" * indent + (_no_block(body) if starts else body)


def _no_block(line: str) -> str:
    """What begins the line begins no heading, list or rule."""
    return re.sub(r"\A(\d{1,9})([.)])", r"\1\\\2", re.sub(r"\A[#+=-]", r"\\\g<0>", line))


def rewritten(text: str) -> str:
    """A document, its blocks and all."""
    return "\n\n".join(_blocks(SyntaxTreeNode(parser().parse(visible(text)))))


def rewritten_line(text: str) -> str:
    """One paragraph as one line."""
    return _inline(SyntaxTreeNode(parser().parseInline(" ".join(visible(text).split()))))


def fenced(source: str, language: str = "") -> str:
    """A program. The fence is longer than any in it."""
    source = visible(source.rstrip("\n"))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", source)), default=0))
    return f"{fence}{re.sub(r'[^A-Za-z0-9+#-]', '', language)}\n{source}\n{fence}"


def _blocks(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        yield _block(child)


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph":
            return _inline(node)
        case "heading":
            return f"**{_inline(node)}**"
        case "fence" | "code_block":
            return fenced(node.content, node.info.split()[0] if node.info.strip() else "")
        case "math_block" | "math_block_label":
            return f"$$\n{_tex(node.content.strip())}\n$$"
        case "bullet_list":
            return "\n".join(_item(item, "- ") for item in node.children)
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return "\n".join(_item(item, f"{number}. ") for number, item in enumerate(node.children, first))
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(_blocks(node)).split("\n"))
        case "table":
            return _table(node)
        case "hr":
            return "---"
        case _:
            return escaped(node.content) if node.token else ""


def _item(node: SyntaxTreeNode, sign: str) -> str:
    lines = "\n\n".join(_blocks(node)).split("\n")
    return sign + "\n".join([lines[0], *(" " * len(sign) + line if line else "" for line in lines[1:])])


def _table(node: SyntaxTreeNode) -> str:
    rows = [[_inline(cell) for cell in row.children] for part in node.children for row in part.children]
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:]))


def _inline(node: SyntaxTreeNode) -> str:
    """All inline content below the node, on one line; what begins it may not begin a block."""
    return _no_block("".join(_piece(child) for child in _flat(node)))


def _flat(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    return [inner for child in node.children for inner in (child.children if child.type == "inline" else [child])]


def _piece(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            return escaped(node.content, starts=False)
        case "code_inline":
            return _code(node.content)
        case "math_inline":
            return f"${_tex(node.content)}$"
        case "math_inline_double":
            return f"$${_tex(node.content)}$$"
        case "softbreak" | "hardbreak":
            return " "
        case "image":
            return f"\\[{''.join(map(_piece, node.children)) or escaped(node.content, starts=False)}\\]"
        case "link":
            return _link("".join(map(_piece, node.children)), str(node.attrs["href"]))
        case kind:
            inside = "".join(map(_piece, node.children))
            return f"{_WRAPS[kind]}{inside}{_WRAPS[kind]}" if kind in _WRAPS else inside


def _link(text: str, href: str) -> str:
    if not re.match(r"https?://", href, re.IGNORECASE):
        return text
    return f"[{text}](<{href.replace('<', '%3C').replace('>', '%3E')}>)"


def _code(source: str) -> str:
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", source)), default=0))
    pad = " " if source.startswith("`") or source.endswith("`") else ""
    return f"{ticks}{pad}{source.replace('|', chr(0x2502))}{pad}{ticks}"


def _tex(source: str) -> str:
    """`<` and `>` as TeX has them, so that a page without maths does not take them for a tag."""
    return source.replace("<", "\\lt ").replace(">", "\\gt ")
