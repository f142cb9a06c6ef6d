"""What is asked next about a site, and what the answers come to: made answers, no archive."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response

from crawler.archives.wayback import Wayback
from crawler.discovery.conclusion import Found, conclude
from crawler.discovery.discover import Discoverer, Discovery
from crawler.discovery.evidence import Kind, Route
from crawler.discovery.index import Address, key_of
from crawler.discovery.inquiry import Inquiry, ListAddress, Read, Step, Visit
from crawler.discovery.look import Look, Reading
from crawler.discovery.pages import PageLink
from crawler.discovery.questions import BLIND, next_step
from crawler.outcomes import Listing
from crawler.records import Capture
from tests.benchmarks.discovery import ADDRESS, InThisProcess, downloading
from tests.factories import capture
from tests.imitation import Captured, Imitation
from tests.made_sites import made_sites
from tests.test_archive_trouble import page
from tests.test_settings import project_settings
from tests.wayback_dialect import Answer

T = TypeVar("T")

SITE = "http://shop.example"


def rows(path: str, since: int, until: int, **more: object) -> list[Capture]:
    """A capture in the middle of each year."""
    url = path if "://" in path else f"{SITE}{path}"
    given = {"original": url, "urlkey": key_of(url), **more}
    return [capture(f"{year}0615120000", **given) for year in range(since, until + 1)]


def moved(path: str, since: int, until: int) -> list[Capture]:
    return rows(path, since, until, statuscode=301)


def policy(words: str = "words", **more: str | None) -> Reading:
    """A page read as a policy; the same words have one fingerprint."""
    said = {"title": "Privacy Policy", "language": "en", "canonical": None, "onward": None, **more}
    return Reading(words=500, fingerprint=words, **said)  # type: ignore[arg-type]


def no_policy(why: str = "not_policy: score 0.01") -> Reading:
    return Reading("Welcome", 90, "en", "other", None, None, why)


def link(path: str, score: float = 3.0, says: str = "Privacy", **more: bool) -> PageLink:
    return PageLink(path if "://" in path else f"{SITE}{path}", says, score, **more)


@dataclass
class World:
    """A site: captures of its home page and of other addresses, and what is read on pages.

    `looks` gives by path and year (or path alone) where a page leads, `texts` what is read there;
    `led` where a capture that is a redirect leads. `indexed` are the paths that the index has.
    """

    captures: Sequence[Capture] = ()
    homes: Sequence[Capture] = ()
    looks: dict[str, Look] = field(default_factory=dict)
    texts: dict[str, Reading] = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    indexed: bool = True
    whole: bool = True
    steps: list[Step] = field(default_factory=list)

    def ask(self, most: int = 12, listed: Sequence[str] = ()) -> Inquiry:
        """Ask until nothing is worth a question, or so many were asked."""
        inquiry = Inquiry("shop.example", self.whole)
        inquiry.take_listed(listed)
        inquiry.take_rows(self.captures if self.indexed else ())
        inquiry.take_homes(self.homes)
        while len(self.steps) < most and (step := next_step(inquiry)) is not None:
            self.steps.append(step)
            self.answer(inquiry, step)
        return inquiry

    def answer(self, inquiry: Inquiry, step: Step) -> None:
        match step:
            case Visit(url, timestamp):
                inquiry.visiting(step)
                inquiry.saw(step, url, timestamp, self.of(self.looks, url, timestamp) or Look())
            case ListAddress(url, _):
                address = Address(key_of(url), url)
                for row in self.captures:
                    if row.urlkey == address.urlkey:
                        address.add(row)
                inquiry.listing(step, address)
            case Read(_, row):
                if row.is_redirect:
                    to = self.led[row.original.removeprefix(SITE)]
                    inquiry.led(step, f"{SITE}{to}", follow=True)
                    return
                read = self.of(self.texts, row.original, row.timestamp) or no_policy()
                inquiry.read(step, row.original, row.timestamp, read)

    @staticmethod
    def of(given: dict[str, T], url: str, timestamp: str) -> T | None:
        path = url.removeprefix(SITE)
        return given.get(f"{path} {timestamp[:4]}", given.get(path))

    def asked(self) -> list[str]:
        """The steps in short."""
        return [short(step) for step in self.steps]


def short(step: Step) -> str:
    match step:
        case Visit(url, timestamp):
            return f"visit {url.removeprefix(SITE)} {timestamp[:4]}"
        case ListAddress(url, _):
            return f"list {url.removeprefix(SITE)}"
        case Read(_, row):
            return f"read {row.original.removeprefix(SITE)} {row.timestamp[:4]}"


def kinds(inquiry: Inquiry) -> dict[str, str]:
    found = conclude(inquiry)
    return {f.policy_url.removeprefix(SITE): str(f.kind) for f in found}


def main(inquiry: Inquiry) -> list[str]:
    found = [f for f in conclude(inquiry) if f.kind is Kind.MAIN]
    return [f.policy_url.removeprefix(SITE) for f in found]


# -- what is asked ---------------------------------------------------------------------------------


def test_the_last_home_page_comes_first_and_then_what_it_links_to() -> None:
    world = World(
        captures=rows("/p", 2001, 2010),
        homes=rows("/", 2001, 2010),
        looks={"/": Look((link("/p"),))},
        texts={"/p": policy()},
    )
    assert main(world.ask()) == ["/p"]
    assert world.asked() == ["visit / 2010", "list /p", "read /p 2006"]


def test_an_address_that_the_index_has_is_read_without_asking_for_it() -> None:
    world = World(
        captures=rows("/privacy", 2001, 2010),
        homes=rows("/", 2001, 2010),
        looks={"/": Look((link("/privacy"),))},
        texts={"/privacy": policy()},
    )
    assert main(world.ask()) == ["/privacy"]
    assert world.asked() == ["visit / 2010", "read /privacy 2006"]


def test_without_a_home_page_the_index_is_enough() -> None:
    world = World(rows("/privacy", 2001, 2010), texts={"/privacy": policy()})
    assert main(world.ask()) == ["/privacy"]
    assert world.asked() == ["read /privacy 2006"]


def test_a_time_of_which_nothing_is_known_is_looked_into() -> None:
    world = World(
        captures=[*rows("/x", 2001, 2008), *rows("/privacy", 2009, 2016)],
        homes=rows("/", 2001, 2016),
        looks={
            **{f"/ {year}": Look((link("/x"),)) for year in range(2001, 2009)},
            "/": Look((link("/privacy"),)),
        },
        texts={"/x": policy("old"), "/privacy": policy("new")},
    )
    assert main(world.ask()) == ["/x", "/privacy"]
    assert "visit / 2005" in world.asked()
    assert "visit / 2013" not in world.asked()


def test_where_an_address_redirects_to_after_its_last_page_is_asked() -> None:
    world = World(
        captures=[
            *rows("/privacy", 2001, 2006),
            *moved("/privacy", 2007, 2009),
            *rows("/legal/17", 2007, 2014),
        ],
        texts={"/privacy": policy("old"), "/legal/17": policy("new")},
        led={"/privacy": "/legal/17"},
    )
    inquiry = world.ask()
    assert main(inquiry) == ["/privacy", "/legal/17"]
    assert world.asked() == [
        *("read /privacy 2004", "read /privacy 2007", "list /legal/17", "read /legal/17 2011")
    ]
    (new,) = [f for f in conclude(inquiry) if f.policy_url.endswith("/17")]
    assert (new.since, new.until) == ("20070615120000", "20140615120000")
    assert {e.route for e in new.evidence} == {Route.REDIRECT}


def test_the_address_that_a_page_wants_to_be_known_by_is_read_too() -> None:
    world = World(
        captures=[*rows("/privacy", 2001, 2006), *rows("/promise", 2006, 2014)],
        texts={
            "/privacy": policy("old", canonical=f"{SITE}/promise"),
            "/promise": policy("new", canonical=f"{SITE}/promise"),
        },
    )
    assert main(world.ask()) == ["/privacy", "/promise"]


def test_frames_are_looked_at_for_what_the_page_itself_does_not_say() -> None:
    frames = Look((link("/top.htm", 0, "frame", frame=True), link("/b.htm", 0, frame=True)))
    world = World(
        captures=rows("/p", 2001, 2002),
        homes=rows("/", 2001, 2002),
        looks={"/": frames, "/b.htm": Look((link("/p"),))},
        texts={"/p": policy()},
    )
    assert main(world.ask()) == ["/p"]
    assert world.asked()[:3] == ["visit / 2002", "visit /top.htm 2002", "visit /b.htm 2002"]


def test_pages_that_send_on_to_each_other_are_looked_at_once() -> None:
    there, back = Look(onward=f"{SITE}/de/"), Look(onward=f"{SITE}/")
    world = World(homes=rows("/", 2010, 2010), looks={"/": there, "/de/": back})
    assert main(world.ask(most=99)) == []
    assert len(world.steps) == len(set(world.asked())) <= 3


def test_hubs_are_asked_only_if_nothing_better_is_left() -> None:
    hub = link("/terms", 0.2, "Terms", is_hub=True)
    leads = World(
        captures=[*rows("/p", 2001, 2002), *rows("/privacy", 2001, 2002)],
        homes=rows("/", 2001, 2002),
        looks={"/": Look((hub,)), "/terms": Look((link("/p"),))},
        texts={"/p": policy(), "/privacy": policy()},
    )
    leads.ask()
    assert leads.asked()[:2] == ["visit / 2002", "read /privacy 2002"]
    leads = World(leads.captures[:2], leads.homes, leads.looks, leads.texts)
    assert main(leads.ask()) == ["/p"]
    assert leads.asked()[:2] == ["visit / 2002", "visit /terms 2002"]


def test_a_sitemap_comes_after_other_hubs() -> None:
    world = World(
        captures=rows("/sitemap.xml", 2010, 2010),
        homes=rows("/", 2010, 2010),
        looks={
            "/": Look((link("/terms", 0.2, "Terms", is_hub=True),)),
            "/sitemap.xml": Look((link("/our-privacy", 2.5),)),
        },
    )
    inquiry = world.ask()
    assert world.asked()[:3] == ["visit / 2010", "visit /terms 2010", "visit /sitemap.xml 2010"]
    assert kinds(inquiry) == {"/our-privacy": "unseen"}  # the archive does not have it


def test_of_a_sitemap_the_last_capture_is_looked_at_and_then_one_of_another_time() -> None:
    world = World(rows("/sitemap.xml", 2009, 2016), looks={})
    world.ask()
    assert world.asked() == [f"visit /sitemap.xml {year}" for year in (2016, 2014, 2012)]
    old, new = link("http://pages.test/7"), link("http://texts.test/9")
    captures = [*rows(old.url, 2009, 2012), *rows(new.url, 2013, 2016)]
    world = World(
        [*rows("/sitemap.xml", 2009, 2016), *captures],
        homes=rows("/", 2009, 2016),
        looks={
            **{f"/sitemap.xml {year}": Look((old,)) for year in range(2009, 2013)},
            "/sitemap.xml": Look((new,)),
        },
        texts={old.url: policy("old"), new.url: policy("new")},
    )
    assert main(world.ask()) == [old.url, new.url]


def test_the_sitemap_of_pages_comes_before_others_and_robots_last() -> None:
    paths = ["/robots.txt", "/sitemap.xml", "/post-sitemap.xml", "/page-sitemap.xml"]
    world = World([row for path in paths for row in rows(path, 2016, 2016)])
    world.ask()
    asked = [step.split()[1] for step in world.asked()]
    assert asked == ["/page-sitemap.xml", "/sitemap.xml", "/post-sitemap.xml"]


def test_a_home_page_of_about_the_time_of_another_is_not_looked_at() -> None:
    early = [*rows("/", 2001, 2001), capture("20010715120000", original=f"{SITE}/")]
    world = World(homes=[*early, *rows("/", 2010, 2010)], looks={"/": Look((link("/p"),))})
    world.ask()
    visits = [step for step in world.steps if isinstance(step, Visit)]
    assert len({step.timestamp[:4] for step in visits}) == len(visits) == 2


def test_of_an_index_that_is_not_whole_an_address_is_asked_for_at_each_time_it_is_linked() -> None:
    asked = []
    for whole in (True, False):
        world = World(homes=rows("/", 2001, 2012), looks={"/": Look((link("/p"),))}, whole=whole)
        world.ask()
        asked.append([step.timestamp[:4] for step in world.steps if isinstance(step, ListAddress)])
    assert asked[0] == ["2012"]
    assert asked[1][:3] == ["2012", "2006", "2009"]


def test_home_pages_that_lead_nowhere_are_given_up() -> None:
    world = World(homes=rows("/", 1998, 2020))
    assert main(world.ask(most=99)) == []
    assert len(world.steps) == BLIND


def test_a_weak_name_is_read_only_if_nothing_else_is_there() -> None:
    blog = rows("/blog/privacy-for-all", 2001, 2012)
    good = rows("/privacy", 2001, 2012)
    world = World([*blog, *good], texts={"/privacy": policy()})
    world.ask()
    assert world.asked() == ["read /privacy 2007"]


def test_a_likely_address_whose_page_is_none_is_read_once_more_from_another_time() -> None:
    world = World(
        captures=rows("/privacy-policy.html", 2001, 2010),
        texts={"/privacy-policy.html 2001": policy(), "/privacy-policy.html": no_policy()},
    )
    assert main(world.ask()) == ["/privacy-policy.html"]
    assert len(world.steps) == 2


def test_a_capture_that_cannot_be_had_is_not_asked_for_again() -> None:
    inquiry = Inquiry("shop.example")
    inquiry.take_rows(rows("/privacy", 2001, 2001))
    step = next_step(inquiry)
    assert isinstance(step, Read)
    inquiry.failed(step, "archive_error")
    assert next_step(inquiry) is None
    assert kinds(inquiry) == {"/privacy": "unseen"}


def test_what_a_person_has_listed_is_where_it_begins() -> None:
    world = World(rows("/odd", 2001, 2009), texts={"/odd": policy()}, indexed=False)
    inquiry = world.ask(listed=[f"{SITE}/odd"])
    assert main(inquiry) == ["/odd"]
    assert [e.route for e in conclude(inquiry)[0].evidence] == [Route.LISTED]


# -- what it comes to ------------------------------------------------------------------------------


def concluded(*pages: tuple[str, int, int, Reading], says: dict[str, str] | None = None) -> Inquiry:
    """An inquiry that has read these addresses; home pages link to those in `says`, saying so."""
    inquiry = Inquiry("shop.example")
    for path, since, until, reading in pages:
        captures = rows(path, since, until)
        address = Address(captures[0].urlkey, captures[0].original)
        for row in captures:
            address.add(row)
        inquiry.listing(ListAddress(address.policy_url, ""), address)
        if path in (says or {}):
            visit = Visit(f"{SITE}/", f"{until}0101000000", Route.HOME)
            look = Look((link(path, 3.0, (says or {})[path]),))
            inquiry.saw(visit, visit.url, visit.timestamp, look)
        inquiry.read(Read(address.urlkey, captures[0]), captures[0].original, "2010", reading)
    return inquiry


def test_of_two_at_a_time_that_to_which_home_pages_lead_is_the_main_one() -> None:
    two = [("/privacy", 2001, 2012, policy("one")), ("/p2", 2001, 2012, policy("two"))]
    for order in (two, two[::-1]):
        inquiry = concluded(*order, says={"/p2": "Privacy"})
        assert kinds(inquiry) == {"/p2": "main", "/privacy": "other"}


def test_a_copy_has_the_text_of_the_main_one_while_that_stood_elsewhere() -> None:
    inquiry = concluded(
        ("/privacy", 2001, 2012, policy("same")), ("/print/privacy", 2003, 2010, policy("same"))
    )
    assert kinds(inquiry) == {"/privacy": "main", "/print/privacy": "copy"}


@pytest.mark.parametrize(
    ("path", "title", "says"),
    [
        ("/kids/privacy", "Privacy Policy", "Privacy"),
        ("/app/privacy", "Privacy Policy", "Privacy"),
        ("/p9", "Privacy Notice for Job Applicants", "Privacy"),
        ("/p9", "Privacy Policy | Shop Mobile App Privacy Policy", "Privacy"),
        ("/p9", "Privacy Policy", "Children's Privacy Policy"),
    ],
)
def test_a_policy_for_some_only_is_no_main_one(path: str, title: str, says: str) -> None:
    inquiry = concluded(
        ("/privacy", 2001, 2012, policy("one")),
        (path, 2001, 2012, policy("two", title=title)),
        says={path: says},
    )
    assert kinds(inquiry) == {"/privacy": "main", path: "sub"}


def test_another_language_is_kept_apart() -> None:
    inquiry = concluded(
        ("/privacy", 2001, 2012, policy("one")),
        ("/de/datenschutz", 2001, 2012, policy("zwei", language="de")),
        says={"/privacy": "Privacy Policy"},
    )
    assert kinds(inquiry) == {"/privacy": "main", "/de/datenschutz": "language"}


def test_addresses_that_follow_one_another_are_one_policy_in_time_order() -> None:
    stays = [
        ("/c/privacy", 2012, 2019, policy("three")),
        ("/a/privacy", 1999, 2004, policy("one")),
        ("/b/privacy", 2005, 2012, policy("two")),
    ]
    assert main(concluded(*stays)) == ["/a/privacy", "/b/privacy", "/c/privacy"]
    assert main(concluded(*stays[::-1])) == ["/a/privacy", "/b/privacy", "/c/privacy"]


def test_an_old_page_that_was_left_where_it_was_is_the_policy_moved() -> None:
    inquiry = concluded(
        ("/old.html", 2001, 2015, policy("old")),
        ("/privacy", 2008, 2015, policy("new")),
        says={},
    )
    for year, path in (("2003", "/old.html"), ("2014", "/privacy")):
        visit = Visit(f"{SITE}/", f"{year}0101000000", Route.HOME, rows("/", 2003, 2003)[0])
        inquiry.saw(visit, visit.url, visit.timestamp, Look((link(path),)))
    assert main(inquiry) == ["/old.html", "/privacy"]


def test_what_was_not_read_or_is_none_is_named_with_why() -> None:
    world = World(
        captures=[
            *rows("/privacy", 2001, 2012),
            *rows("/privacy.php?id=3", 2001, 2012),
            *rows("/p", 2001, 2012),
        ],
        homes=rows("/", 2001, 2012),
        looks={"/": Look((link("/p"), link("/privacy", 2.4)))},
        texts={"/privacy": policy()},
    )
    inquiry = world.ask()
    found = {f.policy_url.removeprefix(SITE): f for f in conclude(inquiry)}
    assert found["/p"].kind is Kind.REFUSED
    assert "score 0.01" in found["/p"].says
    assert found["/privacy.php?id=3"].kind is Kind.UNREAD
    assert found["/privacy"].kind is Kind.MAIN
    assert {e.route for e in found["/privacy"].evidence} == {Route.HOME, Route.INDEX}


def test_policies_for_some_only_are_read_when_all_else_is_known() -> None:
    world = World(
        captures=[*rows("/privacy", 2008, 2012), *rows("/kids/privacy", 2008, 2012)],
        homes=rows("/", 2008, 2012),
        looks={"/": Look((link("/privacy"), link("/kids/privacy", says="Kids privacy")))},
        texts={"/privacy": policy(), "/kids/privacy": policy("others")},
    )
    assert kinds(world.ask()) == {"/privacy": "main", "/kids/privacy": "sub"}
    assert world.asked()[-1].startswith("read /kids/privacy")


def test_an_address_that_a_person_has_named_is_read_first() -> None:
    world = World(
        captures=[*rows("/privacy", 2008, 2012), *rows("/kids/privacy", 2008, 2012)],
        homes=rows("/", 2008, 2012),
        looks={"/": Look((link("/privacy"),))},
        texts={"/privacy": policy(), "/kids/privacy": policy("others")},
    )
    assert kinds(world.ask(listed=[f"{SITE}/kids/privacy"]))["/kids/privacy"] == "sub"
    assert world.asked()[0].startswith("read /kids/privacy")


def test_requests_that_were_used_up_leave_a_doubt() -> None:
    assert Discovery([], 12, []).doubt == ""
    assert "12 requests were not enough" in Discovery([], 12, [], used_up=True).doubt


def test_of_an_empty_archive_nothing_is_found() -> None:
    world = World()
    assert conclude(world.ask()) == []
    assert world.steps == []


# -- it ends, and is the same ----------------------------------------------------------------------

PATHS = ["/", "/privacy", "/p", "/kids/privacy", "/terms", "/sitemap.xml", "/old/privacy.html"]
URLS = [f"{SITE}{path}" for path in PATHS] + ["http://other.test/privacy"]
links = st.builds(
    PageLink,
    st.sampled_from(URLS),
    st.sampled_from(["Privacy", "Terms", "Kids", "frame"]),
    st.sampled_from([0.0, 1.5, 3.0]),
    st.booleans(),
    st.booleans(),
)
looks = st.builds(Look, st.lists(links, max_size=4).map(tuple), st.none() | st.sampled_from(URLS))
readings = st.builds(
    policy,
    st.sampled_from(["one", "two"]),
    language=st.sampled_from(["en", "de", None]),
    canonical=st.none() | st.sampled_from(URLS),
    onward=st.none() | st.sampled_from(URLS),
) | st.just(no_policy())
index_rows = st.lists(
    st.tuples(
        st.sampled_from(PATHS), st.integers(1996, 2024), st.sampled_from([200, 301, 404, None])
    ),
    max_size=20,
)


def captures_of(said: list[tuple[str, int, int | None]]) -> list[Capture]:
    return [rows(path, year, year, statuscode=status)[0] for path, year, status in said]


@settings(max_examples=100, deadline=None)
@given(st.data(), index_rows, st.lists(st.integers(1996, 2024), max_size=12), st.booleans())
def test_it_ends_whatever_the_answers_are(
    data: st.DataObject, said: list[tuple[str, int, int | None]], homes: list[int], whole: bool
) -> None:
    inquiry = Inquiry("shop.example", whole)
    inquiry.take_rows(captures_of(said))
    inquiry.take_homes([rows("/", year, year)[0] for year in homes])
    asked = []
    while (step := next_step(inquiry)) is not None:
        asked.append(short(step))
        assert len(asked) < 200, asked[-12:]
        match step:
            case Visit(url, timestamp):
                inquiry.visiting(step)
                if data.draw(st.booleans()):
                    inquiry.saw(step, url, timestamp, data.draw(looks))
            case ListAddress(url, _):
                address = Address(key_of(url), url)
                for _, year, status in data.draw(index_rows):  # an index answers for what was asked
                    address.add(rows(url, year, year, statuscode=status)[0])
                inquiry.listing(step, address)
            case Read(_, row):
                if row.is_redirect:
                    inquiry.led(step, data.draw(st.sampled_from(URLS)), follow=True)
                elif data.draw(st.booleans()):
                    served = data.draw(st.sampled_from([row.original, *URLS]))
                    inquiry.read(step, served, row.timestamp, data.draw(readings))
                else:
                    inquiry.failed(step, "damaged")
    found = conclude(inquiry)
    assert len({f.policy_url for f in found if f.kind is Kind.MAIN}) == len(main(inquiry))


@settings(max_examples=50, deadline=None)
@given(index_rows, st.randoms(use_true_random=False))
def test_the_order_of_addresses_does_not_matter(
    said: list[tuple[str, int, int | None]], chance: Random
) -> None:
    found = {(c.urlkey, c.timestamp): c for c in captures_of(said) if ".xml" not in c.urlkey}
    captures = [found[place] for place in sorted(found)]
    keys = sorted({c.urlkey for c in captures})
    chance.shuffle(keys)
    mixed = sorted(captures, key=lambda c: keys.index(c.urlkey))  # each in time order
    told = []
    for order in captures, mixed:
        homes = [row for row in order if row.urlkey.endswith(")/")]
        world = World(order, homes, texts={"/privacy": policy()}, led=dict.fromkeys(PATHS, "/p"))
        end = [(f.policy_url, f.kind, f.score) for f in conclude(world.ask())]
        told.append((world.asked(), end))
    assert told[0] == told[1]


# -- the archive is asked --------------------------------------------------------------------------


def ask(imitation: Imitation, domain: str, most: int = 12, hops: int = 8) -> tuple[Discovery, int]:
    """Ask an imitation about a site; return what was found and how many requests there were."""
    imitation.address = ADDRESS
    settings = project_settings(WAYBACK_BASE_URL=ADDRESS)
    requests = 0

    async def download(request: Request) -> Response:
        nonlocal requests
        requests += 1
        return await downloading(imitation)(request)

    discoverer = Discoverer(
        archive=Wayback(settings),
        download=download,
        pool=InThisProcess(),  # type: ignore[arg-type]
        threshold=settings.getfloat("POLICY_THRESHOLD"),
        most=most,
        hops=hops,
    )
    return asyncio.run(discoverer.discover(domain)), requests


def first(discovery: Discovery) -> list[Found]:
    return [found for found in discovery.found if found.kind is Kind.MAIN]


@pytest.mark.parametrize("most", [1, 2, 5, 9])
def test_a_site_takes_no_more_requests_than_it_may(most: int) -> None:
    (site,) = [site for site in made_sites() if site.domain == "twohops.test"]
    discovery, requests = ask(Imitation(list(site.captures), page_size=10_000), site.domain, most)
    assert requests == discovery.requests <= most
    assert discovery.trouble == []
    assert bool(first(discovery)) == (most >= 5)


def test_pages_that_redirect_for_ever_end() -> None:
    turns = [f"{SITE}/privacy{n % 2}" for n in range(9)]
    captures = [
        Captured(f"200{n}0415120000", url, b"", 302, location=turns[n + 1])
        for n, url in enumerate(turns[:-1])
    ]
    discovery, requests = ask(Imitation(captures, page_size=100), "shop.example", 50)
    assert first(discovery) == []
    assert requests < 20


@pytest.mark.parametrize(
    ("turns", "hops", "said"),
    [
        (["http://", "https://", "http://www.", "https://www."], 1, "more than 1 redirects"),
        (["http://", "https://", "http://"], 8, "in a circle, back to http://archive.example/web/"),
    ],
)
def test_redirects_are_followed_as_far_as_the_crawl_follows_them(
    turns: list[str], hops: int, said: str
) -> None:
    urls = [f"{turn}shop.example/privacy" for turn in turns]
    stamps = [f"2004041512000{9 - n}" for n in range(len(urls))]
    captures = [
        Captured(at, url, b"", 302, location=f"/web/{later}id_/{to}")
        for (at, later), (url, to) in zip(pairwise(stamps), pairwise(urls), strict=True)
    ]
    home = Captured("20040415120000", f"{SITE}/", b"<a href=/privacy>Privacy Policy</a>")
    imitation = Imitation([*captures, home], page_size=100)
    discovery, _ = ask(imitation, "shop.example", 50, hops)
    assert f"redirect_lost: {said}" in discovery.found[0].says


def test_a_redirect_to_another_address_is_read_there_and_not_followed() -> None:
    captures = [
        *(Captured(f"200{n}0415120000", f"{SITE}/privacy", page("v")) for n in range(1, 5)),
        Captured("20060415120000", f"{SITE}/privacy", b"", 301, location=f"{SITE}/x/7"),
        *(Captured(f"20{n:02}0415120000", f"{SITE}/x/7", page("w")) for n in range(7, 12)),
    ]
    discovery, requests = ask(Imitation(captures, page_size=100), "shop.example")
    assert [f.policy_url for f in first(discovery)] == [f"{SITE}/privacy", f"{SITE}/x/7"]
    (told,) = [e for e in first(discovery)[1].evidence if e.route is Route.REDIRECT]
    assert (told.found_at, told.says) == (f"{SITE}/privacy", "HTTP 301")
    assert requests == 2 + 2 + 1 + 2  # the index, two pages, where it led, its captures and a page


def test_a_redirect_to_the_home_page_leads_to_no_policy() -> None:
    captures = [Captured("20040415120000", f"{SITE}/privacy", b"", 301, location=f"{SITE}/")]
    home = Captured("20040415120000", f"{SITE}/", b"<a href=/privacy>Privacy Policy</a>")
    discovery, _ = ask(Imitation([*captures, home], page_size=100), "shop.example")
    assert [(f.policy_url, f.says) for f in discovery.found] == [
        (f"{SITE}/privacy", f"leads to {SITE}/")
    ]


def test_a_frame_that_led_nowhere_is_not_looked_at_again() -> None:
    frames = Look((link("/top.htm", 0, frame=True), link("/b.htm", 0, frame=True)))
    world = World(
        homes=rows("/", 2001, 2012),
        looks={"/": frames, "/b.htm": Look((link("/terms", 0, is_hub=True),))},
    )
    world.ask(most=99)
    visits = [step.partition(" ")[2].split()[0] for step in world.asked()]
    assert visits.count("/top.htm") == 1
    assert visits.count("/b.htm") > 1


def test_where_a_home_page_leads_nowhere_its_hubs_are_asked_before_other_home_pages() -> None:
    world = World(
        captures=rows("/x", 2001, 2006),
        homes=rows("/", 2001, 2016),
        looks={
            **{f"/ {year}": Look((link("/map", 0, is_hub=True),)) for year in range(2001, 2012)},
            "/": Look((link("/privacy"),)),
            "/map": Look((link("/x"),)),
        },
        texts={"/privacy": policy("new"), "/x": policy("old")},
    )
    world.captures = [*world.captures, *rows("/privacy", 2012, 2016)]
    assert main(world.ask()) == ["/x", "/privacy"]
    assert world.asked()[2:5] == ["visit / 2007", "visit /map 2007", "list /x"]


def test_a_home_page_leads_to_the_policy_for_all_though_that_for_some_is_named_louder() -> None:
    kids = link("/k", 3.5, "Kids privacy policy")
    inquiry = Inquiry("shop.example")
    visit = Visit(f"{SITE}/", "20100101000000", Route.HOME, rows("/", 2010, 2010)[0])
    inquiry.saw(visit, visit.url, visit.timestamp, Look((kids, link("/p", 2.5))))
    assert [sight.key for sight in inquiry.sights] == [key_of(f"{SITE}/p")]


def test_a_row_or_page_of_an_archive_that_is_odd_does_not_end_the_inquiry() -> None:
    captures = [Captured(f"200{n}0415120000", f"{SITE}/privacy", page("v")) for n in range(3)]
    broken = ["http://[/x/privacy", "text/html", "200", "A", "9"]
    odd = ["example,shop)/x/privacy", "20010415120000", *broken]
    home = Captured("20020415120000", f"{SITE}/", b"<a href='http://[/privacy'>Privacy</a>")
    imitation = Imitation([*captures, home], page_size=100, extra_rows=[odd])
    discovery, _ = ask(imitation, "shop.example")
    assert [f.policy_url for f in first(discovery)] == [f"{SITE}/privacy"]


class Withholding(Imitation):
    """Keeps every site back."""

    def index(self, text: str) -> Answer:
        said = {"x-archive-wayback-runtime-error": "AdministrativeAccessControlException"}
        return Answer(403, said, b"")


def test_a_site_that_the_archive_keeps_back_is_no_trouble_and_not_without_a_policy() -> None:
    discovery, _ = ask(Withholding([], page_size=100), "shop.example")
    assert discovery.withheld is Listing.EXCLUDED
    assert (discovery.found, discovery.trouble) == ([], [])
