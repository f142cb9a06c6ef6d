"""Step 7: what a text says of itself: its words, language, fingerprint, the date that it states."""
