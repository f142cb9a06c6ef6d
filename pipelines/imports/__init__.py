"""Corpora that exist already, read into records: `found.Imported` and `found.Unusable`."""
