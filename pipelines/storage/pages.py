"""The pages that were fetched, kept in WARC files beside the corpus, so that their text can be made
again without asking the archive.

A run writes files of its own and never appends to an older one, so that a record cut short by
kill -9 is never in the way. A record is on disk before the row that points to it is committed.
"""

import re
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import quote
from zlib import error as ZlibError

from isal import igzip
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler import timestamps
from crawler.records import Memento, PageAddress
from crawler.warc_records import first_record

ROTATE_BYTES = 2**30
COMPRESSION = 3  # isal's best: a sixth of the time of zlib's 5, and 9 % larger


class PageWriter:
    """Writes pages into `folder`, gzipped record by record; blocking."""

    def __init__(self, folder: Path, run_id: str) -> None:
        self.folder = folder
        self.run_id = run_id
        self.number = 0
        self.stream: BinaryIO | None = None

    def write(self, memento: Memento) -> PageAddress:
        """Write a page as a response record of the capture that was served; return where it is."""
        stream = self._stream()
        offset = stream.tell()
        plain = BytesIO()
        writer = WARCWriter(plain, gzip=False)
        headers = [(_ascii(name), _ascii(value)) for name, value in memento.headers]
        http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        moment = timestamps.parse(memento.served_timestamp).strftime("%Y-%m-%dT%H:%M:%SZ")
        record = writer.create_warc_record(
            memento.served_url,
            "response",
            payload=BytesIO(memento.body),
            length=len(memento.body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": moment},
        )
        writer.write_record(record)
        stream.write(igzip.compress(plain.getvalue(), COMPRESSION, mtime=0))
        stream.flush()
        return PageAddress(Path(stream.name).name, offset)

    def close(self) -> None:
        """Close the file."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None

    def _stream(self) -> BinaryIO:
        if self.stream is not None and self.stream.tell() >= ROTATE_BYTES:
            self.close()
        if self.stream is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.number += 1
            name = f"{self.run_id.replace(':', '')}-{self.number:04d}.warc.gz"
            self.stream = (self.folder / name).open("xb")
        return self.stream


def read_page(folder: Path, address: PageAddress) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return headers and body of a kept page; OSError or ValueError if it is not there."""
    with (folder / address.file).open("rb") as stream:
        return read_page_at(stream, address)


def read_page_at(
    stream: IO[bytes], address: PageAddress
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return headers and body of a page of an open file; ValueError if there is none, or half."""
    stream.seek(address.offset)
    try:
        record = first_record(stream)
        if record is not None and record.http_headers is not None:
            body: bytes = record.raw_stream.read()
            if not getattr(record.raw_stream, "limit", 0):
                return tuple(record.http_headers.headers), body
    except (ArchiveLoadFailed, ZlibError, EOFError):
        pass
    raise ValueError(f"{address.file}: no page at byte {address.offset:,}")


def _ascii(text: str) -> str:
    """Percent-encode what is not ASCII: warcio does, too, but raises on some headers with `;`."""
    return re.sub(r"[^\x00-\x7f]", lambda char: quote(char[0], errors="replace"), text)
