"""Pages into dated text: extract, judge, version, store."""
