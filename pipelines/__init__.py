"""Pages into dated text: extract, judge, version, store."""

import crawler  # noqa: F401  # which sets how DuckDB keeps memory, before anything here loads it
