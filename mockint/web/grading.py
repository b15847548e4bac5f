"""Grading behind the pages: one worker a session, told of what it has done as it goes on."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from mockint.errors import MockintError
from mockint.history import History
from mockint.interview import ToGrade
from mockint.web.site import LOG, Site, Threads

WORKERS = 4


@dataclass
class Job:
    """The grading of all that waits in a session. graded: the places that are done, in order.

    failures: why the grader could not grade, by place. trouble: why the job itself ended early. has_bug: it
    ended by a fault of mockint, of which the terminal says more. ended: to wait for.
    """

    session: str
    graded: list[int] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)
    trouble: str | None = None
    has_bug: bool = False
    ended: Future[None] = field(default_factory=Future)


class Grading:
    """All jobs of this start. A job that is lost with the process is begun anew by the next look at its page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._threads = Threads(site.history_path, WORKERS, name="grading")

    def job(self, session: str) -> Job | None:
        """The running job of a session, or its last one."""
        return self._jobs.get(session)

    def is_at_work(self, session: str) -> bool:
        job = self._jobs.get(session)
        return job is not None and not job.ended.done()

    def start(self, session: str) -> Job:
        """Grade what waits in the session, unless that is being done already."""
        with self._lock:
            job = self._jobs.get(session)
            if job is None or job.ended.done():
                job = self._jobs[session] = Job(session)
                self._threads.begin(partial(self._grade_all, job)).add_done_callback(partial(_end, job))
        return job

    def close(self) -> None:
        """Jobs that have not begun end at once; the one at work is waited for."""
        self._closing = True
        self._threads.close()

    def _grade_all(self, job: Job, history: History) -> None:
        """In practice one answer waits. Its follow-up is put now, since an LLM may need its time for that, too."""
        if self._closing:
            return
        interview = self._site.interview(history, job.session)
        practice = interview.session.mode == "practice"
        while isinstance(step := interview.step(), ToGrade):
            graded = interview.grade(step)
            if graded.failure:
                job.failures[step.attempt.place] = graded.failure
            job.graded.append(step.attempt.place)
            if practice and not graded.follow_up:
                return


def _end(job: Job, work: Future[None]) -> None:
    match work.exception():
        case None:
            pass
        case MockintError() as error:
            job.trouble = str(error)
        case fault:
            job.has_bug = True
            LOG.error("grading failed", exc_info=fault)
    job.ended.set_result(None)
