"""What a page and a card write alike, as HTML; each adds what its own readers, a browser or Anki, need otherwise."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

Picture = Callable[[str, str], str]
"""(src as it stands in the bank, alt text) -> the HTML that shows it."""

_CJK = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—]")
_HIGHLIGHTING = threading.Lock()


@lru_cache(maxsize=1024)
def highlighted(source: str, language: str) -> str | None:
    """A program -> HTML, its tokens in classes `h-…` (Pygments' short names); None for a language that is not known.

    One at a time: Pygments puts its modules together when they are first used, which two threads must not do.
    """
    if not language:
        return None
    with _HIGHLIGHTING:
        from pygments import highlight
        from pygments.formatters.html import HtmlFormatter
        from pygments.lexers import get_lexer_by_name
        from pygments.util import ClassNotFound

        try:
            lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        except ClassNotFound:
            return None
        return highlight(source, lexer, HtmlFormatter(nowrap=True, classprefix="h-")).rstrip("\n")


def language_of(fence: Token) -> str:
    return (fence.info.split() or [""])[0]


class Renderer(RendererHTML):
    """markdown-it's own renderer without inline styles. Methods are named after token types.

    prefix: begins the name of every class. scroll_box: the tag around what may be wider than the reader's window.
    line_break: what a line break in a paragraph becomes. `env["picture"]` is the Picture to show images with.
    """

    prefix: str
    scroll_box: str
    line_break: str

    def code(self, source: str, language: str = "") -> str:
        raise NotImplementedError

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A line break as a reader sees it: a space; between Chinese characters nothing."""
        before = tokens[idx - 1].content[-1:] if idx else ""
        after = tokens[idx + 1].content[:1] if idx + 1 < len(tokens) else ""
        return "" if _CJK.match(before) and _CJK.match(after) else self.line_break

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.code(tokens[idx].content, language_of(tokens[idx])) + "\n"

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.code(tokens[idx].content) + "\n"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children or [], options, env)
        picture: Picture = env["picture"]
        return picture(str(token.attrs["src"]), alt)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"{self.scroll_box}<table>\n"

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self._cell(tokens[idx])

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self._cell(tokens[idx])

    def _cell(self, token: Token) -> str:
        """Alignment as a class: markdown-it would write an inline style."""
        align = str(token.attrs.get("style", "")).removeprefix("text-align:")
        return f'<{token.tag} class="{self.prefix}{align}">' if align in ("right", "center") else f"<{token.tag}>"
