"""Index queries and index pages: nothing lost, nothing taken for the end that is not one."""

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cdx import FIELDS, query_url, read_json_page, read_ndjson_page
from crawler.errors import NotAnIndexReply
from crawler.records import Capture, IndexPage, Target
from tests.factories import POLICY, TARGET, archive, reply

HEADER = list(FIELDS)
ROW = ["com,example)/privacy", "20020120142510", POLICY, "text/html", "200", "A" * 32, "1811"]
NOTICE = b"<html><body><h1>The Internet Archive is under maintenance</h1></body></html>"


def row(**cells: Any) -> list[Any]:
    return [cells.get(name, cell) for name, cell in zip(FIELDS, ROW, strict=True)]


def page(*rows: list[Any]) -> IndexPage:
    return read_json_page(json.dumps(rows).encode(), TARGET)


def only(*rows: list[Any]) -> Capture:
    found = page(HEADER, *rows)
    assert found.malformed == []
    (capture,) = found.captures
    return capture


def lines(*objects: dict[str, Any]) -> IndexPage:
    body = "".join(json.dumps(entry) + "\n" for entry in objects)
    target = replace(TARGET, archive="http://localhost/demo")
    return read_ndjson_page(body.encode(), target, 1000)


def pywb_row(**cells: Any) -> dict[str, Any]:
    given = {
        "urlkey": "com,example)/privacy",
        "timestamp": "20020120142510",
        "url": POLICY,
        "mime": "text/html",
        "status": "200",
        "digest": "sha1:" + "A" * 32,
        "length": "1811",
        "offset": "0",
        "filename": "x.warc.gz",
        "source": "demo",
    }
    return {**given, **cells}


def test_a_row_becomes_a_capture() -> None:
    assert page(HEADER, ROW) == IndexPage(
        [
            Capture(
                archive="wayback",
                domain="example.com",
                policy_url=POLICY,
                urlkey="com,example)/privacy",
                timestamp="20020120142510",
                original=POLICY,
                mimetype="text/html",
                statuscode=200,
                digest="A" * 32,
                length=1811,
            )
        ],
        [],
        None,
    )


@pytest.mark.parametrize("key", ["com%2Ccnn%29%2F+20010503212619", "eJxLzy_TyUssTtTUVzAyMDAx"])
def test_an_empty_row_and_a_key_after_the_rows_are_the_way_to_the_next_page(key: str) -> None:
    found = page(HEADER, ROW, [], [key])
    assert len(found.captures) == 1
    assert found.malformed == []
    assert found.resume_key == key


@pytest.mark.parametrize("body", [b"[]", b"[]\n", json.dumps([HEADER]).encode()])
def test_no_rows_are_no_captures(body: bytes) -> None:
    assert read_json_page(body, TARGET) == IndexPage([], [], None)


@pytest.mark.parametrize("rows", [[[], ["KEY"]], [HEADER, [], ["KEY"]]])
def test_no_rows_and_a_key_are_not_the_end(rows: list[list[str]]) -> None:
    assert page(*rows) == IndexPage([], [], "KEY")


def test_a_row_that_comes_again_is_one_capture() -> None:
    other = row(timestamp="20020120142511")
    assert [c.timestamp for c in page(HEADER, ROW, ROW, other, ROW).captures] == [
        "20020120142510",
        "20020120142511",
    ]


def test_rows_of_one_second_that_differ_are_all_kept() -> None:
    twins = [ROW, row(original="https://example.com/privacy"), row(digest="B" * 32)]
    assert len(page(HEADER, *twins).captures) == 3


def test_a_revisit_has_no_status_of_its_own() -> None:
    capture = only(row(mimetype="warc/revisit", statuscode="-", length="606"))
    assert (capture.mimetype, capture.statuscode, capture.digest) == (
        "warc/revisit",
        None,
        "A" * 32,
    )


@pytest.mark.parametrize("nothing", ["-", "", None])
def test_a_cell_without_a_value_is_none(nothing: str | None) -> None:
    capture = only(row(mimetype=nothing, statuscode=nothing, digest=nothing, length=nothing))
    assert (capture.mimetype, capture.statuscode, capture.digest, capture.length) == (
        "-",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"timestamp": "20000800241623"},
        {"timestamp": "20000008241731"},
        {"timestamp": "201001001901"},
        {"timestamp": "-"},
        {"urlkey": "-"},
        {"original": "-"},
        {"original": "mailto:a@example.com"},
        {"original": "data:image/jpeg;base64," + "A" * 5000},
        {"original": "some/not/even/url/thing"},
        {"original": "http://"},
        {"original": "http://example.com/\ud800"},
        {"statuscode": "OK"},
        {"statuscode": "²"},
        {"length": "9" * 30},
    ],
)
def test_a_row_that_cannot_be_used_is_kept_apart_and_the_rest_is_read(
    cells: dict[str, str],
) -> None:
    found = page(HEADER, row(**cells), ROW)
    assert len(found.captures) == 1
    (malformed,) = found.malformed
    assert json.dumps(row(**cells))[:2000] == malformed.row
    assert malformed.reason
    malformed.reason.encode()


@pytest.mark.parametrize(
    "original",
    [
        "http://example.com:80/privacy",
        "https://example.com:443/a%20b",
        "HTTP://EXAMPLE.COM/",
        "http://example.com/a b",
        "http://example.com/é\xad",
        "http://mailto:a@example.com/",
    ],
)
def test_the_original_is_kept_verbatim(original: str) -> None:
    assert only(row(original=original)).original == original


def test_another_column_does_not_disturb() -> None:
    found = page(["dupecount", *HEADER, "robotflags"], ["3", *ROW, "-"])
    assert found.captures == page(HEADER, ROW).captures


def test_the_header_tells_the_order_of_the_columns() -> None:
    assert page(HEADER[::-1], ROW[::-1]).captures == page(HEADER, ROW).captures


def test_a_row_cut_short_before_its_address_is_kept_apart() -> None:
    found = page(HEADER, ROW[:2], [], ROW)
    assert (len(found.captures), len(found.malformed)) == (1, 2)


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_nothing_at_all_is_no_answer(body: bytes) -> None:
    with pytest.raises(NotAnIndexReply):
        read_json_page(body, TARGET)


@pytest.mark.parametrize("cut", [1, 2, 20, 60, 120, 200])
def test_a_page_cut_short_is_no_page(cut: int) -> None:
    whole = json.dumps([HEADER, ROW, ROW, [], ["KEY"]]).encode()
    with pytest.raises(NotAnIndexReply):
        read_json_page(whole[:-cut], TARGET)


@pytest.mark.parametrize(
    "body",
    [
        NOTICE,
        b"429 Too Many Requests",
        b"org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots",
        b"com,example)/ 20020120142510 http://example.com/ text/html 200 AAAA 1811\n",
        b'{"message": "no"}',
        b"null",
        b"12",
        b'[["KEY"]]',
        b"[[]]",
        json.dumps([ROW, ROW]).encode(),
        json.dumps([HEADER, "row"]).encode(),
        b"\xff\xfe[]",
        b"[" * 100_000,
        b"[[" + b"1" * 10_000 + b"]]",
    ],
)
def test_anything_else_is_no_page(body: bytes) -> None:
    with pytest.raises(NotAnIndexReply):
        read_json_page(body, TARGET)


def test_a_line_of_pywb_becomes_the_same_capture() -> None:
    (ours,) = page(HEADER, ROW).captures
    (pywbs,) = lines(pywb_row()).captures
    assert pywbs.archive == "http://localhost/demo"
    assert [getattr(pywbs, name) for name in FIELDS] == [getattr(ours, name) for name in FIELDS]


def test_a_full_page_of_pywb_has_a_next_one_even_if_no_row_of_it_is_of_use() -> None:
    rows = [pywb_row(timestamp="20010101000000", is_fuzzy="1"), pywb_row(url=None)]
    body = "\n".join(map(json.dumps, rows)).encode()
    full = read_ndjson_page(body, TARGET, 2)
    assert (full.captures, full.resume_key) == ([], pywb_row()["timestamp"])
    assert read_ndjson_page(body, TARGET, 3).resume_key is None


def test_a_full_page_of_pywb_without_any_timestamp_is_no_page() -> None:
    body = json.dumps(pywb_row(timestamp="soon")).encode()
    with pytest.raises(NotAnIndexReply):
        read_ndjson_page(body, TARGET, 1)


def test_no_lines_are_no_captures() -> None:
    assert lines() == IndexPage([], [], None)


def test_a_line_of_pywb_that_cannot_be_used_is_kept_apart() -> None:
    found = lines(pywb_row(), pywb_row(timestamp="2002"), pywb_row(url=None))
    assert (len(found.captures), len(found.malformed)) == (1, 2)


@pytest.mark.parametrize(
    "body",
    [NOTICE, b"[]", b"null", b'{"message": "no"}', b'{"urlkey": "com,', b'{"urlkey": "a"}\n[1]'],
)
def test_anything_else_is_no_page_of_pywb(body: bytes) -> None:
    with pytest.raises(NotAnIndexReply):
        read_ndjson_page(body, TARGET, 1000)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_page_or_none(body: bytes) -> None:
    with suppress(NotAnIndexReply):
        read_json_page(body, TARGET)
    with suppress(NotAnIndexReply):
        read_ndjson_page(body, TARGET, 2)


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
CELLS = {
    "urlkey": st.just("com,example)/privacy"),
    "timestamp": st.sampled_from(["20020120142510", "20020120142511", "20000800241623"]),
    "original": st.sampled_from([POLICY, "https://example.com/privacy", "mailto:a@b"]),
    "mimetype": st.sampled_from(["text/html", "warc/revisit", "unk", "-"]),
    "statuscode": st.sampled_from(["200", "301", "-"]),
    "digest": st.sampled_from(["A" * 32, "B" * 32, "-"]),
    "length": st.sampled_from(["1811", "-"]),
}
ROWS = st.lists(
    st.tuples(*(CELLS[name] | JUNK for name in FIELDS)).map(list)
    | st.tuples(*(CELLS[name] for name in FIELDS)).map(list)
)


def accounted(found: IndexPage, rows: list[list[Any]]) -> bool:
    """Whether each row is a capture, or the twin of one, or malformed."""
    kept = {
        (c.timestamp, c.original, c.digest, c.statuscode, c.length, c.mimetype)
        for c in found.captures
    }
    twins = 0
    for cells in rows:
        single = page(HEADER, cells)
        assert len(single.captures) + len(single.malformed) == 1
        if single.captures:
            twins += 1
            capture = single.captures[0]
            assert any(capture.capture_id == other.capture_id for other in found.captures)
    return len(kept) <= twins and twins + len(found.malformed) == len(rows)


@given(ROWS)
def test_every_row_is_a_capture_or_malformed_and_none_is_lost(rows: list[list[Any]]) -> None:
    found = page(HEADER, *rows, [], ["KEY"])
    assert found.resume_key == "KEY"
    assert accounted(found, rows)
    assert len({capture.capture_id for capture in found.captures}) == len(found.captures)


@given(st.lists(st.lists(JUNK, max_size=9), max_size=6))
def test_rows_of_any_shape_are_a_page_or_none(rows: list[list[Any]]) -> None:
    assert len(page(HEADER, *rows, [], ["KEY"]).malformed) == len(rows)


def asked(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True, strict_parsing=True)


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (POLICY, POLICY),
        ("http://example.com/p?a=1&b=%2F+x", "http://example.com/p?a=1&b=%2F+x"),
        ("http://example.com/*", "http://example.com/%2A"),
        ("http://example.com/p?q=*&r=*.b", "http://example.com/p?q=%2A&r=%2A.b"),
        ("http://example.com/%C3%BC;x=#y", "http://example.com/%C3%BC;x=#y"),
    ],
)
def test_the_policy_address_reaches_the_server_whole_and_its_stars_ask_for_no_prefix(
    policy: str, sent: str
) -> None:
    url = query_url("http://cdx/search", policy, None, None, {"output": "json"})
    assert asked(url) == {"url": [sent], "output": ["json"]}
    assert "*" not in url


def test_a_query_has_bounds_only_where_they_are_given() -> None:
    url = query_url("http://cdx/search", POLICY, "20150101000000", "20161231235959", {})
    assert asked(url) == {"url": [POLICY], "from": ["20150101000000"], "to": ["20161231235959"]}


@given(st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"])))
def test_any_policy_address_is_one_parameter(rest: str) -> None:
    policy = f"http://example.com/{rest}"
    url = query_url("http://cdx/search", policy, None, None, {})
    assert asked(url) == {"url": [policy.replace("*", "%2A")]}


def test_the_first_query_of_the_wayback_machine_asks_for_keys_and_has_none() -> None:
    assert asked(archive().index_url(TARGET, None, None, None)) == {
        "url": [POLICY],
        "output": ["json"],
        "fl": [",".join(FIELDS)],
        "limit": ["10000"],
        "showResumeKey": ["true"],
    }


def test_a_query_of_pywb_asks_for_lines_without_fuzzy_matches() -> None:
    url = archive("http://localhost:8080/demo/").index_url(TARGET, "20150101000000", None, None)
    assert url.startswith("http://localhost:8080/demo/cdx?")
    assert asked(url) == {
        "url": [POLICY],
        "from": ["20150101000000"],
        "output": ["json"],
        "limit": ["10000"],
        "allowFuzzy": ["0"],
    }


def pywb_page(size: int, body: bytes) -> IndexPage:
    pywb: Any = archive("http://localhost:8080/demo")
    pywb.page_size = size
    return pywb.read_index(reply("http://localhost:8080/demo/cdx", 200, body), TARGET)


def body_of(*timestamps: str) -> bytes:
    return b"\n".join(json.dumps(pywb_row(timestamp=t)).encode() for t in timestamps)


def test_a_full_page_of_pywb_is_followed_from_its_last_timestamp() -> None:
    assert pywb_page(2, body_of("20020101000000", "20030101000000") + b"\n").resume_key == (
        "20030101000000"
    )
    assert pywb_page(3, body_of("20020101000000", "20030101000000") + b"\n").resume_key is None


def test_a_full_page_of_pywb_may_lack_its_last_line_end() -> None:
    assert pywb_page(2, body_of("20020101000000", "20030101000000")).resume_key == "20030101000000"


def test_an_index_url_goes_to_the_address_in_the_list_and_not_to_the_domain() -> None:
    elsewhere = Target("a.com", "https://policies.b.org/a?x=1")
    assert asked(archive().index_url(elsewhere, None, None, None))["url"] == [
        "https://policies.b.org/a?x=1"
    ]
