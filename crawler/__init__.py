"""Find and fetch: domain list, archive index, chosen captures, mementos."""

import os

# Memory that DuckDB has freed goes back at once: it kept 400 MB of a crawl's otherwise. Read once,
# when DuckDB is imported.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")

__version__ = "0.1.0"
