"""The lexicon: made from its lists, or taken as it was made before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockint.grading.offline.lexicon import Lexicon, lexicon
from mockint.grading.offline.tokens import keys_of, tokens_of


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path)
    return tmp_path / "lexicon.json"


def fresh() -> Lexicon:
    return lexicon.__wrapped__()


@pytest.mark.usefixtures("kept")
def test_the_lexicon_is_the_same_made_anew_and_taken_from_the_cache() -> None:
    assert fresh() == fresh()


def test_what_was_kept_of_other_lists_is_made_again(kept: Path) -> None:
    made = fresh()
    other = json.loads(kept.read_text(encoding="utf-8")) | {"of": "other lists", "concepts": ["nonsens"]}
    kept.write_text(json.dumps(other), encoding="utf-8")

    assert fresh() == made
    assert fresh() != made.__class__(**(vars(made) | {"members": []}))


def test_a_term_of_plain_words_or_characters_has_the_keys_of_any_text() -> None:
    for term in (
        "optimiser states",
        "优化器状态",
        "eleven percent",
        "go up",
        "all-reduce",
        "O(n log n)",
        "8 卡",
        "Ⅳ",
        "十五天",
    ):
        assert keys_of(term) == tuple(tokens_of(term).keys)
