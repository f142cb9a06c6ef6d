"""Bodies as archives send them: encoded twice, declared wrongly, cut short, bombs."""

import gzip
import zlib
from contextlib import suppress

import brotlicffi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.replay.body import BodyTooLarge, DamagedBody, decode_body, zstd

PAGE = b"<html><body><p>" + b"We collect what you give us. " * 500 + b"</p></body></html>"
LIMIT = 1_000_000


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("GZip", gzip.compress(PAGE)),
        (", gzip", gzip.compress(PAGE)),
        ("", gzip.compress(PAGE)),
        ("utf-8", gzip.compress(PAGE)),
        ("gzip", gzip.compress(gzip.compress(PAGE))),
        ("gzip, gzip", gzip.compress(gzip.compress(PAGE))),
        ("gzip", gzip.compress(PAGE[:700]) + gzip.compress(PAGE[700:])),
        ("gzip", gzip.compress(PAGE) + b"\0\0trailing"),
        ("gzip", PAGE),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", raw_deflate(PAGE)),
        ("deflate", PAGE),
        ("br", brotlicffi.compress(PAGE)),
        ("br", PAGE),
        ("zstd", zstd.compress(PAGE)),
        ("zstd", zstd.compress(PAGE[:700]) + zstd.compress(PAGE[700:])),
        ("zstd", PAGE),
        ("gzip, zstd", zstd.compress(gzip.compress(PAGE))),
        ("gzip, br", brotlicffi.compress(gzip.compress(PAGE))),
        ("identity", PAGE),
    ],
)
def test_a_page_is_what_the_site_sent_however_it_is_declared(encoding: str, body: bytes) -> None:
    assert decode_body({"content-encoding": encoding}, body, LIMIT) == PAGE


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("", gzip.compress(PAGE)),
        ("deflate", zlib.compress(PAGE)),
        ("br", brotlicffi.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
    ],
)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_compressed_body_that_ends_too_early_is_damaged(
    encoding: str, packed: bytes, share: float
) -> None:
    with pytest.raises(DamagedBody):
        decode_body({"content-encoding": encoding}, packed[: int(len(packed) * share)], LIMIT)


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({"x-archive-orig-content-length": str(len(PAGE) + 1)}, False),
        ({"x-archive-orig-content-length": str(len(PAGE))}, True),
        ({"x-archive-orig-content-length": "17"}, True),
        ({"x-archive-orig-content-length": "-1"}, True),
        ({"x-archive-orig-content-length": "many"}, True),
        ({"x-archive-orig-content-length": "9" * 99}, False),
        (
            {
                "x-archive-orig-content-length": str(len(PAGE) + 1),
                "x-archive-orig-content-encoding": "gzip",
            },
            True,
        ),
    ],
)
def test_a_body_shorter_than_the_site_declared_is_damaged(
    headers: dict[str, str], whole: bool
) -> None:
    if whole:
        assert decode_body(headers, PAGE, LIMIT) == PAGE
    else:
        with pytest.raises(DamagedBody):
            decode_body(headers, PAGE, LIMIT)


def test_a_redirect_or_an_error_may_be_stored_without_its_body() -> None:
    headers = {"x-archive-orig-content-length": "231"}
    assert decode_body(headers, b"", LIMIT, whole=False) == b""


def test_a_declared_length_may_be_of_the_compressed_body() -> None:
    packed = gzip.compress(PAGE)
    headers = {"content-encoding": "gzip", "x-archive-orig-content-length": f"{len(packed)}"}
    assert decode_body(headers, packed, LIMIT) == PAGE


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(20_000_000))),
        ("deflate", zlib.compress(bytes(20_000_000))),
        ("br", brotlicffi.compress(bytes(20_000_000))),
        ("zstd", zstd.compress(bytes(20_000_000))),
        ("zstd", zstd.compress(b"") * 5000),
        ("gzip", gzip.compress(gzip.compress(bytes(200_000_000)))),
        ("", b"x" * (LIMIT + 1)),
        ("gzip", gzip.compress(bytes(LIMIT // 2)) * 5),
        ("gzip", gzip.compress(b"") * 5000),
    ],
)
def test_a_bomb_is_too_large(encoding: str, bomb: bytes) -> None:
    with pytest.raises(BodyTooLarge):
        decode_body({"content-encoding": encoding}, bomb, LIMIT)


@pytest.mark.parametrize("start", [b"\n", b"\r\n\r\n", b"\t", b" ", b"\xef\xbb\xbf", b"0"])
def test_a_plain_page_may_be_declared_deflate(start: bytes) -> None:
    assert decode_body({"content-encoding": "deflate"}, start + PAGE, LIMIT) == start + PAGE


def test_a_body_encoded_too_many_times_is_damaged() -> None:
    with pytest.raises(DamagedBody, match="60 times encoded"):
        decode_body({"content-encoding": ", ".join(["deflate"] * 60)}, PAGE, LIMIT)


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "", "gzip, br"]), st.binary(max_size=300))
def test_any_bytes_are_decoded_or_named_damaged(encoding: str, body: bytes) -> None:
    for hostile in (body, b"\x1f\x8b" + body, b"\x28\xb5\x2f\xfd" + body, gzip.compress(body)):
        with suppress(DamagedBody, BodyTooLarge):
            assert isinstance(decode_body({"content-encoding": encoding}, hostile, LIMIT), bytes)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip", "zstd"])
def test_a_redirect_without_a_body_is_not_damaged_whatever_encoding_it_names(encoding: str) -> None:
    assert decode_body({"content-encoding": encoding}, b"", 100, whole=False) == b""
