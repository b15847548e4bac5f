"""The lists of words that rules name: a text file, with a name in brackets above each list."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files


def word_lists(name: str) -> Mapping[str, frozenset[str]]:
    lists: dict[str, list[str]] = {}
    for raw in files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        line = raw.strip()
        if line.startswith("["):
            words = lists[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            words += line.split()
    return {title: frozenset(words) for title, words in lists.items()}
