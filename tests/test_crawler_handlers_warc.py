"""A local WARC file as an archive: what a record says is never taken for what the archive says."""

import gzip
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

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
