"""Is the quote really in the answer, and is it the candidate's own? Decided here, never by the LLM.

A quote is looked up in folded text (Unicode form, case, white space, quotation marks and dashes do not matter), at word
boundaries. When it is not there, one strict fuzzy window is tried, for an LLM that copies with a slip; numbers and
negations must still agree. A quote that consists only of the question's words repeated is no evidence, and nor is one
that begins right after the negation it leaves out.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from mockint.grading.folding import Folded, Folding
from mockint.grading.grade import Evidence
from mockint.phrases.reasons import ReasonCode

STRICT = 90.0
_SHORTEST_FUZZY = 16
_ECHO = 6
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+(?:'[a-z]+)?")
_SENTENCE_END = re.compile(r"[.!?;](?=\s)|[。！？；\n]")
_GAP = re.compile(r"\s*(?:\.{3,}|…+|\[(?:\.{3}|…)\])\s*")
_NEGATIONS = frozenset(
    "not no never nor neither cannot without isn't aren't wasn't weren't doesn't don't didn't".split()
)
_WIDE_NEGATIONS = frozenset("不没無无未非别")
_ENDS_IN_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|cannot|without|[a-z]+n't)|[不没無无未非]|没有|并不|不[是会能]|不需要)\s*$"
)
_EMPTY_WORDS = frozenset(
    "a an the of to in on at by for with from as and or but so if it its is are was were be been this that these those "
    "there then than we you they i he she do does did has have had can will would not no yes "
    "的 了 是 在 和 与 也 就 这 那 它".split()
)
_MARKS = (
    dict.fromkeys('‘’‚‛“”„‟«»「」『』＂＇´"', "'") | dict.fromkeys("‐‑‒–—―−－", "-") | {"…": "...", "`": "", "*": ""}
)


def _folded(char: str) -> str:
    if char in _MARKS:
        return _MARKS[char]
    if char.isspace():
        return " "
    kept = "".join(part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part)[0] not in "CM")
    return "".join(_MARKS.get(part, part) for part in kept).casefold()


_FOLD = Folding(_folded)


@lru_cache(maxsize=256)
def fold(text: str) -> Folded:
    """Case, white space, Unicode form, quotation marks and dashes made equal; what cannot be seen left out."""
    return _FOLD(text)


def words(folded_text: str) -> list[str]:
    """Latin words and single Chinese characters, of folded text."""
    return _WORD.findall(folded_text)


def roots(text: str) -> set[str]:
    """Long words by their first five letters, numbers, and pairs of Chinese characters."""
    found = words(fold(text).text)
    latin = {word[:5] for word in found if word.isascii() and (len(word) > 3 or word.isdigit())}
    pairs = {a + b for a, b in pairwise(found) if not a.isascii() and not b.isascii()}
    return latin | pairs


def says_something(folded_text: str) -> bool:
    return any(
        word not in _EMPTY_WORDS and (len(word) > 1 or not word.isascii() or word.isdigit())
        for word in words(folded_text)
    )


@dataclass(frozen=True)
class Found:
    """Where a quote stands in the answer, or why it is no evidence. exact: no fuzzy window was needed.

    fault: for the LLM to read, when it is asked again. code: the same for the candidate.
    """

    evidence: tuple[Evidence, ...] = ()
    fault: str = ""
    code: ReasonCode | None = None
    exact: bool = True


class AnswerText:
    """An answer, prepared for looking up quotes. shown: the texts that the candidate was given (the question)."""

    def __init__(self, answer: str, shown: Iterable[str] = ()) -> None:
        self.text = answer
        self.folded = fold(answer)
        self._shown = tuple(shown)

    def find(self, quote: str, *, affirms: bool = True) -> Found:
        """A quote may leave out its middle with `...`. affirms: it is to show that something was said, not denied."""
        pieces = [piece for part in _GAP.split(quote) if (piece := _bare(part))]
        if not pieces or not any(says_something(piece) for piece in pieces):
            return Found(fault="no words of the answer were quoted", code="withdrawn_unquoted")
        spans: list[tuple[int, int]] = []
        exact, start = True, 0
        for piece in pieces:
            span = self._exactly(piece, start) or self._exactly(piece, 0)
            if span is None and (span := self._nearly(piece)):
                exact = False
            if span is None:
                return Found(fault="the quoted words are not in the answer", code="withdrawn_not_there")
            spans.append(span)
            start = span[1]
        if all(self._is_echo(span) for span in spans):
            return Found(fault="the quoted words only repeat the question", code="withdrawn_echo")
        if affirms and any(_ENDS_IN_NEGATION.search(self.folded.text[max(0, at - 16) : at]) for at, _ in spans):
            return Found(fault="the quote leaves out the negation right before it", code="withdrawn_negation")
        return Found(tuple(self._evidence(span) for span in sorted(set(spans))), exact=exact)

    @cached_property
    def echoes_the_question(self) -> bool:
        """Every word is the question's, in runs of the question's own order."""
        found = list(_WORD.finditer(self.folded.text))
        return bool(found) and all(self._is_echo(match.span()) for match in found)

    def sentence(self, span: tuple[int, int]) -> str:
        """The whole sentences of the original that a stretch of it stands in."""
        start = max((end.end() for end in _SENTENCE_END.finditer(self.text, 0, span[0])), default=0)
        after = _SENTENCE_END.search(self.text, max(span[0], span[1] - 1))
        return self.text[start : after.end() if after else len(self.text)]

    def _exactly(self, piece: str, start: int) -> tuple[int, int] | None:
        text = self.folded.text
        while (at := text.find(piece, start)) >= 0:
            end = at + len(piece)
            if not _inside_word(text, at) and not _inside_word(text, end):
                return at, end
            start = at + 1
        return None

    def _nearly(self, piece: str) -> tuple[int, int] | None:
        shortest = _SHORTEST_FUZZY if piece.isascii() else _SHORTEST_FUZZY // 2
        if not shortest <= len(piece) <= len(self.folded.text):
            return None
        near = fuzz.partial_ratio_alignment(piece, self.folded.text, score_cutoff=STRICT)
        if near is None:
            return None
        start, end = _whole_words(self.folded.text, near.dest_start, near.dest_end)
        window = self.folded.text[start:end]
        if fuzz.ratio(piece, window) < STRICT or _hard_facts(piece) != _hard_facts(window):
            return None
        return start, end

    @cached_property
    def _echoed(self) -> list[bool]:
        """Per word of the answer: it is part of a run of words that the question has in the same order."""
        own = words(self.folded.text)
        echoed = [False] * len(own)
        for text in self._shown:
            theirs = words(fold(text).text)
            size = min(_ECHO, len(theirs))
            if not size:
                continue
            runs = {tuple(theirs[at : at + size]) for at in range(len(theirs) - size + 1)}
            for at in range(len(own) - size + 1):
                if tuple(own[at : at + size]) in runs:
                    echoed[at : at + size] = [True] * size
        return echoed

    @cached_property
    def _word_starts(self) -> list[int]:
        return [match.start() for match in _WORD.finditer(self.folded.text)]

    def _is_echo(self, span: tuple[int, int]) -> bool:
        first, last = bisect_left(self._word_starts, span[0]), bisect_left(self._word_starts, span[1])
        inside = self._echoed[first:last]
        return bool(inside) and all(inside)

    def _evidence(self, span: tuple[int, int]) -> Evidence:
        start, end = self.folded.span(*span)
        return Evidence(start=start, end=end, quote=self.text[start:end])


def _bare(part: str) -> str:
    """A piece of a quote, folded, without the marks an LLM puts around it and the full stop it adds."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), part)
    return fold(text).text.strip(" '").rstrip(".,;:!?。，；：！？ '")


def _inside_word(text: str, place: int) -> bool:
    """Between two letters of one Latin word. Chinese has no such boundary."""
    if not 0 < place < len(text):
        return False
    return all(char.isalnum() and not re.match(f"[{_CJK}]", char) for char in text[place - 1 : place + 1])


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while _inside_word(text, start):
        start -= 1
    while _inside_word(text, end):
        end += 1
    while start < end and text[start] == " ":
        start += 1
    while end > start and text[end - 1] == " ":
        end -= 1
    return start, end


def _hard_facts(text: str) -> list[str]:
    """What a copying slip may not change: numbers and negations."""
    found = words(text)
    return sorted(
        word
        for word in found
        if word[0].isdigit() or word in _NEGATIONS or word.endswith("n't") or word in _WIDE_NEGATIONS
    )
