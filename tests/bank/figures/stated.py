"""Whether a figure that a test computed is the one that a reference answer prints."""

from __future__ import annotations

from functools import cache

from mockint.bank import Bank, default_bank, load_bank
from mockint.question import LANGS


@cache
def bank() -> Bank:
    return load_bank(default_bank(), pictures=False)


def stated(id: str, *figures: str) -> None:
    """Fails unless each figure stands in the reference answer in either language. TeX's `2{,}048` is 2,048."""
    answer = bank().question(id).answer
    for lang in LANGS:
        for figure in figures:
            assert figure in answer.in_(lang).replace("{,}", ","), f"{id}.answer.{lang} does not say {figure}"
