"""What people type, made into what we store: width, dashes, blanks and invisible characters are
changed without a word; what can't be right is refused with a kind sentence.

Each module takes text and returns the stored form, or raises Django's ValidationError in Japanese.
"""
