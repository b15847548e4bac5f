"""Questions -> Anki decks that a learner keeps for years.

notes.py      Question -> fields and tags       compile.py     the notes of a bank, with the cache
notetypes.py  what never changes again          pictures.py    media names, night variants
ledger.py     when each note last changed       ledger_file.py, ledger_join.py  as text, two made one
folder.py     what earlier builds left          templates/     HTML and CSS of the cards
package.py    notes and ledger -> a package     packed.py      what goes into it
apkg.py       the package, byte for byte        collection.py  genanki, subclassed
selection.py  decks of some questions alone
build.py      decks/ as it should be, checked or written
diff.py       what a learner will see on importing the next decks
anki_sync.py  a running Anki, brought up to date; anki_notes.py knows its notes
"""
