"""Two ledgers -> one that knows all that either knows."""

from __future__ import annotations

from dataclasses import replace

from mockint.decks.ledger import Ledger, Shipped, TypeState
from mockint.decks.notes import guid_of


def caught_up(ledger: Ledger, decks: Ledger) -> Ledger:
    """The ledger, knowing all that the decks beside it hold: entries it lost, times and decks in which it is wrong.

    It may be behind them when it was edited by hand, merged by taking one side, or checked out alone. A ledger that is
    ahead is as it should be: it is written first.
    """
    types = {**decks.note_types, **ledger.note_types}
    for name, state in decks.note_types.items():
        types[name] = max(types[name], state, key=lambda it: it.changed)
    notes, retired = dict(ledger.notes), dict(ledger.retired)
    owners = {ledger.guid(key): key for key in (*notes, *retired)}
    for old_key, there in decks.notes.items():
        key = owners.get(decks.guid(old_key), old_key)
        if here := notes.get(key):
            newer = there if there.changed > here.changed else here
            notes[key] = replace(newer, first=min(here.first, there.first), deck=there.deck)
        elif left := retired.get(key):
            retired[key] = replace(left, changed=max(left.changed, there.changed + 1))
        else:
            notes[key] = there
    for old_key, gone in decks.retired.items():
        key = owners.get(decks.guid(old_key), old_key)
        if back := notes.get(key):
            notes[key] = replace(back, changed=max(back.changed, gone.changed + 1))
        else:
            retired[key] = max(retired.get(key, gone), gone, key=lambda it: it.changed)
    return Ledger(types, notes, retired)


def join(ours: Ledger, theirs: Ledger) -> Ledger:
    """Two branches' ledgers as one. What the merged bank has otherwise counts as changed by the next build."""
    notes = {**theirs.notes, **ours.notes}
    for key in ours.notes.keys() & theirs.notes.keys():
        a, b = ours.notes[key], theirs.notes[key]
        older = min(a, b, key=lambda entry: entry.first)
        notes[key] = Shipped(_hash(a, b), max(a.changed, b.changed), older.first, older.deck, a.guid or b.guid)
    retired = {**theirs.retired, **ours.retired}
    for key in ours.retired.keys() & theirs.retired.keys():
        retired[key] = max(ours.retired[key], theirs.retired[key], key=lambda entry: entry.changed)
    for key in notes.keys() & retired.keys():  # one side retired it: the bank, being merged too, has the last word
        gone, here = retired.pop(key), notes[key]
        notes[key] = replace(here, hash="", changed=max(here.changed, gone.changed))
    types = {**theirs.note_types, **ours.note_types}
    for key in ours.note_types.keys() & theirs.note_types.keys():
        a_type, b_type = ours.note_types[key], theirs.note_types[key]
        types[key] = TypeState(_hash(a_type, b_type), max(a_type.changed, b_type.changed))
    for key in [key for key, entry in notes.items() if entry.guid]:  # one side changed this note's id
        for other in [other for other in notes if other != key and guid_of(other) == notes[key].guid]:
            changed = max(notes[key].changed, notes.pop(other).changed)
            notes[key] = replace(notes[key], hash="", changed=changed)
    return Ledger(types, notes, retired)


def _hash(a: Shipped | TypeState, b: Shipped | TypeState) -> str:
    """Of the later of the two, which is what the joined time dates; unknown when both changed in one second."""
    if a.hash == b.hash:
        return a.hash
    return "" if a.changed == b.changed else max(a, b, key=lambda entry: entry.changed).hash
