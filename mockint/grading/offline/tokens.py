"""Text to tokens: fold what only looks different, and keep where every token stood in the original.

Folding is per character, so that an offset in the folded text always leads back to the text as it was typed. Gone are
case, full-width and compatibility forms, accents, zero-width and control characters, look-alike letters of other
scripts; Greek letters become their names, superscripts `^2`. White space only separates: a line break is a space.

English is compared by stem, with British spelling folded into American; Chinese by single character; numbers by value,
in digits or in Chinese signs; a big-O formula is one token.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from Stemmer import Stemmer

from mockint.grading.folding import Folded, Folding

_THREAD = threading.local()  # a stemmer keeps the word that it works on: each thread needs its own

_LOOKALIKES = dict(
    zip(
        "аеорсухіјѕһԁԛԝкмтвнАВЕКМНОРСТУХІЈЅοΟΑΒΕΖΗΙΚΜΝΡΤΥΧνι",
        "aeopcyxijshdqwkmtbhabekmhopctyxijsooabezhikmnptyxvi",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "αβγδεζηθκλμπρστφψωΓΔΘΛΠΣΦΨΩ",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "kappa",
            "lambda",
            "mu",
            "pi",
            "rho",
            "sigma",
            "tau",
            "phi",
            "psi",
            "omega",
            "gamma",
            "delta",
            "theta",
            "lambda",
            "pi",
            "sigma",
            "phi",
            "psi",
            "omega",
        ],
        strict=True,
    )
)
_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "0123456789n", strict=True))
_PLAIN = {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "−": "-", "‐": "-", "‑": "-", "—": ";",
    "×": "*", "·": "*", "⋅": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "≈": "~",
    "。": ". ", "、": ", ", "，": ", ", "《": '"', "》": '"', "\\": " ", "$": " ", "{": " ", "}": " ", "`": " ",
}  # fmt: skip
_INVISIBLE = ("Cf", "Mn", "Me", "Cs", "Co", "Cn")


def _fold_char(char: str) -> str:
    for table in (_PLAIN, _LOOKALIKES):
        if char in table:
            return table[char]
    if char in _GREEK:
        return f"{_GREEK[char]} "
    if char in _SUPERSCRIPTS:
        return "^" + _SUPERSCRIPTS[char]
    kind = unicodedata.category(char)
    if kind in _INVISIBLE:
        return ""
    if kind[0] in "ZC":
        return " "
    parts = unicodedata.normalize("NFKD", char)
    if parts == char:
        return char.lower()[:1]
    return "".join(map(_fold_char, parts))


fold = Folding(_fold_char)
"""As the offline grader reads: signs of mathematics as ASCII, Greek letters as words, punctuation of both languages."""

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"(?P<formula>(?<![a-z])(?:o|theta|omega) ?\((?:[^()]|\([^()]*\)){{1,40}}\))"
    r"|(?P<link>\]\([^)\s]{1,200}\))"
    rf"|(?P<number>\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*)"
    rf"|(?P<word>[a-z]+(?:\d+[a-z]*)*(?:'[a-z]+)?)"
    r"|(?P<numerals>[一二两三四五六七八九][十百千万亿][零一二两三四五六七八九十百千万亿]*"
    r"|十[一二三四五六七八九万亿][零一二两三四五六七八九十百千万亿]*)"
    rf"|(?P<cjk>[{CJK}])"
    rf"|(?P<mark>[.!?;,:()|%<>=]|->| - )"
)
_DIGIT_WORDS = {
    word: str(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
        ]
    )
} | {"percent": "%", "thirty-two": "32", "hundred": "100", "thousand": "1000"}
_BRITISH_IZE = re.compile(r"(?<=[a-z]{3})is(e|es|ed|ing|er|ers|ation|ations)$")
_NOT_IZE = re.compile(
    r"^(?:prec|otherw|exerc|prom|no|ra|comprom|surpr|adv|rev|superv|compr|expert|conc|ar|disgu|prem|enterpr|franch|"
    r"merchand|telev|improv|dev|pra|cru|unra|appra|para|bru|po|vo|ch|ward|likew)is|^(?:dis|mis|ra|r)is"
)
_SPLIT_DIGITS = re.compile(r"^([a-z]{4,})(\d+)$")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The key an English word is compared by. Bounded cache: an answer of invented words must not fill the memory."""
    if len(word) > 40:
        return word
    if word in _DIGIT_WORDS:
        return _DIGIT_WORDS[word]
    word = word.removesuffix("'s")
    if "is" in word and _BRITISH_IZE.search(word) and not _NOT_IZE.search(word):
        word = _BRITISH_IZE.sub(r"iz\1", word)
    if word.endswith(("our", "ours", "oured", "ouring")) and len(word) > 5:
        word = word.replace("our", "or")
    stemmer = getattr(_THREAD, "stemmer", None)
    if stemmer is None:
        stemmer = _THREAD.stemmer = Stemmer("english", 0)  # keeps no words: the cache above does
    return str(stemmer.stemWord(word))


def canonical_formula(text: str) -> str:
    """`O(n * log(n))`, `O(n·log n)`, `O(n logn)` -> `o(nlogn)`; `O(n**2)`, `O(n²)`, `O(n2)` -> `o(n^2)`."""
    plain = re.sub(r"\s", "", text).replace("**", "^").replace("*", "").replace("^^", "^")
    inside = plain[plain.index("(") + 1 : -1]
    inside = inside.replace("lg", "log").replace("ln", "log")
    inside = re.sub(r"log_?(?:2|10)(?![0-9])", "log", inside)
    inside = re.sub(r"log\(([^()]*)\)", r"log\1", inside)
    inside = re.sub(r"(?<=[a-z])(?=\d)", "^", inside)
    return f"o({_product(inside)})"


_FACTOR = re.compile(r"log[a-z]|[a-z](?:\^(?:\d+|[a-z]))?|\d+(?:\^[a-z])?")


def _product(inside: str) -> str:
    """Factors in one order and like ones together: `dn^2`, `n*d*n` and `n^2d` are equal. Anything else as it is."""
    factors = _FACTOR.findall(inside)
    if "".join(factors) != inside or len(factors) < 2:
        return inside
    powers: dict[str, int] = {}
    others = []
    for factor in factors:
        name, _, power = factor.partition("^")
        if len(name) == 1 and name.isalpha() and (not power or power.isdigit()) and len(power) < 3:
            powers[name] = powers.get(name, 0) + int(power or 1)
        else:
            others.append(factor)
    named = [name if power == 1 else f"{name}^{power}" for name, power in sorted(powers.items())]
    return "".join([*named, *sorted(others)])


ZERO_NAME = "zero"
"""The key of ZeRO, which is a name; that of the number is `0`. Who writes the name in small letters has the key of the
number."""


def in_small_letters(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys with the number in place of the name, as a candidate may type it."""
    return tuple("0" if key == ZERO_NAME else key for key in keys)


_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8}


def numerals(text: str) -> str:
    """A Chinese number of two signs or more as digits: `十五` -> `15`, `一万五` -> `15000`.

    A lone sign is left alone: 一 stands in 一样 and 一个, 十 in 十分.
    """
    total = section = digit = 0
    unit = 1
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
            unit = 10 if sign == "零" else unit
        elif sign in _UNITS:
            unit = _UNITS[sign]
            section += (digit or 1) * unit
            digit = 0
        else:
            unit = _MYRIADS[sign]
            total = (total + section + digit or 1) * unit
            section = digit = 0
    return str(total + section + digit * (unit // 10 if unit > 10 else 1))


@dataclass(slots=True)
class Tokens:
    """Parallel lists, one entry a token. key: what is compared. start, end: in the folded text.

    clause, sentence: running numbers. A clause ends at a comma (not at 、), colon, bracket or joining word; a sentence
    at a full stop, question mark, semicolon, or after LONG_SENTENCE tokens at the next clause, so that text without
    marks is still read in bounded stretches. run_on: the sentences that only begin because the one before grew long.
    """

    folded: Folded
    words: list[str]
    keys: list[str]
    starts: list[int]
    ends: list[int]
    clauses: list[int]
    sentences: list[int]
    questions: set[int]
    run_on: set[int]
    marks: int

    def __len__(self) -> int:
        return len(self.keys)

    def full_stops(self, first: int, last: int) -> int:
        """How many sentences end between two tokens; near each other, not those that were only cut for their length."""
        begun = range(self.sentences[first] + 1, self.sentences[last] + 1)
        if last - first > LONG_SENTENCE:
            return len(begun)
        return sum(sentence not in self.run_on for sentence in begun)

    def in_a_name(self, place: int) -> bool:
        """Whether it is a part of an identifier, as the `no` of `no_grad`."""
        text = self.folded.text
        return (
            text[self.ends[place] : self.ends[place] + 1] == "_"
            or text[self.starts[place] - 1 : self.starts[place]] == "_"
        )

    def is_cjk(self, place: int) -> bool:
        return self.words[place] > "\u3000"


LONG_SENTENCE = 30
HARD_SENTENCE = 60
_MINUS = re.compile(r"(?:^|[^a-z])[a-z0-9] - [a-z0-9(]")
_INNER_DOT = re.compile(r"[a-z0-9_]\.[a-z0-9_]")
_JOINERS = frozenset(
    ["but", "while", "whereas", "although", "though", "because", "since", "which", "so", "however", "unless"]
)
_SENTENCE_ENDS = frozenset(".!?;")


def tokens_of(text: str) -> Tokens:  # noqa: PLR0915
    # One loop with local names: this runs on every character of every answer, and calls would double its time.
    folded = fold(text)
    source, origin, ascii_only = folded.text, folded.origin, text.isascii()
    words: list[str] = []
    keys: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    clauses: list[int] = []
    sentences: list[int] = []
    questions: set[int] = set()
    run_on: set[int] = set()
    clause = sentence = length = marks = called = 0
    for found in _TOKEN.finditer(source):
        kind = found.lastgroup
        word = found.group()
        start, end = found.span()
        if kind == "link":
            clause += 1
            continue
        if kind == "mark" and word not in "%<>=":
            marks += 1
            following = source[end : end + 1]
            if word == "(" and source[start - 1 : start].isalnum() and source[start - 1] < "\u3000":
                called += 1  # f(x), 2(N-1)/N: no clause of its own
                continue
            if word == ")" and called:
                called -= 1
                continue
            if word == " - " and _MINUS.search(source, max(0, start - 2), end + 1):
                continue
            if word == "." and _INNER_DOT.match(source, start - 1):
                continue  # loss.backward
            if word in _SENTENCE_ENDS and (
                word != "."
                or not (following.isalnum() or following == "_")
                or max(following, source[start - 1 : start]) > "\u3000"
            ):
                if word == "?":
                    questions.add(sentence)
                sentence += 1
                length = 0
            elif length > LONG_SENTENCE:
                sentence += 1
                length = 0
                if word != "|":
                    run_on.add(sentence)
            elif word == "," and not ascii_only and text[origin[start] if origin else start] == "、":
                continue
            clause += 1
            continue
        if kind == "word":
            if word in _JOINERS:
                clause += 1
            split = _SPLIT_DIGITS.match(word) if word[-1].isdigit() else None
            if split:
                middle = start + split.end(1)
                words.append(split.group(1))
                keys.append(_key(split.group(1), text, origin, start, middle))
                starts.append(start)
                ends.append(middle)
                clauses.append(clause)
                sentences.append(sentence)
                word = key = split.group(2)
                start = middle
            elif word == "x" and start and source[start - 1].isdigit():
                key = "time"
            elif word[-1] == "s" and len(word) > 2 and _typed(text, origin, start, end - 1).isupper():
                key = stem(word[:-1])  # GPUs, LLMs
            else:
                key = _key(word, text, origin, start, end)
        elif kind == "number":
            key = word.replace(",", "")
            key = key.rstrip("0").rstrip(".") if "." in key else key
        elif kind == "formula":
            key = canonical_formula(word)
        elif kind == "numerals":
            key = numerals(word)
        else:
            key = word
            clause += word == "但"
        if length > HARD_SENTENCE:
            sentence += 1
            clause += 1
            length = 0
            run_on.add(sentence)
        words.append(word)
        keys.append(key)
        starts.append(start)
        ends.append(end)
        clauses.append(clause)
        sentences.append(sentence)
        length += 1
    return Tokens(folded, words, keys, starts, ends, clauses, sentences, questions, run_on, marks)


_PLAIN_WORDS = re.compile("[a-z]+(?: [a-z]+)*")
_PLAIN_CHARACTERS = re.compile("[\u4e00-\u9fff]+")
_NUMERALS = re.compile("[一二两三四五六七八九十][一二三四五六七八九十百千万亿]")


def _key(word: str, text: str, origin: list[int] | None, start: int, end: int) -> str:
    """The stem of what the folded text has from start to end."""
    if word == ZERO_NAME and not _typed(text, origin, start + 1, end).islower():
        return ZERO_NAME
    return stem(word)


def _typed(text: str, origin: list[int] | None, start: int, end: int) -> str:
    """What was typed where the folded text has start to end."""
    return text[start:end] if origin is None else text[origin[start] : origin[end - 1] + 1]


@lru_cache(maxsize=50_000)
def keys_of(text: str) -> tuple[str, ...]:
    """The keys of a term. Nearly every term of a list is plain words or plain characters, where nothing is to fold."""
    if _PLAIN_WORDS.fullmatch(text):
        return tuple(map(stem, text.split(" ")))
    if _PLAIN_CHARACTERS.fullmatch(text) and not _NUMERALS.search(text):
        return tuple(text)
    return tuple(tokens_of(text).keys)
