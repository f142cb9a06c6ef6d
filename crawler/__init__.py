"""Find and fetch: domain list, archive index, chosen captures, mementos."""

__version__ = "0.1.0"
