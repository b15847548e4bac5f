"""Why a mark is what it is: a code for programs and pages, and its sentence for the candidate in both languages.

A sentence may be put better at any time; a code that has shipped stands in histories and keeps its meaning.
"""

from __future__ import annotations

from typing import Literal

from mockint.phrases.catalogue import Phrase, PhrasePer, Phrases

ReasonCode = Literal[
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
    # an answer that nobody needs to grade
    "no_answer",
    "only_the_question",
    "no_words",
    # an LLM's verdict whose quote does not hold
    "withdrawn_unquoted",
    "withdrawn_not_there",
    "withdrawn_echo",
    "withdrawn_instruction",
    "withdrawn_negation",
]


class ReasonPhrases(Phrases):
    """Spoken to the candidate: each is a whole sentence."""

    sentences = PhrasePer[ReasonCode](
        {
            "said": Phrase("You say it in these words.", "你用这些话说到了。"),
            "similar_words": Phrase("You say it in similar words.", "你用相近的话说到了。"),
            "covered": Phrase("These words cover the point.", "这些话涵盖了这一点。"),
            "half": Phrase("This is a part of the point.", "这只是其中的一部分。"),
            "half_covered": Phrase("These words cover a part of the point.", "这些话只说到了一部分。"),
            "both": Phrase("You say it, and also the opposite.", "你说到了，但也说了相反的话。"),
            "taken_back": Phrase(
                "Said in the answer, then contradicted in the follow-up.", "回答里说到了，追问时又说反了。"
            ),
            "cannot_assess": Phrase(
                "The grader could not tell, so this takes no part in the score.", "评分者无法判断，这一条不计入得分。"
            ),
            "corrected": Phrase("You said it first, and took it back.", "你先这么说，后来收回了。"),
            "covers_most": Phrase("Your words cover most of this point.", "你的话涵盖了这一点的大部分。"),
            "covers_half": Phrase("Your words cover about half of this point.", "你的话涵盖了这一点的一半左右。"),
            "covers_little": Phrase("Your words cover little of this point.", "你的话只涵盖了这一点的一小部分。"),
            "uncovered": Phrase("Your words do not cover this point.", "你的话没有涵盖这一点。"),
            "near": Phrase(
                "Your words come near this point, but do not say it.", "你的话和这一点有关，但没有说出这一点。"
            ),
            "not_said": Phrase("Your answer does not say this.", "你的回答没有提到。"),
            "opposite": Phrase("You say the opposite.", "你说的正好相反。"),
            "denied": Phrase("You deny the point.", "你否定了这一点。"),
            "stated": Phrase("You say this, and it is not so.", "你说了这一点，但事实并非如此。"),
            "not_stated": Phrase("You do not say this.", "你没有这么说。"),
            "withheld_echo": Phrase("Repeating the question earns nothing.", "重复题目不得分。"),
            "withheld_instruction": Phrase("Text addressed to the grader was left out.", "写给评分者的话不计。"),
            "withheld_keywords": Phrase(
                "The words are listed, but nothing is said about them.", "只罗列了词语，没有说明。"
            ),
            "withheld_order": Phrase("The words are there, but not in sentences.", "词语都在，但没有连成句子。"),
            "no_answer": Phrase("You gave no answer.", "没有作答。"),
            "only_the_question": Phrase("You only repeated the question.", "只是重复了题目。"),
            "no_words": Phrase("The answer holds no words.", "作答不成词句。"),
            "withdrawn_unquoted": Phrase(
                "A first verdict was withdrawn: no words of your answer were quoted for it.",
                "最初的判定已撤回：没有引用你的原话。",
            ),
            "withdrawn_not_there": Phrase(
                "A first verdict was withdrawn: the words quoted for it are not in your answer.",
                "最初的判定已撤回：引用的话不在你的回答里。",
            ),
            "withdrawn_echo": Phrase(
                "A first verdict was withdrawn: the words quoted for it only repeat the question.",
                "最初的判定已撤回：引用的话只是重复题目。",
            ),
            "withdrawn_instruction": Phrase(
                "A first verdict was withdrawn: the words quoted for it are addressed to the grader.",
                "最初的判定已撤回：引用的话是写给评分者的。",
            ),
            "withdrawn_negation": Phrase(
                "A first verdict was withdrawn: the quote leaves out the negation right before it.",
                "最初的判定已撤回：引用漏掉了前面的否定词。",
            ),
        }
    )


def sentence(code: ReasonCode) -> Phrase:
    """In both languages. A mark keeps the English one; a page shows that of its own language."""
    return ReasonPhrases.sentences.phrases[code]
