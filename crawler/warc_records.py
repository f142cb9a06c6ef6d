"""The records of a WARC or ARC file, by warcio."""

from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecordLoader


class _Loader(ArcWarcRecordLoader):  # type: ignore[misc]
    """Loads a page whose record names no address, too: warcio's own ends there."""

    def load_http_headers(self, rec_type: str, uri: str | None, stream: Any, length: int) -> Any:
        """As warcio's; of what has no address there are none."""
        return super().load_http_headers(rec_type, uri or "", stream, length)


def records_of(stream: IO[bytes]) -> ArchiveIterator:
    """Return the records of a file, compressed or not.

    They raise what warcio raises for a damaged one: ArchiveLoadFailed, zlib.error, EOFError,
    OSError, ValueError.
    """
    records = ArchiveIterator(stream)
    records.loader = _Loader()
    return records


def first_record(stream: IO[bytes]) -> Any:
    """Return the record that a stream begins with, or None; raises what `records_of` names."""
    return next(iter(records_of(stream)), None)
