"""`openai:NAME`: an LLM grades, code verifies. One request for most answers.

    1. an obvious answer is settled without a request
    2. the sheet is filled in; a cut-off or malformed reply is asked for once more
    3. every quote is looked up in what was said; credit without evidence is asked about once more, then not counted
    4. where a verdict is unsure and could decide, two more votes on it, in another order; the middle one counts

What a candidate says is data. An LLM that obeys it is found out by decoys: among the criteria stands a statement that
no answer makes. Once that is credited, or most credits quote words that have nothing to do with their criterion, the
whole is asked twice more with four decoys; a decoy credited then is EndpointError. Nothing is taken away by the words
that an answer uses: honest answers speak of scores, graders and instructions, too.

An endpoint that fails, or that credits a statement which no answer makes, has not graded: EndpointError, never a zero.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from mockint.errors import ServiceError
from mockint.grading.conversation import Conversation, open_criteria
from mockint.grading.grade import Mark, is_ungraded
from mockint.grading.llm.batch import each_of
from mockint.grading.llm.evidence import AnswerText
from mockint.grading.llm.obvious import obvious_marks
from mockint.grading.llm.sheet import Message, Schema, Sheet, SheetEntry, UnusableReplyError, schema_of, sheet_for
from mockint.grading.llm.votes import Vote, is_far_fetched, mark_of, verified, worth_another_vote
from mockint.llm.batch_api import fetch
from mockint.llm.budget import Usage
from mockint.llm.endpoint import Connection, Endpoint
from mockint.llm.faults import EndpointError
from mockint.llm.prompts import prompts_of
from mockint.llm.replies import Reply
from mockint.question import Criterion, Question, Sample

prompt = prompts_of("mockint.grading.llm")

VERSION = 2
EXTRA_VOTES = 2
_TOKENS_A_CRITERION = 160
_TOKENS_BESIDE = 400
_FIRST_ASKED = 3

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """An answer to mark on some criteria. so_far: marks on all of them, which these will replace in part."""

    question: Question
    answer: str
    criteria: tuple[Criterion, ...]
    so_far: tuple[Mark, ...] = ()


Samples = Callable[[Question], Sequence[Sample]]
EXAMPLES = 2


def examples_of(samples: Sequence[Sample], answer: str) -> tuple[Sample, ...]:
    """The sample with the most credit and the one with the least, neither of them the answer itself."""
    others = [sample for sample in samples if sample.verdicts and sample.answer != answer]
    ranked = sorted(others, key=lambda sample: sum(verdict == "met" for verdict in sample.verdicts.values()))
    return (ranked[-1], ranked[0]) if len(ranked) >= EXAMPLES else ()


class LLMGrader:
    """Marks with the LLM of an Endpoint. `usage` counts what was used, on the endpoint's meter.

    samples: marked answers to a question, two of which the LLM is shown as examples; None shows it none.
    """

    def __init__(self, endpoint: Endpoint, *, samples: Samples | None = None) -> None:
        self.endpoint = endpoint
        self._samples = samples
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        shown = "+examples" if self._samples else ""
        return f"openai:{self.endpoint.llm}/{VERSION}{shown}"

    @property
    def usage(self) -> Usage:
        return self.endpoint.meter.used

    def again(self, repeat: int) -> LLMGrader:
        """The same grader on the same meter, that asks anew what the cache would answer. repeat: 1, 2, ..."""
        endpoint = Endpoint(self.endpoint.settings, cache=self.endpoint.cache, say=self.endpoint.say, repeat=repeat)
        endpoint.meter = self.endpoint.meter
        return LLMGrader(endpoint, samples=self._samples)

    def mark(self, question: Question, answer: str) -> list[Mark]:
        """One mark a criterion. Raises EndpointError or BudgetSpentError when the answer could not be graded."""

        async def work() -> list[Mark]:
            async with self.endpoint.connect() as connection:
                return await _marks(connection, self._sheet(question, answer), so_far=())

        return self._run(work())

    def mark_some(
        self,
        tasks: Sequence[Task],
        *,
        on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
        someone_waits: bool = False,
    ) -> list[list[Mark] | ServiceError]:
        """As `mark_many`, each answer on some of the criteria alone."""

        async def work() -> list[list[Mark] | ServiceError]:
            async with self.endpoint.connect(someone_waits=someone_waits) as connection:

                async def mark(task: Task) -> list[Mark]:
                    sheet = self._sheet(task.question, task.answer, task.criteria)
                    return await _marks(connection, sheet, so_far=task.so_far)

                return await each_of(tasks, mark, at_once=self.endpoint.settings.concurrency, on_done=on_done)

        return self._run(work())

    def _sheet(self, question: Question, answer: str, criteria: Sequence[Criterion] | None = None) -> Sheet:
        examples = examples_of(self._samples(question), answer) if self._samples else ()
        return sheet_for(question, Conversation(answer), criteria=criteria, examples=examples)

    def mark_reply(self, question: Question, conversation: Conversation, so_far: Sequence[Mark]) -> list[Mark]:
        """Marks on the open criteria, by the whole conversation. Raises as `mark` does."""

        async def work() -> list[Mark]:
            async with self.endpoint.connect() as connection:
                return await _marks_after_reply(connection, question, conversation, so_far)

        return self._run(work())

    def mark_many(
        self,
        answers: Iterable[tuple[Question, str]],
        *,
        on_done: Callable[[int, list[Mark] | ServiceError], None] | None = None,
        someone_waits: bool = False,
    ) -> list[list[Mark] | ServiceError]:
        """As `mark`, `settings.concurrency` answers at a time; an error stands in for marks that could not be had.

        on_done is told the place and outcome of each as it ends. someone_waits: a person does, so that each is had
        within `timeout`, or not at all; else a busy endpoint is waited for. When nothing succeeds any more, the rest is
        not sent.
        """

        async def work() -> list[list[Mark] | ServiceError]:
            async with self.endpoint.connect(someone_waits=someone_waits) as connection:

                async def mark(answer: tuple[Question, str]) -> list[Mark]:
                    return await _marks(connection, self._sheet(*answer), so_far=())

                return await each_of(answers, mark, at_once=self.endpoint.settings.concurrency, on_done=on_done)

        return self._run(work())

    def fetch_in_batch(self, answers: Iterable[tuple[Question, str]]) -> None:
        """Have the first reply about each answer from the Batch API, where `mark` then finds it. Takes up to a day.

        The first answer is marked at once, which shows what the endpoint accepts. Raises EndpointError.
        """

        async def work() -> None:
            async with self.endpoint.connect(someone_waits=False) as connection:
                await _fetch_in_batch(connection, [self._sheet(*answer) for answer in answers])

        self._run(work())

    def request(self, question: Question, answer: str) -> dict[str, Any] | None:
        """The first request as it would be sent, or None for an obvious answer, which needs none. Sends nothing."""
        sheet = self._sheet(question, answer)
        if obvious_marks(question, _text_of(sheet), sheet.lang) is not None:
            return None
        return request_of(self.endpoint, sheet.messages, sheet.schema, _most(sheet.names))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """In an event loop of its own: a Ctrl-C cancels the request under way, and no thread is left behind."""
        with self._lock, asyncio.Runner() as runner:
            return runner.run(work)


def request_of(endpoint: Endpoint, messages: Sequence[Message], schema: Schema | None, most: int) -> dict[str, Any]:
    key = "Bearer [key]" if endpoint.settings.key else "Bearer not-needed"
    return {
        "method": "POST",
        "url": f"{endpoint.settings.endpoint}/chat/completions",
        "headers": {"Authorization": key, "Content-Type": "application/json"},
        "body": endpoint.body(messages, schema=schema, most=most),
    }


async def _fetch_in_batch(connection: Connection, made: Iterable[Sheet]) -> None:
    endpoint = connection.endpoint
    needed = [sheet for sheet in made if obvious_marks(sheet.question, _text_of(sheet), sheet.lang) is None]
    sheets = {_key(endpoint, sheet, sheet.messages, sheet.schema): sheet for sheet in needed}
    waiting = {key: sheet for key, sheet in sheets.items() if not connection.cache.reply(key)}
    if waiting and not any(waiting.keys() & set(keys) for _, _, keys in connection.cache.batches()):
        await _learn_the_form(connection, waiting)

    def take(key: str, reply: Reply) -> None:
        """Keep a reply that can be used; about the others `mark` asks again."""
        if (sheet := sheets.get(key)) and _read(sheet, reply, sheet.names)[0] is not None:
            _keep(connection, key, reply)

    bodies = {
        key: endpoint.body(sheet.messages, schema=sheet.schema, most=_most(sheet.names))
        for key, sheet in waiting.items()
    }
    await fetch(connection, bodies, take)


async def _learn_the_form(connection: Connection, waiting: dict[str, Sheet]) -> None:
    """Ask about one answer, and take it out of those that wait. A few that are refused say nothing of the others."""
    for key in list(waiting)[:_FIRST_ASKED]:
        try:
            await _filled_in(connection, waiting[key])
        except EndpointError as error:
            if error.hopeless:
                raise
        else:
            del waiting[key]
            return


async def _marks(connection: Connection, sheet: Sheet, *, so_far: Sequence[Mark]) -> list[Mark]:
    """Of an answer, on the criteria of its sheet. so_far: the marks on all, where these are to replace some."""
    text = _text_of(sheet)
    if (settled := obvious_marks(sheet.question, text, sheet.lang)) is not None:
        asked = {criterion.id for criterion in sheet.criteria.values()}
        return [mark for mark in settled if mark.criterion in asked]
    return await _marks_by_votes(connection, sheet, text, so_far=so_far)


async def _marks_after_reply(
    connection: Connection, question: Question, conversation: Conversation, so_far: Sequence[Mark]
) -> list[Mark]:
    sheet = sheet_for(question, conversation, criteria=open_criteria(question, so_far))
    marks = await _marks_by_votes(connection, sheet, _text_of(sheet), so_far=so_far)
    return conversation.in_parts(marks)


async def _marks_by_votes(
    connection: Connection, sheet: Sheet, text: AnswerText, *, so_far: Sequence[Mark]
) -> list[Mark]:
    """One vote; two more where it was unsure of something that decides, or where it looks like obedience."""
    question = sheet.question
    first = await _vote(connection, sheet, text, ask_again=True)
    votes = [first]
    is_suspicious = first.credits_a_decoy or is_far_fetched(question, text, first.by_id)
    again = list(first.by_id) if is_suspicious else worth_another_vote(question, first.by_id, so_far)
    if again:
        criteria = [question.criterion(id) for id in again]
        sheets = [
            sheet_for(
                question,
                sheet.conversation,
                criteria=criteria,
                vote=number,
                decoys=4 if is_suspicious else 1,
                examples=sheet.examples,
            )
            for number in range(1, EXTRA_VOTES + 1)
        ]
        votes += await _extra_votes(connection, sheets, text, needed=is_suspicious)
    if any(vote.credits_a_decoy for vote in votes[1:]):
        raise EndpointError(
            f"{connection.endpoint.llm!r} credited a statement that nobody made, as an LLM does that obeys the answer "
            "instead of grading it: the answer stays ungraded",
            own=True,
        )
    marks = [
        mark_of(criterion, [vote.by_id[criterion.id] for vote in votes if criterion.id in vote.by_id], sheet.lang)
        for criterion in sheet.criteria.values()
        if criterion.id in first.by_id
    ]
    known = {mark.criterion: mark for mark in (*so_far, *marks)}
    if all(is_ungraded(known[point.id]) for point in question.key_points if point.id in known):
        raise EndpointError(
            f"{connection.endpoint.llm!r} could not assess any key point: the answer stays ungraded", own=True
        )
    return marks


@dataclass(frozen=True)
class FilledSheet:
    """by_id: the verified vote on each criterion. credits_a_decoy: so it does with a statement that no answer makes."""

    by_id: dict[str, Vote]
    credits_a_decoy: bool


async def _extra_votes(
    connection: Connection, sheets: Sequence[Sheet], text: AnswerText, *, needed: bool
) -> list[FilledSheet]:
    """The further votes that could be had. needed: the first alone is not to be trusted, so a failure is raised.

    Together, or the first vote stands alone: two votes have no middle.
    """
    jobs = [_vote(connection, sheet, text, ask_again=False) for sheet in sheets]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and (needed or not isinstance(outcome, ServiceError)):
            raise outcome
    votes = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    return votes if len(votes) == len(sheets) else []


async def _vote(connection: Connection, sheet: Sheet, text: AnswerText, *, ask_again: bool) -> FilledSheet:
    reply, entries = await _filled_in(connection, sheet)
    decoys = [entries.pop(name) for name in sheet.decoys if name in entries]
    votes = {name: verified(entry, text, sheet.criteria[name]) for name, entry in entries.items()}
    doubtful = [name for name, vote in votes.items() if vote.fault]
    if doubtful and ask_again:
        again = await _asked_again(connection, sheet, reply, {name: votes[name] for name in doubtful})
        votes |= {name: verified(entry, text, sheet.criteria[name]) for name, entry in again.items()}
    credited = any(entry.verdict in ("met", "partial") for entry in decoys)
    return FilledSheet({sheet.criteria[name].id: vote for name, vote in votes.items()}, credited)


async def _filled_in(connection: Connection, sheet: Sheet) -> tuple[Reply, dict[str, SheetEntry]]:
    """The first reply that fills in the sheet, from the cache or the endpoint."""
    return await _usable(connection, sheet, sheet.messages, sheet.names)


async def _asked_again(
    connection: Connection, sheet: Sheet, reply: Reply, doubtful: dict[str, Vote]
) -> dict[str, SheetEntry]:
    """A second look at the criteria whose evidence does not hold. Nothing when that reply cannot be used."""
    faults = "\n".join(f"- {name}: you said {vote.verdict!r}, but {vote.fault}" for name, vote in doubtful.items())
    names = list(doubtful)
    messages = [
        *sheet.messages,
        {"role": "assistant", "content": reply.text},
        {"role": "user", "content": prompt("evidence_again", faults=faults, names=", ".join(names))},
    ]
    try:
        return (await _usable(connection, sheet, messages, names))[1]
    except UselessReplyError:
        return {}


class UselessReplyError(EndpointError):
    """The endpoint replied, and no reply fills in the sheet."""


async def _usable(
    connection: Connection, sheet: Sheet, messages: Sequence[Message], names: Sequence[str]
) -> tuple[Reply, dict[str, SheetEntry]]:
    """Ask, and once more when the reply is malformed. Only a reply that can be used is kept."""
    endpoint = connection.endpoint
    schema = sheet.schema if names == sheet.names else schema_of({name: sheet.criteria[name] for name in names})
    key = _key(endpoint, sheet, messages, schema)
    if not endpoint.fresh and (kept := connection.cache.reply(key)):
        endpoint.meter.add(Usage(replayed=1))
        reply = Reply(kept[0], "stop", Usage(), replayed=True)
        return reply, sheet.read(reply.text, names)

    reply = await connection.ask(messages, schema=schema, most=_most(names))
    entries, fault = _read(sheet, reply, names)
    if entries is None and not reply.is_cut_off:
        endpoint.say("the reply cannot be used; asking once more")
        again = prompt("json_again", fault=fault, names=", ".join(names))
        messages = [*messages, {"role": "assistant", "content": reply.text}, {"role": "user", "content": again}]
        reply = await connection.ask(messages, schema=schema, most=_most(names))
        entries, fault = _read(sheet, reply, names)
    if entries is None:
        raise UselessReplyError(
            f"{endpoint.llm!r} replied without usable marks ({fault}): the answer stays ungraded; try another LLM"
        )
    if not endpoint.fresh:
        _keep(connection, key, reply)
    return reply, entries


def _key(endpoint: Endpoint, sheet: Sheet, messages: Sequence[Message], schema: Schema) -> str:
    return endpoint.cache_key(messages, schema, question=sheet.question.content_hash(), answer=sheet.conversation.text)


def _keep(connection: Connection, key: str, reply: Reply) -> None:
    about = {
        "usage": asdict(reply.usage),
        "served_by": reply.served_by,
        "fingerprint": reply.fingerprint,
        "seconds": reply.seconds,
    }
    connection.cache.keep_reply(key, reply.text, about)


def _read(sheet: Sheet, reply: Reply, names: Sequence[str]) -> tuple[dict[str, SheetEntry] | None, str]:
    try:
        return sheet.read(reply.text, names), ""
    except UnusableReplyError as error:
        return None, "it was cut off, however much room it had" if reply.is_cut_off else str(error)


def _most(names: Sequence[str]) -> int:
    """Tokens that a reply about these criteria may have."""
    return _TOKENS_BESIDE + _TOKENS_A_CRITERION * len(names)


def _text_of(sheet: Sheet) -> AnswerText:
    prompt = sheet.question.prompt
    asked = [exchange.asked for exchange in sheet.conversation.exchanges]
    return AnswerText(sheet.conversation.text, [prompt.en, prompt.zh, *asked])
