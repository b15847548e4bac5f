"""Denials of true statements: real, grammatical, and never true themselves."""

from __future__ import annotations

import pytest

from mockint.evaluation.negation import denials


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The client sends a SYN.", "The client does not send a SYN."),
        ("It applies one mask per head.", "It does not apply one mask per head."),
        ("Stage 1 shares the optimizer state.", "Stage 1 does not share the optimizer state."),
        ("The process has its own memory.", "The process does not have its own memory."),
        ("The threads have their own stack.", "The threads do not have their own stack."),
        ("The state has been sharded.", "The state has not been sharded."),
        ("The mask is causal, so keys can be cached.", "The mask is not causal."),
        ("Inputs can be cached in advance.", "Inputs cannot be cached in advance."),
        ("Layer norm does not depend on the batch.", "Layer norm does depend on the batch."),
        ("The weights are not updated.", "The weights are updated."),
        ("The keys cannot be cached.", "The keys can be cached."),
    ],
)
def test_a_plain_first_clause_is_denied_as_people_speak(text: str, denied: str) -> None:
    assert denials(text, "en")[1] == denied


@pytest.mark.parametrize(
    "text",
    [
        "It is only needed in training.",  # "is not only needed" would agree
        "All ranks are synchronised.",  # "all are not" may leave some
        "The bias may be dropped.",  # "may not be" may still be
        "Adam and Lion are momentum methods.",
        "Nothing is copied.",
        "When the batch is small it is noisy.",
        "It works.",
    ],
)
def test_a_clause_in_which_not_would_leave_something_true_is_only_wrapped(text: str) -> None:
    assert len(denials(text, "en")) == 1


def test_the_wrapped_denial_reaches_every_sentence_and_what_follows_a_semicolon() -> None:
    assert denials("The mask is causal; keys are cached. FSDP shards all.", "en")[0] == (
        "It is not true that the mask is causal. It is not true that keys are cached. "
        "It is not true that FSDP shards all."
    )


def test_names_keep_their_capital_and_dots_in_names_end_no_sentence() -> None:
    assert denials("nn.Softmax is a module. Adam has state.", "en")[0] == (
        "It is not true that nn.Softmax is a module. It is not true that Adam has state."
    )


@pytest.mark.parametrize(
    ("text", "wrapped", "inserted"),
    [
        ("进程有自己独立的地址空间。", "并非进程有自己独立的地址空间。", ["进程没有自己独立的地址空间。"]),
        ("线程切换比进程切换便宜。", "并非线程切换比进程切换便宜。", []),
        ("掩码是因果的，所以 key 可以缓存。", "“掩码是因果的，所以 key 可以缓存”这种说法不对。", ["掩码不是因果的。"]),
        ("它不是参数服务器。", "并非它不是参数服务器。", []),
        ("梯度会在反向时归约；参数不变。", "并非梯度会在反向时归约。并非参数不变。", ["梯度不会在反向时归约。"]),
    ],
)
def test_chinese_is_denied_as_a_whole_and_where_it_is_plain_with_a_word(
    text: str, wrapped: str, inserted: list[str]
) -> None:
    assert denials(text, "zh") == [wrapped, *inserted]
