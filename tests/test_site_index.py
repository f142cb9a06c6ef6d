"""Questions about a whole site, to each archive: what comes, and that nothing of it is lost."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.settings import Settings

from crawler.archives import Archive
from crawler.archives.common_crawl import CommonCrawl, spread_out
from crawler.handlers.warc import WarcDownloadHandler
from crawler.records import Capture, IndexPage, Reply
from crawler.replies import reply_of
from crawler.urlkeys import site_range, site_words, urlkey
from tests.archive_imitations import Crawls, archive_it, serve, warc_member
from tests.crawling import Crawl
from tests.factories import reply
from tests.imitation import ALWAYS, Captured, Imitation
from tests.large_site import LargeSite
from tests.site import ASKED, CAPTURES, OF_THE_SITE, OTHERS, SITE, WORDS
from tests.test_crawler_archives import COLLINFO, archive
from tests.wayback_dialect import NOTICE

PAGE = 7  # rows, of 15 that match


class Asked(NamedTuple):
    """An archive and the way to it."""

    archive: Archive
    fetch: Callable[[str], Reply]

    def pages(self, domain: str = SITE, words: str = WORDS) -> Iterator[IndexPage]:
        """The pages of a site, to the last."""
        keys: list[str] = []
        while True:
            url = self.archive.site_index_url(domain, words, keys[-1] if keys else None)
            assert url is not None
            said, home = self.fetch(url), self.archive.home(domain)
            assert self.archive.index_trouble(said, home) is None, said
            page = self.archive.read_index(said, home)
            yield page
            if page.resume_key is None:
                return
            assert page.resume_key not in keys, page.resume_key
            keys.append(page.resume_key)

    def captures(self, domain: str = SITE, words: str = WORDS) -> list[Capture]:
        """All captures of a site that come."""
        return [capture for page in self.pages(domain, words) for capture in page.captures]

    def home(self) -> list[Capture]:
        """The captures of the home page that come."""
        captures: list[Capture] = []
        key = None
        while True:
            said = self.fetch(self.archive.home_index_url(SITE, key))
            page = self.archive.read_index(said, self.archive.home(SITE))
            captures += page.captures
            if (key := page.resume_key) is None:
                return captures


def imitated(imitation: Imitation, **changed: object) -> Asked:
    """The Wayback Machine, without a network."""

    def fetch(url: str) -> Reply:
        said = imitation.index(urlsplit(url).query)
        return Reply(url, said.status, said.headers, said.body)

    return Asked(archive("wayback", **changed), fetch)


def download(url: str) -> Reply:
    try:
        said: Any = urlopen(url, timeout=30)
    except HTTPError as error:
        said = error
    with said:
        headers = {name.lower(): value for name, value in said.headers.items()}
        return Reply(url, said.status, headers, said.read())


@pytest.fixture
def wayback() -> Asked:
    """The Wayback Machine."""
    return imitated(Imitation(CAPTURES, page_size=PAGE))


@pytest.fixture
def old_wayback() -> Asked:
    """The Wayback Machine with the resume keys that it had until 2024."""
    return imitated(Imitation(CAPTURES, page_size=PAGE, old_style=True))


@pytest.fixture
def archive_its() -> Iterator[Asked]:
    """A collection of Archive-It."""
    with serve(archive_it(CAPTURES, "77")) as server:
        changed = {"ARCHIVE_IT_URL": server.address, "CDX_PAGE_SIZE": PAGE}
        yield Asked(archive("archive-it:77", **changed), download)


@pytest.fixture
def common_crawl() -> Iterator[Asked]:
    """Three crawls, one of them without a capture of the site."""
    crawls = {
        "CC-MAIN-2000-05": CAPTURES[::2],
        "CC-MAIN-2001-05": [c for c in CAPTURES if "notsite" in c.url],
        "CC-MAIN-2002-05": CAPTURES[1::2],
    }
    with serve(Crawls(crawls)) as server:
        yield Asked(archive("commoncrawl", COMMONCRAWL_INDEX_URL=server.address), download)


@pytest.fixture
def pywbs(pywb: str) -> Asked:
    """A real pywb."""
    return Asked(archive(f"{pywb}/site", CDX_PAGE_SIZE=PAGE), download)


@pytest.fixture
def warc(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A WARC file."""
    monkeypatch.chdir(crawl.prepared())
    Path("site.warc.gz").write_bytes(b"".join(map(warc_member, CAPTURES)))
    of = archive("site.warc.gz", CDX_PAGE_SIZE=PAGE)
    spider = SimpleNamespace(archives={"warc": of})
    running: Any = SimpleNamespace(spider=spider, settings=Settings(), stats=None)
    handler = WarcDownloadHandler(running)
    return Asked(of, lambda url: reply_of(asyncio.run(handler.download_request(Request(url)))))


ARCHIVES = ["wayback", "old_wayback", "archive_its", "common_crawl", "pywbs", "warc"]


@pytest.fixture(params=ARCHIVES)
def asked(request: pytest.FixtureRequest) -> Asked:
    """Each archive that can be asked about a site."""
    found: Asked = request.getfixturevalue(request.param)
    return found


# What comes


def test_the_rows_that_match_come_of_the_host_and_its_subdomains_and_of_no_other_site(
    asked: Asked,
) -> None:
    found = asked.captures()
    assert {(c.original, c.timestamp) for c in found} == ASKED
    assert {c.domain for c in found} == {SITE}
    assert {c.statuscode for c in found} == {200, 301}


def test_no_row_comes_twice_but_the_last_of_a_page(asked: Asked) -> None:
    pages = [[c.capture_id for c in page.captures] for page in asked.pages()]
    found = Counter(capture for page in pages for capture in page)
    assert max(found.values()) <= 2
    assert {capture for capture, n in found.items() if n > 1} <= {
        page[-1] for page in pages if page
    }


def test_a_domain_with_a_port_is_that_port_only(asked: Asked) -> None:
    found = asked.captures(f"{SITE}:8080", WORDS)
    assert {c.original for c in found} == {"http://site.example:8080/privacy"}


def test_what_the_site_is_called_does_not_count(asked: Asked) -> None:
    found = asked.captures(words="site|about")
    assert {c.original for c in found} == {
        "http://site.example/about",
        "http://privacy.site.example/about",
    }


def test_a_site_without_rows_that_match_has_none(asked: Asked) -> None:
    assert asked.captures(words="gizlilik") == []
    assert asked.captures(domain="nowhere.example") == []


def test_the_home_page_is_asked_for_exactly(asked: Asked) -> None:
    found = asked.home()
    assert {c.original for c in found} == {"http://site.example/"}
    assert {c.timestamp[:6] for c in found} == {"200004", "200104", "200204"}


def test_what_is_no_index_page_is_never_taken_for_no_rows(asked: Asked) -> None:
    of, home = asked.archive, asked.archive.home(SITE)
    if isinstance(of, CommonCrawl):
        list(asked.pages())
        wrong = "https://index.commoncrawl.org/CC-MAIN-2002-05-index?matchType=domain"
    else:
        wrong = str(of.site_index_url(SITE, WORDS, None))
    for status, body in ((200, NOTICE), (503, b""), (504, NOTICE), (400, NOTICE), (404, NOTICE)):
        said = Reply(wrong, status, {"content-type": "text/html"}, body)
        assert of.index_trouble(said, home) is not None


# Each dialect


def test_many_captures_of_a_home_page_are_thinned_to_one_of_a_month() -> None:
    days = [f"{year}{day:04}120000" for year in range(2001, 2011) for day in (401, 402, 429, 501)]
    captures = [Captured(day, "http://www.site.example/", day.encode()) for day in days]
    monthly = {day for day in days if day[6:8] == "01"}
    wayback = imitated(Imitation(captures, page_size=100))
    assert {c.timestamp for c in wayback.home()} == monthly
    with serve(archive_it(captures, "77")) as server:
        of = archive("archive-it:77", ARCHIVE_IT_URL=server.address)
        assert {c.timestamp for c in Asked(of, download).home()} == monthly


def test_many_captures_of_a_home_page_are_thinned_by_pywb_and_in_a_warc_file(
    pywbs: Asked, warc: Asked
) -> None:
    assert [c.timestamp[:6] for c in pywbs.home()] == ["200004", "200104", "200204"]
    assert [c.timestamp[:6] for c in warc.home()] == ["200004", "200104", "200204"]


def test_no_rows_and_a_key_are_not_the_end_of_a_site() -> None:
    faults = Counter(cdx_empty_page=1)
    found = imitated(Imitation(CAPTURES, page_size=PAGE, faults=faults, spared=-1)).captures()
    assert {(c.original, c.timestamp) for c in found} == ASKED


def test_a_key_that_comes_again_is_told_by_its_being_the_same() -> None:
    faults = Counter(cdx_first_key=ALWAYS)
    repeating = imitated(Imitation(CAPTURES, page_size=2, faults=faults, spared=-1))
    first = next(repeating.pages())
    with pytest.raises(AssertionError, match=re.escape(str(first.resume_key))):
        repeating.captures()


def test_an_archive_that_cannot_filter_gives_all_rows_of_the_site() -> None:
    found = imitated(Imitation(CAPTURES, page_size=PAGE, can_filter=False)).captures()
    assert {c.original for c in found} >= {*OF_THE_SITE, "http://site.example/about"}
    assert not {c.original for c in found} & {"http://notsite.example/privacy", OTHERS[5]}


def test_a_query_that_takes_too_long_is_asked_for_fewer_rows() -> None:
    imitation = Imitation(CAPTURES, page_size=PAGE, bearable_rows=3000)
    of, fetch = imitated(imitation)
    while fetch(str(of.site_index_url(SITE, WORDS, None))).status == 504:
        assert of.ask_for_less()
    assert "limit=2500" in str(of.site_index_url(SITE, WORDS, None))


def test_a_timemap_has_no_question_about_a_site_but_one_about_its_home() -> None:
    of = archive("timemap:http://m.example/timemap/link")
    assert of.site_index_url(SITE, WORDS, None) is None
    assert of.home_index_url(SITE) == "http://m.example/timemap/link/http://site.example/"


def test_the_span_of_a_listing_holds_while_other_questions_are_asked() -> None:
    of = archive("timemap:http://m.example/timemap/link")
    asked = of.index_url(of.home("other.example"), "20140101000000", None, None)
    of.home_index_url(SITE)
    links = "".join(
        f'<http://m.example/{year}0401120000/http://other.example/>; rel="memento",\n'
        for year in (2013, 2015)
    )
    found = of.read_index(reply(asked, body=links.encode()), of.home("other.example"))
    assert [c.timestamp for c in found.captures] == ["20150401120000"]
    common = archive("commoncrawl")
    listing = common.index_url(common.home("other.example"), "20250101000000", None, None)
    assert common.site_index_url(SITE, WORDS, None) == listing  # the list of crawls
    common.home_index_url("third.example")
    lists = reply(listing, body=COLLINFO)
    assert common.read_index(lists, common.home("other.example")).resume_key == "CC-MAIN-2025-33"
    assert common.read_index(lists, common.home(SITE)).resume_key == "CC-MAIN-2025-33"
    third = common.read_index(lists, common.home("third.example"))
    assert third.resume_key == "CC-MAIN-2008-2009"


def test_crawls_are_asked_about_a_site_so_that_any_beginning_is_spread_over_the_years() -> None:
    assert "".join(spread_out("abcdefghi")) == "idbfacegh"
    assert [spread_out("ab"), spread_out("a")] == [["b", "a"], ["a"]]
    years = range(2008, 2025)
    crawls = {f"CC-MAIN-{year}-05": [] for year in years}
    with serve(Crawls(crawls)) as server:
        asked = Asked(archive("commoncrawl", COMMONCRAWL_INDEX_URL=server.address), download)
        assert asked.captures() == []
    assert [path[9:13] for path in server.paths()[1:6]] == ["2024", "2015", "2011", "2019", "2009"]
    assert len(server.asked) == 1 + len(years)


def test_a_crawl_whose_index_fails_is_passed_over() -> None:
    of = archive("commoncrawl")
    assert isinstance(of, CommonCrawl)
    assert of.site_key_after(None) is None  # nobody knows yet which crawls there are
    of.crawls = [(f"CC-MAIN-20{n:02}-05", f"20{n:02}", f"20{n:02}") for n in range(3)]
    assert of.site_key_after(None) == "CC-MAIN-2000-05"  # the last one failed
    assert of.site_key_after("CC-MAIN-2000-05") == "CC-MAIN-2001-05"
    assert of.site_key_after("CC-MAIN-2001-05") is None
    assert archive("wayback").site_key_after(None) is None


def test_of_a_large_site_a_crawl_gives_the_home_page_and_what_comes_with_it() -> None:
    with serve(Crawls({"CC-MAIN-2001-05": CAPTURES}, block_rows=10)) as server:
        asked = Asked(archive("commoncrawl", COMMONCRAWL_INDEX_URL=server.address), download)
        found = {c.original for c in asked.captures(words=f"{WORDS}|/$")}
    assert "http://site.example/" in found
    assert not found >= {url for url, _ in ASKED}


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 9))
def test_spans_of_time_give_each_row_once_or_say_that_a_second_has_too_many(
    seconds: list[int], most: int
) -> None:
    captures = [
        Captured(f"200104151200{second:02}", f"http://site.example/{n}/privacy", b"")
        for n, second in enumerate(seconds)
    ]
    of = archive("http://localhost:8080/site", CDX_PAGE_SIZE=most)

    def fetch(url: str) -> Reply:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        rows = sorted(c.row() for c in captures)
        since, until = query.get("from", "0"), query.get("to", "9")
        rows = [row for row in rows if since <= row[1] <= until][:most]
        line = '{{"urlkey": "{}", "timestamp": "{}", "url": "{}", "mime": "-"}}\n'
        return reply(url, body="".join(line.format(*row) for row in rows).encode())

    found: list[str] = []
    crowded = max(Counter(seconds).values(), default=0) >= most
    try:
        for page in Asked(of, fetch).pages():
            found += [capture.original for capture in page.captures]
    except AssertionError:
        assert crowded
    else:
        assert sorted(found) == sorted(c.url for c in captures)


def test_a_site_with_millions_of_rows_sends_those_that_match() -> None:
    pages = list(imitated(LargeSite([], page_size=300), CDX_PAGE_SIZE=300).pages("large.example"))
    assert sum(len(page.captures) for page in pages) == 1000 + len(pages) - 1  # 20 addresses
    assert len({c.original for page in pages for c in page.captures}) == 20


def test_a_site_with_millions_of_rows_can_be_made_to_send_all_page_by_page() -> None:
    pages = imitated(LargeSite([], page_size=500, can_filter=False)).pages("large.example")
    first, second = next(pages), next(pages)
    assert len({c.capture_id for c in first.captures + second.captures}) == 999
    assert {c.original.rsplit("/")[-1] for c in second.captures} == {"story"}


# Keys


@pytest.mark.parametrize("url", OF_THE_SITE + OTHERS)
@pytest.mark.parametrize("domain", [SITE, f"{SITE}:8080", "www.site.example"])
def test_the_range_of_a_site_holds_its_own_keys_only(url: str, domain: str) -> None:
    begin, end = site_range(domain)
    host = urlsplit(url).netloc
    own = host == domain if ":" in domain else host.endswith(("//site.example", ".site.example"))
    own = own or (host == SITE and ":" not in domain)
    assert (begin <= urlkey(url) < end) == own


@pytest.mark.parametrize("domain", ["www.com", "192.0.2.7"])
def test_a_name_without_subdomains_of_its_own_is_that_host_only(domain: str) -> None:
    begin, end = site_range(domain)
    assert begin <= urlkey(f"http://{domain}/privacy") < end
    assert not begin <= urlkey("http://other.com/privacy") < end


def test_words_are_sought_after_the_name_of_the_site() -> None:
    of_the_site = re.compile(site_words("privacy.example", "privacy"))
    assert of_the_site.fullmatch(urlkey("http://privacy.example/privacy"))
    assert of_the_site.fullmatch(urlkey("http://privacy.privacy.example/"))
    assert not of_the_site.fullmatch(urlkey("http://privacy.example/about"))
    assert not of_the_site.fullmatch(urlkey("http://privacy-x.example/privacy"))
