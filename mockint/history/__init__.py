"""What was asked, answered and graded, in one SQLite file that outlives crashes, upgrades and two terminals at once.

    sessions    one sitting: language, grader asked for, seed, mode, time limit
    plan        the questions that a session means to ask, in order, and why each
    attempts    one answer to one question, open until its last follow-up is settled
    parts       the answer (part 0) and the follow-ups (1..n): what was asked, and what was said, saved before grading
    grades      a grade of an attempt; one more after every part and every regrade, none ever replaced
    marks       the verdicts of a grade, the evidence as JSON
    drafts      what was typed and not handed in, one for each window that it was typed in
    questions   every version of a question that was asked, by content hash
    caches      what can be computed again from the rest

Decisions. A question is kept as it was asked, so that an old answer can be read, resumed and graded again after the
bank has moved on. What state a session is in is never stored but read from its rows, so a crash between two writes
leaves nothing to fix. Every write is one transaction that takes the write lock first (BEGIN IMMEDIATE) and is on disk
when the call returns (synchronous=FULL). The order of sessions is that of their numbers: a clock may jump.

The schema grows by appending a function to `migrations.MIGRATIONS`; the names of those applied are kept in the table
`migrations`.
"""

from mockint.history.migrations import MIGRATIONS
from mockint.history.shapes import (
    Attempt,
    Draft,
    KeptGrade,
    KeyPointResult,
    LLMUse,
    Mode,
    Outcome,
    Part,
    Plan,
    Result,
    Selection,
    Session,
)
from mockint.history.store import BUSY_SECONDS, History, history_path

__all__ = [
    "BUSY_SECONDS",
    "MIGRATIONS",
    "Attempt",
    "Draft",
    "History",
    "KeptGrade",
    "KeyPointResult",
    "LLMUse",
    "Mode",
    "Outcome",
    "Part",
    "Plan",
    "Result",
    "Selection",
    "Session",
    "history_path",
]
