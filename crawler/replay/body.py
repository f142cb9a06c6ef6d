"""The bytes an archive sent, into the bytes the site sent. Pure; the same for HTTP and WARC files.

`id_` replay keeps the site's own Content-Encoding, whether it was asked for or not, and sometimes
declares what is not so. So: decode as declared, take as it is what does not begin so, and decode
what is gzip without saying so.
"""

import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import brotlicffi

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LAYERS = 4
_MEMBERS = 100
_CHUNK = 65536
_TRIAL = 4096


class DamagedBody(ValueError):
    """A body that ends too early or cannot be decoded: not what the site sent."""


class BodyTooLarge(ValueError):
    """A body that is larger than DOWNLOAD_MAXSIZE when decoded."""


def decode_body(
    headers: Mapping[str, str], body: bytes, maxsize: int, *, whole: bool = True
) -> bytes:
    """Return the body that a reply carries; header names are in lower case.

    `maxsize` is in bytes. Raises BodyTooLarge, and DamagedBody for a stream that ends too early
    and, with `whole`, for a body shorter than the archive says the site's was. Redirects and errors
    often are.
    """
    received = len(body)
    if not whole and not body:  # of a redirect, whatever encoding it names
        return body
    declared = headers.get("content-encoding", "").lower().replace("x-gzip", "gzip")
    encodings = [name for name in map(str.strip, declared.split(",")) if name in _DECODERS]
    if len(encodings) > _LAYERS:
        raise DamagedBody(f"{len(encodings)} times encoded")
    for encoding in reversed(encodings):
        body = _DECODERS[encoding](body, maxsize)
    for _ in range(_LAYERS):
        body = _gunzip(body, maxsize)
    if len(body) > maxsize:
        raise BodyTooLarge(f"more than {maxsize:,} bytes")
    length = headers.get("x-archive-orig-content-length", "")
    encoded = headers.get("x-archive-orig-content-encoding", "identity").lower() != "identity"
    if not whole or encoded or not (length.isascii() and length.isdigit()):
        return body
    if max(received, len(body)) < int(length[:18]):
        raise DamagedBody(f"{len(body):,} of {int(length[:18]):,} bytes")
    return body


def _gunzip(body: bytes, maxsize: int) -> bytes:
    """Decode gzip, all its members; return what is not gzip as it is."""
    parts: list[bytes] = []
    while body.startswith(_GZIP_MAGIC):
        if len(parts) == _MEMBERS:
            raise BodyTooLarge(f"more than {_MEMBERS} members of gzip")
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        parts.append(_inflate(stream, body, maxsize - sum(map(len, parts))))
        body = stream.unused_data
    return b"".join(parts) if parts else body


def _unzlib(body: bytes, maxsize: int) -> bytes:
    """Decode `deflate`, with zlib's header or, as some servers send it, without."""
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        try:
            zlib.decompressobj(window).decompress(body[:_TRIAL], _CHUNK)
        except zlib.error:
            continue
        return _inflate(zlib.decompressobj(window), body, maxsize)
    return body


def _inflate(stream: Any, body: bytes, maxsize: int) -> bytes:
    def pieces() -> Iterator[bytes]:
        rest, piece = body, b""
        while not stream.eof and (rest or piece):
            piece = stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            yield piece

    try:
        decoded = _joined(pieces(), maxsize)
    except zlib.error as error:
        raise DamagedBody(str(error)) from None
    if not stream.eof:
        raise DamagedBody("the compressed body is cut short")
    return decoded


def _unbrotli(body: bytes, maxsize: int) -> bytes:
    stream = brotlicffi.Decompressor()
    try:
        first = stream.process(body, output_buffer_limit=_CHUNK)
    except brotlicffi.error:
        return body

    def pieces() -> Iterator[bytes]:
        piece = first
        while piece:
            yield piece
            piece = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_CHUNK)

    try:
        decoded = _joined(pieces(), maxsize)
    except brotlicffi.error as error:
        raise DamagedBody(str(error)) from None
    if not stream.is_finished():
        raise DamagedBody("the compressed body is cut short")
    return decoded


def _unzstd(body: bytes, maxsize: int) -> bytes:
    """Decode zstd, all its frames; return what is not zstd as it is."""
    parts: list[bytes] = []
    while body.startswith(_ZSTD_MAGIC):
        if len(parts) == _MEMBERS:
            raise BodyTooLarge(f"more than {_MEMBERS} frames of zstd")
        stream = zstd.ZstdDecompressor()
        parts.append(_unframe(stream, body, maxsize - sum(map(len, parts))))
        body = stream.unused_data
    return b"".join(parts) if parts else body


def _unframe(stream: Any, body: bytes, maxsize: int) -> bytes:
    def pieces() -> Iterator[bytes]:
        yield stream.decompress(body, _CHUNK)
        while not stream.eof and not stream.needs_input:
            yield stream.decompress(b"", _CHUNK)

    try:
        decoded = _joined(pieces(), maxsize)
    except zstd.ZstdError as error:
        raise DamagedBody(str(error)) from None
    if not stream.eof:
        raise DamagedBody("the compressed body is cut short")
    return decoded


def _joined(pieces: Iterator[bytes], maxsize: int) -> bytes:
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > maxsize:
            raise BodyTooLarge(f"more than {maxsize:,} bytes")
    return bytes(whole)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _unzlib,
    "br": _unbrotli,
    "zstd": _unzstd,
}
