"""What an LLM says beside questions: what a question means, and the debrief at the end.

Clarifications last as long as the server: they are no part of what was answered. A debrief is kept with its session.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial

from mockint.history import History
from mockint.web.site import LOG, Site, Threads

LONGEST_ASKED = 400


class Speaking:
    """All that was said since the start. Nothing is said where no LLM grades."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._clarified: dict[tuple[str, int, int], str] = {}
        self._debriefs: dict[str, Future[None]] = {}
        self._lock = threading.Lock()
        self._threads = Threads(site.history_path, 1, name="speaking")

    def close(self) -> None:
        self._threads.close()

    def clarification(self, session: str, place: int, part: int) -> str | None:
        """What was said about this part's question, last."""
        return self._clarified.get((session, place, part))

    def clarify(self, history: History, session: str, place: int, part: int, asked: str) -> None:
        """Ask the LLM what the question means; `asked` is what the candidate wants to know, possibly nothing."""
        speaker = self._site.speaker
        if speaker is None:
            return
        interview = self._site.interview(history, session)
        found = interview.session
        attempt = found.attempts[place]
        said = speaker.clarify(attempt.question, asked[:LONGEST_ASKED] or attempt.parts[part].prompt, lang=found.lang)
        self._clarified[session, place, part] = said.text
        interview.keep_llm_use()

    def debrief(self, session: str) -> bool:
        """See to it that the session gets a debrief; False when there is none to wait for (any more)."""
        if self._site.speaker is None or self._site.read_only:
            return False
        with self._lock:
            if session not in self._debriefs:
                begun = self._threads.begin(partial(self._debrief, session))
                begun.add_done_callback(_log_bug)
                self._debriefs[session] = begun
        return not self._debriefs[session].done()

    def _debrief(self, session: str, history: History) -> None:
        interview = self._site.interview(history, session)
        found, speaker = interview.session, self._site.speaker
        graded = [(attempt.question, attempt.grade) for attempt in found.answered if attempt.grade]
        if speaker and graded and (said := speaker.debrief(graded, lang=found.lang)):
            interview.keep_debrief(said.text)


def _log_bug(work: Future[None]) -> None:
    if error := work.exception():
        LOG.error("the debrief failed", exc_info=error)
