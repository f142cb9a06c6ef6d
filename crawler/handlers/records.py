"""A record of a WARC file, as the reply that an archive's replay would have sent."""

import re
from io import BytesIO
from typing import Any

from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader

from crawler.replay.body import DamagedBody
from crawler.timestamps import parse

# An archive's own headers, which a record must not speak for, and those of a transfer long past.
_NOT_OURS = {"memento-datetime", "link", "content-location"}
_OF_THE_TRANSFER = {"content-length", "transfer-encoding", "connection"}


def read_record(
    record: Any, maxsize: int, mimetype: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return a record's status, headers as an archive sends them, and body.

    `mimetype` is for records without HTTP headers. Raises DamagedBody for a body that was cut when
    it was captured or is no whole sequence of chunks, DownloadCancelledError for one larger than
    `maxsize` bytes.
    """
    whole = bytearray()
    while len(whole) <= maxsize and (piece := record.raw_stream.read(65536)):
        whole += piece
    if len(whole) > maxsize:
        raise DownloadCancelledError("a record larger than DOWNLOAD_MAXSIZE")
    if reason := record.rec_headers.get_header("WARC-Truncated"):
        raise DamagedBody(f"truncated when it was captured: {reason}")
    if record.http_headers is None:
        return 200, [("Content-Type", mimetype)], bytes(whole)
    chunked = "chunked" in _header(record, "Transfer-Encoding").lower()
    body = _dechunked(bytes(whole)) if chunked else bytes(whole)
    headers = [
        (name, value)
        for name, value in record.http_headers.headers
        if name.lower() not in _NOT_OURS | _OF_THE_TRANSFER
        and not name.lower().startswith("x-archive-")
    ]
    measures = ("Content-Encoding",) if chunked else ("Content-Encoding", "Content-Length")
    headers += [(f"X-Archive-Orig-{n}", value) for n in measures if (value := _header(record, n))]
    return int(record.http_headers.get_statuscode()), headers, body


def replay(
    url: str,
    capture: tuple[str, str],
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
) -> Response:
    """Return the reply that replays a capture (14-digit timestamp, address) at `url`."""
    timestamp, original = capture
    moment = parse(timestamp).strftime("%a, %d %b %Y %H:%M:%S GMT")
    own = [("Memento-Datetime", moment), ("Link", f'<{original}>; rel="original"')]
    grouped: dict[str, list[str]] = {}
    for name, value in [*headers, *own]:
        grouped.setdefault(name, []).append(value)
    return Response(url, status=status, headers=grouped, body=body)


def _dechunked(body: bytes) -> bytes:
    """Join chunks; DamagedBody if the last is missing. What is not chunked stays as it is."""
    if not re.match(rb"[0-9a-fA-F]{1,8}[ \t]*(;[^\r\n]*)?\r\n", body):
        return body
    try:
        joined: bytes = ChunkedDataReader(BytesIO(body), raise_exceptions=True).read()
    except ChunkedDataException as error:
        raise DamagedBody(f"chunks: {error}"[:200]) from None
    return joined


def _header(record: Any, name: str) -> str:
    found: str | None = record.http_headers.get_header(name) if record.http_headers else None
    return found or ""
