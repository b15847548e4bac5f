"""Prompts are Markdown files beside the code that sends them: what an LLM is told can be read without reading code."""

from __future__ import annotations

from functools import cache, partial
from importlib import resources
from string import Template
from typing import Protocol


class Prompt(Protocol):
    """Fills in the `$words` of a prompt file."""

    def __call__(self, name: str, **values: str) -> str:
        """The file `name`.md with its words filled in. A missing or unknown word is a KeyError."""
        ...


def prompts_of(package: str) -> Prompt:
    """The prompt files in the folder `prompts` of a package, by name."""
    return partial(_filled_in, package)


def _filled_in(package: str, name: str, /, **values: str) -> str:
    return _template(package, name).substitute(values)


@cache
def _template(package: str, name: str) -> Template:
    file = resources.files(package) / "prompts" / f"{name}.md"
    return Template(file.read_text("utf-8").strip())
