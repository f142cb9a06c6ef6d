"""A local WARC file as an archive: what a record says is never taken for what the archive says."""

import gzip
import hashlib
import os
import re
from base64 import b32encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archives.warc_index import WarcIndex
from crawler.records import Memento, PageAddress
from crawler.urlkeys import urlkey
from pipelines.shards.warc_pages import Unusable, all_pages
from pipelines.storage.pages import read_page
from tests.crawling import Crawl
from tests.test_archive_trouble import QUICK, URL, page

MOMENT = "2010-05-01T00:00:00Z"


def warc(file: Path, *records: tuple[str, list[tuple[str, str]], bytes]) -> Path:
    """Write responses: moment, HTTP headers, body as it was sent."""
    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for moment, headers, body in records:
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            record = writer.create_warc_record(
                URL,
                "response",
                payload=BytesIO(body),
                length=len(body),
                http_headers=http,
                warc_headers_dict={"WARC-Date": moment},
            )
            writer.write_record(record)
    return file


@dataclass
class Record:
    """A response, or a revisit that refers to (address, day)."""

    url: str
    moment: str
    status: str
    body: bytes
    location: str | None = None
    refers_to: tuple[str, str] | None = None


def mixed(file: Path, *records: Record) -> Path:
    """Write records of several kinds."""
    with file.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for record in records:
            headers = [("Content-Type", "text/html")]
            headers += [("Location", record.location)] if record.location else []
            http = StatusAndHeaders(record.status, headers, protocol="HTTP/1.1")
            given = {"WARC-Date": record.moment}
            if record.refers_to is not None:
                url, day = record.refers_to
                given["WARC-Refers-To-Target-URI"] = url
                given["WARC-Refers-To-Date"] = f"{day}T00:00:00Z"
            made = writer.create_warc_record(
                record.url,
                "response" if record.refers_to is None else "revisit",
                payload=BytesIO(record.body),
                length=len(record.body),
                http_headers=http,
                warc_headers_dict=given,
            )
            writer.write_record(made)
    return file


def test_a_revisit_has_the_page_that_it_refers_to_and_no_other_sites(
    crawl: Crawl, tmp_path: Path
) -> None:
    other = "http://other.example/p"
    file = mixed(
        tmp_path / "one.warc.gz",
        Record(URL, "2010-01-01T00:00:00Z", "200 OK", page("ours")),
        Record(other, "2015-01-01T00:00:00Z", "301 Moved", b"", location=f"{other}rivacy"),
        Record(f"{other}rivacy", "2015-01-01T00:00:05Z", "200 OK", page("another")),
        Record(URL, "2015-01-01T00:00:00Z", "304 Not", b"", refers_to=(URL, "2010-01-01")),
        Record(URL, "2016-01-01T00:00:00Z", "304 Not", b"", refers_to=(URL, "2009-01-01")),
    )
    crawl_warc(crawl, file, select="all")
    found = "SELECT outcome, served_url, plain LIKE '%version ours%' FROM captures"
    assert crawl.rows(f"{found} LEFT JOIN texts USING (text_id) ORDER BY timestamp") == [
        ("text", URL, True),
        ("text", URL, True),
        ("not_archived", None, None),
    ]


def test_a_revisit_of_a_redirect_leads_where_it_says(crawl: Crawl, tmp_path: Path) -> None:
    plain = URL.replace("https:", "http:")
    moved = (plain, "2010-01-01")
    file = mixed(
        tmp_path / "one.warc.gz",
        Record(plain, "2010-01-01T00:00:00Z", "301 Moved", b"", location=URL),
        Record(URL, "2010-01-01T00:00:01Z", "200 OK", page("v1")),
        Record(plain, "2015-01-01T00:00:00Z", "301 Moved", b"", location=URL, refers_to=moved),
        Record(URL, "2015-01-01T00:00:01Z", "200 OK", page("v2")),
    )
    crawl_warc(crawl, file, select="all")
    assert crawl.outcomes() == {"text": 4}
    assert crawl.rows("SELECT count(*), count(DISTINCT text_id) FROM captures") == [(4, 2)]


def test_a_folder_may_hold_folders_that_are_named_like_files(crawl: Crawl, tmp_path: Path) -> None:
    inner = tmp_path / "all" / "2010.warc"
    inner.mkdir(parents=True)
    warc(inner / "one.warc.gz", (MOMENT, [("Content-Type", "text/html")], page("one")))
    kept = tmp_path / "all" / "corpus.pages"
    kept.mkdir()
    warc(kept / "copy.warc.gz", (MOMENT, [("Content-Type", "text/html")], page("copy")))
    crawl_warc(crawl, tmp_path / "all")
    assert crawl.outcomes() == {"text": 1}


def crawl_warc(crawl: Crawl, file: Path, select: str = "unique") -> None:
    address = f"site.example {URL}"
    done = crawl.run(domains=address, archive=file, select=select, settings=QUICK)
    assert done.returncode == 0, done.stderr


def test_a_record_does_not_speak_for_the_archive(crawl: Crawl, tmp_path: Path) -> None:
    headers = [
        ("Content-Type", "text/html"),
        ("Memento-Datetime", "Sat, 01 Jan 2000 00:00:00 GMT"),
        ("Link", '<http://other.example/>; rel="original"'),
        ("X-Archive-Orig-Content-Length", "999999"),
    ]
    crawl_warc(crawl, warc(tmp_path / "one.warc.gz", (MOMENT, headers, page("one"))))
    assert crawl.rows("SELECT outcome, served_timestamp, served_url FROM captures") == [
        ("text", "20100501000000", URL)
    ]


def test_bodies_of_records_are_decoded_as_those_of_an_archive_are(
    crawl: Crawl, tmp_path: Path
) -> None:
    whole = page("one")
    packed = gzip.compress(whole)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)
    html = ("Content-Type", "text/html")
    zipped = ("Content-Encoding", "x-gzip")
    records = [
        ([html, zipped, ("Transfer-Encoding", "Chunked")], chunked),
        ([html, zipped], gzip.compress(packed)),
        ([html, zipped], whole),
        ([html, zipped], packed[:-30]),
        ([html, ("Content-Length", f"{len(whole)}")], whole[:-100]),
        ([html, zipped, ("Transfer-Encoding", "chunked")], chunked[:-40]),
        ([html, ("Transfer-Encoding", "chunked")], b"%x\r\n%s\r\n" % (len(whole), whole)),
        ([html, ("Transfer-Encoding", "chunked"), ("Content-Length", "99999")], chunked),
    ]
    dated = [(f"201{n}-05-01T00:00:00Z", *record) for n, record in enumerate(records)]
    crawl_warc(crawl, warc(tmp_path / "all.warc.gz", *dated), select="all")
    found = crawl.rows("SELECT outcome FROM captures ORDER BY timestamp")
    assert [outcome for (outcome,) in found] == ["text"] * 3 + ["damaged"] * 4 + ["text"]
    assert crawl.rows("SELECT count(DISTINCT text_id) FROM captures") == [(1,)]


def test_a_record_that_declares_no_digest_has_that_of_its_body(tmp_path: Path) -> None:
    days = (MOMENT, "2011-05-01T00:00:00Z", "2012-05-01T00:00:00Z")
    bodies = (page("one"), page("two"), page("one"))
    file = warc(tmp_path / "made.warc.gz", *zip(days, [[]] * 3, bodies, strict=True))
    members = [gzip.decompress(member) for member in _members(file.read_bytes())]
    bare = b"".join(
        gzip.compress(re.sub(rb"WARC-(Payload|Block)-Digest: .*\r\n", b"", member))
        for member in members
    )
    file.write_bytes(bare)
    index = WarcIndex(tmp_path / "index.sqlite", [file])
    assert index.add() == []
    found, _ = index.captures(urlkey(URL), "0", "9", 10, "")
    index.close()
    expected = [b32encode(hashlib.sha1(body).digest()).decode() for body in bodies]
    assert [record.digest for record in found] == expected


def test_a_record_without_an_address_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    made = warc(
        tmp_path / "page.warc.gz", *[(MOMENT, [("Content-Type", "text/html")], b"words")] * 3
    )
    first, second, third = _members(made.read_bytes())
    nameless = gzip.compress(
        gzip.decompress(second).replace(b"WARC-Target-URI", b"WARC-Target-URH")
    )
    made.write_bytes(first + nameless + third)
    index = WarcIndex(tmp_path / "index.sqlite", [made])
    assert index.add() == [f"{made}: captures whose records name no address: 1"]
    found, _ = index.captures(urlkey(URL), "0", "9", 10, "")
    index.close()
    places = [0, len(first), len(first + nameless)]
    assert [record.offset for record in found] == [places[0], places[2]]
    with made.open("rb") as stream:
        pages = list(all_pages(stream, 1000))
    assert [offset for offset, _ in pages] == places
    assert [type(page) for _, page in pages] == [Memento, Unusable, Memento]
    with pytest.raises(ValueError, match=f"{made.name}: no page at byte {len(first)}"):
        read_page(tmp_path, PageAddress(made.name, len(first)))


def test_a_file_that_is_indexed_anew_by_another_process_keeps_its_place(tmp_path: Path) -> None:
    file = warc(tmp_path / "made.warc.gz", (MOMENT, [], page("one")))
    ours, others = (WarcIndex(tmp_path / "index.sqlite", [file]) for _ in range(2))
    assert ours.add() == []
    os.utime(file, (1, 1))
    assert others.add() == []
    found, _ = ours.captures(urlkey(URL), "0", "9", 10, "")
    ours.close()
    others.close()
    assert [record.path for record in found] == [str(file)]


def _members(packed: bytes) -> list[bytes]:
    return [b"\x1f\x8b\x08" + part for part in packed.split(b"\x1f\x8b\x08")[1:]]
