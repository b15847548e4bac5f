"""A true sentence -> sentences that deny it, in English and Chinese, grammatical enough to be said in an interview.

Two ways. *Wrapped* ("It is not true that ...", "并非...") denies any statement as a whole. *Inserted* ("is not", "does
not share", "不会") reads as people speak, but only denies a sentence of one plain clause: in "is only", "all are",
"is A but not B" an inserted *not* would leave something true. Such sentences are only wrapped.
"""

from __future__ import annotations

import re

from mockint.question import Lang

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=\S)|(?<=[。！？；])\s*(?=\S)")
_OPENER = re.compile(
    r"(?:The|A|An|In|On|At|It|For|Each|Every|All|Both|With|When|If|Only|This|These|During|Because|To|By|From|Its)\b"
)

_NOT_PLAIN = re.compile(
    r"""\b(?:no|nor|none|neither|never|nothing|without|hardly|only|all|every|each|both|any|some|most|either|may|might
    |often|usually|sometimes|instead|rather|unlike|but|while|whereas|because|since|so|although|though|if|when|unless
    |until|which|that|what|also|still|who|whose|where|and|or)\b|n't\b|[,;:()—–`|]|(?<!\w)-(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE_END = re.compile(
    r"[,;:(—–]\s(?!\d)|\s\(|,?\s(?:but|while|whereas|because|since|so|although|though|when|unless|until|which)\s"
)
_ZH_CLAUSE_END = re.compile(r"[，；：（(]|但|而|因为|所以")
_MIN_CLAUSE = 15
_ZH_MIN_CLAUSE = 6
_NOT_FORMS = (
    (re.compile(r"\b(does|do|did|is|are|was|were|can|could|will|would|should|has|have) not\b"), r"\1"),
    (re.compile(r"\bcannot\b"), "can"),
)
_AUXILIARY = re.compile(r"\b(is|are|was|were|could|will|would|should|must)\b")
_CAN = re.compile(r"\bcan\b")
_HAVE = re.compile(r"\b(has|have)\b(?! to\b)(?P<participle> \w+ed\b| been\b| no\b)?")
_VERBS = re.compile(
    r"""(?<=\w\ )(?P<stem>add|allow|appl|assign|average|avoid|begin|belong|break|bring|call|cause|change|combine|comput
    |confirm|contain|converge|cop|cost|creat|cut|decreas|delay|depend|describ|divid|drop|end|execut|follow|forc
    |giv|grow|halv|hold|ignor|improv|increas|keep|learn|let|limit|load|lower|mak|mask|mean|measur|merg|mov|multipl
    |need|normalis|normaliz|overlap|partition|pass|print|produc|provid|rais|read|receiv|record|reduc|remov|repeat
    |replac|repl|requir|return|run|sav|scal|send|shar|shard|show|shrink|slow|split|start|stay|stop|stor|sum|switch
    |tak|tell|track|updat|us|wait|work|writ|yield)(?P<ending>ies|es|s)\b""",
    re.VERBOSE,
)
_SILENT_E = frozenset(
    """assign average combine comput creat decreas describ divid execut forc giv halv ignor improv increas mak measur
    merg mov normalis normaliz produc provid rais receiv reduc remov replac requir sav scal shar stor tak updat us writ
    cause change converge""".split()
)

_ZH_NOT_PLAIN = re.compile(r"[不没无未非别只仅都全每各却若如除仍还既也又、`|]|所有|任何|或者|以及|时候|当")
_ZH_INSERTED = (
    (re.compile(r"(?<![于还总正凡])是(?![否指])"), "不是"),
    (re.compile(r"(?<![具所已现含占])有(?![效序限界关些])"), "没有"),
    (re.compile(r"可以"), "不可以"),
    (re.compile(r"需要"), "不需要"),
    (re.compile(r"(?<![社机])会(?!话)"), "不会"),
    (re.compile(r"(?<![可功性智])能(?!力|量|耗)"), "不能"),
)


def denials(text: str, lang: Lang) -> list[str]:
    """The wrapped denial of the whole text; then that of its first clause by an inserted *not*, if that is plain."""
    # What follows a semicolon would stand outside the denial, and be true.
    sentences = [sentence.strip().rstrip(";；") for sentence in _SENTENCE.split(text.strip()) if sentence.strip()]
    if lang == "zh":
        wrapped = "".join(_wrapped_zh(sentence) for sentence in sentences)
        inserted = _inserted_zh(_ZH_CLAUSE_END.split(sentences[0])[0])
    else:
        wrapped = " ".join(f"It is not true that {_lower_first(_ended(sentence, '.'))}" for sentence in sentences)
        inserted = _inserted_en(_CLAUSE_END.split(sentences[0])[0])
    return [wrapped, _ended(inserted, "。" if lang == "zh" else ".")] if inserted else [wrapped]


def _ended(sentence: str, stop: str) -> str:
    return sentence if sentence[-1:] in "!?！？" else sentence.rstrip(".。") + stop


def _wrapped_zh(sentence: str) -> str:
    """并非 reaches to the next comma, so a sentence of several clauses is quoted and called wrong as a whole."""
    inner = sentence.rstrip("。！？")
    return f"“{inner}”这种说法不对。" if "，" in inner else f"并非{inner}。"


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:] if _OPENER.match(sentence) else sentence


def _inserted_en(sentence: str) -> str | None:
    if len(sentence) < _MIN_CLAUSE:
        return None
    affirmed, removed = sentence, 0
    for form, without in _NOT_FORMS:
        affirmed, count = form.subn(without, affirmed)
        removed += count
    if _NOT_PLAIN.search(affirmed) or re.search(r"\bnot\b", affirmed):
        return None
    if removed:
        return affirmed if removed == 1 else None
    if found := _AUXILIARY.search(sentence):
        return f"{sentence[: found.end()]} not{sentence[found.end() :]}"
    if found := _CAN.search(sentence):
        return f"{sentence[: found.start()]}cannot{sentence[found.end() :]}"
    if found := _HAVE.search(sentence):
        if found["participle"]:
            return f"{sentence[: found.end(1)]} not{sentence[found.end(1) :]}"
        return f"{sentence[: found.start()]}{'does' if found[1] == 'has' else 'do'} not have{sentence[found.end() :]}"
    if found := _VERBS.search(sentence):
        return f"{sentence[: found.start()]}does not {_base(found)}{sentence[found.end() :]}"
    return None


def _base(verb: re.Match[str]) -> str:
    stem, ending = verb["stem"], verb["ending"]
    if ending == "ies":
        return stem + "y"
    return stem + "e" if ending == "es" and stem in _SILENT_E else stem


def _inserted_zh(sentence: str) -> str | None:
    if len(sentence) < _ZH_MIN_CLAUSE or _ZH_NOT_PLAIN.search(sentence):
        return None
    for form, denied in _ZH_INSERTED:
        if len(form.findall(sentence)) == 1:
            return form.sub(denied, sentence)
    return None
