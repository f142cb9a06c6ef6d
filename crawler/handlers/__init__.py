"""Download handlers: local WARC files answered as an archive would."""
