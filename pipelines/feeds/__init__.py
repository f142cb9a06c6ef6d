"""The changes in a corpus as Atom feeds."""
