"""The made archive is what it says: its sites, their policies, and all that makes them hard."""

import hashlib
import html
from collections import Counter
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest

from crawler.records import Text
from crawler.settings import POLICY_THRESHOLD
from pipelines.judging.judge import judge
from pipelines.reading import read_page
from tests.made_sites import MadeSite, Stay, made_sites
from tests.made_sites.wording import languages
from tests.wayback_dialect import Captured

LAYOUTS = (
    "frameset, image map, image links, table layout, footer list, mega-footer, title only, "
    "aria-label only, rel=privacy-policy, noscript, script links, splash page, meta refresh, "
    "home redirects, single page app, only the index knows, frame in a page, base href"
)
ADDRESSES = (
    "native path, transliterated path, opaque address, language prefix, international name, "
    "old law in the address, old charset, port in the address, subdomain"
)
ROUTES = (
    "hub, page of all pages, sitemap, robots.txt, seal provider, hosted policy, parent company, "
    "other host, two hops"
)
MOVES = (
    "move by redirect, move by canonical link, move by meta refresh, move by link, http to https, "
    "www to bare, several moves, moved back, stale copy, no policy at first, new owner, "
    "parked years"
)
OTHERS = (
    "several policies, app policy, kids policy, jobs policy, region policy, product policy, "
    "language versions, cookie policy beside, terms beside, pdf beside, pdf only, print version, "
    "users' policies, other companies' policies, template generator, marketplace"
)
TRAPS = (
    "blog post, news article, product, help page, tag page, search page, category page, forum, "
    "user pages, soft 404, login page, empty shell, mailing form, uploads, utm variants, "
    "session ids, index.php noise, revisits, share links"
)
JUDGED_SHARE = 5  # one in five of the pages that are no main policy


@pytest.fixture(scope="module")
def sites() -> list[MadeSite]:
    return made_sites()


def test_there_are_many_sites_and_a_third_is_held_back(sites: list[MadeSite]) -> None:
    assert len(sites) >= 75
    assert len({site.domain for site in sites}) == len(sites)
    assert 0.25 < sum(site.held_back for site in sites) / len(sites) < 0.42


def test_they_are_always_the_same(sites: list[MadeSite]) -> None:
    assert made_sites() == sites


def test_every_language_has_a_site(sites: list[MadeSite]) -> None:
    assert {site.language for site in sites} == {name.partition("-")[0] for name in languages()}
    assert sum(site.language != "en" for site in sites) >= 30


def test_nothing_is_hard_in_one_site_only(sites: list[MadeSite]) -> None:
    found = Counter(trap for site in sites for trap in site.traps)
    named = ", ".join((LAYOUTS, ADDRESSES, ROUTES, MOVES, OTHERS, TRAPS)).split(", ")
    assert {trap for trap in named if found[trap] < 2} == set()
    assert found.keys() - set(named) == {"thousands of rows"}


def test_sizes_are_modest_but_for_one_site(sites: list[MadeSite]) -> None:
    *rest, largest = sorted(len(site.captures) for site in sites)
    assert largest > 3000
    assert max(rest) < 300
    stays = [len(_captures_of(site, stay)) for site in sites for stay in site.main]
    assert (min(stays), max(stays)) == (1, 60)


def test_only_reserved_names_are_used(sites: list[MadeSite]) -> None:
    hosts = {urlsplit(capture.url).hostname or "" for site in sites for capture in site.captures}
    assert {host.rpartition(".")[2] for host in hosts} == {"example", "test"}


def test_an_address_is_captured_once_a_second(sites: list[MadeSite]) -> None:
    for site in sites:
        known = Counter((capture.url, capture.timestamp) for capture in site.captures)
        assert max(known.values()) == 1, site.domain


def test_a_host_of_several_sites_is_the_same_to_all(sites: list[MadeSite]) -> None:
    seen: dict[str, list[Captured]] = {}
    for site in sites:
        for url in {capture.url for capture in site.captures}:
            here = [capture for capture in site.captures if capture.url == url]
            assert seen.setdefault(url, here) == here


def test_stays_follow_one_another_and_begin_and_end_with_a_capture(sites: list[MadeSite]) -> None:
    for site in sites:
        assert site.main, site.domain
        for stay in site.main:
            stamps = [capture.timestamp for capture in _captures_of(site, stay)]
            assert (min(stamps), max(stamps)) == (stay.since, stay.until), site.domain
        for stay, following in zip(site.main, site.main[1:], strict=False):
            assert stay.until < following.since, site.domain


def test_something_leads_to_every_main_policy_or_only_the_index_knows(
    sites: list[MadeSite],
) -> None:
    for site in sites:
        if "only the index knows" not in site.traps:
            for stay in site.main:
                assert any(_leads_to(capture, stay) for capture in site.captures), stay


def test_main_policies_read_as_policies_in_their_language(sites: list[MadeSite]) -> None:
    for site in sites:
        for stay in site.main:
            capture = min((c for c in _captures_of(site, stay) if c.body), key=_chosen)
            text = _read(capture)
            assert text is not None, capture.url
            assert judge(text, POLICY_THRESHOLD) is None, capture.url
            assert text.language == site.language, capture.url
            assert text.words >= 150 or site.language in ("ja", "zh", "th"), capture.url


def test_others_read_as_policies_and_no_other_page_does(sites: list[MadeSite]) -> None:
    for site in sites:
        main = {stay.policy_url for stay in site.main}
        for capture in _sample(site):
            text = _read(capture) if capture.url not in main else None
            if capture.url in site.others:
                assert text is not None, capture.url
                assert judge(text, POLICY_THRESHOLD) is None, capture.url
            elif text is not None and text.policy_score is not None:
                assert judge(text, POLICY_THRESHOLD) is not None, capture.url


def test_every_other_policy_is_captured_and_is_none_of_the_main_ones(
    sites: list[MadeSite],
) -> None:
    for site in sites:
        served = {capture.url for capture in site.captures if capture.status == 200}
        assert site.others.keys() <= served, site.domain
        assert not site.others.keys() & {stay.policy_url for stay in site.main}, site.domain


def _captures_of(site: MadeSite, stay: Stay) -> list[Captured]:
    """The captures of a stay that serve the policy."""
    return [
        capture
        for capture in site.captures
        if (capture.url, capture.status) == (stay.policy_url, 200)
        and stay.since <= capture.timestamp <= stay.until
    ]


def _chosen(capture: Captured) -> str:
    return hashlib.sha256(f"{capture.url} {capture.timestamp}".encode()).hexdigest()


def _sample(site: MadeSite) -> list[Captured]:
    """A capture of each of some addresses that are served in HTML or PDF."""
    pages = {
        capture.url: capture
        for capture in site.captures
        if capture.status == 200
        and capture.body
        and capture.content_type.startswith(("text/html", "application/p"))
    }
    return [page for page in pages.values() if int(_chosen(page), 16) % JUDGED_SHARE == 0]


def _read(capture: Captured) -> Text | None:
    return _read_body(capture.body, capture.content_type)


@cache
def _read_body(body: bytes, content_type: str) -> Text | None:
    return read_page(body, content_type, "http://made.example/")


def _leads_to(capture: Captured, stay: Stay) -> bool:
    """Whether a page, a redirect or a sitemap names the end of the policy's address."""
    if capture.url == stay.policy_url:
        return False
    place = urlsplit(stay.policy_url)
    end = place.path.rstrip("/").rpartition("/")[2] + (f"?{place.query}" if place.query else "")
    ends = [end, unquote(end), html.escape(end)] if end else [stay.policy_url]
    said = capture.body + (capture.location or "").encode()
    return any(f"{before}{name}".encode() in said for name in ends for before in "/\"'=")
