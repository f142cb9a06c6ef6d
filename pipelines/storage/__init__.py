"""Step 9: the corpus, a DuckDB file, and the pages beside it."""
