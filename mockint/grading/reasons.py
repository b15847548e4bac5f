"""Why a mark is what it is: a code for programs and pages, and its sentence for the candidate in both languages.

A sentence may be put better at any time; a code that has shipped stands in histories and keeps its meaning.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from mockint.question import Lang

Code = Literal[
    # heard
    "said",
    "similar_words",
    "covered",
    "half",
    "half_covered",
    "both",
    "taken_back",
    "corrected",
    # not graded
    "cannot_assess",
    # how much of a point's own text, where nobody wrote how it is said
    "covers_most",
    "covers_half",
    "covers_little",
    "uncovered",
    "near",
    # not heard, or heard the other way round
    "not_said",
    "opposite",
    "denied",
    "stated",
    "not_stated",
    # words that are no evidence
    "withheld_echo",
    "withheld_instruction",
    "withheld_keywords",
    "withheld_order",
    # an answer that nobody needs to judge
    "no_answer",
    "only_the_question",
    "no_words",
    # an LLM's judgement whose quote does not hold
    "withdrawn_unquoted",
    "withdrawn_not_there",
    "withdrawn_echo",
    "withdrawn_instruction",
    "withdrawn_negation",
]


class Phrase(NamedTuple):
    en: str
    zh: str

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh


def sentence(code: Code) -> Phrase:
    """A `match`, not a table: mypy sees when a code has no case."""
    match code:
        case "said":
            return Phrase("You say it in these words.", "你用这些话说到了。")
        case "similar_words":
            return Phrase("You say it in similar words.", "你用相近的话说到了。")
        case "covered":
            return Phrase("These words cover the point.", "这些话涵盖了这一点。")
        case "half":
            return Phrase("This is a part of the point.", "这只是其中的一部分。")
        case "half_covered":
            return Phrase("These words cover a part of the point.", "这些话只说到了一部分。")
        case "covers_most":
            return Phrase("Your words cover most of this point.", "你的话涵盖了这一点的大部分。")
        case "covers_half":
            return Phrase("Your words cover about half of this point.", "你的话涵盖了这一点的一半左右。")
        case "covers_little":
            return Phrase("Your words cover little of this point.", "你的话只涵盖了这一点的一小部分。")
        case "uncovered":
            return Phrase("Your words do not cover this point.", "你的话没有涵盖这一点。")
        case "near":
            return Phrase(
                "Your words come near this point, but do not say it.", "你的话和这一点有关，但没有说出这一点。"
            )
        case "both":
            return Phrase("You say it, and also the opposite.", "你说到了，但也说了相反的话。")
        case "taken_back":
            return Phrase("Said in the answer, then contradicted in the follow-up.", "回答里说到了，追问时又说反了。")
        case "cannot_assess":
            return Phrase(
                "The grader could not tell, so this takes no part in the score.", "评分者无法判断，这一条不计入得分。"
            )
        case "corrected":
            return Phrase("You said it first, and took it back.", "你先这么说，后来收回了。")
        case "not_said":
            return Phrase("Your answer does not say this.", "你的回答没有提到。")
        case "opposite":
            return Phrase("You say the opposite.", "你说的正好相反。")
        case "denied":
            return Phrase("You deny the point.", "你否定了这一点。")
        case "stated":
            return Phrase("You say this, and it is not so.", "你说了这一点，但事实并非如此。")
        case "not_stated":
            return Phrase("You do not say this.", "你没有这么说。")
        case "withheld_echo":
            return Phrase("Repeating the question earns nothing.", "重复题目不得分。")
        case "withheld_instruction":
            return Phrase("Text addressed to the grader was left out.", "写给评分者的话不计。")
        case "withheld_keywords":
            return Phrase("The words are listed, but nothing is said about them.", "只罗列了词语，没有说明。")
        case "withheld_order":
            return Phrase("The words are there, but not in sentences.", "词语都在，但没有连成句子。")
        case "no_answer":
            return Phrase("You gave no answer.", "没有作答。")
        case "only_the_question":
            return Phrase("You only repeated the question.", "只是重复了题目。")
        case "no_words":
            return Phrase("The answer holds no words.", "作答不成词句。")
        case "withdrawn_unquoted":
            return Phrase(
                "A first verdict was withdrawn: no words of your answer were quoted for it.",
                "最初的判定已撤回：没有引用你的原话。",
            )
        case "withdrawn_not_there":
            return Phrase(
                "A first verdict was withdrawn: the words quoted for it are not in your answer.",
                "最初的判定已撤回：引用的话不在你的回答里。",
            )
        case "withdrawn_echo":
            return Phrase(
                "A first verdict was withdrawn: the words quoted for it only repeat the question.",
                "最初的判定已撤回：引用的话只是重复题目。",
            )
        case "withdrawn_instruction":
            return Phrase(
                "A first verdict was withdrawn: the words quoted for it are addressed to the grader.",
                "最初的判定已撤回：引用的话是写给评分者的。",
            )
        case "withdrawn_negation":
            return Phrase(
                "A first verdict was withdrawn: the quote leaves out the negation right before it.",
                "最初的判定已撤回：引用漏掉了前面的否定词。",
            )
