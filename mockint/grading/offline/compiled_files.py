"""Compiled questions kept on this machine, so that an interview need not compile: one file each in the user's cache.

A file is found by what it was made of: the question's content, the bytes of its wordings, and the grader's own files.
It holds plain values only (`marshal`, which is quick and runs no code). Losing one costs time and nothing else.

Reading one has to take next to no time. So a list of records is made by mapping `tuple.__new__` over it, which runs no
Python code for each, as `_make` would; and no garbage is looked for meanwhile.
"""

from __future__ import annotations

import gc
import marshal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from mockint.files import write_whole
from mockint.grading.offline.compiler import Compiled, Form, Hit
from mockint.grading.offline.lexicon import Lexicon
from mockint.grading.offline.non_answers import Asked, ReferenceWords
from mockint.grading.offline.patterns import Entry, Pattern, PatternNode, Table
from mockint.grading.offline.subjects import Rivals
from mockint.grading.offline.vocabulary import Vocabulary
from mockint.question import Question
from mockint.wordings import Written

MOST_FILES = 600
"""Of a few banks, each edited now and then; about 60 kB a file. The oldest go first."""
_FORM = [field.name for field in fields(Form)]
_as_part = partial(tuple.__new__, PatternNode)
_as_entry = partial(tuple.__new__, Entry)
_as_hit = partial(tuple.__new__, Hit)


class CompiledFiles:
    """Compiled questions in a folder. Whatever is wrong with a file or the folder is passed over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: tuple[str, str], question: Question, lexicon: Lexicon) -> Compiled | None:
        try:
            with _without_collecting():
                value = marshal.loads(self._path(key).read_bytes())
                return _compiled(value, question, lexicon)
        except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError):
            return None

    def put(self, key: tuple[str, str], compiled: Compiled) -> None:
        """Whole or not at all."""
        with suppress(OSError, ValueError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(key), marshal.dumps(_plain(compiled)))
            self._prune()

    def _path(self, key: tuple[str, str]) -> Path:
        return self._folder / sha256("\0".join((*key, _makers())).encode()).hexdigest()

    def _prune(self) -> None:
        files = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_FILES]:
            path.unlink(missing_ok=True)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Thousands of new values, none of them garbage: Python would look through them ten times over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _makers() -> str:
    """Of everything that makes a compiled question: the interpreter, and the size and time of the grader's files."""
    here = Path(__file__).parent
    made_by = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(here.rglob("*.*"))]
    return repr((sys.version, [one for one in made_by if not one[0].endswith(".pyc")]))


def _plain(compiled: Compiled) -> dict[str, Any]:
    table, rivals, reference = compiled.table, compiled.rivals, compiled.reference
    return {
        "asked": (compiled.asked.grams, compiled.asked.words),
        "rivals": rivals and rivals.names,
        "reference": (
            reference.keys,
            reference.words,
            [(dict(counted), pairs) for counted, pairs in reference.texts],
            reference.terms,
        ),
        "nodes": [tuple(node) for node in table.nodes],
        "index": {key: [tuple(entry) for entry in entries] for key, entries in table.index.items()},
        "patterns": [(one.criterion, one.hears, one.halves, _written(one.written)) for one in table.patterns],
        "bound": (table.rivals, table.after_rivals, table.concepts),
        "forms": [[getattr(form, name) for name in _FORM] for form in compiled.forms],
        "forms_of": compiled.forms_of,
        "owners": compiled.owners,
        "hits": {key: [tuple(hit) for hit in hits] for key, hits in compiled.hits.items()},
        "phrases": {
            key: [(keys, [tuple(hit) for hit in hits]) for keys, hits in entries]
            for key, entries in compiled.phrases.items()
        },
        "equals": {node: [tuple(hit) for hit in hits] for node, hits in compiled.equals.items()},
        "lexicon_hits": {concept: [tuple(hit) for hit in hits] for concept, hits in compiled.lexicon_hits.items()},
        "words": [(one.known, one.roots, one.forgiven) for one in (compiled.heard, compiled.told)],
    }


def _written(written: Written) -> tuple[str, str, int, int]:
    return written.text, written.path, written.line, written.column


def _compiled(value: dict[str, Any], question: Question, lexicon: Lexicon) -> Compiled:
    rivals, after_rivals, concepts = value["bound"]
    heard, told = (Vocabulary(lexicon, *one) for one in value["words"])
    keys, words, texts, terms = value["reference"]
    return Compiled(
        question=question,
        lexicon=lexicon,
        asked=Asked(*value["asked"]),
        rivals=Rivals(value["rivals"]) if value["rivals"] else None,
        reference=ReferenceWords(keys, words, tuple((Counter(counted), pairs) for counted, pairs in texts), terms),
        table=Table(
            nodes=list(map(_as_part, value["nodes"])),
            index={key: list(map(_as_entry, entries)) for key, entries in value["index"].items()},
            patterns=[Pattern(place, hears, halves, Written(*at)) for place, hears, halves, at in value["patterns"]],
            rivals=rivals,
            after_rivals=after_rivals,
            concepts=concepts,
        ),
        forms=[Form(*form) for form in value["forms"]],
        forms_of=value["forms_of"],
        owners=value["owners"],
        hits=_hits(value["hits"]),
        phrases={
            key: [(keys, list(map(_as_hit, hits))) for keys, hits in entries]
            for key, entries in value["phrases"].items()
        },
        equals=_hits(value["equals"]),
        lexicon_hits=_hits(value["lexicon_hits"]),
        heard=heard,
        told=told,
    )


def _hits(plain: dict[Any, list[Any]]) -> dict[Any, list[Hit]]:
    return {key: list(map(_as_hit, hits)) for key, hits in plain.items()}
