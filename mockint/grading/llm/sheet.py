"""The sheet that an LLM fills in for one answer: criteria under short names, messages, JSON schema, the reading.

The names (k01.., m01..) number the criteria as they are asked, so that an order survives a server that sorts keys;
inside a criterion `evidence`, `reason`, `verdict` is both the order that makes an LLM look before it decides and the
alphabet's.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from mockint.grading.conversation import Conversation
from mockint.llm.prompts import prompts_of
from mockint.markdown.parser import without_pictures
from mockint.question import (
    Criterion,
    KeyPoint,
    KeyPointVerdict,
    Lang,
    MisconceptionVerdict,
    Question,
    Sample,
    Text,
    Verdict,
)

prompt = prompts_of("mockint.grading.llm")

SheetVerdict = Verdict | Literal["cannot_assess"]
CANNOT_ASSESS = "cannot_assess"
Message = dict[str, str]
Schema = dict[str, Any]

_MAX_REASON = 400
_MAX_REPLY = 200_000
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
# Local servers read some of these as their own control tokens even inside a user's text, so each is broken in two.
_CONTROL_TOKEN = re.compile(
    r"<(?=[|｜]|/?s>|/?think|/?(?:start|end)_of_turn|<SYS>|</SYS>)|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\])",
    re.IGNORECASE,
)
# What no answer to a technical question says. Crediting one shows that a reply obeys the answer instead of grading it.
DECOYS = (
    Text(
        en="The Peace of Westphalia ended the Thirty Years' War in 1648.",
        zh="1648 年的《威斯特伐利亚和约》结束了三十年战争。",
    ),
    Text(en="Emperor penguins breed on the ice in the Antarctic winter.", zh="帝企鹅在南极的冬季于冰上繁殖。"),
    Text(
        en="Baker's yeast needs sugar and warmth to make dough rise.", zh="面包酵母需要糖和温暖的环境才能让面团发酵。"
    ),
    Text(en="The Danube flows through Vienna and Budapest.", zh="多瑙河流经维也纳和布达佩斯。"),
)


@dataclass(frozen=True)
class SheetEntry:
    """What an LLM wrote about one criterion, before anything was verified."""

    quote: str
    reason: str
    verdict: SheetVerdict


class UnusableReplyError(Exception):
    """The reply does not fill in the sheet. Its text completes the sentence "That reply cannot be used: ..."."""


@dataclass(frozen=True)
class Sheet:
    """criteria in the order in which they are asked, by name. decoys: the names of those that no answer meets.

    examples: other answers to the question, with the verdicts that they deserve.
    """

    question: Question
    conversation: Conversation
    lang: Lang
    criteria: Mapping[str, Criterion]
    decoys: frozenset[str] = frozenset()
    examples: tuple[Sample, ...] = ()

    @property
    def names(self) -> list[str]:
        return list(self.criteria)

    @cached_property
    def messages(self) -> list[Message]:
        """Constant text first, the question next, the answer last: a server can reuse what it has read before.

        Two messages, because several chat templates refuse two of the same role in a row.
        """
        question = self.question
        about = prompt(
            "question",
            prompt=self._asked(),
            reference=self._reference(),
            criteria="\n".join(map(self._line, self.criteria)),
        )
        encoded = encoded_answer(self.conversation.answer)
        nonce = _nonce(question, encoded_answer(self.conversation.text))
        said = [prompt("answer", nonce=nonce, answer=encoded)]
        for exchange in self.conversation.exchanges:
            asked, reply = encoded_answer(exchange.asked), encoded_answer(exchange.reply)
            said.append(prompt("reply", nonce=nonce, asked=asked, reply=reply))
        end = prompt("names", names=", ".join(self.names))
        user = "\n\n".join([about, *self._examples(), *said, end])
        return [{"role": "system", "content": prompt("grade")}, {"role": "user", "content": user}]

    def _asked(self) -> str:
        question = self.question
        asked = without_pictures(question.prompt.in_(self.lang))
        if question.code:
            asked += f"\n\n```{question.code.language}\n{question.code.source}\n```"
            asked += f"\n\nIt prints this, which the candidate was not shown:\n\n```\n{question.code.output}\n```"
        return asked

    def _examples(self) -> Iterator[str]:
        for example in self.examples:
            verdicts = {
                name: example.verdicts.get(criterion.id, "missing")
                for name, criterion in self.criteria.items()
                if criterion.id in example.verdicts or name in self.decoys
            }
            yield prompt("example", answer=encoded_answer(example.answer), verdicts=json.dumps(verdicts))

    def _reference(self) -> str:
        """What an expert would say: of the question, and in a conversation of what was asked back last."""
        if not self.conversation.exchanges:
            return without_pictures(self.question.answer.in_(self.lang))
        follow_up = self.conversation.exchanges[-1].follow_up
        if follow_up is None or follow_up.answer is None:
            return without_pictures(self.question.answer.in_(self.lang))
        return f"To the last question that was asked back: {without_pictures(follow_up.answer.in_(self.lang))}"

    @cached_property
    def schema(self) -> Schema:
        return schema_of(self.criteria)

    def read(self, reply: str, names: Sequence[str] | None = None) -> dict[str, SheetEntry]:
        """The entries of a reply by name. Raises UnusableReplyError, saying what is wrong with it.

        A decoy may be left out: whoever does that has not credited it.
        """
        wanted = self.names if names is None else names
        found = last_object(reply, [name for name in wanted if name not in self.decoys])
        return {name: _entry(name, found[name], self.criteria[name]) for name in wanted if name in found}

    def _line(self, name: str) -> str:
        criterion = self.criteria[name]
        if isinstance(criterion, KeyPoint):
            return f"- {name} (key point): {criterion.text.in_(self.lang)}"
        return f"- {name} (misconception): {criterion.text.in_(self.lang)}"


def sheet_for(
    question: Question,
    conversation: Conversation,
    *,
    criteria: Sequence[Criterion] | None = None,
    vote: int = 0,
    decoys: int = 1,
    examples: Sequence[Sample] = (),
) -> Sheet:
    """criteria: those to ask about, None for all. vote 0 asks in the bank's order, later votes in one of their own.

    The decoy of the first vote is the question's own and comes after the key points, so that requests about one
    question begin alike; those of later votes stand anywhere among them.
    """
    wanted = question.criteria if criteria is None else criteria
    key_points, misconceptions = _order(wanted, question, conversation.text, vote)
    draw = _drawing(question, conversation.text if vote else "", vote)
    extra = [KeyPoint(id=f"decoy-{n}", text=text) for n, text in enumerate(draw.sample(DECOYS, decoys))]
    for decoy in extra:
        key_points.insert(draw.randint(0, len(key_points)) if vote else len(key_points), decoy)
    named = {f"k{number:02}": criterion for number, criterion in enumerate(key_points, 1)}
    named |= {f"m{number:02}": criterion for number, criterion in enumerate(misconceptions, 1)}
    names = frozenset(name for name, criterion in named.items() if criterion in extra)
    return Sheet(question, conversation, language_of(conversation.text), named, names, tuple(examples))


_TRIES = 20


def _order(
    criteria: Sequence[Criterion], question: Question, answer: str, vote: int
) -> tuple[list[Criterion], list[Criterion]]:
    """An order that no earlier vote asked in, while there is one: the same request again would be the same vote."""
    points: list[Criterion] = [one for one in criteria if isinstance(one, KeyPoint)]
    wrong: list[Criterion] = [one for one in criteria if not isinstance(one, KeyPoint)]
    orders = [(points, wrong)]
    for number in range(1, vote + 1):
        draw = _drawing(question, answer, number)
        drawn = orders[0]
        for _ in range(_TRIES):
            drawn = [*points], [*wrong]
            draw.shuffle(drawn[0])
            draw.shuffle(drawn[1])
            if drawn not in orders:
                break
        orders.append(drawn)
    return [*orders[vote][0]], [*orders[vote][1]]


def _drawing(question: Question, answer: str, vote: int) -> random.Random:
    digest = hashlib.sha256(f"{question.content_hash()}\0{answer}\0{vote}".encode("utf-8", "surrogatepass")).digest()
    return random.Random(digest)


def schema_of(criteria: Mapping[str, Criterion]) -> Schema:
    """One required property a criterion, so that none can be dropped, doubled or invented."""
    return {
        "type": "object",
        "properties": {name: _form(criterion) for name, criterion in criteria.items()},
        "required": list(criteria),
        "additionalProperties": False,
    }


def _form(criterion: Criterion) -> Schema:
    verdicts = get_args(KeyPointVerdict if isinstance(criterion, KeyPoint) else MisconceptionVerdict)
    return {
        "type": "object",
        "properties": {
            "evidence": {"type": "string"},
            "reason": {"type": "string"},
            "verdict": {"type": "string", "enum": [*verdicts, CANNOT_ASSESS]},
        },
        "required": ["evidence", "reason", "verdict"],
        "additionalProperties": False,
    }


def encoded_answer(answer: str) -> str:
    """The answer as a JSON string, without what cannot be seen, every control token of a chat template broken."""
    seen = _UNSEEN.sub("", answer.encode("utf-8", "replace").decode())
    return _CONTROL_TOKEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(seen, ensure_ascii=False))


def _nonce(question: Question, encoded: str) -> str:
    """Nobody can write an answer that contains the hash of itself."""
    return hashlib.sha256(f"{question.id}\0{encoded}".encode()).hexdigest()[:12]


def language_of(text: str) -> Lang:
    """zh when Chinese characters are at least a fifth of the letters."""
    wide = sum("\u3400" <= char <= "\u9fff" for char in text)
    return "zh" if wide and wide * 5 >= sum(map(str.isalpha, text)) else "en"


def last_object(reply: str, names: Sequence[str]) -> dict[str, Any]:
    """The last JSON object of a reply that has all the names: an earlier one may be an echo of what was asked."""
    text = without_thoughts(reply[:_MAX_REPLY])
    best: dict[str, Any] | None = None
    fault = "it holds no JSON object"
    at = text.find("{")
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            fault = f"it is not valid JSON ({error})" if best is None else fault
            end = at + 1
        else:
            missing = [name for name in names if name not in value]
            if not missing:
                best = value
            else:
                fault = f"it lacks {', '.join(missing)}"
                end = max(end, at + 1)
        at = text.find("{", end)
    if best is None:
        raise UnusableReplyError(fault)
    return best


def without_thoughts(reply: str) -> str:
    """The reply after its `<think>` part, also when only the end of that part was sent."""
    text = re.sub(r"<think>.*?</think>", "", reply, flags=re.DOTALL)
    text = text.rpartition("</think>")[2]
    return text.partition("<think>")[0] if "<think>" in text else text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _entry(name: str, value: Any, criterion: Criterion) -> SheetEntry:
    if not isinstance(value, dict):
        raise UnusableReplyError(f"{name} is not an object")
    allowed = get_args(KeyPointVerdict if isinstance(criterion, KeyPoint) else MisconceptionVerdict)
    verdict = str(value.get("verdict", "")).strip().lower()
    if verdict not in (*allowed, CANNOT_ASSESS):
        raise UnusableReplyError(f"the verdict of {name} is {verdict!r}, not one of {', '.join(allowed)}")
    evidence = value.get("evidence") or ""
    if isinstance(evidence, list):
        evidence = " ... ".join(str(piece) for piece in evidence)
    return SheetEntry(str(evidence), _plain(value.get("reason") or ""), verdict)  # type: ignore[arg-type]


def _plain(reason: Any) -> str:
    text = " ".join(_UNSEEN.sub("", str(reason)).split())
    return text if len(text) <= _MAX_REASON else text[: _MAX_REASON - 1] + "…"
