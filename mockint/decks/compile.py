"""Questions -> notes, of which only those are rendered that the cache does not have."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from mockint.decks.cache import CardCache, fingerprint
from mockint.decks.notes import CardNote, notes_of
from mockint.decks.pictures import ReadPicture, media_name
from mockint.question import LANGS, Lang, Question, Topic


@dataclass(frozen=True)
class DeckSource:
    """What a deck is made of: questions in the bank's order, topics in order, and the bytes of a picture.

    cache: a file of this machine that spares rendering and packing again what has not changed; None for none.
    """

    questions: Sequence[Question]
    topics: Sequence[Topic]
    read_picture: ReadPicture
    cache: Path | None = None

    def only(self, ids: Collection[str]) -> DeckSource:
        """The same with no other questions than these."""
        return replace(self, questions=[question for question in self.questions if question.id in ids])


def source_of(root: Path, questions: Sequence[Question], topics: Sequence[Topic]) -> DeckSource:
    """Of all the questions of the bank in the folder `root`, with the cache that this machine has for it."""
    from platformdirs import user_cache_path

    name = f"cards-{sha256(str(root.resolve()).encode()).hexdigest()[:16]}.json"
    return DeckSource(
        questions=questions,
        topics=topics,
        read_picture=lambda topic, src: (root / topic / src).read_bytes(),
        cache=user_cache_path("mockint") / name,
    )


def compile_notes(source: DeckSource, langs: Sequence[Lang] = LANGS, cache: CardCache | None = None) -> list[CardNote]:
    """Every note of the questions, in the order in which new cards are to be met.

    cache: one that the caller saves. Raises UsageError for a cloze that no card can show.
    """
    cache = cache or CardCache(source.cache)
    places = {topic.id: (place, topic) for place, topic in enumerate(source.topics)}
    notes: list[CardNote] = []
    for question in source.questions:
        place, topic = places[question.topic]
        content = question.model_dump_json()
        for lang in langs:
            key = fingerprint("notes", content, topic.model_dump_json(), place, lang)
            found = cache.notes(key)
            if found is None or not _pictures_unchanged(found, source.read_picture):
                found = notes_of(question, topic, place, lang, source.read_picture)
                cache.keep_notes(key, found)
            notes += found
    return sorted(notes, key=lambda note: note.position)


def compile_whole(source: DeckSource) -> list[CardNote]:
    """The same for what builds nothing: what had to be rendered is in the cache the next time."""
    cache = CardCache(source.cache)
    notes = compile_notes(source, LANGS, cache)
    cache.save_notes()
    return notes


def _pictures_unchanged(notes: Sequence[CardNote], read: ReadPicture) -> bool:
    """Whether each picture still has the name that its bytes give it."""
    shown = {file for note in notes for file in note.media if not file.night}
    return all(file.name == media_name(file.src, "", read(file.topic, file.src)) for file in shown)
