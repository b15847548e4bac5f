"""What an answer denies, or says without asserting it: for every token, the negators whose reach it stands in.

The rules are tables. Each names what to look for, what it denies, and an example with the denied words in brackets,
which is its test. Words that a rule names stand in `lexicon/negation.txt`.

A negator reaches onwards to the end of its clause at most, and stops where something else is said (`but`, `because`,
而是). A later rejection ("that is wrong", 不对) reaches back over its sentence or the one before. What is
only reported of others, or asked, is neither asserted nor denied.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from mockint.grading.offline.lexicon.words import word_lists
from mockint.grading.offline.tokens import Tokens

Denies = Literal[
    "nothing",
    "onwards",  # to the end of the clause, `reach` tokens at most, up to a stop
    "the rest of it",  # of the words that were found, all after the sign: its adjective, and nothing after it
    "before it",  # `reach` tokens before it, in its clause
    "inside it",  # what stands between its first and its last word
    "to the comma",  # however far that is; rejects
    "the sentence so far",  # or the one before, when it begins its own; rejects
    "the sentence before",  # and its own so far; rejects
    "the rest of the sentence",  # rejects
    "all, as reported",  # the rest of the sentence is neither asserted nor denied, up to `but`
]

REACH = 9
REACH_CHINESE = 14
REACH_TO_COMMA = 60
MAX_CUTS = 2
"""A rejection reaches back over so many cuts that a long sentence was given for its length."""

_WORDS = word_lists("negation")
_NEGATORS = _WORDS["negators"]
_SIGNS = _WORDS["signs"]
_ONLY = _WORDS["only"]
_STOPS, _NO_STOPS_AT_FIRST, _SUBJECTS = _WORDS["stops"], _WORDS["no stops at first"], _WORDS["subjects"]
_REJECTING, _REPORTING = _WORDS["rejecting"], _WORDS["reporting"]
_LEADING, _ASKING, _ASKING_ANYWHERE = _WORDS["leading"], _WORDS["asking"], _WORDS["asking anywhere"]
_CONTRASTS, _ONWARDS = _WORDS["contrasts"], _WORDS["onwards"]
_SUPPOSING = frozenset(("if", "had"))
_BACK = frozenset(("but", "但", "其", "however"))
_BACK_AFTER_COMMA = re.compile(
    r"[,;:-] (?:(?:no|well|and) )?(?:actually|really|in fact|(?:it|that|this|they|which|we|you)(?:'s| is| are)? "
    r"?(?:isn't|aren't|doesn't|don't|not|never)\b)"
    "|[,;:] ?(?:不是|不对|实际|事实|并非|并不)"
)
"""At these a report ends, and the speaker is back: a word anywhere in it, or an answer to it behind a comma."""

_CHINESE_STOPS = frozenset("而但却就也话因所则时后")
_NO_CAUSE_AFTER = frozenset("是会能")
_STOP_BEFORE = {"因": "为此而", "所": "以"}
_NO_STOP_AFTER = {"则": "规否原正法准", "时": "同实及临延", "后": "最之向前"}
_NO_STOP_BEFORE = {"时": "间延刻序钟候", "后": "者续端缀面向验训", "则": "化"}


@dataclass(frozen=True, slots=True)
class WordRule:
    """An English word, with the words that must follow it. Of the rules that apply to a word, the first one counts."""

    first: frozenset[str]
    denies: Denies
    example: str
    then: frozenset[str] = frozenset()
    and_then: frozenset[str] = frozenset()
    reach: int = REACH


@dataclass(frozen=True, slots=True)
class PatternRule:
    """A pattern over the folded text. The negator is the first token found, or the last when it stands `behind`."""

    pattern: re.Pattern[str]
    denies: Denies
    example: str
    behind: bool = False
    reach: int = 0


def _any(*words: str) -> frozenset[str]:
    return frozenset(words)


ENGLISH = (
    WordRule(_any("nor"), "onwards", "neither [parameters] nor [FLOPs change with H], but the maps do"),
    WordRule(_any("no"), "nothing", "No because it copies the state", then=_WORDS["after an answer"]),
    WordRule(_WORDS["cut short"], "onwards", 'it isn"t [sharded]', then=_any("t"), reach=REACH - 2),
    WordRule(_NEGATORS, "nothing", "it doesn't only shard the state", then=_ONLY),
    WordRule(_NEGATORS, "nothing", "it is not necessarily slow, no matter how long", then=_WORDS["no denial"]),
    WordRule(
        _NEGATORS,
        "the rest of it",
        "it keeps no [more] than two copies",
        then=_WORDS["comparatives"],
        and_then=_any("than"),
        reach=1,
    ),
    WordRule(_any("without"), "onwards", "without [the mask] the loss falls"),
    WordRule(_NEGATORS, "onwards", "it does not [shard the state] because it copies"),
    WordRule(_any("rather"), "onwards", "rather than [shard] it copies", then=_any("than"), reach=REACH - 2),
    WordRule(
        _any("instead", "free", "independent", "independently", "regardless", "irrespective"),
        "onwards",
        "instead of [the gradients], the state is sharded",
        then=_any("of"),
        reach=REACH - 2,
    ),
    WordRule(
        _any("fail", "fails", "failed", "opposed"),
        "onwards",
        "it fails to [shard the state]",
        then=_any("to"),
        reach=REACH - 2,
    ),
    WordRule(_WORDS["after the verb"], "before it", "a [net generalises] poorly", reach=2),
)
"""What holds of _NEGATORS holds of every word that ends in n't."""

CHINESE_WHOLE = (
    # The sign is part of another meaning, or the whole word stands in the lexicon with its opposite.
    PatternRule(re.compile("不(?:仅|但|过|断|管|论|少|止|得不|足|妨|禁|错)"), "nothing", "不断切分，不管多大"),
    PatternRule(re.compile("不(?:如|然|停(?!止|下|机|了))"), "nothing", "不如直接切分，不然显存不停地涨"),
    PatternRule(re.compile("非(?:常|法)|无(?:论|关|穷|限|用)|未(?:来|知|见)"), "nothing", "非常大，未来也切分"),
    PatternRule(re.compile("没(?:错|问题)|差不多"), "nothing", "没错就切分"),
    PatternRule(re.compile("([是对要能会好])不\\1|有没有"), "nothing", "看它能不能切分"),
    PatternRule(re.compile("别(?:的|人|忘)|(?:不要|不能|不可)忘|[分类级区特个]别"), "nothing", "别忘切分，分别切分"),
)
CHINESE_ADJECTIVES = (
    # A sign before an adjective denies the adjective: 不一样的学习率 are learning rates.
    PatternRule(
        re.compile(
            "不(?:同|一样|等于|变|可能|稳定|可变|确定|平衡|对称|可靠|连续|收敛|重要|安全|公平|一致|相等|规则|均匀|准确|可导|可微|可见|定长"
            "|等长)"
        ),
        "the rest of it",
        "不[一样]的学习率",
    ),
    PatternRule(
        re.compile("非(?:线性|对称|监督|阻塞|零|空|凸|平稳|均匀|结构化|连续|确定性)"),
        "the rest of it",
        "非[线性]的部分",
    ),
    PatternRule(
        re.compile("无(?:监督|效|连接|序|偏|标注|标签|状态|损|锁|界|环|向|缝|梯度|参数|符号)"),
        "the rest of it",
        "无[损]压缩",
    ),
    PatternRule(re.compile("未(?:故障|命中|标注|归一化|压缩|对齐|初始化)"), "the rest of it", "未[标注]的数据"),
)
CHINESE_FAR = (
    # What a sign denies that stands before it, or far after it.
    PatternRule(
        re.compile("并(?:非|不是)"), "to the comma", "并非[在每一步里都由第一阶段在所有进程之间切分状态]，而是复制"
    ),
    PatternRule(re.compile("[与和跟][^,.;:?!与和跟]{1,24}无关"), "inside it", "结果与[批大小]无关", behind=True),
    PatternRule(
        re.compile("(?:能力|性能|效果|表现|泛化|很|较|变|更)(?:很|较|更|比较)?(?:差|弱|不好|不佳)"),
        "before it",
        "[泛化能力]差",
        behind=True,
        reach=2,
    ),
    PatternRule(re.compile("不(?:了(?!解)|住|动|下(?![来一个面])|出来|过来)"), "before it", "显[存装]不[下]", reach=2),
)
REJECTIONS = (
    PatternRule(
        re.compile(
            r"\b(?:that|this|it|which|they|those)(?:'s| is| was| are)? "
            r"(?:actually |simply |just |completely |totally |quite |a |both )*"
            r"(?:wrong|false|incorrect|untrue|not (?:true|right|correct|so|the case)|myth|misconception|mistake)\b"
            r"(?! (?:that|to)\b)"
        ),
        "the sentence so far",
        "[It shards the state.] That is wrong. It copies.",
    ),
    PatternRule(
        re.compile(
            "(?<![就会得算对])(?:这|那|其实|说法)?(?:是|都|并)?(?:不对|错的|错误的|不正确|误解|误区)(?:的|了|吧)?"
            r"(?:(?!\w)|(?=因为|所以|而|但))"
        ),
        "the sentence so far",
        "[“切分梯度，切分参数”这种]说法不[对]。它复制。",
    ),
    PatternRule(
        re.compile(r"\b(?:actually|wait|sorry|well|hmm),? no\b|\bno,? (?:actually|wait|sorry)\b|\bscratch that\b"),
        "the sentence before",
        "It scales. [It shards the state.] Wait, no.",
    ),
    PatternRule(re.compile("(?:^|[,.;] ?)不对|不不"), "the sentence before", "它很大。[它切分状态。]不[对]，它复制。"),
    PatternRule(
        re.compile(
            r"\b(?:not true|false|wrong|myth|misconception|mistake|incorrect|untrue|deny|denies|doubt|disagree)\s"
            r"(?:\w+\s){0,2}?(?:that|to say|to think|to believe|to claim)\b"
        ),
        "the rest of the sentence",
        "It is not [true that it shards the state, or the gradients]. It copies.",
    ),
)
REPORTS = (
    PatternRule(
        re.compile(
            r"(?<!than )(?<!as )\b(?:some|many|most|people|everyone|textbooks|others|you might|one might|students)\s"
            r"(?:\w+\s){0,2}?"
            r"(?:thinks?|believes?|says?|claims?|assumes?|argues?|expects?)\b"
        ),
        "all, as reported",
        "Some people think [it shards the state], but it copies.",
    ),
    PatternRule(
        re.compile(r"\bcommon (?:mistake|misconception|myth|belief)\b"),
        "all, as reported",
        "A common misconception [is that it shards the state].",
    ),
    PatternRule(
        re.compile(
            "(?:有|很多|有些|有的|不少|许多|多数|大多数)人(?:会|都|常|常常|经常|总|老|容易|误)*"
            "(?:说(?![完话])|讲|认为|觉得|以为)|常见的?(?:误解|误区|错误)"
        ),
        "all, as reported",
        "很多人认为[它切分状态]，但它复制。",
    ),
)
SUPPOSITIONS = (
    # What is not so is supposed: `if B weren't zero` says that it is.
    PatternRule(
        re.compile(
            r"\bif (?:[\w']+ ){1,4}?(?:weren't|wasn't|hadn't|werent|wasnt|(?:were|was|had) not)\b"
            r"|\bhad (?:[\w']+ ){1,3}?not\b"
        ),
        "nothing",
        "if the state weren't sharded it would not [fit]",
    ),
)


@dataclass(frozen=True, slots=True)
class Negation:
    """by[place]: the places of the negators over that token. negators: all of them. reported: tokens not asserted.

    rejecting: the negators that reject a whole statement. What is rejected is not asserted, however often it says `no`.
    not_only: the word after a negator that denies nothing but this word: `just` in "does not just look at it".
    twins: the place of a `nor` -> that of its `neither`, and back.
    """

    by: dict[int, list[int]]
    negators: frozenset[int]
    reported: frozenset[int]
    rejecting: frozenset[int]
    not_only: frozenset[int]
    twins: dict[int, int]

    def denied(self, place: int, own: frozenset[int] | tuple[int, ...] = ()) -> bool:
        """An odd number of negators, or a rejection, without the `own` ones that are part of what was looked for."""
        over = self.by.get(place)
        if not over:
            return False
        others = [n for n in over if n not in own]
        if self.twins:
            others = [n for n in others if self.twins.get(n) not in own]
        return len(others) % 2 == 1 or not self.rejecting.isdisjoint(others)

    def heads(self, keys: list[str], light: frozenset[str]) -> dict[int, int]:
        """negator -> the first word that it denies and that is not `light`: `suffer` in "does not suffer from it"."""
        heads: dict[int, int] = {}
        for place in sorted(self.by):
            if keys[place] not in light:
                for negator in self.by[place]:
                    heads.setdefault(negator, place)
        return heads

    def flipped(self, place: int) -> bool:
        """An odd number of negators: said of the text that is compared, where both sides may deny."""
        return len(self.by.get(place, ())) % 2 == 1


_RULES_OF: dict[str, tuple[WordRule, ...]] = {
    word: tuple(rule for rule in ENGLISH if word in rule.first)
    for word in frozenset(chain(*(r.first for r in ENGLISH)))
}
_RULES_OF_NOT = _RULES_OF["not"]
_WHOLE = re.compile("|".join(rule.pattern.pattern for rule in CHINESE_WHOLE))
_ADJECTIVES = re.compile("|".join(rule.pattern.pattern for rule in CHINESE_ADJECTIVES))


def negation_of(tokens: Tokens) -> Negation:
    found = _NegationAt(tokens, {}, set(), set(), set(), set(), {})
    if not tokens.folded.text.isascii():
        _chinese(found)
    _english(found)
    _sentences(found)
    if tokens.questions:
        _questions(found)
    return Negation(
        found.by,
        frozenset(found.negators | found.rejecting),
        frozenset(found.reported),
        frozenset(found.rejecting),
        frozenset(found.not_only),
        found.twins,
    )


@dataclass(slots=True)
class _NegationAt:
    """A Negation while it is found."""

    tokens: Tokens
    by: dict[int, list[int]]
    negators: set[int]
    reported: set[int]
    rejecting: set[int]
    not_only: set[int]
    twins: dict[int, int]

    def deny(self, negator: int, first: int, last: int) -> None:
        """The tokens `first` to `last` (exclusive)."""
        self.negators.add(negator)
        for at in range(first, last):
            self.by.setdefault(at, []).append(negator)

    def deny_onwards(self, negator: int, first: int, reach: int) -> None:
        tokens, words = self.tokens, self.tokens.words
        clauses, sentences = tokens.clauses, tokens.sentences
        clause, sentence = clauses[negator], sentences[negator]
        self.negators.add(negator)
        for at in range(first, min(first + reach, len(words))):
            if clauses[at] != clause or sentences[at] != sentence or _stops(words, at, first):
                break
            self.by.setdefault(at, []).append(negator)

    def deny_before(self, negator: int, first: int) -> None:
        """From `first` to the negator, as far as that is in its clause and its script."""
        clauses, chinese = self.tokens.clauses, self.tokens.is_cjk(negator)
        self.negators.add(negator)
        for at in range(max(0, first), negator):
            if clauses[at] == clauses[negator] and self.tokens.is_cjk(at) == chinese:
                self.by.setdefault(at, []).append(negator)

    def reject(self, negator: int, first: int, last: int) -> None:
        self.rejecting.add(negator)
        for at in range(first, last):
            over = self.by.setdefault(at, [])
            if negator not in over:
                over.append(negator)

    def place_of(self, character: int) -> int:
        return bisect_left(self.tokens.starts, character)


def _english(found: _NegationAt) -> None:
    words = found.tokens.words
    supposed = _supposed(found)
    neither = -1
    for place, word in enumerate(words):
        rules = _RULES_OF.get(word)
        if rules is None:
            if not word.endswith("n't"):
                continue
            rules = _RULES_OF_NOT
        if place in supposed or found.tokens.in_a_name(place):
            continue
        following = words[place + 1 : place + 3]
        for rule in rules:
            if rule.then and (not following or following[0] not in rule.then):
                continue
            if rule.and_then and (len(following) < 2 or following[1] not in rule.and_then):
                continue
            break
        else:
            continue
        match rule.denies:
            case "onwards":
                found.deny_onwards(place, place + 1 + bool(rule.then), rule.reach)
            case "the rest of it":
                found.deny_onwards(place, place + 1, rule.reach)
            case "before it":
                found.deny_before(place, place - rule.reach)
            case _ if rule.then is _ONLY:
                found.not_only.add(place + 1)
        if word == "neither":
            neither = place
        elif word == "nor" and neither >= 0 and found.tokens.sentences[neither] == found.tokens.sentences[place]:
            found.twins |= {neither: place, place: neither}


def _supposed(found: _NegationAt) -> set[int]:
    """The places of negators that only suppose."""
    if _SUPPOSING.isdisjoint(found.tokens.words):
        return set()
    text = found.tokens.folded.text
    matches = [match for rule in SUPPOSITIONS for match in rule.pattern.finditer(text)]
    return {found.place_of(match.end()) - 1 for match in matches}


def _chinese(found: _NegationAt) -> None:
    tokens, text = found.tokens, found.tokens.folded.text
    whole: set[int] = set()
    for match in _WHOLE.finditer(text):
        first = found.place_of(match.start())
        whole.update(range(first, first + len(match[0])))
    reaches = {found.place_of(match.start()): len(match[0]) - 1 for match in _ADJECTIVES.finditer(text)}
    for place, word in enumerate(tokens.words):
        if word in _SIGNS and place not in whole:
            found.deny_onwards(place, place + 1, reaches.get(place, REACH_CHINESE))
    for rule in CHINESE_FAR:
        for match in rule.pattern.finditer(text):
            first, last = found.place_of(match.start()), found.place_of(match.end())
            negator = last - 1 if rule.behind else first
            match rule.denies:
                case "to the comma":
                    _deny_to_the_comma(found, last)
                case "inside it":
                    found.deny(negator, first + 1, negator - 1)
                case _ if rule.behind:
                    found.deny_before(negator, first - rule.reach)
                case _ if negator in found.negators:
                    found.deny_before(negator, negator - rule.reach)


def _deny_to_the_comma(found: _NegationAt, first: int) -> None:
    """What stands after 并非 at tokens `first` onwards is denied even where its usual reach would end."""
    tokens = found.tokens
    if not 0 < first < len(tokens):
        return
    text, words = tokens.folded.text, tokens.words
    last = min(first + REACH_TO_COMMA, len(tokens))
    for at in range(first, last):
        between = text[tokens.ends[at - 1] : tokens.starts[at]]
        if words[at - 1][0].isdigit() and words[at][0].isdigit():
            between = ""  # (3, 4, 5)
        if tokens.clauses[at] != tokens.clauses[at - 1] and any(sign in between for sign in (",", ";", "!", "?", ". ")):
            last = at
            break
    found.reject(first - 1 if words[first - 1] in _SIGNS else first - 2, first, last)


def _stops(words: list[str], at: int, first: int) -> bool:
    """Whether a word begins another statement: 所 does in 所以, not in 所有; 时 not in 同时 and 时间."""
    word = words[at]
    if word < "\u3000":
        if word == "the" and at > first + 1:
            return words[first - 1] == "without"  # without the mask the loss falls
        if word == "as":
            return words[at + 1 : at + 2] != [] and words[at + 1] in _SUBJECTS
        return word in _STOPS and not (at == first and word in _NO_STOPS_AT_FIRST)
    if at == first or word not in _CHINESE_STOPS:
        return False
    following = words[at + 1] if at + 1 < len(words) else ""
    match word:
        case "就":
            return not (following == "一" and words[first] == "是")  # 不是越低就一定越快
        case "话":
            return words[at - 1] == "的"
        case "因" if words[at - 1] in _NO_CAUSE_AFTER and (at == first + 1 or words[first] == "一"):
            return False  # 不一定是因为
        case "因" | "所":
            return bool(following) and following in _STOP_BEFORE[word]
        case "则" | "时" | "后":
            return words[at - 1] not in _NO_STOP_AFTER[word] and not (following and following in _NO_STOP_BEFORE[word])
    return True


def _sentences(found: _NegationAt) -> None:
    """What is rejected as a whole, and what is only reported."""
    vocabulary = set(found.tokens.words)
    text = found.tokens.folded.text
    if not _REJECTING.isdisjoint(vocabulary) or {"not", "so"} <= vocabulary:
        for rule in REJECTIONS:
            for match in rule.pattern.finditer(text):
                _reject(found, rule.denies, match)
    if not _REPORTING.isdisjoint(vocabulary):
        for rule in REPORTS:
            for match in rule.pattern.finditer(text):
                place = found.place_of(match.end())
                found.reported.update(range(place, _report_end(found, place)))


def _report_end(found: _NegationAt, place: int) -> int:
    """Where the speaker is back, or else the sentence of the token at `place` ends."""
    tokens = found.tokens
    end = _sentence_end(found, place)
    if place < end and (
        back := _BACK_AFTER_COMMA.search(tokens.folded.text, tokens.starts[place], tokens.ends[end - 1])
    ):
        end = found.place_of(back.start())
    return next((at for at in range(place, end) if tokens.words[at] in _BACK), end)


def _questions(found: _NegationAt) -> None:
    """What is asked is not asserted; a statement with a question mark behind it is one, said with little courage."""
    tokens, words = found.tokens, found.tokens.words
    for sentence in tokens.questions:
        first = bisect_left(tokens.sentences, sentence)
        last = bisect_left(tokens.sentences, sentence + 1)
        opening = next((word for word in words[first:last] if word not in _LEADING), "")
        if opening in _ASKING or not _ASKING_ANYWHERE.isdisjoint(words[first:last]):
            found.reported.update(range(first, last))


def _reject(found: _NegationAt, denies: Denies, match: re.Match[str]) -> None:
    count = len(found.tokens)
    if denies == "the rest of the sentence":
        place = found.place_of(match.end())
        if place < count:
            # `not` in "it is not true that" is the rejection itself, not a second one.
            inside = range(found.place_of(match.start()), place)
            for at in range(place, _sentence_end(found, place)):
                found.by[at] = [n for n in found.by.get(at, ()) if n not in inside]
            found.reject(place - 1, place, _sentence_end(found, place))
        return
    place = found.place_of(match.start())
    if place >= count:
        return
    first = _sentence_start(found, place)
    if (denies == "the sentence before" or place - first <= 2) and first > 0:
        first = _sentence_start(found, first - 1)
    found.reject(place, first, place)


def _sentence_start(found: _NegationAt, place: int) -> int:
    tokens = found.tokens
    sentence = tokens.sentences[place]
    for _ in range(MAX_CUTS):
        sentence -= sentence in tokens.run_on
    return bisect_left(tokens.sentences, sentence)


def _sentence_end(found: _NegationAt, place: int) -> int:
    sentences = found.tokens.sentences
    return bisect_left(sentences, sentences[place] + 1) if place < len(sentences) else place


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
