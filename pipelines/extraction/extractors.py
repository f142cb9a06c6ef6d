"""What makes texts, with versions, as a corpus names it; light, so that all may ask."""

from importlib.metadata import version

HTML = "reader 1"
PDF = f"pypdf {version('pypdf')}"
RULES = 2  # counts up when what is said of a text changes without its extractor changing
READER = f"{HTML}, {PDF}, rules {RULES}"
