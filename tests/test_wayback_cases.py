"""The 47 things that the Wayback Machine is known to do, and what a user gets of each.

The number of a case is that of the project's notes on the archive; the last test checks that none
is left out. Crawls that several cases can share run once, in the fixtures.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import brotlicffi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from waybackpy import WaybackMachineCDXServerAPI

from crawler.cdx import read_json_page, read_ndjson_page
from crawler.errors import NotAnIndexReply
from crawler.outcomes import Listing, Outcome
from crawler.records import IndexPage, Loss, Target
from crawler.replay.body import zstd
from crawler.replay.memento import live_trouble, read_replay
from crawler.spiders.policies import PoliciesSpider
from tests.crawling import Crawl
from tests.factories import TARGET, archive, capture, reply
from tests.imitation import ALWAYS, Captured, Imitation, Limits, imitate
from tests.test_archive_trouble import QUICK, URL, crawl_imitation, history, page
from tests.test_crawler_cdx import pywb_row
from tests.wayback_dialect import resume_key

Test = TypeVar("Test", bound=Callable[..., None])
cases: Counter[int] = Counter()


def case(*numbers: int) -> Callable[[Test], Test]:
    """Note that a test is of these cases."""
    cases.update(numbers)
    return lambda test: test


@dataclass
class Done:
    """A crawl that several tests look at, and the archive it met."""

    crawl: Crawl
    archive: Imitation

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.crawl.rows(query, list(values))

    def outcome(self, timestamp: str) -> str | None:
        """The outcome of the capture with this timestamp; None if it is not known."""
        found = self.rows("SELECT outcome FROM captures WHERE timestamp = ?", timestamp)
        assert len(found) < 2
        return found[0][0] if found else None


def done(
    factory: pytest.TempPathFactory,
    captures: list[Captured],
    settings: dict[str, object] | None = None,
    select: str = "unique",
    **state: object,
) -> Done:
    crawl = Crawl(factory.mktemp("case"))
    with imitate(captures, **state) as wayback:
        crawl_imitation(crawl, wayback, select=select, **(settings or {}))
    return Done(crawl, wayback)


def get(connection: HTTPConnection, path: str, **headers: str) -> HTTPResponse:
    """Ask the imitation by hand."""
    connection.request("GET", path, headers={"User-Agent": "by hand", **headers})
    response = connection.getresponse()
    response.read()
    return response


def connected(wayback: Imitation) -> HTTPConnection:
    return HTTPConnection(wayback.address.removeprefix("http://"), timeout=5)


# ---- the index: pages and keys


@pytest.fixture(scope="module", params=["old", "new"])
def listed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A history over several pages: every row up to three times, twins at the edge of a page."""
    captures = [
        Captured(f"{2001 + n}0414005939", URL, page(f"v{n}"), digest=f"{n}" * 32) for n in range(6)
    ]
    rows = [c.row() for c in captures]
    again = [rows[n] for n in (0, 0, 1, 3, 4, 4, 5)]
    twins = [
        Captured("20070414005939", URL, page("secure")),
        Captured("20070414005939", URL.replace("https", "http"), page("plain")),
    ]
    second = Captured("20080414005939", URL, page("one"), digest="A" * 32)
    other_digest = [*second.row()[:5], "B" * 32, "9"]
    last = [Captured(f"{2009 + n}0414005939", URL, page(f"w{n}")) for n in range(3)]
    return done(
        tmp_path_factory,
        [*captures, *twins, second, *last],
        extra_rows=[*again, other_digest],
        old_style=request.param == "old",
    )


@case(2)
def test_a_list_of_many_pages_is_read_to_its_end(listed: Done) -> None:
    assert listed.rows("SELECT status, captures, malformed FROM listings") == [("complete", 13, 0)]
    assert len(listed.archive.queries()) > 3


@case(6)
def test_a_resume_key_goes_back_as_it_came(listed: Done) -> None:
    keys = [query["resumeKey"] for query in listed.archive.queries() if "resumeKey" in query]
    assert keys[0] == resume_key(listed.archive.captures[1].row(), listed.archive.old_style)
    assert len(keys) == len(set(keys)) >= 3


@case(6)
@pytest.mark.parametrize(
    "key",
    [
        "com%2Ccnn%29%2F+20010503212619",
        "a%29%2F+2001041400593%3A",
        "eJxLzy_TyUssTtTUVzAyMDAxsDQwNTA3NTe0BABfMwZl",
        "a b&c=d#e%",
    ],
)
def test_a_resume_key_of_any_style_is_sent_back_verbatim(key: str) -> None:
    query = parse_qs(urlsplit(archive().index_url(TARGET, None, None, key)).query)
    assert (query["resumeKey"], query["url"]) == ([key], [TARGET.policy_url])


@case(7)
def test_a_row_that_comes_many_times_is_one_capture(listed: Done) -> None:
    assert listed.rows("SELECT count(*) FROM captures WHERE timestamp < '2007'") == [(6,)]
    found = "SELECT count(*), sum(captures) FROM policies WHERE timestamp < '2007'"
    assert listed.rows(found) == [(6, 6)]


@case(8)
def test_rows_of_one_second_are_all_kept_wherever_a_page_ends(listed: Done) -> None:
    found = "SELECT count(*) FROM captures WHERE timestamp[:4] = ?"
    assert listed.rows(found, "2007") == [(2,)]
    assert listed.rows(found, "2008") == [(2,)]


@case(8)
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(10, 20), st.sampled_from("ABC")), min_size=1, max_size=15),
    st.integers(1, 5),
    st.booleans(),
)
def test_no_row_is_lost_between_pages_of_any_size(
    rows: list[tuple[int, str]], more: int, old_style: bool
) -> None:
    most = max(Counter(second for second, _ in rows).values())
    captures = [Captured(f"200104141200{s}", URL, digest=digest) for s, digest in rows]
    wayback = Imitation(captures, page_size=most + more, old_style=old_style)
    target = Target("site.example", URL, archive="wayback")
    arguments: Any = SimpleNamespace(archives=[archive()], since=None, until=None, budget=None)
    spider = PoliciesSpider(arguments, 1, timedelta(days=1), 1)
    request: Request | None = spider._index_request(target, ())
    found: set[tuple[str, str | None]] = set()
    while request is not None:
        query = urlsplit(request.url).query
        read = read_json_page(wayback.index(query).body, target)
        found |= {(capture.timestamp, capture.digest) for capture in read.captures}
        keys, second = request.cb_kwargs["keys"], request.cb_kwargs["second"]
        assert read.resume_key not in keys
        goes_on = read.resume_key is not None or second is not None
        request = spider._next_index_request(target, read, keys, second) if goes_on else None
    assert found == {(capture.timestamp, capture.digest) for capture in captures}


@case(1)
@pytest.mark.parametrize("old_style", [True, False])
@pytest.mark.parametrize("count", [0, 5, 12])
def test_other_clients_read_the_same_rows_as_text(count: int, old_style: bool) -> None:
    with imitate(history(count), old_style=old_style) as wayback:
        client = WaybackMachineCDXServerAPI(URL, limit=5)
        client.endpoint = f"{wayback.address}/cdx/search/cdx"
        found = {snapshot.timestamp for snapshot in client.snapshots()}
    assert found == {f"{2001 + n}0415120000" for n in range(count)}


@case(1)
def test_text_where_json_was_asked_for_is_not_taken_for_no_captures() -> None:
    for body in (b"com,example)/ 20020120142510 http://example.com/ text/html 200 AA 18\n", b""):
        with pytest.raises(NotAnIndexReply):
            read_json_page(body, TARGET)


@case(4)
def test_zero_rows_with_a_key_is_not_the_end(crawl: Crawl) -> None:
    with imitate(history(6), faults=Counter(cdx_empty_page=1)) as wayback:
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 6}


@case(5)
@pytest.mark.parametrize(("spared", "known"), [(0, 9), (4, 13)])
def test_a_key_that_comes_again_ends_the_listing_as_partial(
    crawl: Crawl, spared: int, known: int
) -> None:
    faults = Counter(cdx_first_key=ALWAYS)
    with imitate(history(20), faults=faults, spared=spared) as wayback:
        crawl_imitation(crawl, wayback, returns=1)
    found = crawl.rows("SELECT status, detail, captures FROM listings")
    assert found == [("partial", "the archive repeats a resume key", known)]
    assert crawl.outcomes() == {"text": known}


@case(5, 8)
def test_a_second_with_more_rows_than_a_page_and_a_key_that_passes_over_them_is_partial(
    crawl: Crawl,
) -> None:
    twins = [Captured("20070414005939", URL, digest=f"{n}" * 32) for n in range(7)]
    later = Captured("20080414005939", URL, page("later"), digest="L" * 32)
    for twin in twins:
        twin.body = page("twin")
    with imitate([*twins, later], page_size=5, old_style=True) as wayback:
        crawl_imitation(crawl, wayback, returns=1)
    found = crawl.rows("SELECT status, detail FROM listings")
    assert found == [("partial", "the archive repeats a resume key")]


# ---- the index: rows


def listed_as(original: str, timestamp: str, **cells: str) -> tuple[Captured, list[str]]:
    """A capture that the index lists under the policy's key, with these cells."""
    made = Captured(timestamp, original, page(timestamp), listed=False)
    names = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
    row = dict(zip(names, made.row(), strict=True))
    return made, list({**row, "urlkey": "example,site)/privacy", **cells}.values())


ODD_ADDRESSES = {
    "20020101000000": "http://www.site.example:80/privacy",
    "20020201000000": "http://www.site.example/privacy%20policy",
    "20020301000000": "http://www.site.example/privacy policy",
    "20020401000000": "http://www.site.example/vie-privée",
    "20020501000000": "http://www.site.example/privacy?a=1&b=2",
}
NO_ADDRESSES = ["mailto:a@b", "data:image/jpeg;base64," + "A" * 2000, "some/not/even/url/thing"]
BAD_TIMESTAMPS = ["20000800241623", "20000008241731", "200101011200"]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A history of odd rows, with a column too many and no line end after the last."""
    one, gone = page("one"), b"<html><body>gone</body></html>"
    captures = [
        Captured("20010101000000", URL, one, digest="ONE"),
        Captured("20010201000000", URL, digest="ONE", revisit=True),
        Captured("20010301000000", URL, gone, 404, digest="GONE"),
        Captured("20010401000000", URL, digest="GONE", revisit=True),
        Captured("20010501000000", URL, digest="LOST", revisit=True),
        Captured("20010601000000", URL, page("dash"), indexed_status="-"),
        Captured("20010701000000", URL, status=301, content_type="", location="/web/1id_/x"),
        Captured("20010801000000", URL, status=302, location="/web/20010801000000id_/" + URL + "2"),
        Captured("20010801000000", URL + "2", page("led to")),
    ]
    rows = [captures[0].row()]
    odd = [listed_as(url, moment) for moment, url in ODD_ADDRESSES.items()]
    odd += [
        listed_as(URL, "20010901000000", length="-"),
        listed_as("http://t.co/", "20030101000000", mimetype="-", statuscode="-", length="-"),
        listed_as("http://mailto:a@b/", "20030201000000"),
    ]
    odd[-2][1][0], odd[-2][1][5] = "co,t)/", "-"
    odd[-1][0].playable = False
    bad = [[*rows[0][:1], moment, *rows[0][2:]] for moment in BAD_TIMESTAMPS]
    bad += [[*rows[0][:2], original, *rows[0][3:]] for original in NO_ADDRESSES]
    return done(
        tmp_path_factory,
        captures + [made for made, _ in odd],
        extra_rows=[row for _, row in odd] + bad,
        page_size=100,
        faults=Counter(cdx_extra_column=ALWAYS, cdx_unended=ALWAYS),
    )


@case(9)
def test_a_revisit_has_the_text_of_what_it_repeats_or_its_absence(odd: Done) -> None:
    assert odd.outcome("20010201000000") == "same_digest"
    (version,) = odd.rows("SELECT captures FROM policies WHERE timestamp = '20010101000000'")
    assert version == (2,)
    assert odd.outcome("20010401000000") == "not_found"
    assert odd.outcome("20010501000000") == "not_archived"


@case(10)
def test_a_dash_in_a_row_loses_nothing(odd: Done) -> None:
    assert odd.outcome("20010601000000") == "text"
    assert odd.outcome("20010901000000") == "text"
    found = "SELECT mimetype, digest FROM captures WHERE timestamp = ?"
    assert odd.rows(found, "20010701000000") == [("unk", "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")]


@case(10)
def test_captures_with_empty_bodies_do_not_stand_for_each_other(odd: Done) -> None:
    assert odd.outcome("20010701000000") == "target_not_archived"
    assert odd.outcome("20010801000000") == "text"


@case(11)
@pytest.mark.parametrize("timestamp", BAD_TIMESTAMPS)
def test_a_timestamp_that_is_no_time_is_kept_apart(odd: Done, timestamp: str) -> None:
    ((reason,),) = odd.rows("SELECT reason FROM malformed_rows WHERE contains(row, ?)", timestamp)
    assert timestamp in reason


@case(12)
@pytest.mark.parametrize("original", NO_ADDRESSES)
def test_what_is_no_address_is_kept_apart(odd: Done, original: str) -> None:
    found = odd.rows("SELECT reason FROM malformed_rows WHERE contains(row, ?)", original[:1000])
    assert found == [("original is not an http address",)]


@case(12)
@pytest.mark.parametrize("timestamp", ODD_ADDRESSES)
def test_an_odd_address_is_fetched_as_it_is(odd: Done, timestamp: str) -> None:
    found = odd.rows("SELECT original, outcome FROM captures WHERE timestamp = ?", timestamp)
    assert found == [(ODD_ADDRESSES[timestamp], "text")]


@case(12)
def test_an_address_that_nobody_can_play_does_not_stop_the_crawl(odd: Done) -> None:
    assert odd.outcome("20030201000000") == "not_archived"
    assert odd.rows("SELECT status, malformed FROM listings") == [("complete", 6)]


@case(13)
def test_a_short_row_is_a_row(odd: Done) -> None:
    assert len("co,t)/ 20030101000000 http://t.co/ - - - -") < 46
    assert odd.outcome("20030101000000") == "text"


@case(14)
def test_a_column_too_many_does_not_disturb(odd: Done) -> None:
    found = odd.rows("SELECT mimetype, statuscode, digest FROM captures ORDER BY timestamp LIMIT 1")
    assert found == [("text/html", 200, "ONE")]


@case(16)
def test_the_last_row_may_lack_its_line_end(odd: Done) -> None:
    assert odd.rows("SELECT max(timestamp) FROM captures") == [("20030201000000",)]
    assert len(lines(pywb_row(), end="").captures) == 1


# ---- the index: trouble


@pytest.fixture(scope="module")
def index_trouble(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A crawl that meets each passing trouble of the index, on its second page."""
    names = "502 503 504 notice nothing reset stall half torn cut empty_page".split()
    return done(
        tmp_path_factory,
        history(8),
        {"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 20},
        faults=Counter(f"cdx_{name}" for name in names),
        spared=1,
    )


@pytest.mark.parametrize(
    "fault",
    [
        *(pytest.param(f"cdx_{name}", id=f"case 15: {name}") for name in ("half", "torn", "cut")),
        *(pytest.param(f"cdx_{name}", id=f"case 24: {name}") for name in ("502", "503", "504")),
        *(pytest.param(f"cdx_{name}", id=f"case 25: {name}") for name in ("stall", "reset")),
        pytest.param("cdx_nothing", id="case 20: nothing"),
        pytest.param("cdx_notice", id="case 26: notice"),
    ],
)
@case(15, 20, 24, 25, 26)
def test_a_page_of_the_index_that_does_not_come_whole_is_asked_for_again(
    index_trouble: Done, fault: str
) -> None:
    seen = index_trouble.archive.seen
    (struck,) = [n for n, request in enumerate(seen) if request.fault == fault]
    assert seen[struck + 1].path == seen[struck].path
    assert index_trouble.rows("SELECT status, captures FROM listings") == [("complete", 8)]
    assert index_trouble.crawl.outcomes() == {"text": 8}


@case(26)
def test_a_list_that_cannot_be_read_is_never_taken_for_no_captures(crawl: Crawl) -> None:
    with imitate(history(3), faults=Counter(cdx_notice=ALWAYS)) as wayback:
        said = crawl_imitation(crawl, wayback, returns=1, RETRY_TIMES=2)
        assert f"unlisted  site.example {URL}: failed, not_an_index_page" in said
        assert crawl.rows("SELECT status, detail FROM listings") == [
            ("failed", "not_an_index_page")
        ]
        wayback.faults.clear()
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 3}


@case(24)
def test_a_query_that_takes_too_long_is_asked_in_smaller_pages(crawl: Crawl) -> None:
    with imitate(history(8), bearable_rows=2500) as wayback:
        crawl_imitation(crawl, wayback, RETRY_TIMES=1)
    assert crawl.rows("SELECT status, captures FROM listings") == [("complete", 8)]
    limits = [query["limit"] for query in wayback.queries()]
    assert limits[::2][:3] == ["10000", "5000", "2500"]


@pytest.fixture(scope="module")
def without_captures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Five sites without captures, four of them kept back: how each listing ended."""
    crawl, names = Crawl(tmp_path_factory.mktemp("case")), list(WITHOUT)
    faults = Counter(f"cdx_{name}" for name in names if name != "none")
    with imitate([], faults=faults) as wayback:
        domains = ",".join(f"{n}.example https://{n}.example/privacy" for n in range(5))
        settings = {"WAYBACK_BASE_URL": wayback.address, **QUICK}
        run = crawl.run(domains=domains, settings=settings)
        assert run.returncode == 0
        assert "4.example https://4.example/privacy: no captures" in run.stdout
        assert len(wayback.seen) == 5
    found = crawl.rows("SELECT status FROM listings ORDER BY domain")
    return {name: status for name, (status,) in zip(names, found, strict=True)}


WITHOUT = {
    "excluded": "excluded",
    "excluded_in_body": "excluded",
    "robots": "robots",
    "robots_line": "robots",
    "none": "complete",
}


@case(17, 18)
@pytest.mark.parametrize("name", [name for name in WITHOUT if name != "none"])
def test_a_site_that_is_kept_back_is_said_to_be(
    name: str, without_captures: dict[str, str]
) -> None:
    assert without_captures[name] == WITHOUT[name]


@case(3)
def test_no_captures_is_a_complete_listing(without_captures: dict[str, str]) -> None:
    assert without_captures["none"] == "complete"
    with imitate([]) as wayback:
        hand = connected(wayback)
        text, rows = (f"/cdx/search/cdx?url={URL}{output}" for output in ("", "&output=json"))
        assert get(hand, text).getheader("Content-Length") == "0"
        assert get(hand, rows).status == 200
        hand.close()
    assert read_json_page(b"[]\n", TARGET) == IndexPage([], [], None)


@case(19)
def test_who_does_not_say_who_he_is_is_told_so(crawl: Crawl) -> None:
    with imitate(history(2)) as wayback:
        said = crawl_imitation(crawl, wayback, returns=1, RETRY_TIMES=1, USER_AGENT="")
        assert {seen.user_agent for seen in wayback.seen} <= {None, ""}
        assert f"unlisted  site.example {URL}: failed, http_400" in said


@case(20)
def test_pages_are_never_asked_for_by_number(listed: Done, odd: Done) -> None:
    for query in listed.archive.queries() + odd.archive.queries():
        assert query.keys().isdisjoint({"page", "pageSize", "showNumPages", "offset"})
    with imitate(history(2)) as wayback:
        hand = connected(wayback)
        counts = [get(hand, f"/cdx/search/cdx?url={URL}&showNumPages=true") for _ in range(4)]
        assert [count.status for count in counts] == [200, 400, 403, 200]
        assert get(hand, f"/cdx/search/cdx?url={URL}&page=1").status == 400
        hand.close()


@case(20)
def test_an_empty_answer_is_no_end_of_a_list(crawl: Crawl) -> None:
    with imitate(history(12), faults=Counter(cdx_nothing=ALWAYS), spared=1) as wayback:
        crawl_imitation(crawl, wayback, returns=1, RETRY_TIMES=2)
    assert crawl.rows("SELECT status, captures FROM listings") == [("partial", 5)]


# ---- limits


@case(21)
def test_a_refused_query_waits_as_long_as_it_is_told_and_goes_on_where_it_was(crawl: Crawl) -> None:
    names = ("429", "429_seconds", "429_date", "429_empty")
    faults = Counter({f"cdx_{name}": 1 for name in names})
    with imitate(history(8), faults=faults, spared=1) as wayback:
        crawl_imitation(crawl, wayback, ARCHIVE_PAUSE=0.1)
    assert crawl.outcomes() == {"text": 8}
    asked = wayback.seen[1:6]
    assert [seen.fault for seen in asked] == [*(f"cdx_{name}" for name in names), None]
    assert len({seen.path for seen in asked}) == 1
    waits = [later.at - sooner.at for sooner, later in pairwise(asked)]
    assert all(wait >= least for wait, least in zip(waits, (0.1, 1.9, 0.9, 0.7), strict=True))


@case(21)
def test_a_live_429_pauses_every_request(crawl: Crawl) -> None:
    with imitate(history(24), faults=Counter(page_429=1)) as wayback:
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 24}
    (refused,) = [n for n, seen in enumerate(wayback.seen) if seen.fault == "page_429"]
    refused_at = wayback.seen[refused].at
    # what leaves before the refusal has come back is allowed; how much depends on the machine
    waits = [seen.at - refused_at for seen in wayback.seen[refused + 1 :]]
    assert [wait for wait in waits if 0.8 <= wait < 1.4] == []
    assert sum(wait >= 1.4 for wait in waits) > len(waits) / 2


@case(22)
def test_a_crawl_that_is_too_fast_stands_still_and_is_never_shut_out(crawl: Crawl) -> None:
    limits = Limits(minute=3, index=9, pages=8, connections=99, block=60)
    with imitate(history(20), page_size=100, limits=limits) as wayback:
        crawl_imitation(crawl, wayback, ARCHIVE_PAUSE=3.2)
    assert any(seen.fault == "page_429" for seen in wayback.seen)
    assert wayback.gate.blocks == 0
    assert crawl.outcomes() == {"text": 20}


@case(22)
def test_who_is_shut_out_waits_longer_each_time_and_loses_nothing(crawl: Crawl) -> None:
    with imitate(history(6), faults=Counter(page_block=2), spared=3) as wayback:
        said = crawl_imitation(crawl, wayback, ARCHIVE_PAUSE=0.2)
    assert wayback.gate.blocks == 2
    assert "pauses" in said
    assert crawl.outcomes() == {"text": 6}


@case(22)
def test_the_imitation_shuts_out_who_goes_on_for_a_minute() -> None:
    limits = Limits(minute=0.2, index=2, block=0.3)
    with imitate(history(1), limits=limits) as wayback:
        hand = connected(wayback)
        with suppress(OSError):
            while wayback.gate.blocks == 0:
                get(hand, f"/cdx/search/cdx?url={URL}")
        hand.close()
        with pytest.raises(OSError, match=r"refused|reset"):
            get(connected(wayback), "/")


@case(23)
def test_a_crawl_keeps_few_connections(crawl: Crawl) -> None:
    limits = Limits(index=ALWAYS, pages=ALWAYS)
    with imitate(history(40), page_size=10, limits=limits) as wayback:
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 40}
    assert len({seen.connection for seen in wayback.seen}) <= 5


@case(23)
def test_the_imitation_refuses_new_connections_and_keeps_the_old() -> None:
    with imitate(history(1), limits=Limits()) as wayback:
        hands = [connected(wayback) for _ in range(15)]
        for hand in hands:
            assert get(hand, "/").status == 404
        for _ in range(2):
            with pytest.raises(ConnectionError):
                get(connected(wayback), "/")
        assert get(hands[0], "/").status == 404
        for hand in hands:
            hand.close()


@case(27)
def test_the_archives_cookies_are_not_sent_back(listed: Done) -> None:
    assert all("Cookie" not in seen.headers for seen in listed.archive.seen)


@case(19)
def test_a_crawl_says_who_it_is(listed: Done) -> None:
    assert {"policy-history" in (seen.user_agent or "") for seen in listed.archive.seen} == {True}


@case(28)
def test_a_crawl_keeps_to_the_pace_of_each_pool() -> None:
    slots = archive().download_slots()
    assert {name: 60 / slot["delay"] for name, slot in slots.items()} == pytest.approx(
        {"wayback-cdx": 24, "wayback-page": 480}
    )
    with imitate(history(1), limits=Limits()) as wayback:
        hand = connected(wayback)
        paths = [f"/cdx/search/cdx?url={URL}", f"/web/timemap/json/{URL}"] * 16
        assert [get(hand, path).status for path in paths] == [200] * 30 + [429] * 2
        assert get(hand, f"/web/20010415120000id_/{URL}").status == 200
        hand.close()


# ---- replay: what was captured


def deflated(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


def in_words(words: str) -> str:
    """A policy with these words of another language in it."""
    return page("one").decode().replace("<body>", f"<body><p>{words}</p>" * 3)


GERMAN, JAPANESE = "Datenschutz für Ihre persönlichen Daten", "個人情報の取り扱いについて"
WHOLE = page("whole")
GZIP, NO_TYPE = {"content-encoding": "gzip"}, {"content_type": ""}
LENGTH = "x-archive-orig-content-length"
META = '<head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">'
WALL = b"<html><head><title>Just a moment...</title></head><body>Verify you are human</body></html>"
CAPTURED: dict[str, tuple[dict[str, Any], str]] = {
    "29 as it was": ({"body": page("exact")}, "text"),
    "33 a page after all": ({"indexed_status": "301"}, "text"),
    "34 not found": ({"status": 404, "indexed_status": "200"}, "not_found"),
    "34 forbidden": ({"status": 403, "indexed_status": "200"}, "http_error"),
    "34 too many requests": (
        {
            "status": 429,
            "indexed_status": "200",
            "headers": {"x-archive-orig-retry-after": "6", "Retry-After": "60"},
        },
        "http_error",
    ),
    "34 unavailable": ({"status": 503, "indexed_status": "200"}, "http_error"),
    "38 gzip": ({"body": gzip.compress(WHOLE), "headers": GZIP}, "text"),
    "38 deflate": (
        {"body": zlib.compress(WHOLE), "headers": {"content-encoding": "deflate"}},
        "text",
    ),
    "38 raw deflate": (
        {"body": deflated(WHOLE), "headers": {"content-encoding": "deflate"}},
        "text",
    ),
    "38 brotli": (
        {"body": brotlicffi.compress(WHOLE), "headers": {"content-encoding": "br"}},
        "text",
    ),
    "38 zstd": ({"body": zstd.compress(WHOLE), "headers": {"content-encoding": "zstd"}}, "text"),
    "38 a blank encoding and gzip": (
        {
            "body": gzip.compress(WHOLE),
            "headers": {"content-encoding": "", "Content-Encoding": "gzip"},
        },
        "text",
    ),
    "38 gzip that is not declared": ({"body": gzip.compress(WHOLE)}, "text"),
    "38 gzip that is none": ({"headers": GZIP}, "text"),
    "38 gzip twice": (
        {"body": gzip.compress(gzip.compress(WHOLE)), "headers": {"content-encoding": "x-gzip"}},
        "text",
    ),
    "38 gzip that ends early": ({"body": gzip.compress(WHOLE)[:-20], "headers": GZIP}, "damaged"),
    "39 shorter than declared": (
        {"body": WHOLE[:-100], "headers": {LENGTH: f"{len(WHOLE)}"}},
        "damaged",
    ),
    "39 a length of -1": ({"headers": {LENGTH: "-1"}}, "text"),
    "39 a length of 0": ({"headers": {LENGTH: "0"}}, "text"),
    "39 no length": ({"headers": {LENGTH: ""}}, "text"),
    "39 an empty page": ({"body": b""}, "empty"),
    "40 no type": (NO_TYPE, "text"),
    "40 windows-1252": (
        {"body": in_words(GERMAN).encode("cp1252"), "content_type": "text/html"},
        "text",
    ),
    "40 Shift_JIS": (
        {
            "body": in_words(JAPANESE).replace("<head>", META).encode("shift_jis"),
            "content_type": "text/html",
        },
        "text",
    ),
    "40 a wrong charset": (
        {
            "body": in_words(GERMAN).replace("<head>", '<head><meta charset="utf-8">').encode(),
            "content_type": "text/html; charset=iso-8859-1",
        },
        "text",
    ),
    "41 repeated headers": (
        {
            "headers": {
                "Content-Type": "text/html",
                "CONTENT-TYPE": "text/html; charset=utf-8",
                "x-archive-orig-set-cookie": "a=1",
                "X-Archive-Orig-Set-Cookie": "b=2",
                "x-archive-orig-link": "</vie-privée>; rel=me",
            },
        },
        "text",
    ),
    "42 another date": (
        {"headers": {"x-archive-orig-date": "Fri, 11 Jul 1997 10:00:00 GMT"}},
        "text",
    ),
    "44 too large": ({"body": b"<p>" + b"x" * 300_000}, "too_large"),
    "45 a bot wall": ({"body": WALL}, "blocked"),
}


def captured(name: str) -> Captured:
    year = 1997 + list(CAPTURED).index(name)
    given = {"body": WHOLE, "digest": name, **CAPTURED[name][0]}
    return Captured(f"{year}0501000000", URL, **given)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A history in which every page was captured in another way."""
    captures, limit = [captured(name) for name in CAPTURED], {"DOWNLOAD_MAXSIZE": 200_000}
    return done(tmp_path_factory, captures, limit, select="all", page_size=99)


@case(29, 33, 34, 38, 39, 40, 41, 42, 44, 45)
@pytest.mark.parametrize("name", CAPTURED)
def test_a_capture_has_the_outcome_of_what_was_captured(name: str, replayed: Done) -> None:
    assert replayed.outcome(captured(name).timestamp) == CAPTURED[name][1]


def is_damaged(name: str) -> bool:
    return CAPTURED[name][1] == "damaged"


@case(34, 39)
def test_an_archived_error_is_not_asked_for_again_and_a_damaged_page_once(replayed: Done) -> None:
    asked = Counter(replayed.archive.pages())
    damaged = {f"/web/{captured(n).timestamp}id_/{URL}" for n in CAPTURED if is_damaged(n)}
    assert {path: times for path, times in asked.items() if times > 1} == dict.fromkeys(damaged, 2)


@case(38)
def test_a_page_has_one_text_however_it_was_encoded(replayed: Done) -> None:
    found = "SELECT count(DISTINCT text_id), count(*) FROM captures WHERE digest[:2] = '38'"
    assert replayed.rows(f"{found} AND outcome = 'text'") == [(1, 9)]


@case(40)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("40 windows-1252", GERMAN),
        ("40 Shift_JIS", JAPANESE),
        ("40 a wrong charset", GERMAN),
    ],
)
def test_old_encodings_are_read(name: str, words: str, replayed: Done) -> None:
    ((body,),) = replayed.rows(
        "SELECT body FROM captures JOIN texts USING (text_id) WHERE digest = ?", name
    )
    assert words in body


@case(42)
def test_a_version_is_dated_by_the_archive_and_not_by_the_site(replayed: Done) -> None:
    found = "SELECT timestamp, served_timestamp FROM captures WHERE digest = '42 another date'"
    ((asked, served),) = replayed.rows(found)
    assert asked == served


@case(41)
def test_the_link_header_names_the_address_that_was_served(odd: Done) -> None:
    moment, address = list(ODD_ADDRESSES.items())[-1]
    assert "&" in address
    assert odd.rows("SELECT served_url FROM captures WHERE timestamp = ?", moment) == [(address,)]


@case(29)
def test_the_imitation_sends_all_headers_in_gzip_and_chunks() -> None:
    with imitate(history(2)) as wayback:
        hand = connected(wayback)
        path = f"/web/20010415120000id_/{URL}"
        headers = dict(get(hand, path, **{"Accept-Encoding": "gzip"}).getheaders())
        hand.close()
    assert headers["memento-datetime"] == "Sun, 15 Apr 2001 12:00:00 GMT"
    assert (headers["Transfer-Encoding"], headers["content-encoding"]) == ("chunked", "gzip")
    for relation in ("original", "timemap", "timegate", "first memento", "last memento"):
        assert f'rel="{relation}"' in headers["link"]
    assert headers[LENGTH] == str(len(page("v0")))
    others = "content-type x-archive-src x-archive-orig-date x-ts x-page-cache server-timing"
    assert {*others.split(), "cache-control", "set-cookie"} <= headers.keys()


# ---- replay: redirects


PLAIN = "http://site.example/privacy"


@pytest.fixture(scope="module")
def missed(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Captures that the index lists and that cannot be played."""
    captures = [
        Captured("20010501000000", URL, page("same"), digest="SAME", playable=False),
        Captured("20020501000000", URL, page("same"), digest="SAME"),
        Captured("20030501000000", URL, page("same"), digest="SAME"),
        Captured("20100501000000", URL, page("one"), playable=False),
        Captured("20100501090000", PLAIN, page("two"), listed=False),
        Captured("20150501000000", URL, page("three"), playable=False),
        Captured("20150801000000", URL, page("four"), listed=False),
    ]
    return done(tmp_path_factory, captures)


@case(30, 42)
@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("20100501000000", ("text", "20100501090000", PLAIN)),
        ("20150501000000", ("wrong_capture", "20150801000000", URL)),
    ],
)
def test_a_near_miss_gives_its_text_if_it_is_near_and_no_text_if_it_is_not(
    asked: str, served: tuple[str, str, str], missed: Done
) -> None:
    found = "SELECT outcome, served_timestamp, served_url FROM captures WHERE timestamp = ?"
    assert missed.rows(found, asked) == [served]
    dated = missed.rows("SELECT count(*) FROM policies WHERE timestamp = ?", served[1])
    assert dated == [(int(served[0] == "text"),)]


@case(30)
def test_when_a_capture_cannot_be_played_another_of_its_digest_is(missed: Done) -> None:
    moments = [f"{year}0501000000" for year in (2001, 2002, 2003)]
    assert [*map(missed.outcome, moments)] == ["wrong_capture", "text", "same_digest"]
    found = "SELECT first_seen::DATE::VARCHAR, captures FROM policies WHERE timestamp < '2004'"
    assert missed.rows(found) == [("2002-05-01", 2)]
    assert len(missed.archive.pages()) == 5


@case(31)
def test_archived_redirects_are_followed_inside_the_archive_in_all_their_forms(
    crawl: Crawl,
) -> None:
    target = "https://www.site.example/legal/privacy"
    with imitate([]) as wayback:
        host = wayback.address.removeprefix("http:")
        forms = [
            (301, f"{wayback.address}/web/20010601000000id_/{target}"),
            (302, "/web/20020601000000id_/" + target),
            (303, f"{host}/web/20030601000000id_/{target}"),
            (307, target),
            (308, "legal/privacy"),
        ]
        for n, (status, location) in enumerate(forms):
            moment = f"{2001 + n}0601000000"
            moved = Captured(moment, URL, status=status, location=location)
            wayback.captures += [moved, Captured(f"{moment[:8]}000300", target, page(f"v{n}"))]
        lost = [
            Captured(
                "20070601000000", URL, status=301, location="/web/20070601000000id_/" + target
            ),
            Captured("20070601000300", target, b"gone", status=404),
            Captured("20080601000000", URL, status=301, location=URL + "/nowhere"),
        ]
        wayback.captures += lost
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 5, "not_found": 1, "target_not_archived": 1}
    assert crawl.rows("SELECT DISTINCT served_url FROM captures WHERE outcome = 'text'") == [
        (target,)
    ]


@case(32)
def test_a_redirect_loop_ends(crawl: Crawl) -> None:
    other = "https://www.site.example/other"
    captures = [
        Captured("20100501000000", URL, status=303, location=f"/web/20100501000000id_/{other}"),
        Captured("20100501000100", other, status=302, location=f"/web/20100501000100id_/{URL}"),
    ]
    with imitate(captures) as wayback:
        crawl_imitation(crawl, wayback)
        assert len(wayback.pages()) == 4
    assert crawl.outcomes() == {"redirect_lost": 1}


# ---- replay: what the archive itself says


@pytest.fixture(scope="module")
def page_trouble(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """A crawl that meets each passing trouble of replay."""
    names = "429 502 503 504 notice nothing reset stall torn cut view".split()
    return done(
        tmp_path_factory,
        history(3),
        {"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 20, "CONCURRENT_REQUESTS": 1},
        faults=Counter(f"page_{name}" for name in names),
    )


@pytest.mark.parametrize(
    "fault",
    [
        *(pytest.param(f"page_{name}", id=f"case 35: {name}") for name in ("429", "503", "notice")),
        *(pytest.param(f"page_{name}", id=f"case 25: {name}") for name in ("stall", "reset")),
        pytest.param("page_view", id="case 37: view"),
        pytest.param("page_torn", id="case 43: torn"),
        pytest.param("page_cut", id="case 43: cut"),
        pytest.param("page_504", id="case 44: 504"),
    ],
)
@case(35, 37, 43, 44)
def test_what_the_archive_itself_says_is_never_stored_and_the_page_asked_for_again(
    page_trouble: Done, fault: str
) -> None:
    seen = [seen for seen in page_trouble.archive.seen if seen.path.startswith("/web/")]
    (struck,) = [n for n, request in enumerate(seen) if request.fault == fault]
    assert seen[struck].path in {later.path for later in seen[struck + 1 :]}
    assert page_trouble.crawl.outcomes() == {"text": 3}
    assert page_trouble.rows("SELECT count(DISTINCT text_id) FROM captures") == [(3,)]


@case(35)
def test_a_page_that_stays_out_of_reach_is_named_and_asked_for_again_next_time(
    crawl: Crawl,
) -> None:
    with imitate(history(2), faults=Counter(page_503=ALWAYS)) as wayback:
        crawl_imitation(crawl, wayback, RETRY_TIMES=1)
        found = crawl.rows("SELECT DISTINCT outcome, detail FROM captures")
        assert found == [("archive_error", "http_503")]
        wayback.faults.clear()
        crawl_imitation(crawl, wayback)
    assert crawl.outcomes() == {"text": 2}


@case(36)
def test_a_page_that_is_kept_back_is_said_to_be_and_asked_for_once(crawl: Crawl) -> None:
    names = ("excluded", "excluded_403", "excluded_451", "robots")
    with imitate(history(5), faults=Counter({f"page_{name}": 1 for name in names})) as wayback:
        crawl_imitation(crawl, wayback)
        assert len(wayback.pages()) == 5
    assert crawl.outcomes() == {"excluded": 3, "robots": 1, "text": 1}


@case(43)
def test_a_body_that_was_cut_is_asked_for_again_after_other_trouble_too(crawl: Crawl) -> None:
    with imitate(history(1), faults=Counter(["page_503", "page_half"])) as wayback:
        crawl_imitation(crawl, wayback)
        assert [seen.fault for seen in wayback.seen[1:]] == ["page_503", "page_half", None]
    assert crawl.outcomes() == {"text": 1}


@case(46)
def test_what_could_not_be_played_is_asked_for_by_a_later_run(crawl: Crawl) -> None:
    captures = history(2)
    captures[1].url = "http://site.example/privacy?new"
    late = Captured("20200415120000", URL, page("late"))
    captures[1].playable = late.playable = False
    with imitate([*captures, late]) as wayback:
        domains = f"site.example {URL} {captures[1].url}"
        given = {"WAYBACK_BASE_URL": wayback.address, **QUICK}
        crawl.run(domains=domains, select="unique", settings=given)
        assert crawl.outcomes() == {"text": 1, "not_archived": 1, "wrong_capture": 1}
        captures[1].playable = late.playable = True
        asked = len(wayback.pages())
        crawl.run(domains=domains, select="unique", settings=given)
        assert len(wayback.pages()) == asked  # it was asked for a moment ago
        crawl.run(domains=domains, select="unique", settings={**given, "UNPLAYABLE_DAYS": 0})
    assert crawl.outcomes() == {"text": 3}


# ---- pywb


PYWB = archive("http://localhost:8080/demo")


def lines(*rows: dict[str, Any], size: int = 1000, end: str = "\n") -> IndexPage:
    body = "\n".join(map(json.dumps, rows)) + end
    return read_ndjson_page(body.encode(), TARGET, size)


def pywb_says(status: int, body: bytes) -> str | None:
    return PYWB.index_trouble(reply(f"{PYWB.replay_prefix}cdx", status, body), TARGET)


@case(47)
def test_pywb_may_say_in_two_ways_that_it_has_no_captures() -> None:
    for status, body in ((200, b""), (404, b'{"message": "No captures found"}')):
        assert pywb_says(status, body) is None
        answer = reply(f"{PYWB.replay_prefix}cdx", status, body)
        assert PYWB.read_index(answer, TARGET) == IndexPage([], [], None)


@case(47)
def test_what_is_no_answer_of_pywb_is_asked_for_again() -> None:
    assert pywb_says(404, b"<h1>Not Found</h1>") == "http_404"
    assert pywb_says(400, b'{"message": "Page 9 invalid: First Page is 0, Last Page is 3"}')
    assert pywb_says(200, b"<h1>maintenance</h1>") == "not_an_index_page"


@case(47)
@pytest.mark.parametrize("mark", ["1", "true", True, 1])
def test_what_pywb_found_by_fuzzy_matching_is_left_out(mark: object) -> None:
    found = lines(pywb_row(is_fuzzy=mark), pywb_row(timestamp="20100101000000", is_fuzzy="0"))
    assert [capture.timestamp for capture in found.captures] == ["20100101000000"]


@case(47)
def test_a_site_that_pywb_keeps_back_is_excluded() -> None:
    answer = reply(f"{PYWB.replay_prefix}cdx", 451, b'{"message": "Unavailable"}')
    assert PYWB.withheld(answer) is Listing.EXCLUDED
    asked = capture("20150129034904")
    url = PYWB.replay_url(asked.timestamp, asked.original)
    found = read_replay(reply(url, 451, answer.body), asked, PYWB, timedelta(days=1))
    assert isinstance(found, Loss)
    assert found.outcome is Outcome.EXCLUDED


@case(47)
def test_a_capture_that_pywb_serves_without_a_redirect_is_dated_by_what_it_is() -> None:
    asked = capture("20150129034904")
    answer = reply(
        PYWB.replay_url(asked.timestamp, asked.original),
        200,
        page("one"),
        content_type="text/html",
        memento_datetime="Fri, 30 Jan 2015 03:49:05 GMT",
        content_location=PYWB.replay_url("20150130034905", asked.original),
    )
    assert live_trouble(answer, PYWB) is None
    found = read_replay(answer, asked, PYWB, timedelta(days=1))
    assert isinstance(found, Loss)
    assert (found.outcome, found.served_timestamp) == (Outcome.WRONG_CAPTURE, "20150130034905")


def test_every_case_has_a_test() -> None:
    assert sorted(cases) == list(range(1, 48))
