"""Every phrase that a person reads in English or Chinese, once, with both languages side by side.

catalogue    the form: a class an area, a line a phrase
shared       what several faces say: verdicts, modes, the names of things
terminal     the interview and the history in a terminal
pages        the pages in the browser
report       a report, whatever it is drawn as
schedule     what is due, the plan of days, and why a question is asked
reasons      why a mark is what it is: the codes of reasons and their sentences
formats      how numbers, times, verdicts and quotes are written

Errors are not here: they are sentences for a programmer's terminal, in English, and shown as they are.
"""

from mockint.phrases.catalogue import Phrase, PhrasePer, Phrases
from mockint.phrases.pages import PagePhrases, Refusal
from mockint.phrases.reasons import ReasonCode, sentence
from mockint.phrases.report import ReportPhrases
from mockint.phrases.schedule import SchedulePhrases
from mockint.phrases.shared import SharedPhrases
from mockint.phrases.terminal import TerminalPhrases

__all__ = [
    "PagePhrases",
    "Phrase",
    "PhrasePer",
    "Phrases",
    "ReasonCode",
    "Refusal",
    "ReportPhrases",
    "SchedulePhrases",
    "SharedPhrases",
    "TerminalPhrases",
    "sentence",
]
