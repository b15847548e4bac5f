"""Questions -> Anki decks that a learner keeps for years.

notes.py      Question -> fields and tags
notetypes.py  what never changes again          pictures.py  media names, night variants
ledger.py     when each note last changed       templates/   HTML and CSS of the cards
apkg.py       the package, byte for byte        collection.py  genanki, subclassed
packed.py     what goes into a package
build.py      decks/ as it should be, checked or written
"""
