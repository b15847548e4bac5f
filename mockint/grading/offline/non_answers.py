"""What is no evidence, whatever words it holds: the question said back, text addressed to the grader, keywords in a
row, words in no order. Each guard names the tokens that it withholds and why.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median

from mockint.grading.offline.tokens import CJK, Tokens, tokens_of
from mockint.grading.reasons import Code
from mockint.question import Question

ECHO_GRAM = 4
"""Four words in a row are shared by chance hardly ever; a sentence made of such runs of the question is an echo, and so
is a long run inside another sentence."""
ECHO_SHARE = 0.8
ECHO_RUN = 12
KEYWORD_RUN = 11
"""Fluent English has a function word about every other word; in 2,000 real short answers hardly any run is longer."""
LIST_ITEMS = 7
LIST_WORDS = 4
CJK_SPACES = 3
LIST_BARE = 0.6
"""So many short items side by side, most of them without a word that says something about another, are keywords.
Questions whose key points are bare terms themselves ask for such lists. Chinese needs no spaces: who puts CJK_SPACES
of them between characters separates items."""
TERM_WORDS = 5
TERSE_WORDS = 30
TERSE_SHARE = 0.2
"""Of English words, people spend a third on function words, in notes a quarter, and in keyword lists a tenth."""
REFERENCE_WORDS = 0.935
REFERENCE_PAIRS = 0.55
REFERENCE_LENGTH = 40
"""All the words of the reference, half of its pairs of neighbours: nobody says the same words in another order. The
length is in words, a Chinese character being half of one: a short answer has few characters, all of them common."""
SALAD_SHARE = 0.22
"""An article or preposition is followed by another function word in 2 % of real text, and in 40 % of shuffled."""

ECHO, INSTRUCTION, KEYWORDS, SALAD = "echo", "instruction", "keywords", "salad"
WHY: dict[str, Code] = {
    ECHO: "withheld_echo",
    INSTRUCTION: "withheld_instruction",
    KEYWORDS: "withheld_keywords",
    SALAD: "withheld_order",
}

_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?]{0,60}"
    r"\b(?:instructions?|rubric|prompt|above|criteria|marking)"
    r"|\b(?:give|award|assign|grant|mark|grade|rate|score|deserves?)\b[^.!?]{0,60}"
    r"\b(?:(?:full|maximum|max|top|perfect|highest) (?:marks?|points?|credit|scores?|grades?)|"
    r"as (?:met|correct|complete|stated)|10 ?/ ?10|100 points)"
    r"|\b(?:full|maximum|perfect) (?:marks?|credit|score|points?) (?:should|must|shall|is|are|please|now)\b"
    r"|(?:^|[.!?;\]>] {0,3})(?:system|assistant|grader|developer)(?: (?:prompt|message|note|override))? ?:"
    r"|\b(?:you are|dear|note to|hey) (?:a |an |the )?(?:helpful |strict |lenient |automatic )?"
    r"(?:grader|examiner|assistant|evaluator|judge|ai)\b"
    r"|\b(?:this|my) (?:answer|response|submission) (?:covers|meets|satisfies|deserves|fully|addresses|should)\b"
    r"|\ball (?:the )?(?:key points|criteria) (?:are|were|have been) (?:\w+ )?(?:met|covered|satisfied|present|stated)"
    r"|\"(?:score|verdict|grade)\" ?:|\bverdict ?[:=]|\b(?:score|grade) ?: ?(?:1\.0|100|10 ?/ ?10|full)"
    r"|(?:忽略|无视|忘记)[^.!?]{0,20}(?:指令|指示|要求|规则|提示|评分)"
    r"|(?:给|打|判|评)[^.!?]{0,10}(?:满分|高分|最高分|100 ?分|全对)"
    r"|(?:所有|全部|全都|以下)(?:的)?(?:要点|得分点|评分点|标准)[^.!?]{0,12}(?:覆盖|满足|提到|答对|命中|标为|标成|判为|算作)"
    r"|(?:标为|标成|判为|判定为|算作) ?\"?(?:met|stated|正确|满分|全对|通过|答到)|人工复核|已通过(?:审核|复核|验证)"
    r"|(?:你是|作为)[^.!?]{0,8}(?:评分|阅卷|判卷|考官)|系统(?:提示|消息|指令) ?:"
)
_ADDRESSING = frozenset(
    """
    ignore disregard forget override bypass give award assign grant mark grade rate score deserve deserves full maximum
    perfect system assistant grader developer examiner evaluator judge ai answer response submission key criteria
    verdict 忽 视 忘 分 对 点 标 为 核 过 评 官 统
    """.split()
)
"""Words without which no pattern above can match."""
_LIGHT_VERBS = frozenset(
    "use uses used need needs make makes keep keeps give gives take takes cost costs get gets".split()
)
"""They say something of one word about another, as a function word does; keyword lists have none."""
_ARITHMETIC = frozenset(["times", "plus", "minus"])
_RELATING = _LIGHT_VERBS | _ARITHMETIC | frozenset("<>=")
_SENTENCE_END = re.compile(r"[.!?\n](?=\s|$)")
_CJK_SPACE = re.compile(rf"[{CJK}] (?=[{CJK}])")
_CJK_SAYING = re.compile("[的了是在把对用可会有为与于以将被从到就都也不让而每只没要放变除乘减等]")
_ARTICLES = frozenset(["a", "an", "the"])
_LINKS = frozenset(
    [
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "from",
        "into",
        "a",
        "an",
        "the",
        "its",
        "their",
        "each",
        "every",
    ]
)
_NEVER_AFTER_LINK = frozenset(
    [
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "with",
        "from",
        "into",
        "and",
        "or",
        "but",
        "so",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "must",
        "should",
        "than",
        "then",
        "if",
        "because",
        "since",
        "while",
        "do",
        "does",
        "did",
        "not",
        "also",
        "very",
        "just",
        "only",
        "which",
        "who",
    ]
)


@dataclass(frozen=True, slots=True)
class Guarded:
    """withheld: place -> the guard that withholds the token as evidence. salad: the whole answer is in no order."""

    withheld: dict[int, str]
    salad: bool

    def reasons(self) -> set[str]:
        return set(self.withheld.values()) | ({SALAD} if self.salad else set())


def echo_grams(prompts: Sequence[Sequence[str]]) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(keys[at : at + ECHO_GRAM]) for keys in prompts for at in range(max(1, len(keys) - ECHO_GRAM + 1)) if keys
    )


@dataclass(frozen=True, slots=True)
class Reference:
    """Words, and pairs of neighbours, in all that the bank says of a question. terms: its key points are bare terms."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    terms: bool


def reference_of(question: Question) -> Reference:
    texts = (question.answer.en, question.answer.zh, *(t for p in question.key_points for t in (p.text.en, p.text.zh)))
    return _reference(texts)


@lru_cache(maxsize=512)
def _reference(texts: tuple[str, ...]) -> Reference:
    read = [tokens_of(text).words for text in dict.fromkeys(texts)]
    points = [sum(0.5 if word > "\u3000" else 1.0 for word in words) for words in read[2:]] or [0]
    return Reference(
        frozenset(word for words in read for word in words),
        frozenset(pair for words in read for pair in pairwise(words)),
        median(points) <= TERM_WORDS,
    )


def guard(tokens: Tokens, echo: frozenset[tuple[str, ...]], function: frozenset[str], reference: Reference) -> Guarded:
    withheld: dict[int, str] = {}
    _echoes(tokens, echo, withheld)
    _keyword_runs(tokens, function, withheld)
    if not reference.terms:
        _lists(tokens, function, withheld)
        _without_function_words(tokens, function, withheld)
    addressed = not _ADDRESSING.isdisjoint(tokens.words)
    for found in _INSTRUCTION.finditer(tokens.folded.text) if addressed else ():
        first = bisect_left(tokens.starts, found.start())
        last = max(first, bisect_left(tokens.starts, found.end()) - 1)
        if first < len(tokens):
            start = bisect_left(tokens.sentences, tokens.sentences[first])
            full_stop = _SENTENCE_END.search(tokens.folded.text, found.end())
            end = max(
                bisect_left(tokens.sentences, tokens.sentences[last] + 1),
                bisect_left(tokens.starts, full_stop.start()) if full_stop else len(tokens),
            )
            withheld.update(dict.fromkeys(range(start, end), INSTRUCTION))
    return Guarded(withheld, _is_salad(tokens) or _is_shuffled(tokens, reference))


def _echoes(tokens: Tokens, echo: frozenset[tuple[str, ...]], withheld: dict[int, str]) -> None:
    keys, count = tokens.keys, len(tokens)
    if not echo:
        return
    copied: set[int] = set()
    for at in range(max(1, count - ECHO_GRAM + 1)):
        if tuple(keys[at : at + ECHO_GRAM]) in echo:
            copied.update(range(at, min(at + ECHO_GRAM, count)))
    if not copied:
        return
    sizes: dict[int, int] = {}
    shares: dict[int, int] = {}
    for place, sentence in enumerate(tokens.sentences):
        sizes[sentence] = sizes.get(sentence, 0) + 1
        shares[sentence] = shares.get(sentence, 0) + (place in copied)
    for place, sentence in enumerate(tokens.sentences):
        if shares[sentence] >= ECHO_SHARE * sizes[sentence]:
            withheld[place] = ECHO
    for first, last in _runs(copied):
        if last - first >= ECHO_RUN:
            withheld.update(dict.fromkeys(range(first, last), ECHO))


def _runs(places: set[int]) -> Iterator[tuple[int, int]]:
    """First and one after last of every run of neighbours."""
    first = last = -1
    for place in sorted(places):
        if place != last:
            if last > first:
                yield first, last
            first = place
        last = place + 1
    if last > first:
        yield first, last


def _keyword_runs(tokens: Tokens, function: frozenset[str], withheld: dict[int, str]) -> None:
    """Runs of KEYWORD_RUN or more English words with no function word, colon, sign or spelt number among them."""
    text, start, count = tokens.folded.text, 0, len(tokens)
    for place in range(count + 1):
        inside = place < count and not tokens.is_cjk(place) and tokens.keys[place] not in function
        inside = inside and tokens.words[place] not in _RELATING and not _spelt_number(tokens, place)
        if inside and place > start:
            between = text[tokens.ends[place - 1] : tokens.starts[place]]
            inside = not any(sign in between for sign in ":=(>")
            if not inside and place - start < KEYWORD_RUN:
                start = place
                continue
        if inside:
            continue
        if place - start >= KEYWORD_RUN:
            for at in range(start, place):
                withheld[at] = KEYWORDS
        start = place + 1


def _spelt_number(tokens: Tokens, place: int) -> bool:
    """Who says `eighty layers` speaks; a long row of figures is a program's output."""
    return tokens.words[place].isalpha() and tokens.keys[place][0].isdigit()


def _lists(tokens: Tokens, function: frozenset[str], withheld: dict[int, str]) -> None:
    """Rows of short items with commas between them; an item with a colon or a sign relates something."""
    text, count = tokens.folded.text, len(tokens)
    spaces = not text.isascii() and len(_CJK_SPACE.findall(text)) >= CJK_SPACES
    if not spaces and sum(map(text.count, ",;\n")) < LIST_ITEMS - 1:
        return
    row: list[tuple[int, int, bool]] = []

    def settle() -> None:
        if len(row) >= LIST_ITEMS and sum(bare for _, _, bare in row) >= LIST_BARE * len(row):
            for first, last, _ in row:
                withheld.update(dict.fromkeys(range(first, last), KEYWORDS))
        row.clear()

    first = 0
    starts, ends = tokens.starts, tokens.ends
    for place in range(1, count + 1):
        between = text[ends[place - 1] : starts[place]] if place < count else ","
        if between == " " and not spaces:
            continue
        spaced = spaces and between == " " and (tokens.is_cjk(place - 1) or tokens.is_cjk(place))
        if not spaced and not any(sign in between for sign in ",;\n"):
            continue
        weight = sum(0.5 if tokens.is_cjk(at) else 1.0 for at in range(first, place))
        inner = text[tokens.starts[first] : tokens.ends[place - 1]]
        if weight > LIST_WORDS or any(sign in inner for sign in ":=>|"):
            settle()
        else:
            said = any(
                _CJK_SAYING.match(tokens.words[at]) if tokens.is_cjk(at) else tokens.words[at] in function
                for at in range(first, place)
            )
            number = all(tokens.words[at][0].isdigit() for at in range(first, place))
            row.append((first, place, not said and not number))
        first = place
    settle()


def _without_function_words(tokens: Tokens, function: frozenset[str], withheld: dict[int, str]) -> None:
    english = [place for place in range(len(tokens)) if not tokens.is_cjk(place)]
    if len(english) < TERSE_WORDS or len(english) < 0.8 * len(tokens):
        return
    relating = sum(tokens.words[place] in function for place in english) + sum(map(tokens.folded.text.count, ":=>"))
    if relating < TERSE_SHARE * len(english):
        withheld.update(dict.fromkeys(english, KEYWORDS))


def _is_shuffled(tokens: Tokens, reference: Reference) -> bool:
    words = tokens.words
    signs = [word for word in words if word > "\u3000"]
    if len(signs) < len(words) and len(signs) >= 2 * REFERENCE_LENGTH and _shuffles(signs, reference):
        return True
    return len(words) - len(signs) / 2 >= REFERENCE_LENGTH and _shuffles(words, reference)


def _shuffles(words: list[str], reference: Reference) -> bool:
    known = [word in reference.words for word in words]
    if sum(known) < REFERENCE_WORDS * len(words):
        return False
    pairs = [pair in reference.pairs for pair in pairwise(words)]
    return sum(pairs) < REFERENCE_PAIRS * len(pairs)


def _is_salad(tokens: Tokens) -> bool:
    words = tokens.words
    links = bad = 0
    named_a = "b" in words  # `a` and `b` are then variables
    for place, word in enumerate(words):
        if word in _LINKS and not (named_a and word == "a"):
            links += 1
            following = words[place + 1] if place + 1 < len(words) else "of"
            bad += (
                following in _NEVER_AFTER_LINK
                if word in _ARTICLES
                else following in ("of", "is", "are", "and", "or", "but", "was", "were")
            )
    return links >= 5 and bad >= SALAD_SHARE * links
