"""What a follow-up may say: one rule, for those that an LLM words and those that an author wrote."""

from __future__ import annotations

import pytest

from mockint.bank import default_bank, load_bank
from mockint.interview.interviewer import LLMInterviewer
from mockint.llm.endpoint import Endpoint
from mockint.llm.settings import Settings

BANK = load_bank(default_bank(), pictures=False)
INTERVIEWER = LLMInterviewer(Endpoint(Settings(llm="none asked")), BANK.wordings, BANK.questions)

LEAKS = (
    ("async-vs-threads", "offload-to-executor", "asyncio.to_thread?"),
    ("async-vs-threads", "offload-to-executor", "Would you reach for run_in_executor here?"),
    ("async-vs-threads", "asyncio-cooperative-loop", "Does a coroutine yield only where it says await?"),
    ("gil-and-threads", "free-threaded", "What about the 3.13 builds, where threads use several cores?"),
    ("gil-and-threads", "not-thread-safe-code", "So your own code still needs locks around shared state?"),
    ("adamw-vs-adam-l2", "l2-is-divided-by-root-v", "Isn't the decay term then divided by √v?"),
    ("adamw-vs-adam-l2", "not-all-parameters", "And are biases and gains left out of it?"),
    ("moe-layer", "balance-and-all-to-all", "Does that cost all-to-all traffic?"),
    ("moe-layer", "weighted-sum", "Are the outputs added up with the router's weights?"),
    ("rope", "extrapolation-limit", "Have you heard of YaRN?"),
    ("rope", "relative-by-cancelling", "Do the absolute positions cancel in the dot product?"),
    ("kv-cache-basics", "prefill-fills-decode-appends", "Does prefill fill it for all prompt tokens in parallel?"),
    ("paged-attention", "sharing-by-reference-count", "Would each physical block need a reference count?"),
    ("paged-attention", "fixed-size-blocks-on-demand", "Like pages of virtual memory, perhaps?"),
    ("ddp-gradient-buckets", "default-sizes", "Is 25 MiB a good cap?"),
    ("ddp-gradient-buckets", "reverse-order", "Are buckets filled in the reverse of the parameter order?"),
    ("moe-layer", "weighted-sum", "是不是按路由器的权重把专家输出加权求和？"),
    ("kv-cache-basics", "query-used-once", "每个 token 的 query 是不是只用一次？"),
)
FAIR = (
    (
        "async-vs-threads",
        "offload-to-executor",
        "You say one call blocks everything. What would you do with such a call?",
    ),
    (
        "gil-and-threads",
        "not-thread-safe-code",
        "Two threads add to the same counter, as you say. Is the sum right at the end?",
    ),
    ("adamw-vs-adam-l2", "not-all-parameters", "Would you apply it to everything in the network?"),
    ("moe-layer", "balance-and-all-to-all", "What goes wrong when everybody likes the same few?"),
    ("rope", "extrapolation-limit", "And if I give it a text four times as long as in training?"),
    ("paged-attention", "sharing-by-reference-count", "Ten users send the same system prompt. What then?"),
    ("kv-cache-basics", "memory-grows-linearly", "What do you pay for that?"),
    ("moe-layer", "weighted-sum", "选出来之后，结果怎么合起来？"),
)


def gives_away(question: str, point: str, text: str) -> bool:
    asked = BANK.question(question)
    points = [one for one in asked.key_points if one.id == point]
    return INTERVIEWER.gives_away(asked, text, points, [asked.prompt.en, asked.prompt.zh])


@pytest.mark.parametrize(("question", "point", "text"), LEAKS)
def test_a_question_that_names_the_answer_gives_it_away(question: str, point: str, text: str) -> None:
    assert gives_away(question, point, text)


@pytest.mark.parametrize(("question", "point", "text"), FAIR)
def test_a_question_that_leaves_the_answer_to_the_candidate_does_not(question: str, point: str, text: str) -> None:
    assert not gives_away(question, point, text)


def test_every_authored_follow_up_may_be_asked() -> None:
    refused = [
        (question.id, text)
        for question in BANK.questions
        for follow_up in question.follow_ups
        for _, text in follow_up.prompt
        if any(gives_away(question.id, point, text) for point in follow_up.probes)
    ]

    assert refused == []
