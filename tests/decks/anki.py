"""A learner's collection in the real Anki backend: import with the default options, study, look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

CARD_COLUMNS = "nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data"


@dataclass
class Learner:
    col: Collection

    def import_(self, apkg: Path) -> dict[str, int]:
        """Counts of Anki's import log, those above zero."""
        request = ImportAnkiPackageRequest(package_path=str(apkg), options=ImportAnkiPackageOptions())
        log = self.col.import_anki_package(request).log
        self.col.models._clear_cache()
        kinds = ("new", "updated", "duplicate", "conflicting", "missing_notetype", "missing_deck", "empty_first_field")
        return {kind: len(getattr(log, kind)) for kind in kinds if len(getattr(log, kind))}

    def note(self, guid: str) -> Any:
        return self.col.get_note(self.col.db.scalar("SELECT id FROM notes WHERE guid = ?", guid))

    def fields(self, guid: str) -> dict[str, str]:
        return dict(self.note(guid).items())

    def find(self, search: str) -> list[str]:
        """GUIDs of the notes found."""
        return sorted(self.col.get_note(id).guid for id in self.col.find_notes(search))

    def study(self) -> None:
        """Leave cards in every state: answered again, hard, good and easy, given a due date, suspended, flagged."""
        for place, id in enumerate(self.col.db.list("SELECT id FROM cards ORDER BY id")):
            card = self.col.get_card(id)
            match place % 7:
                case 0 | 1 | 2 | 3 as rating:
                    card.start_timer()
                    self.col.sched.answerCard(card, rating + 1)
                case 4:
                    self.col.sched.set_due_date([id], "17!")
                case 5:
                    self.col.sched.suspend_cards([id])
                case 6:
                    self.col.set_user_flag_for_cards(3, [id])

    def history(self) -> tuple[list[Any], list[Any]]:
        """Everything that Anki knows of the learning: every card's scheduling, every review."""
        cards = self.col.db.all(f"SELECT id, {CARD_COLUMNS} FROM cards ORDER BY id")
        return cards, self.col.db.all("SELECT * FROM revlog ORDER BY id")

    def note_types(self) -> list[str]:
        return sorted(m["name"] for m in self.col.models.all() if m["name"].startswith("mockint"))

    def rendered(self) -> list[tuple[str, str]]:
        """Front and back of every card."""
        ids = self.col.db.list("SELECT id FROM cards ORDER BY id")
        outputs = [self.col.get_card(id).render_output() for id in ids]
        return [(output.question_text, output.answer_text) for output in outputs]


@contextmanager
def learner(folder: Path) -> Iterator[Learner]:
    folder.mkdir(parents=True, exist_ok=True)
    col = Collection(str(folder / "collection.anki2"))
    try:
        yield Learner(col)
    finally:
        col.close()
