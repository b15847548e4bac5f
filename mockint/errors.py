"""The exceptions a user can meet, the exit code of each, and `Problem`: a fault in content, kept as data.

    MockintError                something the user can fix; `main` prints it and exits with its code
      UsageError        2       an option, a file or an input that cannot be used
      BankError         2       the bank has problems; carries all of them
      FoundWantingError 1       the command did its work and the result is below the bar (check, test, --fail-under)
      ServiceError      3       a service (an LLM endpoint, a running Anki) did not do its part

Anything else that is raised is a bug and keeps its traceback. Exit codes: 0 done, 1 found wanting, 2 usage, 3 a
service failed, 130 interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass

DONE = 0
FOUND_WANTING = 1
USAGE = 2
SERVICE = 3
INTERRUPTED = 130


@dataclass(frozen=True, order=True)
class Problem:
    """A fault in content. Sorted by place, so that a report reads top to bottom.

    path: relative to the bank's folder where possible. line: 1-based; 0 when the whole file is meant.
    rule: the kebab-case id of the rule that found it. message: what is wrong, and what to do about it.
    """

    path: str
    line: int
    rule: str
    message: str
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.severity}: {self.message} [{self.rule}]"


class MockintError(Exception):
    """Base of everything a user can fix. The message says what was expected and the next step."""

    exit_code = USAGE


class UsageError(MockintError):
    """An option, a file or an input that cannot be used as it is."""


class FoundWantingError(MockintError):
    """The work was done and the result is below the bar that was asked for."""

    exit_code = FOUND_WANTING


class ServiceError(MockintError):
    """Something outside (an LLM endpoint, a running Anki) failed; what the person entered is kept.

    own: it was about what was asked of it this time, and says nothing of another.
    """

    exit_code = SERVICE
    own = False


class NotSentError(ServiceError):
    """The service was not asked, so it has not failed: asked another time, it may well do its part."""


class BankError(MockintError):
    """The bank could not be loaded. `problems` holds every fault found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        lines = "\n".join(str(problem) for problem in problems)
        super().__init__(f"the bank has {count}; fix them and run 'mockint check' again\n{lines}")
