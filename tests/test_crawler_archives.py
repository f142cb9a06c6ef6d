"""The archives besides the Wayback Machine: names, dialects, and crawls of imitations of them."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from crawler import settings as project
from crawler.archives import Archive, open_archives
from crawler.archives.common_crawl import CommonCrawl, read_crawls, record_range
from crawler.archives.timemap import read_links
from crawler.cdx import LOCATION, read_text_page
from crawler.errors import InputError, NotAnIndexReply
from crawler.records import Reply
from crawler.replay.memento import Hop, live_trouble, read_replay
from tests.archive_imitations import (
    Answer,
    Crawls,
    arc_member,
    archive_it,
    serve,
    timemap,
    warc_member,
)
from tests.crawling import DEMO, Crawl
from tests.factories import POLICY, TARGET, reply
from tests.imitation import Captured
from tests.test_archive_trouble import QUICK, URL, history, page
from tests.wayback_dialect import NOTICE

LIST = f"site.example {URL}"
FAST = {"ARCHIVE_RATES": '{"timemap": [6000, 6000]}'}


def archive(argument: str, **changed: object) -> Archive:
    settings = Settings()
    settings.setmodule(project)
    settings.update(changed)
    (opened,) = open_archives(argument, settings)
    return opened


def pace(of: Archive) -> list[float]:
    return [round(60 / slot["delay"], 6) for slot in of.download_slots().values()]


# Names and rates


@pytest.mark.parametrize(
    ("argument", "name", "rates"),
    [
        ("arquivo", "arquivo", [200, 320]),
        ("ukwa", "ukwa", [24, 320]),
        ("archive-it:1234", "archive-it:1234", [24, 320]),
        ("archive-it:all", "archive-it:all", [24, 320]),
        ("commoncrawl", "commoncrawl", [48, 87]),
        ("timemap:https://m.example/timemap/link", "timemap:https://m.example/timemap/link/", None),
        ("timemap:https://m.example/tm?url=", "timemap:https://m.example/tm?url=", [24, 320]),
    ],
)
def test_each_archive_has_a_short_name_and_its_own_pace(
    argument: str, name: str, rates: list[float] | None
) -> None:
    found = archive(argument)
    assert found.name == name
    assert pace(found) == (rates or [24, 320])
    assert found.home_url is None


def test_the_pace_of_one_archive_can_be_set_and_the_others_keep_theirs() -> None:
    changed = {"ARCHIVE_RATES": '{"ukwa": [6, 30]}'}
    assert pace(archive("ukwa", **changed)) == [6, 30]
    assert pace(archive("arquivo", **changed)) == [200, 320]


def test_a_local_index_does_not_set_the_pace_of_pages_that_are_elsewhere() -> None:
    here = "http://127.0.0.1:1208"
    assert pace(archive(f"timemap:{here}/timemap/link")) == [60_000, 320]
    changed = {"COMMONCRAWL_INDEX_URL": here}
    assert pace(archive("commoncrawl", **changed)) == [60_000, 87]
    changed["COMMONCRAWL_DATA_URL"] = here
    assert pace(archive("commoncrawl", **changed)) == [60_000, 60_000]


@pytest.mark.parametrize(
    "argument",
    ["archive-it", "archive-it:", "archive-it:-1", "timemap:", "timemap:/x", "timemap:http://[::1"],
)
def test_a_wrong_name_is_said_in_one_line(argument: str) -> None:
    with pytest.raises(InputError) as raised:
        archive(argument)
    assert str(raised.value).startswith(f"archive={argument}: ")
    assert "\n" not in str(raised.value)


def test_named_pywb_collections_are_asked_where_they_are() -> None:
    arquivo, ukwa = archive("arquivo"), archive("ukwa")
    query = "url=http%3A%2F%2Fexample.com%2Fprivacy"
    assert arquivo.index_url(TARGET, None, None, None).startswith("https://arquivo.pt/wayback/cdx?")
    assert query in arquivo.index_url(TARGET, None, None, None)
    assert (
        arquivo.replay_url("20120201160355", POLICY)
        == f"https://arquivo.pt/noFrame/replay/20120201160355id_/{POLICY}"
    )
    home = "https://www.webarchive.org.uk/wayback/archive"
    assert ukwa.index_url(TARGET, None, None, None).startswith(f"{home}/cdx?")
    assert ukwa.replay_url("20120201160355", POLICY) == f"{home}/20120201160355id_/{POLICY}"


# What is no index page is trouble, and never "no captures"

WRONG = {
    "notice": (200, NOTICE),
    "empty": (200, b""),
    "unavailable": (503, b""),
    "forbidden": (403, NOTICE),
    "not found": (404, NOTICE),
    "nothing found": (404, b""),
    "some JSON": (404, b'{"detail": "no such path"}'),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    ("argument", "asked"),
    [
        ("archive-it:all", "https://wayback.archive-it.org/all/timemap/cdx?url=x"),
        ("commoncrawl", "https://index.commoncrawl.org/collinfo.json"),
        ("commoncrawl", "https://index.commoncrawl.org/CC-MAIN-2025-33-index?url=x"),
        ("timemap:https://m.example/link/", f"https://m.example/link/{POLICY}"),
    ],
)
def test_a_wrong_reply_never_means_no_captures(argument: str, asked: str, wrong: str) -> None:
    of = archive(argument)
    if isinstance(of, CommonCrawl):
        of.crawls = read_crawls(COLLINFO)
    status, body = WRONG[wrong]
    said = Reply(asked, status, {"content-type": "text/html"}, body)
    if of.index_trouble(said, TARGET) is None:
        with pytest.raises(NotAnIndexReply):
            of.read_index(said, TARGET)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (
            "archive-it:all",
            reply("https://a.example/all/timemap/cdx", content_type="text/plain;charset=UTF-8"),
        ),
        (
            "timemap:https://m.example/link/",
            reply("https://m.example/link/x", 404, b"404 page not found\n", x_memento_count="0"),
        ),
        (
            "timemap:https://m.example/link/",
            reply("https://m.example/link/x", 404, content_type="application/link-format"),
        ),
    ],
)
def test_each_archive_has_its_way_to_say_that_it_has_no_captures(
    argument: str, said: Reply
) -> None:
    of = archive(argument)
    of.index_url(TARGET, None, None, None)
    assert of.index_trouble(said, TARGET) is None
    assert of.read_index(said, TARGET).captures == []
    assert of.read_index(said, TARGET).resume_key is None


@pytest.mark.parametrize("wrong", ["notice", "empty", "unavailable", "forbidden", "not found"])
def test_a_wrong_reply_of_a_named_pywb_never_means_no_captures(wrong: str) -> None:
    status, body = WRONG[wrong]
    said = reply("https://arquivo.pt/wayback/cdx", status, body, content_type="text/html")
    assert archive("arquivo").index_trouble(said, TARGET) is not None
    none = reply("https://arquivo.pt/wayback/cdx", 200, b"", content_type="text/x-ndjson")
    assert archive("arquivo").index_trouble(none, TARGET) is None


# Archive-It

ROW = "com,example)/privacy 20120201160355 http://example.com/privacy text/html 200 ABC 1811\n"


def test_archive_it_is_read_as_text_with_its_oddities() -> None:
    odd = (
        ROW
        + "com,example)/privacy 20130201160355 http://example.com/privacy warc/revisit - ABC -\n"
        + "com,example)/privacy 20140201160355 http://example.com/a b text/html 200 ABC 1\n"
        + "com,example)/privacy 20000008241731 http://example.com/privacy text/html 200 ABC 1"
    )
    found = read_text_page(odd.encode(), TARGET, 100)
    assert [(c.timestamp, c.statuscode, c.length) for c in found.captures] == [
        ("20120201160355", 200, 1811),
        ("20130201160355", None, None),
    ]
    assert len(found.malformed) == 2


def test_a_row_that_is_cut_is_trouble() -> None:
    with pytest.raises(NotAnIndexReply, match="cut short"):
        read_text_page((ROW + ROW[:60]).encode(), TARGET, 100)


def test_a_full_page_of_archive_it_is_followed_by_one_from_its_last_timestamp() -> None:
    of = archive("archive-it:77", CDX_PAGE_SIZE=1)
    said = reply("https://a.example/77/timemap/cdx", body=ROW.encode(), content_type="text/plain")
    key = of.read_index(said, TARGET).resume_key
    assert key == "20120201160355"
    asked = of.index_url(TARGET, "2011", None, key)
    assert asked.startswith("https://wayback.archive-it.org/77/timemap/cdx?")
    assert "from=20120201160355" in asked


@pytest.mark.parametrize("argument", ["archive-it:all", "ukwa", "http://127.0.0.1:8090/real"])
def test_a_page_is_full_if_it_has_the_rows_it_was_asked_for_whatever_is_asked_for_now(
    argument: str,
) -> None:
    of, row = archive(argument), ROW
    if not argument.startswith("archive-it"):
        named = dict(zip(("urlkey", "timestamp", "url"), ROW.split(), strict=False))
        row = json.dumps(named | {"mime": "text/html", "status": "200", "digest": "A" * 32}) + "\n"
    of.page_size = 2
    asked = str(of.index_url(TARGET, None, None, None))
    of.page_size = 100  # another question has put it back meanwhile
    lines = {"content_type": "text/plain"}
    full = of.read_index(reply(asked, body=(row * 2).encode(), **lines), TARGET)
    assert full.resume_key == ROW.split()[1]
    of.page_size = 1
    assert of.read_index(reply(asked, body=row.encode(), **lines), TARGET).resume_key is None


def test_a_crawl_of_archive_it_ends_in_texts(crawl: Crawl) -> None:
    captures = history(4)
    with serve(archive_it(captures, "1234")) as server:
        settings = {"ARCHIVE_IT_URL": server.address, "CDX_PAGE_SIZE": 3, **QUICK}
        given = {"domains": LIST, "select": "all", "archive": "archive-it:1234"}
        done = crawl.run(**given, settings=settings)
    assert done.returncode == 0, done.stderr
    assert crawl.outcomes() == {"text": 4}
    assert crawl.rows("SELECT archive, status, captures FROM listings") == [
        ("archive-it:1234", "complete", 4)
    ]
    assert crawl.rows("SELECT count(*) FROM policies WHERE archive = 'archive-it:1234'") == [(4,)]


# TimeMaps

PYWB_TIMEMAP = b"""\
<http://l.example:80/coll/timemap/link/http://example.com/privacy>; rel="self"; \
type="application/link-format"; from="Sat, 11 May 2013 08:16:10 GMT",
<http://l.example:80/coll/http://example.com/privacy>; rel="timegate",
<http://example.com/privacy>; rel="original",
<http://l.example:80/coll/20130511081610mp_/http://example.com/privacy>; rel="memento"; \
datetime="Sat, 11 May 2013 08:16:10 GMT"; collection="coll",
<http://l.example:80/coll/20140329192234mp_/http://example.com/privacy>; rel="memento"; \
datetime="Sat, 29 Mar 2014 19:22:34 GMT"; collection="coll"
"""
AGGREGATED = b"""\
<http://example.com/privacy>; rel="original",
<http://m.example/timemap/link/http://example.com/privacy>; rel="self"; type="application/\
link-format",
<https://web.archive.org/web/20130115103855/http://www.example.com/privacy>; rel="first memento"; \
datetime="Tue, 15 Jan 2013 10:38:55 GMT",
<http://wayback.archive-it.org/all/20140115103855/http://example.com/privacy?a=1,2;b>; \
rel="memento"; datetime="Wed, 15 Jan 2014 10:38:55 GMT",
<http://archive.example/AbCdE>; rel="memento"; datetime="Thu, 15 Jan 2015 10:38:55 GMT",
<http://m.example/timemap/json/http://example.com/privacy>; rel="other"; type="application/json",
<http://m.example/timegate/http://example.com/privacy>; rel="timegate"
"""


def read_timemap(body: bytes, since: str | None = None, until: str | None = None) -> Any:
    of = archive("timemap:http://m.example/timemap/link/")
    asked = of.index_url(TARGET, since, until, None)
    assert asked == f"http://m.example/timemap/link/{POLICY}"
    return of, of.read_index(reply(asked, body=body), TARGET)


def test_a_pywb_timemap_is_read() -> None:
    of, found = read_timemap(PYWB_TIMEMAP)
    assert [c.timestamp for c in found.captures] == ["20130511081610", "20140329192234"]
    first = found.captures[0]
    assert (first.statuscode, first.digest, first.length, first.mimetype) == (None, None, None, "-")
    assert of.capture_url(first) == f"http://l.example:80/coll/20130511081610id_/{POLICY}"


def test_mementos_of_an_aggregator_are_fetched_where_they_are() -> None:
    of, found = read_timemap(AGGREGATED)
    assert [of.capture_url(c) for c in found.captures] == [
        "https://web.archive.org/web/20130115103855id_/http://www.example.com/privacy",
        "http://wayback.archive-it.org/all/20140115103855id_/http://example.com/privacy?a=1,2;b",
    ]
    assert [row.row for row in found.malformed] == ["http://archive.example/AbCdE"]
    assert found.resume_key is None


def test_a_span_of_time_is_cut_out_of_a_timemap() -> None:
    _, found = read_timemap(PYWB_TIMEMAP, "20140101000000", "20141231235959")
    assert [c.timestamp for c in found.captures] == ["20140329192234"]


def test_pages_of_a_timemap_are_asked_once_each_and_only_on_its_own_host() -> None:
    of = archive("timemap:http://m.example/tm/")
    pages = (
        b'<http://m.example/tm/2/x>; rel="timemap", </tm/3/x>; rel="timemap", '
        b'<http://evil.example/tm/4/x>; rel="timemap", <http://[>; rel="timemap"'
    )
    asked = [of.index_url(TARGET, None, None, None)]
    while True:
        said = reply(asked[-1], body=pages)
        key = of.read_index(said, TARGET).resume_key
        assert of.read_index(said, TARGET).resume_key == key  # it is read twice
        if key is None:
            break
        asked.append(of.index_url(TARGET, None, None, key))
    assert asked == [f"http://m.example/tm/{POLICY}", "http://m.example/tm/2/x",
                     "http://m.example/tm/3/x"]  # fmt: skip


def test_a_page_that_a_timemap_names_and_does_not_have_is_trouble() -> None:
    of = archive("timemap:http://m.example/tm/")
    first = reply(of.index_url(TARGET, None, None, None), body=b'</tm/2/x>; rel="timemap"')
    key = of.read_index(first, TARGET).resume_key
    gone = reply(of.index_url(TARGET, None, None, key), 404, x_memento_count="0")
    with pytest.raises(NotAnIndexReply):
        of.read_index(gone, TARGET)


def test_a_redirect_of_a_memento_stays_in_the_archive_that_has_it() -> None:
    of, found = read_timemap(AGGREGATED)
    asked = of.capture_url(found.captures[0])
    inside = reply(asked, 302, location=asked.replace("https:", "http:"))
    other = reply(asked, 302, location=of.capture_url(found.captures[1]))
    elsewhere = reply(asked, 302, location="https://web.archive.org/account/login")
    assert live_trouble(inside, of) is None
    assert all(live_trouble(said, of) is not None for said in (other, elsewhere))


def test_a_memento_may_be_at_the_other_scheme() -> None:
    of, found = read_timemap(AGGREGATED)
    asked = of.capture_url(found.captures[0])
    said = reply(asked, 302, location=asked.replace("https:", "http:"))
    hop = read_replay(said, found.captures[0], of, timedelta(days=1))
    assert isinstance(hop, Hop)
    assert hop.url == asked.replace("https:", "http:")


def test_a_crawl_of_a_timemap_ends_in_texts(crawl: Crawl) -> None:
    captures = history(7)
    captures[2].status, captures[2].body, captures[2].location = 301, b"", f"{URL}/new"
    captures.append(Captured(captures[2].timestamp, f"{URL}/new", page("moved")))
    with serve(timemap(captures, page_size=3)) as server:
        given = {"domains": f"{LIST}\nnone.example https://none.example/privacy".replace("\n", ","),
                 "select": "all", "archive": f"timemap:{server.address}/timemap/link"}  # fmt: skip
        done = crawl.run(**given, settings={**QUICK, **FAST})
        assert done.returncode == 0, done.stderr
        assert len([p for p in server.paths() if p.startswith("/timemap/")]) == 5  # one redundant
        again = crawl.run(**given, settings={**QUICK, **FAST})
    assert again.returncode == 0, again.stderr
    assert crawl.outcomes() == {"text": 7}
    assert sorted(crawl.rows("SELECT domain, status, captures, new FROM listings"))[:2] == [
        ("none.example", "complete", 0, 0),
        ("none.example", "complete", 0, 0),
    ]
    rows = crawl.rows("SELECT location, served_url FROM captures ORDER BY timestamp LIMIT 3")
    assert rows[0][0] == f"{server.address}/web/20010415120000mp_/{URL}"
    assert rows[2][1] == f"{URL}/new"


def test_the_timemap_of_a_real_pywb_gives_the_texts_that_its_index_gives(
    crawl: Crawl, pywb: str, tmp_path: Path
) -> None:
    given = {"domains": DEMO / "domains.txt", "select": "all"}
    other = Crawl(tmp_path / "other")
    texts = "SELECT domain, timestamp, text_id, captures FROM policies ORDER BY ALL"
    for crawled, name in ((crawl, f"{pywb}/demo"), (other, f"timemap:{pywb}/demo/timemap/link")):
        done = crawled.run(**given, archive=name, settings=FAST)
        assert done.returncode == 0, done.stderr
    assert len(crawl.rows(texts)) == 41
    assert crawl.rows(texts) == other.rows(texts)


# Common Crawl

COLLINFO = json.dumps(
    [
        {"id": "CC-MAIN-2025-33", "from": "2025-08-02T22:09:07", "to": "2025-08-15T23:42:38"},
        {"id": "CC-MAIN-2012", "from": "2012-01-27T17:41:51", "to": "2012-06-05T06:28:50"},
        {"id": "CC-MAIN-2008-2009", "from": "2008-05-09T05:37:12", "to": "2009-01-09T20:58:29"},
        {"id": "../../etc", "cdx-api": "https://evil.example/"},
    ]
).encode()
CC_ROW = {
    "urlkey": "org,commoncrawl)/",
    "timestamp": "20250804103329",
    "url": "https://www.commoncrawl.org/",
    "mime": "text/html",
    "mime-detected": "text/html",
    "status": "200",
    "digest": "FAPYCDZSWJIQ2YPQAYDRLAC25YMUNVTD",
    "length": "7063",
    "offset": "667474763",
    "filename": "crawl-data/CC-MAIN-2025-33/segments/1754151279781.29/warc/"
    "CC-MAIN-20250804083340-20250804113340-00340.warc.gz",
    "languages": "eng",
    "encoding": "UTF-8",
}


def test_crawls_are_asked_in_order_of_time_and_only_those_of_the_time_asked_for() -> None:
    assert [name for name, _, _ in read_crawls(COLLINFO)] == [
        "CC-MAIN-2008-2009",
        "CC-MAIN-2012",
        "CC-MAIN-2025-33",
    ]
    of = archive("commoncrawl")
    first = of.index_url(TARGET, "20100101000000", None, None)
    assert first == "https://index.commoncrawl.org/collinfo.json"
    key = of.read_index(reply(first, body=COLLINFO), TARGET).resume_key
    assert key == "CC-MAIN-2012"
    second = of.index_url(TARGET, "20100101000000", None, key)
    assert second.startswith("https://index.commoncrawl.org/CC-MAIN-2012-index?")
    none = json.dumps({"message": "No Captures found for: example.com"}).encode()
    said = reply(second, 404, none)
    assert of.index_trouble(said, TARGET) is None
    assert of.read_index(said, TARGET).resume_key == "CC-MAIN-2025-33"
    # the list is asked for once
    assert "CC-MAIN-2012-index" in of.index_url(TARGET, "20100101000000", None, None)


def test_the_crawls_about_a_time_are_asked_for_an_address_of_no_known_time_the_last_ones() -> None:
    of = archive("commoncrawl")
    assert isinstance(of, CommonCrawl)
    years = range(2008, 2025)
    of.crawls = [(f"CC-MAIN-{y}-05", f"{y}0101000000", f"{y}0201000000") for y in years]
    asked = {}
    for timestamp in ("20150601000000", ""):
        turns = (of.near_index_url(TARGET, timestamp, turn) for turn in range(4))
        asked[timestamp] = [url.split("CC-MAIN-")[1][:4] for url in turns if url is not None]
    assert asked == {"20150601000000": ["2015", "2014", "2016"], "": ["2024", "2023"]}


def test_a_row_says_where_the_record_is() -> None:
    of = archive("commoncrawl")
    of.crawls = read_crawls(COLLINFO)  # type: ignore[attr-defined]
    nowhere = {name: value for name, value in CC_ROW.items() if name != "offset"}
    outside = {**CC_ROW, "timestamp": "20250805103329", "filename": "https://evil.example/x"}
    body = "\n".join(map(json.dumps, (CC_ROW, nowhere, outside))).encode()
    url = "https://index.commoncrawl.org/CC-MAIN-2025-33-index?url=x"
    found = of.read_index(reply(url, body=body), TARGET)
    (capture,) = found.captures
    assert capture.location == f"{CC_ROW['filename']} 667474763 7063"
    assert capture.length == 7063
    assert len(found.malformed) == 2
    assert found.resume_key is None
    assert record_range(of.capture_url(capture)) == (CC_ROW["filename"], 667474763, 7063)
    assert record_range(of.replay_url(capture.timestamp, capture.original)) is None
    with pytest.raises(NotAnIndexReply):
        of.read_index(reply(url, body=body[:300]), TARGET)


def crawl_common(crawl: Crawl, server: Any, **given: object) -> str:
    urls = {"COMMONCRAWL_INDEX_URL": server.address, "COMMONCRAWL_DATA_URL": server.address}
    returns = given.pop("returns", 0)
    asked = {"domains": LIST, "select": "all", "archive": "commoncrawl", **given}
    done = crawl.run(**asked, settings={**urls, **QUICK})
    assert done.returncode == returns, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_a_crawl_of_common_crawl_ends_in_texts(crawl: Crawl) -> None:
    captures = history(5)
    captures[1].status, captures[1].body, captures[1].location = 301, b"", "https://other.example/"
    crawls = {
        "CC-MAIN-2001-05": captures[:1],
        "CC-MAIN-2002-05": captures[1:4],
        "CC-MAIN-2004-05": [],
        "CC-MAIN-2005-05": captures[4:],
    }
    with serve(Crawls(crawls)) as server:
        crawl_common(crawl, server)
    assert crawl.outcomes() == {"text": 4, "target_not_archived": 1}
    assert crawl.rows("SELECT status, captures FROM listings") == [("complete", 5)]
    ranges = [headers for path, headers in server.asked if path.startswith("/crawl-data/")]
    assert len(ranges) == 5
    assert all(h["range"].startswith("bytes=") for h in ranges)
    assert {h["accept-encoding"] for h in ranges} == {"identity"}
    rows = crawl.rows("SELECT location, length, served_url FROM captures ORDER BY timestamp")
    assert (
        rows[0][0] == f"crawl-data/CC-MAIN-2001-05/segments/1.2/warc/x-00340.warc.gz 0 {rows[0][1]}"
    )
    assert rows[0][2] == URL


def test_since_and_until_leave_crawls_out(crawl: Crawl) -> None:
    crawls = {f"CC-MAIN-{2001 + n}-05": [captured] for n, captured in enumerate(history(4))}
    with serve(Crawls(crawls)) as server:
        crawl_common(crawl, server, since="2002", until="2003")
    assert crawl.outcomes() == {"text": 2}
    asked = [path.split("?")[0] for path in server.paths() if path.startswith("/CC-MAIN")]
    assert asked == ["/CC-MAIN-2002-05-index", "/CC-MAIN-2003-05-index"]


def test_what_is_not_the_range_asked_for_is_asked_again(crawl: Crawl) -> None:
    (capture,) = history(1)
    wrong = [
        Answer(NOTICE, 200),  # the file, or a page, but no range
        Answer(b"x" * 10**6, 200),
        Answer(warc_member(capture)[:100], 206),
        Answer(b"<Code>SlowDown</Code>", 503),
    ]
    with serve(Crawls({"CC-MAIN-2001-05": [capture]})) as server:
        server.first["/crawl-data/"] = wrong
        server.first["-index"] = [Answer(NOTICE), Answer(b""), Answer(b"", 503)]
        server.first["/collinfo"] = [Answer(NOTICE), Answer(b"[]"), Answer(b"", 404)]
        crawl_common(crawl, server)
    assert crawl.outcomes() == {"text": 1}
    assert len(server.asked) == 4 + 1 + 3 + 1 + 3 + 1


def test_records_that_were_cut_or_are_damaged_are_named_so(crawl: Crawl) -> None:
    whole, cut, broken, revisit = history(4)
    crawls = Crawls({"CC-MAIN-2001-05": [whole, cut, broken, revisit]})
    for row, member in zip(
        crawls.rows["CC-MAIN-2001-05"][1:],
        (
            warc_member(cut, **{"WARC-Truncated": "length"}),
            b"\x1f\x8b\x08\x00" + b"\xff" * len(warc_member(broken)),
            warc_member(revisit, "revisit"),
        ),
        strict=True,
    ):
        row |= {"offset": str(len(crawls.file)), "length": str(len(member))}
        crawls.file += member
    with serve(crawls) as server:
        crawl_common(crawl, server)
    assert crawl.outcomes() == {"text": 1, "damaged": 2, "not_archived": 1}


def test_records_of_the_old_arc_files_are_read(crawl: Crawl) -> None:
    (capture,) = history(1)
    crawls = Crawls({"CC-MAIN-2001-05": [capture]})
    crawls.file = arc_member(capture)
    crawls.rows["CC-MAIN-2001-05"][0]["length"] = str(len(crawls.file))
    with serve(crawls) as server:
        crawl_common(crawl, server)
    assert crawl.outcomes() == {"text": 1}


def test_an_index_that_fails_half_way_is_a_partial_listing(crawl: Crawl) -> None:
    crawls = {f"CC-MAIN-{2001 + n}-05": [captured] for n, captured in enumerate(history(2))}
    with serve(Crawls(crawls)) as server:
        server.first["CC-MAIN-2002-05-index"] = [Answer(NOTICE, 404)] * 99
        crawl_common(crawl, server, returns=1)
    assert crawl.rows("SELECT status, captures FROM listings") == [("partial", 1)]


def test_archives_of_different_dialects_are_crawled_together(crawl: Crawl) -> None:
    captures = history(3)
    crawls = {f"CC-MAIN-{2001 + n}-05": [captured] for n, captured in enumerate(captures)}
    with serve(Crawls(crawls)) as common, serve(timemap(captures, page_size=9)) as aggregator:
        name = f"commoncrawl,timemap:{aggregator.address}/timemap/link"
        crawl_common(crawl, common, archive=name)
    assert crawl.rows("SELECT archive[:7], count(*) FROM policies GROUP BY ALL ORDER BY ALL") == [
        ("commonc", 3),
        ("timemap", 3),
    ]


# Whatever comes: a page, or NotAnIndexReply

PIECES = st.sampled_from(
    [
        *(
            b"<http://m.example/20130115103855/http://e.example/>",
            b';rel="memento"',
            b"; rel=memento",
        ),
        *(b",", b"\n", b' datetime="', b'"', b"<", b">", b"<http://[/20130115103855/http://e/>"),
        *(b'{"id": "CC-MAIN-2025-33"}', b"[", b"]", b'"from": 1', b"{", b"}", b'"urlkey": "e"'),
        *(ROW.encode(), b"com,example)/ 2012", b" ", b"\xff\xfe", b"\x00", "é".encode()),
        *(json.dumps(CC_ROW).encode(), b"NaN", b"1e999", b"null", b'"\\ud800"'),
    ]
)
BODIES = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=8).map(b"".join))


@given(BODIES)
def test_parsers_let_nothing_but_not_an_index_reply_out(body: bytes) -> None:
    for parse in (
        read_links,
        read_crawls,
        lambda body: read_text_page(body, TARGET, 2),
    ):
        with suppress(NotAnIndexReply):
            parse(body)


@given(BODIES, st.sampled_from([200, 404, 503]), st.sampled_from(["text/plain", "text/html"]))
def test_archives_let_nothing_but_not_an_index_reply_out(
    body: bytes, status: int, content_type: str
) -> None:
    for argument, url in (
        ("archive-it:all", "https://a.example/all/timemap/cdx"),
        ("timemap:http://m.example/", "http://m.example/x"),
        ("commoncrawl", "https://index.commoncrawl.org/collinfo.json"),
        ("commoncrawl", "https://index.commoncrawl.org/CC-MAIN-2025-33-index?url=x"),
        ("commoncrawl", "https://index.commoncrawl.org/x"),
    ):
        of = archive(argument)
        of.index_trouble(reply(url, status, body, content_type=content_type), TARGET)
        with suppress(NotAnIndexReply):
            found = of.read_index(reply(url, status, body, content_type=content_type), TARGET)
            for capture in found.captures:
                assert of.capture_url(capture)
                assert (
                    capture.location is None
                    or argument != "commoncrawl"
                    or LOCATION.fullmatch(capture.location)
                )
