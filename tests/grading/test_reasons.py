"""Every reason that mockint itself gives has a code, and every code its sentence in both languages."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from mockint.grading.offline.non_answers import WHY
from mockint.grading.reasons import Code, sentence

CODES: tuple[Code, ...] = get_args(Code)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_sentence_in_both_languages(code: Code) -> None:
    phrase = sentence(code)

    assert re.fullmatch(r"[A-Z][ -~]+\.", phrase.en)
    assert re.search("[\u4e00-\u9fff]", phrase.zh)
    assert phrase.zh.endswith("。")
    assert (phrase.in_("en"), phrase.in_("zh")) == phrase


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_two_codes_read_the_same(lang: str) -> None:
    assert len({sentence(code).in_(lang) for code in CODES}) == len(CODES)  # type: ignore[arg-type]


def test_a_code_that_nobody_wrote_a_sentence_for_fails_the_check() -> None:
    assert sentence("new") is None  # type: ignore[arg-type]


def test_every_guard_says_why_by_a_code() -> None:
    assert set(WHY.values()) <= set(CODES)
