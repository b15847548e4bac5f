"""Every rule of the negation tables, by its own example: the words in brackets are denied, the others are not."""

from __future__ import annotations

import re

import pytest

from mockint.grading.offline import negation
from mockint.grading.offline.negation import PatternRule, WordRule, negation_of
from mockint.grading.offline.tokens import Tokens, tokens_of

TABLES = {
    name: getattr(negation, name)
    for name in (
        "ENGLISH",
        "CHINESE_WHOLE",
        "CHINESE_ADJECTIVES",
        "CHINESE_FAR",
        "REJECTIONS",
        "REPORTS",
        "SUPPOSITIONS",
    )
}
RULES = [pytest.param(rule, id=f"{name}-{place}") for name, rules in TABLES.items() for place, rule in enumerate(rules)]


def bracketed(example: str) -> tuple[Tokens, set[int]]:
    """The tokens of the example without its brackets, and those that stood inside them."""
    text, inside = "", []
    for piece in re.split(r"(\[[^]]*\])", example):
        words = piece.strip("[]") if piece.startswith("[") else piece
        inside += [piece.startswith("[")] * len(words)
        text += words
    tokens = tokens_of(text)
    return tokens, {
        place for place, start in enumerate(tokens.starts) if inside[tokens.folded.span(start, start + 1)[0]]
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_denies_the_bracketed_words_of_its_example_and_no_others(rule: WordRule | PatternRule) -> None:
    tokens, expected = bracketed(rule.example)
    found = negation_of(tokens)
    denied = found.reported if rule.denies == "all, as reported" else {p for p in range(len(tokens)) if found.denied(p)}

    assert [tokens.words[place] for place in sorted(denied)] == [tokens.words[place] for place in sorted(expected)]


@pytest.mark.parametrize("rule", RULES)
def test_the_example_of_a_rule_is_found_by_that_rule(rule: WordRule | PatternRule) -> None:
    tokens, _ = bracketed(rule.example)
    if isinstance(rule, PatternRule):
        assert rule.pattern.search(tokens.folded.text)
    else:
        pairs = zip(tokens.words, [*tokens.words[1:], ""], strict=True)
        assert any(
            (word in rule.first or word.endswith("n't")) and (not rule.then or following in rule.then)
            for word, following in pairs
        )


@pytest.mark.parametrize(
    "example",
    [
        "neither [parameters] nor [FLOPs change with the number of heads]",
        "If B weren't zero at the start, it would begin elsewhere",
        "She did not [say] what the colour was",
        "It should not [be mandatory] as there are side effects",
        "There are no [more] than two copies",
        "You might take the plain step, but no: it is rescaled by the root",
    ],
)
def test_denials_that_people_made_reach_no_further_than_they_meant(example: str) -> None:
    tokens, expected = bracketed(example)
    found = negation_of(tokens)

    assert {place for place in range(len(tokens)) if found.denied(place)} == expected


def test_a_nor_belongs_to_its_neither() -> None:
    tokens = tokens_of("Neither parameters nor FLOPs change")

    assert not negation_of(tokens).denied(3, own=(0,))
    assert negation_of(tokens).denied(3)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("Does it shard the state?", True),
        ("So is the state sharded?", True),
        ("It shards what?", True),
        ("状态切分了吗？", True),
        ("The state is sharded?", False),
        ("第一阶段切分状态？", False),
    ],
)
def test_what_is_asked_is_not_asserted_and_what_is_only_said_with_little_courage_is(answer: str, asked: bool) -> None:
    assert bool(negation_of(tokens_of(answer)).reported) == asked


def test_the_head_of_a_denial_is_the_first_word_it_denies_that_bears_meaning() -> None:
    tokens = tokens_of("It should not really suffer from it")
    heads = negation_of(tokens).heads(tokens.keys, frozenset({"realli", "from"}))

    assert {tokens.words[negator]: tokens.words[head] for negator, head in heads.items()} == {"not": "suffer"}


@pytest.mark.parametrize(
    "example",
    [
        "Some people think [it shards the state], it isn't so, it copies the parameters",
        "Many people believe [it doubles the traffic]; it doesn't, it keeps the traffic",
        "People say [it halves the memory], actually it doubles the memory",
        "很多人以为[它切分参数]，不是的，它复制参数",
        "很多人以为[它切分参数]，实际上它复制参数",
        "Some people think [it isn't sharded, or that it copies the parameters]",
    ],
)
def test_a_report_ends_where_the_speaker_answers_it(example: str) -> None:
    tokens, expected = bracketed(example)

    assert negation_of(tokens).reported == expected
