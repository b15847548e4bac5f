"""The interview without a screen: choose questions, ask, save the answer, grade it, follow up.

A terminal, a web page and a batch drive the same loop:

    plan = line_up(history, questions, Options(lang="en")).plan
    interview = Interview.begin(history, plan, Services(grader))
    while step := interview.step():
        match step:
            case Ask():
                interview.save(step, answer_to(step.prompt), seconds=...)
            case ToGrade():
                show(interview.grade(step))

What comes next is read from the history every time, so a session that was killed at any point goes on where it stood:
an answer that was saved but not graded comes back ToGrade, a question that was shown but not answered as an Ask
with what was typed so far.

In an exam every question is asked before any is graded, nobody is followed up, and when the time is over nothing new is
asked; what is written beyond it is kept, and marked. Time is the sum of what answering took, so a pause costs nothing.

line_up      which questions a session asks
session      the steps: ask, save, grade, follow up
follow_up    which follow-up to ask next
parts        the grade of an answer with its follow-ups
interviewer  what an LLM says: follow-ups, clarifications, the debrief
regrade      kept answers graded again
"""

from mockint.interview.follow_up import follow_up_for, point_to_probe
from mockint.interview.line_up import (
    DEFAULT_COUNT,
    LONGEST_MINUTES,
    NOTHING_TO_ASK,
    ChooseNext,
    LineUp,
    Options,
    allowed,
    choose,
    chooser,
    fixed_line_up,
    line_up,
    mixed_line_up,
)
from mockint.interview.parts import grade_parts
from mockint.interview.regrade import Regraded, needs_regrade, regrade
from mockint.interview.session import (
    GIVE_UP_AFTER,
    Ask,
    AskInOwnWords,
    Graded,
    Interview,
    Services,
    ToGrade,
    llm_use_of,
)

__all__ = [
    "DEFAULT_COUNT",
    "GIVE_UP_AFTER",
    "LONGEST_MINUTES",
    "NOTHING_TO_ASK",
    "Ask",
    "AskInOwnWords",
    "ChooseNext",
    "Graded",
    "Interview",
    "LineUp",
    "Options",
    "Regraded",
    "Services",
    "ToGrade",
    "allowed",
    "choose",
    "chooser",
    "fixed_line_up",
    "follow_up_for",
    "grade_parts",
    "line_up",
    "llm_use_of",
    "mixed_line_up",
    "needs_regrade",
    "point_to_probe",
    "regrade",
]
