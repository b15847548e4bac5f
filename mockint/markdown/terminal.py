"""The bank's Markdown -> rich: a walk over the one parser's tree, so that maths, pictures and Chinese come out right.

Code keeps the terminal's own background and sixteen colours: it must be readable on a light and on a dark one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mockint.markdown.characters import visible
from mockint.markdown.parser import parser
from mockint.markdown.unicode_maths import unicode_maths
from mockint.markdown.wrapped import Wrapped, joined

# src of a picture -> the words that name it.
Picture = Callable[[str, str], str]

_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}
_TAB = 4
_LISTS = ("bullet_list", "ordered_list")


def markdown(text: str, *, picture: Picture) -> RenderableType:
    """`picture(src, alt)` says what stands in a picture's place."""
    tree = SyntaxTreeNode(parser().parse(visible(text)))
    return _stack(list(_blocks(tree, picture)))


def code(source: str, language: str) -> RenderableType:
    """Indented, highlighted, and nothing in it that is not in the source, so that it can be copied."""
    return Padding(_CodeBlock(visible(source.rstrip("\n")), language or "text"), (0, 0, 0, 2))


@dataclass(frozen=True, slots=True)
class _CodeBlock:
    """Where nothing has colours, as in a file or a pipe, the highlighter is not asked: it costs as much as grading."""

    source: str
    language: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._on(console)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._on(console))

    def _on(self, console: Console) -> RenderableType:
        if console.color_system is None:
            return Text(self.source, tab_size=_TAB)
        from rich.syntax import Syntax

        return Syntax(
            self.source, self.language, theme="ansi_dark", background_color="default", word_wrap=True, tab_size=_TAB
        )


def _stack(blocks: list[RenderableType]) -> RenderableType:
    """One below the other, with an empty line between."""
    spaced: list[RenderableType] = []
    for block in blocks:
        spaced += [Text(""), block] if spaced else [block]
    return Group(*spaced)


def _blocks(node: SyntaxTreeNode, picture: Picture) -> Iterator[RenderableType]:
    for child in node.children:
        yield _block(child, picture)


def _block(node: SyntaxTreeNode, picture: Picture) -> RenderableType:
    match node.type:
        case "paragraph":
            return _inline(node.children[0], picture)
        case "heading":
            heading = _inline(node.children[0], picture)
            heading.stylize("bold")
            return heading
        case "fence" | "code_block":
            language = node.info.split()[0] if node.info.strip() else "text"
            return code(node.content, "text" if language == "output" else language)
        case "math_block" | "math_block_label":
            return Padding(Wrapped(unicode_maths(node.content), style="bold"), (0, 0, 0, 2))
        case "bullet_list" | "ordered_list":
            return _list(node, picture)
        case "blockquote":
            return Padding(_stack(list(_blocks(node, picture))), (0, 0, 0, 2), style="italic")
        case "table":
            return _table(node, picture)
        case "hr":
            return Rule(style="dim")
        case _:
            return Wrapped(node.content if node.token else "")


def _list(node: SyntaxTreeNode, picture: Picture) -> RenderableType:
    start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column(ratio=1)
    for number, item in enumerate(node.children):
        sign = "-" if start is None else f"{start + number}."
        parts = list(_blocks(item, picture))
        grid.add_row(Text(sign), Group(*parts) if _is_tight(item) else _stack(parts))
    return grid


def _is_tight(item: SyntaxTreeNode) -> bool:
    return all(child.type in _LISTS or (child.type == "paragraph" and child.hidden) for child in item.children)


def _table(node: SyntaxTreeNode, picture: Picture) -> RenderableType:
    rows = [row for part in node.children for row in part.children]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for cell in rows[0].children:
        align = str(cell.attrs.get("style", ""))
        side = "right" if "right" in align else "center" if "center" in align else "left"
        table.add_column(_cell(cell, picture), justify=side, overflow="fold")  # type: ignore[arg-type]
    for row in rows[1:]:
        table.add_row(*(_cell(cell, picture) for cell in row.children))
    return table


def _cell(cell: SyntaxTreeNode, picture: Picture) -> Text:
    return _inline(cell.children[0], picture) if cell.children else Wrapped("")


def _inline(node: SyntaxTreeNode, picture: Picture) -> Wrapped:
    text = Wrapped()
    children = list(node.children)
    for place, child in enumerate(children):
        if child.type == "softbreak":
            after = next(iter(_said(children[place + 1])), "") if place + 1 < len(children) else ""
            text.append(joined([text.plain[-1:], after])[1:-1] if text.plain and after else " ")
        else:
            _append(text, child, "", picture)
    return text


def _said(node: SyntaxTreeNode) -> str:
    return node.content or "".join(_said(child) for child in node.children)


def _append(text: Text, node: SyntaxTreeNode, style: str, picture: Picture) -> None:
    match node.type:
        case "text":
            text.append(node.content, style)
        case "code_inline":
            text.append(node.content, f"{style} bold cyan".strip())
        case "math_inline" | "math_inline_double":
            text.append(unicode_maths(node.content), f"{style} italic".strip())
        case "softbreak":
            text.append(" ")
        case "hardbreak":
            text.append("\n")
        case "image":
            text.append(picture(str(node.attrs["src"]), _said(node)), "bold magenta")
        case _:
            for child in node.children:
                _append(text, child, f"{style} {_STYLES.get(node.type, '')}".strip(), picture)
            if node.type == "link" and (href := str(node.attrs["href"])) != _said(node):
                text.append(f" ({href})", "dim")
