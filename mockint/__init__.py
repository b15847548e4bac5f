"""mockint: one question bank, compiled into Anki decks and asked in a mock interview."""
