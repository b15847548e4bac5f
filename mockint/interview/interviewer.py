"""What an LLM says in an interview: follow-ups, clarifications, the debrief. Code decides whether it may be said.

A follow-up or clarification that gives a point away is replaced by the authored one. It is streamed, so the check runs
ahead of the screen: a word is shown once everything up to it is known to be clean.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from mockint.errors import ServiceError
from mockint.grading.grade import PASS, Grade
from mockint.grading.llm.evidence import fold, roots, words
from mockint.grading.llm.sheet import Message, encoded_answer, without_thoughts
from mockint.grading.offline import OfflineGrader
from mockint.grading.offline.match import read
from mockint.llm.endpoint import Endpoint
from mockint.llm.prompts import prompts_of
from mockint.question import KeyPoint, Lang, Question
from mockint.wordings import WordingSource

prompt = prompts_of("mockint.interview")

OnText = Callable[[str], None]

_MOST_TOKENS = 1200  # most of it room for LLMs that think first
_LONGEST_QUESTION = 400
_LONGEST_CLARIFICATION = 700
_LONGEST_DEBRIEF = 1200
_GIVEN_AWAY = 0.5  # share of a point's own words
_LANGUAGES: dict[Lang, str] = {"en": "English", "zh": "Chinese"}
_NO_CLARIFICATION: dict[Lang, str] = {
    "en": "Saying more would give the answer away: take the question as you understand it, and say what you assume.",
    "zh": "再多说就等于给出答案了：请按你的理解作答，并说明你的假设。",
}


@dataclass(frozen=True)
class Said:
    """What is to be said. by_llm: False when it is the authored text, because the LLM failed or gave something away."""

    text: str
    by_llm: bool


class LLMInterviewer:
    """Speaks with the LLM of an Endpoint, on its meter. An endpoint that fails never stops an interview."""

    def __init__(self, endpoint: Endpoint, wordings: WordingSource) -> None:
        self.endpoint = endpoint
        self._offline = OfflineGrader(wordings)

    def follow_up(
        self,
        question: Question,
        said: Sequence[str],
        grade: Grade,
        *,
        point: KeyPoint,
        authored: str,
        lang: Lang,
        on_text: OnText | None = None,
    ) -> Said:
        """A question about `point`, in the candidate's own terms; `authored` when the LLM's would give a point away."""
        open_points = [other for other in question.key_points if grade.mark(other.id).verdict != "met"]
        known = [question.prompt.in_(lang), *said]
        messages = _messages(
            "follow_up",
            said="\n\n".join(said),
            prompt=question.prompt.in_(lang),
            point=point.text.in_(lang),
            authored=authored,
            language=_LANGUAGES[lang],
        )
        text = self._spoken(messages, lambda text: self.gives_away(question, text, open_points, known), on_text)
        usable = text and len(text) <= _LONGEST_QUESTION and text.rstrip("\"'”」")[-1:] in "?？"
        return Said(text, by_llm=True) if text and usable else Said(authored, by_llm=False)

    def clarify(self, question: Question, asked: str, *, lang: Lang, on_text: OnText | None = None) -> Said:
        """An answer to "could you clarify the question?" that holds no part of the answer."""
        known = [question.prompt.in_(lang), asked]
        messages = _messages("clarify", said=asked, prompt=question.prompt.in_(lang), language=_LANGUAGES[lang])
        text = self._spoken(messages, lambda text: self.gives_away(question, text, question.key_points, known), on_text)
        usable = text and len(text) <= _LONGEST_CLARIFICATION
        return Said(text, by_llm=True) if text and usable else Said(_NO_CLARIFICATION[lang], by_llm=False)

    def debrief(
        self, graded: Iterable[tuple[Question, Grade]], *, lang: Lang, on_text: OnText | None = None
    ) -> Said | None:
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
        return Said(text, by_llm=True) if text and len(text) <= _LONGEST_DEBRIEF else None

    def gives_away(self, question: Question, text: str, points: Iterable[KeyPoint], known: Collection[str]) -> bool:
        """The text says one of the points: a pattern of it hears it, or half of the words it is written in stand there.

        What the candidate has seen or said (`known`) gives nothing away.
        """
        already = self._heard(question, "\n".join(known))
        heard = self._heard(question, text) - already
        spoken, before = _Spoken(text), _Spoken("\n".join(known))
        return any(point.id in heard or self._says(point, spoken, before) for point in points)

    def _heard(self, question: Question, text: str) -> set[str]:
        """The criteria of which a pattern hears at least a half, asked or said."""
        compiled = self._offline.compiled(question)
        patterns = read(compiled, text).patterns
        return {question.criteria[place].id for place, hears in patterns if hears != "denies"}

    def _says(self, point: KeyPoint, spoken: _Spoken, before: _Spoken) -> bool:
        for own in (point.text.en, point.text.zh):
            telling = roots(own) - before.roots
            if telling and len(telling & spoken.roots) >= max(1, _GIVEN_AWAY * len(telling)):
                return True
        return False

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


class _Spoken:
    """A text, for asking whether a term occurs in it, in any inflection."""

    def __init__(self, text: str) -> None:
        self.folded = fold(text).text
        self.roots = roots(text)
        self._words = words(self.folded)

    def has(self, term: str) -> bool:
        folded = fold(term).text
        if not folded.isascii():
            return folded in self.folded
        return all(any(_alike(word, own) for own in self._words) for word in words(folded))


def _alike(word: str, other: str) -> bool:
    return word == other if len(word) < 4 else other.startswith(word[:5])


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
