"""What an answer denies, doubts or only reports: for every token, the negators whose scope it stands in.

A negator reaches forward to the end of its clause, at most REACH tokens, and stops at a contrast
(`but`, `而是`). A later rejection ("that is wrong", "actually no", 不对) reaches back over its sentence or the one
before. A sentence that only reports what others think, or asks, states nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from mockint.grading.offline.tokens import Tokens

REACH = 9
REACH_CJK = 14
MAX_CUTS = 2
"""A rejection reaches back over so many cuts that a long sentence was given for its length."""

_NEGATORS = frozenset(
    [
        "not",
        "no",
        "never",
        "none",
        "neither",
        "nor",
        "without",
        "cannot",
        "hardly",
        "barely",
        "seldom",
        "rarely",
        "unlike",
        "nobody",
        "nothing",
        "dont",
        "doesnt",
        "didnt",
        "isnt",
        "arent",
        "wasnt",
        "werent",
        "cant",
        "couldnt",
        "wont",
        "wouldnt",
        "shouldnt",
        "dosent",
        "dosnt",
    ]
)
_BEFORE_OF = {
    "rather": "than",
    "instead": "of",
    "fail": "to",
    "fails": "to",
    "failed": "to",
    "opposed": "to",
    "independent": "of",
    "independently": "of",
    "regardless": "of",
    "irrespective": "of",
    "free": "of",
}
_NOT_NEGATING_AFTER_NOT = frozenset(
    ["only", "just", "merely", "simply", "necessarily", "sure", "mention", "doubt", "matter", "wonder", "forget"]
)
_ALL_THERE_IS = frozenset(["only", "just", "merely", "simply"])
_STOPS = frozenset(
    [
        "but",
        "because",
        "so",
        "instead",
        "then",
        "therefore",
        "which",
        "that's",
        "it's",
        "it",
        "and",
        "nor",
        "can",
        "may",
    ]
)
_CJK_NO_CAUSE_AFTER = frozenset("是会能")
_CJK_NEGATORS = frozenset("不没无未非别勿")
# Words in which the sign is part of another meaning, or the whole word stands in the lexicon with its opposite.
_CJK_WHOLE = re.compile(
    "不(?:仅|但|过|断|管|论|少|止|得不|足|妨|禁|错)"
    "|非(?:常|法)|无(?:论|关|穷|限|用)|未(?:来|知|见)|没(?:错|问题)|差不多"
    "|([是对要能会好])不\\1|有没有|别(?:的|人|忘)|(?:不要|不能|不可)忘|[分类级区特个]别"
)
# A sign before an adjective denies the adjective and nothing after it: 不一样的学习率 are learning rates.
_CJK_ADJECTIVE = re.compile(
    "不(?:同|一样|等于|变|可能|稳定|可变|确定|平衡|对称|可靠|连续|收敛|重要|安全|公平|一致|相等|规则|均匀|准确|可导|可微|可见|定长|等长)"
    "|非(?:线性|对称|监督|阻塞|零|空|凸|平稳|均匀|结构化|连续|确定性)|无(?:监督|效|连接|序|偏|标注|标签|状态|损|锁|界|环|向|缝|梯度|参数|符号)"
    "|未(?:故障|命中|标注|归一化|压缩|对齐|初始化)"
)
# 并非 and 并不是 deny all that is said up to the next comma, however long.
_CJK_FORE = re.compile("并(?:非|不是)")
REACH_FORE = 60
# After the verb: `generalises poorly` denies as `does not generalise` does.
_AFTER_VERB = frozenset(["poorly", "badly"])
_CJK_POORLY = re.compile("(?:能力|性能|效果|表现|泛化|很|较|变|更)(?:很|较|更|比较)?(?:差|弱|不好|不佳)")
# So do 装不下 and 解决不了: the sign stands behind the verb that it denies.
_CJK_UNABLE = re.compile("不(?:了(?!解)|住|动|下(?![来一个面])|出来|过来)")
_CJK_UNRELATED = re.compile("[与和跟][^,.;:?!与和跟]{1,24}无关")
_CJK_STOP = frozenset("而但却就也")
_CJK_STOP_BEFORE = {"因": "为此而", "所": "以"}
_CJK_STOP_AFTER = {"则": "规否原正法准", "时": "同实及临延", "后": "最之向前"}
_CJK_NO_STOP_BEFORE = {"时": "间延刻序钟候", "后": "者续端缀面向验训", "则": "化"}
_BACK = re.compile(
    r"\b(?:that|this|it|which|they|those)(?:'s| is| was| are)? "
    r"(?:actually |simply |just |completely |totally |quite |a |both )*"
    r"(?:wrong|false|incorrect|untrue|not true|not right|not correct|not so|not the case|myth|misconception|mistake)\b"
    r"(?! (?:that|to)\b)"
    r"|(?<![就会得算])(?:这|那|其实|说法)?(?:是|都|并)?(?:不对|错的|错误的|不正确|误解|误区)(?:的|了|吧)?(?:(?!\w)|(?=因为|所以|而|但))"
)
_TAKEN_BACK = re.compile(
    r"\b(?:actually|wait|sorry|well|hmm),? no\b|\bno,? (?:actually|wait|sorry)\b|\bscratch that\b"
    r"|(?:^|[,.;] ?)不对|不不"
)
_FORE = re.compile(
    r"\b(?:not true|false|wrong|myth|misconception|mistake|incorrect|untrue|deny|denies|doubt|disagree)\s"
    r"(?:\w+\s){0,2}?(?:that|to say|to think|to believe|to claim)\b"
)
_REPORTED = re.compile(
    r"(?<!than )(?<!as )\b(?:some|many|most|people|everyone|textbooks|others|you might|one might|students)\s"
    r"(?:\w+\s){0,2}?"
    r"(?:thinks?|believes?|says?|claims?|assumes?|argues?|expects?)\b|\bcommon (?:mistake|misconception|myth|belief)\b"
    r"|(?:有|很多|有些|有的|不少|许多|多数|大多数)人(?:会|都|常|常常|经常|总|老|容易|误)*(?:说(?![完话])|讲|认为|觉得|以为)|常见的?(?:误解|误区|错误)"
)
_REJECTING = frozenset(
    """
    wrong false incorrect untrue true right correct case myth misconception mistake deny denies doubt disagree no
    scratch 对 错 误
    """.split()
)
_REPORTING = frozenset(
    f"{verb}{ending}" for verb in "think believe say claim assume argue expect".split() for ending in ("", "s")
) | frozenset("common 人 误 错".split())
"""Words without which the patterns above cannot match: most answers have none, and need no search."""


_CONTRASTS = frozenset(["but", "while", "whereas", "however", "although", "though", "unlike", "但", "而"])
_ONWARDS = frozenset("反从因进")


@dataclass(frozen=True, slots=True)
class Polarity:
    """by[place]: the places of the negators over that token. negators: all of them. hearsay: tokens not asserted.

    rejecting: the negators that reject a whole statement. What is rejected is not asserted, however often it says `no`.
    not_only: the word after a negator that denies nothing but this word: `just` in "does not just look at it".
    """

    by: dict[int, list[int]]
    negators: frozenset[int]
    hearsay: frozenset[int]
    rejecting: frozenset[int]
    not_only: frozenset[int]

    def denied(self, place: int, own: frozenset[int] | tuple[int, ...] = ()) -> bool:
        """An odd number of negators, or a rejection, without the `own` ones that are part of what was looked for."""
        over = self.by.get(place)
        if not over:
            return False
        others = [n for n in over if n not in own]
        return len(others) % 2 == 1 or not self.rejecting.isdisjoint(others)

    def flipped(self, place: int) -> bool:
        """An odd number of negators: said of the text that is compared, where both sides may deny."""
        return len(self.by.get(place, ())) % 2 == 1


def polarity_of(tokens: Tokens) -> Polarity:
    by: dict[int, list[int]] = {}
    negators: set[int] = set()
    not_only: set[int] = set()
    rejecting: set[int] = set()
    words = tokens.words
    count = len(words)
    whole = _whole_words(tokens)
    adjectives = {} if whole is _NONE else _adjectives(tokens)
    for place, word in enumerate(words):
        if word in _CJK_NEGATORS:
            if place in whole:
                continue
            reach, first = adjectives.get(place, REACH_CJK), place + 1
        elif word in _NEGATORS or word.endswith("n't"):
            if place + 1 < count and words[place + 1] in _NOT_NEGATING_AFTER_NOT:
                if words[place + 1] in _ALL_THERE_IS:
                    not_only.add(place + 1)
                continue
            reach, first = REACH, place + 1
        elif word in _AFTER_VERB:
            negators.add(place)
            for at in range(max(0, place - 2), place):
                if tokens.clauses[at] == tokens.clauses[place]:
                    by.setdefault(at, []).append(place)
            continue
        elif word in _BEFORE_OF and place + 1 < count and words[place + 1] == _BEFORE_OF[word]:
            reach, first = REACH - 2, place + 2
        else:
            continue
        negators.add(place)
        clause, sentence = tokens.clauses[place], tokens.sentences[place]
        for at in range(first, min(first + reach, count)):
            if tokens.clauses[at] != clause or tokens.sentences[at] != sentence:
                break
            if _stops(words, at, first):
                break
            by.setdefault(at, []).append(place)
    if whole is not _NONE:
        _deny_in_chinese(tokens, by, negators, rejecting)
    hearsay = _judged_sentences(tokens, by, rejecting)
    negators |= rejecting
    if tokens.questions:
        hearsay |= {place for place, sentence in enumerate(tokens.sentences) if sentence in tokens.questions}
    return Polarity(by, frozenset(negators), frozenset(hearsay), frozenset(rejecting), frozenset(not_only))


def _deny_in_chinese(tokens: Tokens, by: dict[int, list[int]], negators: set[int], rejecting: set[int]) -> None:
    """What a negator denies that stands before it, or far after it."""
    text = tokens.folded.text
    for found in _CJK_FORE.finditer(text):
        _deny_to_the_comma(tokens, by, rejecting, bisect_left(tokens.starts, found.end()))
    for found in _CJK_UNRELATED.finditer(text):
        place = bisect_left(tokens.starts, found.end()) - 1
        negators.add(place)
        for at in range(bisect_left(tokens.starts, found.start()) + 1, place - 1):
            by.setdefault(at, []).append(place)
    for found in _CJK_POORLY.finditer(text):
        place = bisect_left(tokens.starts, found.end()) - 1
        first = bisect_left(tokens.starts, found.start()) - 2
        negators.add(place)
        _deny_before(tokens, by, place, first)
    for found in _CJK_UNABLE.finditer(text):
        place = bisect_left(tokens.starts, found.start())
        if place in negators:
            _deny_before(tokens, by, place, place - 2)


def _deny_before(tokens: Tokens, by: dict[int, list[int]], negator: int, first: int) -> None:
    """The characters from `first` up to the negator, as far as they stand in its clause."""
    for at in range(max(0, first), negator):
        if tokens.clauses[at] == tokens.clauses[negator] and tokens.is_cjk(at):
            by.setdefault(at, []).append(negator)


def _stops(words: list[str], at: int, first: int) -> bool:
    """Whether a word begins another statement: 所 does in 所以, not in 所有; 时 not in 同时 and 时间."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word < "\u3000":
        return word in _STOPS and not (word == "because" and at == first)
    if at == first:
        return False
    if word in _CJK_STOP:
        return not (word == "就" and following == "一" and words[first] == "是")  # 不是越低就一定越快
    if word == "话":
        return words[at - 1] == "的"
    if word == "因" and words[at - 1] in _CJK_NO_CAUSE_AFTER and (at == first + 1 or words[first] == "一"):
        return False
    if word in _CJK_STOP_BEFORE:
        return bool(following) and following in _CJK_STOP_BEFORE[word]
    if word not in _CJK_STOP_AFTER or words[at - 1] in _CJK_STOP_AFTER[word]:
        return False
    return not following or following not in _CJK_NO_STOP_BEFORE[word]


def _deny_to_the_comma(tokens: Tokens, by: dict[int, list[int]], rejecting: set[int], first: int) -> None:
    """What stands after 并非 at tokens `first` onwards is denied even where its usual reach would end."""
    if not 0 < first < len(tokens):
        return
    text, words = tokens.folded.text, tokens.words
    negator = first - 1 if words[first - 1] in _CJK_NEGATORS else first - 2
    rejecting.add(negator)
    for at in range(first, min(first + REACH_FORE, len(tokens))):
        between = text[tokens.ends[at - 1] : tokens.starts[at]]
        if words[at - 1][0].isdigit() and words[at][0].isdigit():
            between = ""  # (3, 4, 5)
        if tokens.clauses[at] != tokens.clauses[at - 1] and any(sign in between for sign in (",", ";", "!", "?", ". ")):
            break
        over = by.setdefault(at, [])
        if negator not in over:
            over.append(negator)


_NONE: frozenset[int] = frozenset()


def _whole_words(tokens: Tokens) -> frozenset[int]:
    text = tokens.folded.text
    if text.isascii():
        return _NONE
    inside: set[int] = set()
    for found in _CJK_WHOLE.finditer(text):
        first = bisect_left(tokens.starts, found.start())
        inside.update(range(first, first + len(found.group())))
    return frozenset(inside)


def _adjectives(tokens: Tokens) -> dict[int, int]:
    """Place of a negating sign -> length of the adjective that it is part of."""
    found = _CJK_ADJECTIVE.finditer(tokens.folded.text)
    return {bisect_left(tokens.starts, match.start()): len(match.group()) - 1 for match in found}


def _judged_sentences(tokens: Tokens, by: dict[int, list[int]], rejecting: set[int]) -> set[int]:
    """Adds what is rejected as a whole to `by`; gives the tokens that are only reported."""
    text, starts, sentences = tokens.folded.text, tokens.starts, tokens.sentences
    count = len(starts)
    vocabulary = set(tokens.words)
    rejects = not _REJECTING.isdisjoint(vocabulary) or {"not", "so"} <= vocabulary
    reports = not _REPORTING.isdisjoint(vocabulary)

    def deny(first: int, last: int, by_place: int) -> None:
        rejecting.add(by_place)
        for at in range(first, last):
            by.setdefault(at, []).append(by_place)

    def sentence_start(place: int) -> int:
        sentence = sentences[place]
        for _ in range(MAX_CUTS):
            sentence -= sentence in tokens.run_on
        return bisect_left(sentences, sentence)

    def sentence_end(place: int) -> int:
        return bisect_left(sentences, sentences[place] + 1)

    for pattern, taken_back in ((_BACK, False), (_TAKEN_BACK, True)) if rejects else ():
        for found in pattern.finditer(text):
            place = bisect_left(starts, found.start())
            if place >= count:
                continue
            first = sentence_start(place)
            if (taken_back or place - first <= 2) and first > 0:
                first = sentence_start(first - 1)
            deny(first, place, place)
    hearsay: set[int] = set()
    for found in _FORE.finditer(text) if rejects else ():
        place = bisect_left(starts, found.end())
        if place < count:
            # `not` in "it is not true that" is the rejection itself, not a second one.
            inside = range(bisect_left(starts, found.start()), place)
            for at in range(place, sentence_end(place)):
                by[at] = [n for n in by.get(at, ()) if n not in inside]
            deny(place, sentence_end(place), place - 1)
    for found in _REPORTED.finditer(text) if reports else ():
        place = bisect_left(starts, found.end())
        if place < count:
            end = sentence_end(place)
            stop = next((at for at in range(place, end) if tokens.words[at] in ("but", "但", "其", "however")), end)
            hearsay.update(range(place, stop))
    return hearsay


def contrasts(words: list[str], start: int, end: int) -> bool:
    """Whether a contrast stands between the first and the last word; 而 in 而且, 反而 or 从而 sets nothing apart."""
    if _CONTRASTS.isdisjoint(words[start:end]):
        return False
    for place in range(start, end):
        onwards = words[place] == "而" and (
            (place > 0 and words[place - 1] in _ONWARDS) or words[place + 1 : place + 2] == ["且"]
        )
        if words[place] in _CONTRASTS and not onwards:
            return True
    return False
