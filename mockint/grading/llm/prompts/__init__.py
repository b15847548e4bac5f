"""The prompts, as Markdown files: what an LLM is told can be read and changed without reading code."""

from __future__ import annotations

from functools import cache
from importlib import resources
from string import Template


@cache
def _template(name: str) -> Template:
    return Template(resources.files(__name__).joinpath(f"{name}.md").read_text("utf-8").strip())


def prompt(name: str, **values: str) -> str:
    """The prompt file `name`.md with its `$words` filled in. A missing or unknown word is a KeyError."""
    return _template(name).substitute(values)
