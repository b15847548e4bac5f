"""What an LLM says in an interview: follow-ups, clarifications, the debrief. Code decides whether it may be said.

A follow-up or clarification that gives a point away is replaced by the authored one. It is streamed, so the check runs
ahead of the screen: a word is shown once everything up to it is known to be clean.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mockint.errors import ServiceError
from mockint.grading.grade import PASS, Grade, Mark
from mockint.grading.llm.evidence import fold, roots
from mockint.grading.llm.sheet import Message, encoded_answer, without_thoughts
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.match import read
from mockint.history import Attempt
from mockint.llm.endpoint import Endpoint
from mockint.llm.prompts import prompts_of
from mockint.phrases import SharedPhrases
from mockint.question import KeyPoint, Lang, Question
from mockint.wordings import WordingSource

prompt = prompts_of("mockint.interview")

OnText = Callable[[str], None]

_MOST_TOKENS = 1200  # most of it room for LLMs that think first
_LONGEST_QUESTION = 400
_LONGEST_CLARIFICATION = 700
_LONGEST_DEBRIEF = 1200
_GIVEN_AWAY = 0.34  # share of a point's own words, two of them at least
_NAME = re.compile(
    r"[A-Za-z][A-Za-z\d]*(?:[._/-][A-Za-z\d]+)+|[A-Za-z]+\d[A-Za-z\d]*|[A-Za-z]*[A-Z][A-Za-z]*[A-Z][A-Za-z]*"
    r"|\d+(?:[.,]\d+)*"
)
_ENOUGH_QUESTIONS = 20  # fewer do not show which words are rare
_LANGUAGES: dict[Lang, str] = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True)
class Utterance:
    """What is to be said. by_llm: False when it is the authored text, because the LLM failed or gave something away."""

    text: str
    by_llm: bool


@dataclass(frozen=True)
class OpenPoint:
    """What a follow-up is to draw out. mark: what was made of the point so far.

    authored: a follow-up that was written for it, None where nobody wrote one. asked: what was asked back before.
    """

    point: KeyPoint
    mark: Mark
    authored: str | None = None
    asked: tuple[str, ...] = ()


class LLMInterviewer:
    """Speaks with the LLM of an Endpoint, on its meter. An endpoint that fails never stops an interview.

    questions: those of the bank, to know which words are one question's own.
    """

    def __init__(self, endpoint: Endpoint, wordings: WordingSource, questions: Sequence[Question] = ()) -> None:
        self.endpoint = endpoint
        self._offline = OfflineGrader(wordings)
        self._questions = questions

    def follow_up(
        self,
        question: Question,
        said: Sequence[str],
        grade: Grade,
        gap: OpenPoint,
        *,
        lang: Lang,
        on_text: OnText | None = None,
    ) -> Utterance | None:
        """A question about the gap, in the candidate's own terms; the authored one when the LLM's would tell too much.

        None where there is no authored one either.
        """
        open_points = [other for other in question.key_points if grade.mark(other.id).verdict != "met"]
        known = [question.prompt.in_(lang), *said, *gap.asked]
        messages = _messages(
            "follow_up",
            said="\n\n".join(said),
            prompt=question.prompt.in_(lang),
            point=gap.point.text.in_(lang),
            found=_found(gap.mark),
            authored=gap.authored or "(none was written)",
            asked="\n".join(gap.asked) or "(nothing)",
            language=_LANGUAGES[lang],
        )
        text = self._spoken(messages, self._leak_check(question, open_points, known), on_text)
        usable = text and len(text) <= _LONGEST_QUESTION and text.rstrip("\"'”」")[-1:] in "?？"
        if text and usable and text not in gap.asked:
            return Utterance(text, by_llm=True)
        return Utterance(gap.authored, by_llm=False) if gap.authored else None

    def clarify(self, question: Question, asked: str, *, lang: Lang, on_text: OnText | None = None) -> Utterance:
        """An answer to "could you clarify the question?" that holds no part of the answer."""
        known = [question.prompt.in_(lang), asked]
        messages = _messages("clarify", said=asked, prompt=question.prompt.in_(lang), language=_LANGUAGES[lang])
        text = self._spoken(messages, self._leak_check(question, question.key_points, known), on_text)
        usable = text and len(text) <= _LONGEST_CLARIFICATION
        if text and usable:
            return Utterance(text, by_llm=True)
        words = SharedPhrases(lang)
        return Utterance(words.no_more_clarification, by_llm=False)

    def debrief(
        self, graded: Iterable[tuple[Question, Grade]], *, lang: Lang, on_text: OnText | None = None
    ) -> Utterance | None:
        """A few honest sentences built only from the marks; None when the LLM failed or brought numbers of its own."""
        marks = [_summary(question, grade, lang) for question, grade in graded]
        if not marks:
            return None
        listed = json.dumps(marks, ensure_ascii=False, indent=1)
        messages = [
            {"role": "system", "content": prompt("debrief")},
            {"role": "user", "content": prompt("debrief_case", marks=listed, language=_LANGUAGES[lang])},
        ]
        given = set(re.findall(r"\d+", listed))
        text = self._spoken(messages, lambda text: not set(re.findall(r"\d+", text)) <= given, on_text)
        return Utterance(text, by_llm=True) if text and len(text) <= _LONGEST_DEBRIEF else None

    def gives_away(self, question: Question, text: str, points: Iterable[KeyPoint], known: Collection[str]) -> bool:
        """The text says one of the points, or names what only this point is about.

        A pattern hears it, a third of the words that it is written in stand there, or one of them does that is a name
        or that no other question has. What the candidate has seen or said (`known`) gives nothing away, and neither do
        the words of the follow-ups that were written for the question.
        """
        return self._leak_check(question, points, known)(text)

    def _leak_check(
        self, question: Question, points: Iterable[KeyPoint], known: Collection[str]
    ) -> Callable[[str], bool]:
        """`gives_away` for many texts: a stream is checked at every word, and what was known stays the same."""
        seen = [*known, *(text for follow_up in question.follow_ups for _, text in follow_up.prompt)]
        heard_before: set[str] = set().union(*(self._heard(question, text) for text in seen))
        before, asked_about = _Spoken("\n".join(seen)), list(points)

        def gives_away(text: str) -> bool:
            heard, spoken = self._heard(question, text) - heard_before, _Spoken(text)
            return any(point.id in heard or self._says(point, spoken, before) for point in asked_about)

        return gives_away

    def _heard(self, question: Question, text: str) -> set[str]:
        """The criteria that a pattern hears in full, asked or said."""
        patterns = read(self._offline.compiled(question), text).patterns
        return {
            question.criteria[place].id
            for (place, hears), heard in patterns.items()
            if hears == "says" and any(all(one.halves) for one in heard)
        }

    def _says(self, point: KeyPoint, spoken: _Spoken, before: _Spoken) -> bool:
        for own in (point.text.en, point.text.zh):
            if (names(own) - before.names) & spoken.names:
                return True
            telling = roots(own) - before.roots
            said = telling & spoken.roots
            if len(said) >= max(2, _GIVEN_AWAY * len(telling)) or any(map(self._is_rare, said)):
                return True
        return False

    def _is_rare(self, root: str) -> bool:
        """A Latin word that the key points of one question have. Pairs of Chinese characters are too short to tell."""
        return root.isascii() and len(self._questions) >= _ENOUGH_QUESTIONS and self._spread[root] <= 1

    @cached_property
    def _spread(self) -> Counter[str]:
        """How many questions' key points have each root."""
        spread: Counter[str] = Counter()
        for question in self._questions:
            spread.update(set().union(*(roots(f"{point.text.en} {point.text.zh}") for point in question.key_points)))
        return spread

    def _spoken(
        self, messages: Sequence[Message], is_forbidden: Callable[[str], bool], on_text: OnText | None
    ) -> str | None:
        """The LLM's text, shown as far as it is clean; None when it is not, or when the endpoint failed."""
        checked = _Checked(is_forbidden, on_text)

        async def work() -> None:
            async with self.endpoint.connect() as connection:
                await connection.stream(messages, most=_MOST_TOKENS, on_text=checked.take)

        try:
            asyncio.run(work())
        except ServiceError as error:
            self.endpoint.say(str(error))
            return None
        return checked.finish()


def follow_up_in_own_words(
    interviewer: LLMInterviewer,
    attempt: Attempt,
    point: KeyPoint,
    authored: str | None,
    *,
    lang: Lang,
    on_text: OnText | None = None,
) -> Utterance | None:
    """The follow-up to an attempt; the authored one when the attempt has no grade to build on."""
    if attempt.grade is None:
        return Utterance(authored, by_llm=False) if authored else None
    said = [part.answer for part in attempt.submitted]
    asked = tuple(part.prompt for part in attempt.parts[1:])
    gap = OpenPoint(point, attempt.grade.mark(point.id), authored, asked)
    return interviewer.follow_up(attempt.question, said, attempt.grade, gap, lang=lang, on_text=on_text)


class _Spoken:
    """A text by its roots and its names."""

    def __init__(self, text: str) -> None:
        self.roots = roots(text)
        self.names = names(text)


def names(text: str) -> set[str]:
    """What is written as a name or a number: `asyncio.to_thread`, `all-reduce`, `bf16`, `YaRN`, `1.5`; folded."""
    return {fold(name).text for name in _NAME.findall(text)}


def _found(mark: Mark) -> str:
    """What was made of a point, in the words of the prompt."""
    quotes = " … ".join(json.dumps(evidence.quote, ensure_ascii=False) for evidence in mark.evidence)
    return f"{mark.verdict}: {quotes}" if quotes else mark.verdict


class _Checked:
    """Takes a stream piece by piece, hides thoughts, and passes on whole words once all before them is clean."""

    def __init__(self, is_forbidden: Callable[[str], bool], on_text: OnText | None) -> None:
        self._is_forbidden = is_forbidden
        self._on_text = on_text
        self._raw = ""
        self._shown = 0
        self._is_clean = True

    def take(self, piece: str) -> bool:
        """False when what came so far must not be said."""
        self._raw += piece
        text = self._text()
        return self._pass_on(text[: _last_boundary(text)])

    def finish(self) -> str | None:
        text = self._text().strip()
        return text if text and self._pass_on(text) else None

    def _text(self) -> str:
        is_thinking = "<think>".startswith(self._raw.lstrip()[:7]) and len(self._raw.lstrip()) < 7
        return "" if is_thinking else without_thoughts(self._raw).lstrip()

    def _pass_on(self, text: str) -> bool:
        self._is_clean = self._is_clean and not self._is_forbidden(text)
        if self._is_clean and self._on_text and len(text) > self._shown:
            self._on_text(text[self._shown :])
            self._shown = len(text)
        return self._is_clean


def _last_boundary(text: str) -> int:
    """Where the last word that is complete ends. Each Chinese character is one."""
    found = re.search(r"(?:\s|[^\x00-\x7f])[\x21-\x7f]*$", text)
    return found.start() + 1 if found else 0


def _messages(name: str, *, said: str, **values: str) -> list[Message]:
    encoded = encoded_answer(said)
    nonce = hashlib.sha256(encoded.encode()).hexdigest()[:12]
    case = prompt(f"{name}_case", nonce=nonce, answer=encoded, **values)
    return [{"role": "system", "content": prompt(name)}, {"role": "user", "content": case}]


def _summary(question: Question, grade: Grade, lang: Lang) -> dict[str, object]:
    def texts(*verdicts: str) -> list[str]:
        return [c.text.in_(lang) for c in question.criteria if grade.mark(c.id).verdict in verdicts]

    return {
        "question": question.prompt.in_(lang),
        "said": texts("met"),
        "half said": texts("partial"),
        "not said": texts("missing"),
        "said the opposite": texts("contradicted"),
        "misconceptions stated": texts("stated"),
        "passed": grade.score >= PASS,
    }
