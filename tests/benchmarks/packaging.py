"""How fast decks are packed and rebuilt, as ratios within one run: `python tests/benchmarks/packaging.py`.

packaging   CPU of packing 10,000 notes over that of sqlite3's executemany and deflate for the same rows (bar: 1.5)
rebuild     CPU of a warm rebuild of the shipped bank over that of loading it (bar: 1.3)
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from mockint.bank import default_bank, load_bank
from mockint.decks import apkg, build
from mockint.decks.compile import DeckSource
from mockint.decks.notes import guid_of
from mockint.decks.notetypes import note_type
from mockint.decks.packed import DeckInfo, PackedNote

NOTES = 10_000
BODY = "<p>Why can keys and values be cached? " + "<code>softmax(q @ k.T)</code> 因果掩码。 " * 12 + "</p>"


def cpu(work: Callable[[], object], repeats: int = 7) -> float:
    """The least CPU seconds of several runs: the machine's other load can only add."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def packed() -> list[PackedNote]:
    type_ = note_type("question", "en")
    return [
        PackedNote(
            id=1_700_000_000_000 + 8 * place,
            guid=guid_of(f"en/question/q{place}"),
            changed=1_700_000_000,
            note_type=type_,
            deck="mockint-en::a",
            fields=(f"Question {place}?", *([""] * 5), BODY, *([""] * 14), f"q{place}"),
            tags=("mockint::level::2", f"mockint::id::q{place}", "mockint::topic::a"),
            due=place,
        )
        for place in range(1, NOTES + 1)
    ]


def plain(schema: list[str], notes: list[tuple[object, ...]], cards: list[tuple[object, ...]]) -> None:
    """The same rows into a database on disk, without a sync, and into a zip."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki2"
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        for statement in schema:
            db.execute(statement)
        db.executemany("INSERT INTO notes VALUES(?,?,?,?,?,?,?,?,?,?,?)", notes)
        db.executemany(f"INSERT INTO cards VALUES({','.join('?' * 18)})", cards)
        db.execute("COMMIT")
        db.close()
        with zipfile.ZipFile(BytesIO(), "w") as archive:
            archive.writestr("collection.anki2", path.read_bytes(), zipfile.ZIP_DEFLATED, 1)


def packaging() -> float:
    notes = packed()
    decks = [DeckInfo(1, "mockint-en::a")]
    times = {notes[0].note_type.id: 1_700_000_000}

    def ours() -> bytes:
        return apkg.pack(notes, decks, times, {})

    db = sqlite3.connect(":memory:")
    db.deserialize(dict(apkg.contents(ours()))["collection.anki2"])
    schema = [row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")]
    rows = db.execute("SELECT * FROM notes").fetchall(), db.execute("SELECT * FROM cards").fetchall()
    db.close()
    raw, own = cpu(lambda: plain(schema, *rows)), cpu(ours)
    print(f"packaging {NOTES} notes: {own * 1000:.0f} ms, plain {raw * 1000:.0f} ms")
    return own / raw


def rebuild() -> float:
    root = default_bank()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "decks"
        cache = Path(folder) / "cache"

        def again() -> None:
            bank = load_bank(root)
            source = DeckSource(
                bank.questions, bank.topics, lambda topic, src: (bank.root / topic / src).read_bytes(), cache
            )
            build.write(build.plan(source, out, now=1_700_000_000), out)

        again()
        loading, building = cpu(lambda: load_bank(root)), cpu(again)
    print(f"warm rebuild: {building * 1000:.0f} ms, loading alone {loading * 1000:.0f} ms")
    return building / loading


if __name__ == "__main__":
    print(f"packaging / plain: {packaging():.2f} (bar 1.5)")
    print(f"rebuild / loading: {rebuild():.2f} (bar 1.3)")
