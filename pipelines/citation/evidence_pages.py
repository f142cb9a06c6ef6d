"""Kept pages for a folder of evidence: their records byte for byte, and what they hold."""

import hashlib
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from selectolax.lexbor import LexborHTMLParser
from warcio.recordloader import ArchiveLoadFailed

from crawler.replay.page_types import is_pdf
from crawler.warc_records import first_record
from pipelines.citation.verify_evidence import fold
from pipelines.extraction.extract import decode

BLOCK = 2**16  # bytes read at a time


def copy_page(
    folder: Path, file: str | None, offset: int | None, pages: BinaryIO, sentence: str
) -> dict[str, Any] | str:
    """Copy a record as it is stored; return what it holds, or why there is none."""
    if file is None or offset is None:
        return "the crawl kept no page"
    try:
        raw = _member(folder / file, offset)
        record = first_record(BytesIO(raw))
        payload = record.raw_stream.read() if record is not None else b""
    except OSError as error:
        return f"{file}: {error.strerror or error}"
    except (ValueError, ArchiveLoadFailed, EOFError, zlib.error):
        record = None
    if record is None or record.http_headers is None:
        return f"{file}: no page at byte {offset:,}"
    start = pages.tell()
    pages.write(raw)
    return {
        "offset": start,
        "length": len(raw),
        "uri": record.rec_headers.get_header("WARC-Target-URI"),
        "date": record.rec_headers.get_header("WARC-Date"),
        "headers": record.http_headers.headers,
        "bytes": len(payload),
        "sha256": hashlib.sha256(payload).hexdigest(),
        "has_the_sentence": stands_in(
            sentence, payload, record.http_headers.get_header("content-type")
        ),
    }


def stands_in(sentence: str, page: bytes, content_type: str | None) -> bool | None:
    """Return whether an HTML page has a sentence anywhere, shown or not, white space aside.

    None for a PDF.
    """
    if is_pdf(page):
        return None
    tree = LexborHTMLParser(decode(page, content_type))
    tree.strip_tags(["script", "style"])
    text = tree.body.text() if tree.body else ""
    # what parts blocks is no white space in the page, and a mark may stand inside a word
    return "".join(fold(sentence).split()) in "".join(fold(text).split())


def _member(path: Path, offset: int) -> bytes:
    """Return a gzip member of a file as it is stored; ValueError if it has no end."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    raw = bytearray()
    with path.open("rb") as file:
        file.seek(offset)
        while not member.eof:
            block = file.read(BLOCK)
            if not block:
                raise ValueError(f"{path}: ends inside a record")
            member.decompress(block)
            raw += block
    return bytes(raw[: len(raw) - len(member.unused_data)])
