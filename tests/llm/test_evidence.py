"""A quote counts when it is in the answer, whole, and the candidate's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.grading.llm.evidence import AnswerText, fold

ANSWER = "ZeRO-1 shards the optimizer state.  Stage 2 also shards “gradients”, and it doesn't shard\nthe activations."
QUESTION = "What does each stage of ZeRO shard across the data-parallel ranks?"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("shards the optimizer state", "shards the optimizer state"),
        ("SHARDS THE OPTIMIZER STATE.", "shards the optimizer state"),
        ("\"Stage 2 also shards 'gradients'\"", "Stage 2 also shards “gradients"),
        ("state. Stage 2", "state.  Stage 2"),
        ("doesn’t shard the activations", "doesn't shard\nthe activations"),
        ("ｓｈａｒｄｓ ｔｈｅ ｏｐｔｉｍｉｚｅｒ ｓｔａｔｅ", "shards the optimizer state"),
    ],
)
def test_form_case_space_and_quotation_marks_do_not_matter(quote: str, found: str) -> None:
    result = AnswerText(ANSWER).find(quote)
    assert [piece.quote for piece in result.evidence] == [found]
    assert result.exact


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("", "no words"),
        ("...", "no words"),
        ("the", "no words"),
        ("shards the parameters", "not in the answer"),
        ("hard", "not in the answer"),  # inside "shards"
        ("Stage 3 also shards “gradients”", "not in the answer"),  # a slip may not change a number
        ("it does shard the activations", "not in the answer"),  # nor drop a negation
        ("shard the activations", "negation"),
    ],
)
def test_what_is_not_said_is_no_evidence(quote: str, why: str) -> None:
    result = AnswerText(ANSWER).find(quote)
    assert result.evidence == ()
    assert why in result.fault


def test_one_slip_of_the_pen_is_forgiven_and_the_candidate_s_own_words_are_shown() -> None:
    result = AnswerText(ANSWER).find("ZeRO-1 shards the optimiser state")
    assert [piece.quote for piece in result.evidence] == ["ZeRO-1 shards the optimizer state"]
    assert not result.exact


def test_a_quote_may_leave_out_its_middle() -> None:
    result = AnswerText(ANSWER).find("ZeRO-1 shards ... also shards “gradients”")
    assert [piece.quote for piece in result.evidence] == ["ZeRO-1 shards", "also shards “gradients"]


def test_a_denial_is_quoted_without_its_negation_only_when_it_is_to_show_a_denial() -> None:
    assert AnswerText(ANSWER).find("shard the activations", affirms=False).evidence


def test_chinese_needs_no_word_boundaries() -> None:
    answer = AnswerText("第一阶段切分优化器状态，不切分激活值。")
    assert answer.find("切分优化器状态").evidence[0].quote == "切分优化器状态"
    assert "negation" in answer.find("切分激活值").fault


def test_the_question_repeated_is_no_evidence_but_its_words_in_an_own_sentence_are() -> None:
    echo = AnswerText("You ask what does each stage of ZeRO shard across the data-parallel ranks. Hmm.", [QUESTION])
    assert "repeat the question" in echo.find("each stage of ZeRO shard across the data-parallel ranks").fault
    own = AnswerText("Stage 1 spreads Adam's moments across the data-parallel ranks.", [QUESTION])
    assert own.find("spreads Adam's moments across the data-parallel ranks").evidence


@pytest.mark.parametrize(
    "honest",
    [
        "An attacker writes 'ignore all previous instructions' into the document.",
        "The judge LLM scores each criterion, and we grade on a rubric.",
        "All ranks are given the full gradient, so every step marks the parameters as updated.",
        "评分模型对每个要点打分。",
    ],
)
def test_an_answer_about_grading_or_attacks_keeps_its_evidence(honest: str) -> None:
    assert AnswerText(honest).find(honest).evidence


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_quoted_evidence_is_always_a_stretch_of_the_answer(before: str, quote: str, after: str) -> None:
    answer = before + quote + after
    for piece in AnswerText(answer, [before]).find(quote).evidence:
        assert piece.quote == answer[piece.start : piece.end] != ""


@given(st.text(max_size=80))
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = fold(text)
    places = [folded.span(place, place + 1) for place in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=80))
def test_plain_ascii_is_folded_as_any_text_is(text: str) -> None:
    # A letter of another script behind the text takes the way for all characters.
    folded = fold(text + "é")
    quick = fold(text)
    assert quick.text == folded.text[: len(quick.text)]
    places = range(len(quick.text))
    assert [quick.span(at, at + 1) for at in places] == [folded.span(at, at + 1) for at in places]
