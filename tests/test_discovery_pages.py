"""What a page of a site says of where its policy is, and what an address says of itself."""

import time
from textwrap import wrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.home_pages import entrance, links_of
from crawler.discovery.index import MOST, SAMPLE, Address, AddressBook, key_of, name_score
from crawler.discovery.look import look_at, read_at
from crawler.discovery.pages import KEPT, PageLink, parsed
from crawler.discovery.redirects import leads_on
from crawler.records import Capture
from tests.factories import capture
from tests.pdf_files import pdf
from tests.test_archive_trouble import page

HOME = "http://www.shop.example/"
POLICY = "http://www.shop.example/doc/17"
CLEAR = 2.0


def links(html: str, url: str = HOME) -> tuple[PageLink, ...]:
    return links_of(parsed(html, url), "shop.example")


def scores(html: str) -> dict[str, float]:
    return {link.url.removeprefix(HOME): link.score for link in links(html)}


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/doc/17">Privacy Policy</a>',
        '<a href="/doc/17">Datenschutz</a>',
        '<a href="/doc/17">プライバシーポリシー</a>',
        '<a href="/doc/17"><b>Privacy</b>\n <i>Policy</i></a>',
        '<a href="/doc/17"><img src="p.gif" alt="Privacy Policy"></a>',
        '<a href="/doc/17"><img src="p.gif" title="Privacy Policy"></a>',
        '<a href="/doc/17" title="Privacy Policy"><img src="p.gif"></a>',
        '<a href="/doc/17" aria-label="Privacy Policy"><svg></svg></a>',
        '<a href="/doc/17" rel="nofollow Privacy-Policy">here</a>',
        '<link rel="privacy-policy" href="/doc/17">',
        '<map name="m"><area href="/doc/17" alt="Privacy Policy"></map>',
        '<noscript><a href="/doc/17">Privacy Policy</a></noscript>',
        '<base href="/doc/"><a href="17#top">Privacy Policy</a>',
        """<a href="javascript:void(window.open('/doc/17','w','width=9'))">Privacy Policy</a>""",
        """<a href="#" onclick="popup('doc/17'); return false">Privacy Policy</a>""",
        '<a href="https://web.archive.org/web/20010203040506/http://www.shop.example/doc/17">'
        "Privacy Policy</a>",
    ],
)
def test_a_link_is_read_as_people_find_it(html: str) -> None:
    (best, *_) = links(f"<p>Welcome. <a href=/cart>Your cart</a> {html}</p>")
    assert best.url == POLICY
    assert best.score >= CLEAR


def test_a_footer_says_a_little_more() -> None:
    link = '<a href="/doc/17">Privacy</a>'
    plain = scores(link)["doc/17"]
    for html in (
        f"<footer><ul><li>{link}</ul></footer>",
        f'<div class="site-foot">{link}</div>',
        f"<div id=copyright>{link}</div>",
    ):
        assert scores(html)["doc/17"] > plain


def test_a_headline_that_mentions_privacy_is_worth_less_than_a_link_named_so() -> None:
    found = scores(
        "<a href=/17>Privacy</a>"
        "<a href=/n/3>Minister promises more privacy for everybody who uses the railway</a>"
        "<a href=/blog/2011/04/privacy-in-the-age-of-phones>Privacy in the age of phones</a>"
    )
    assert found["17"] >= CLEAR
    assert all(score < CLEAR for url, score in found.items() if url != "17")


@pytest.mark.parametrize("says", ["Cookie Policy", "Terms of Use", "Politique de cookies"])
def test_a_neighbour_of_the_policy_is_not_it(says: str) -> None:
    assert all(score < 1 for score in scores(f"<a href=/c>{says}</a>").values())


@pytest.mark.parametrize("says", ["Terms of Use", "Legal notice", "Impressum", "Mentions légales"])
def test_a_page_that_usually_leads_to_the_policy_is_a_hub(says: str) -> None:
    (link,) = links(f"<a href=/c>{says}</a>")
    assert link.is_hub


def test_of_hubs_the_last_comes_first() -> None:
    found = links("<a href=/about>About us</a><footer><a href=/c/terms.html>Terms</a></footer>")
    assert [link.url for link in found] == [f"{HOME}c/terms.html", f"{HOME}about"]


def test_a_page_of_another_host_about_the_site_is_one_too() -> None:
    found = links(
        "<a href='http://seals.test/seal?site=www.shop.example'><img src=s.gif></a>"
        "<a href='http://other.test/x'>Verified by Other</a>"
        "<a href='http://www.shop.example/shop.example/'>Our verified shop</a>"
        "<a href='http://elsewhere.test/'>Friends</a>"
    )
    assert {link.url for link in found if link.is_hub} == {
        "http://seals.test/seal?site=www.shop.example",
        "http://other.test/x",
    }


@pytest.mark.parametrize(
    ("url", "is_about"),
    [
        ("http://seals.test/seal?site=www.shop.example", True),
        ("https://www.trusted.test/profile/shop.example", True),
        ("http://x.test/verifySeal?id=7&host=Shop.Example", True),
        ("http://x.test/validate.php?url=http%3A%2F%2Fwww.shop.example%2F&sealid=101", True),
        ("http://x.test/seal?site=bookshop.example", False),
        ("http://x.test/seal?site=shop.example.org", False),
        ("http://social.test/sharer.php?u=http%3A%2F%2Fshop.example%2F&t=Certified+lamps", False),
        ("http://social.test/share?url=http://shop.example/lamps&via=shop.example", False),
        ("http://social.test/shop.example", False),
        ("http://translate.test/translate?hl=en&u=shop.example", False),
        ("http://validator.test/check?uri=http://www.shop.example/", False),
        ("http://archive.test/web/2005/http://www.shop.example/", False),
        ("http://who.test/whois/shop.example", False),
    ],
)
def test_a_page_about_the_site_names_a_seal_and_the_sites_whole_name(
    url: str, is_about: bool
) -> None:
    found = links(f'<a href="{url}"><img src=i.gif></a>')
    assert [link.url for link in found if link.is_hub] == [url] * is_about


def test_frames_are_parts_of_the_page() -> None:
    found = links("<frameset><frame src=a.htm><frame src='#'><noframes></noframes></frameset>")
    assert {link.url for link in found if link.frame} == {f"{HOME}a.htm", HOME}
    assert links("<iframe src=foot.htm></iframe>")[0].frame


def test_where_a_link_leads_is_where_it_leads_without_scripts() -> None:
    tracked = """<a href="/doc/17" onclick="track('footer/click.privacy')">Privacy Policy</a>"""
    assert [link.url for link in links(tracked)] == [POLICY]


def test_the_best_link_to_an_address_counts() -> None:
    found = links("<a href=/doc/17>here</a><a href=http://shop.example/doc/17>Privacy Policy</a>")
    assert len(found) == 1
    assert found[0].score >= CLEAR


@pytest.mark.parametrize(
    "href",
    ["http://[", "http://[::1]/privacy", "http://x/", "mailto:privacy@shop.example"],
)
def test_a_link_that_leads_nowhere_does_not_hide_the_others(href: str) -> None:
    broken = f"<a href='{href}'>Privacy Policy</a>"
    found = links(f"{broken}<base href='{HOME}'><a href=/doc/17>Privacy Policy</a>")
    assert [link.url for link in found] == [POLICY]
    assert entrance(parsed(f"{broken}<a href=/in>Enter</a>", HOME), "shop.example") == f"{HOME}in"


@pytest.mark.parametrize(
    "html",
    [
        "<a href='/policy/{n}'>Privacy Policy {n}</a>",
        "<div>" * 3_000 + "<a href=/doc/17>Privacy Policy</a>",
        "<a href=/doc/17>Privacy<object>" * 3_000,
        "<a href=/doc/17>" + "<b>" * 9_000 + "Privacy",
        "<a href=/doc/17>" + "privacy policy " * 300_000 + "</a>",
        "<a href='/" + "privacy/" * 400_000 + "'>Privacy</a>",
        "<a href='/" + "privacy-" * 200 + "'>Privacy</a>",
        "<a href=/doc/17 title='" + "privacy " * 300_000 + "'></a>",
        "<a href='#' onclick=\"" + ("'a" + "." * 600 + " ") * 3_000 + '">Privacy</a>',
        "<div " + " ".join(f"a{n}" for n in range(9_000)) + ">" + "<a href=/p>Privacy</a>" * 3_000,
        f"<meta http-equiv=refresh content='{' ' * 500_000}x'>",
        "<meta http-equiv=refresh content='" + "1." * 300_000 + "'>",
        "<noscript>" * 9_000 + "<a href=/p>Privacy</a>",
        "<urlset>" + f"<loc>{HOME}{'privacy-' * 30}</loc>" * 30_000,
        "<urlset>" + "<loc> " * 300_000,
    ],
)
def test_a_hostile_page_ends_soon_and_brings_little(html: str) -> None:
    html = "".join(html.replace("{n}", str(n)) for n in range(100_000 if "{n}" in html else 1))
    begun = time.process_time()
    look = look_at(html.encode(), "text/html", HOME, "shop.example")
    assert time.process_time() - begun < 6
    assert len(look.links) <= KEPT
    assert all(len(link.says) <= 200 and len(link.url) <= 2000 for link in look.links)


def test_the_last_links_of_a_page_of_very_many_are_looked_at() -> None:
    many = "".join(f"<a href=/p/{n}>Product {n}</a>" for n in range(9_000))
    assert [link.url for link in links(f"{many}<a href=/doc/17>Privacy</a>")] == [POLICY]


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list("<>/='\"#?:[] ahrefimgltcosxu\x00\ud800")), max_size=200))
def test_no_page_breaks_the_reading(html: str) -> None:
    body = f"<a href='{html}'>{html}</a><meta http-equiv=refresh content='0;url={html}'>{html}"
    look_at(body.encode(errors="replace"), "text/html", HOME, "shop.example")


# -- pages that lead on ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "to"),
    [
        ("<meta http-equiv=Refresh content='0; URL=/en/'>", f"{HOME}en/"),
        ('<META HTTP-EQUIV="refresh" CONTENT="3;url=\'/en/\'">', f"{HOME}en/"),
        ("<meta http-equiv=refresh content='url=http://other.test/'>", "http://other.test/"),
        ("<meta http-equiv=refresh content='300'>", None),
        ("<script>window.location.href = '/en/';</script>", f"{HOME}en/"),
        ("<script>top.location='/en/'</script>" + "<p>text</p>" * 300, None),
        ("<script>if (location == 'x') y()</script>", None),
        ("<meta http-equiv=refresh content='0;url=javascript:x()'>", None),
    ],
)
def test_a_page_that_sends_its_readers_on_is_known(html: str, to: str | None) -> None:
    assert leads_on(parsed(html, HOME)) == to


def test_a_splash_page_has_an_entrance() -> None:
    splash = "<a href=/main.htm><img src=logo.gif></a><a href=http://flash.test/>Get the player</a>"
    assert look_at(splash.encode(), None, HOME, "shop.example").onward == f"{HOME}main.htm"
    doors = "".join(f"<a href=/{n}>{n}</a>" for n in range(4))
    assert entrance(parsed(doors, HOME), "shop.example") is None
    assert entrance(parsed(f"<a href='{HOME}#top'>top</a>", HOME), "shop.example") is None


def test_a_page_that_is_looked_at_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []

    def counting(page: str) -> LexborHTMLParser:
        pages.append(page)
        return LexborHTMLParser(page)

    monkeypatch.setattr("crawler.discovery.pages.LexborHTMLParser", counting)
    look_at(b"<a href=/main.htm><img src=logo.gif></a>", None, HOME, "shop.example")
    assert len(pages) == 1


def test_robots_txt_names_sitemaps() -> None:
    robots = b"User-agent: *\n\n  Sitemap: http://shop.example/map.xml\nsitemap:http://[\n" * 2
    look = look_at(robots, "text/plain", f"{HOME}robots.txt", "shop.example")
    assert {(link.url, link.is_hub) for link in look.links} == {
        ("http://shop.example/map.xml", True)
    }


def test_a_sitemap_names_policies_among_the_rest() -> None:
    body = "".join(
        f"<url><loc> {HOME}{path} </loc></url>" for path in ("cart", "privacy?a=1&amp;b=2")
    )
    look = look_at(f"<urlset>{body}</urlset>".encode(), "text/xml", f"{HOME}s.xml", "shop.example")
    assert [link.url for link in look.links] == [f"{HOME}privacy?a=1&b=2"]


def test_an_index_of_sitemaps_names_that_of_pages_first() -> None:
    names = ("post-sitemap.xml", "page-sitemap.xml", "product-sitemap1.xml")
    body = "".join(f"<sitemap><loc>{HOME}{name}</loc></sitemap>" for name in names)
    page = f"<sitemapindex>{body}</sitemapindex>".encode()
    found = look_at(page, "text/xml", f"{HOME}sitemap_index.xml", "shop.example").links
    assert {link.is_hub for link in found} == {True}
    assert [link.url for link in found] == [f"{HOME}{names[n]}" for n in (1, 0, 2)]


def test_a_pdf_has_no_links_and_can_be_a_policy() -> None:
    words = "This privacy policy says how we collect, use and share your personal information. "
    body = pdf(["Privacy Policy", *wrap(words * 12, 80)])
    assert look_at(body, "application/pdf", POLICY, "shop.example").links == ()
    assert read_at(body, "application/pdf", POLICY, 0.72).refused == ""


# -- pages read as policies ------------------------------------------------------------------------


def test_a_policy_is_read_with_where_it_leads() -> None:
    body = page("v1").replace(b"</head>", b"<link rel=canonical href=/legal/privacy></head>")
    reading = read_at(body, "text/html", POLICY, 0.72)
    assert (reading.refused, reading.title, reading.language) == ("", "Privacy Policy", "en")
    assert reading.canonical == f"{HOME}legal/privacy"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (
            b"<p>Our shop sells lamps. We have sold lamps since 1920 and love them all.</p>" * 9,
            "not_policy",
        ),
        (b"", "empty"),
        (b"<p>Lorem</p>", "hardly any text"),
    ],
)
def test_what_is_no_policy_says_why(body: bytes, why: str) -> None:
    assert why in read_at(body, "text/html", POLICY, 0.72).refused


def test_a_language_that_the_judge_does_not_know_needs_the_name_and_some_text() -> None:
    text = "Hverniz við förum með persónuupplýsingar viðskiptavina okkar og hvers vegna við gerum. "
    named = f"<title>Persónuverndarstefna</title><p>{text * 9}</p>"
    assert read_at(named.encode(), "text/html; charset=utf-8", POLICY, 0.72).refused == ""
    other = named.replace("Persónuverndarstefna", "Um okkur").replace("persónuupplýsingar", "pósti")
    assert read_at(other.encode(), "text/html; charset=utf-8", POLICY, 0.72).refused


def test_a_title_without_end_is_cut() -> None:
    body = page("v").replace(b"<title>", b"<title>" + b"privacy | " * 100_000)
    assert len(read_at(body, "text/html", POLICY, 0.72).title) <= 300


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "worse",
    [
        "/blog/2014/03/05/privacy-matters",
        "/news/new-privacy-rules-for-phones",
        "/help/privacy-settings",
        "/forum/threads/privacy.1234",
        "/products/privacy-screen-filter-15-inch",
        "/privacy?utm_source=mail",
        "/privacy?PHPSESSID=3f2a",
        "/print/privacy",
        "/privacy.jpg",
        "/cookie-policy",
        "/tag/privacy",
        "/static/js/privacy.html",
        "/a/b/c/d/e/privacy",
        "/about",
        "/" + "privacy/" * 100,
    ],
)
def test_a_policys_address_is_told_from_others_that_mention_it(worse: str) -> None:
    for good in ("/privacy", "/privacy-policy.html", "/legal/privacy", "/datenschutz"):
        assert name_score(f"http://shop.example{good}") > name_score(f"http://shop.example{worse}")


@pytest.mark.parametrize(
    "url", ["http://[/privacy", "http://shop.example:x/privacy", "", "privacy"]
)
def test_a_broken_address_has_a_score_all_the_same(url: str) -> None:
    assert name_score(url) <= 4


def test_the_host_may_name_the_policy_but_not_the_site() -> None:
    assert name_score("http://privacy.shop.example/") >= CLEAR
    assert name_score("http://privacy.example/") == 0


def rows(url: str, *years: int, **fields: object) -> list[Capture]:
    fields = {"urlkey": key_of(url), "original": url, **fields}
    return [capture(f"{year}0615120000", **fields) for year in years]


def test_an_address_lives_like_a_policy_if_it_is_there_for_years() -> None:
    long, short, gone = AddressBook(), AddressBook(), AddressBook()
    long.add(rows(f"{HOME}privacy", *range(2001, 2012)))
    short.add(rows(f"{HOME}privacy", 2001))
    gone.add(rows(f"{HOME}privacy", 2001, 2005, statuscode=404))
    lives = [book.ranked()[0].life for book in (long, short, gone)]
    assert lives == sorted(lives, reverse=True)
    assert lives[2] < 0 < lives[1] < 1 < lives[0] <= 2


def test_redirects_count_that_come_after_the_last_page() -> None:
    book = AddressBook()
    for year in range(2001, 2001 + 2 * SAMPLE):
        book.add(rows(f"{HOME}privacy", year, statuscode=301))
        book.add(rows("https://www.shop.example/privacy", year))
    book.add(rows("https://www.shop.example/privacy", 2040, 2041, statuscode=301))
    (address,) = book.ranked()
    assert [c.timestamp[:4] for c in address.redirects] == ["2040", "2041"]


STATUSES = st.dictionaries(st.integers(1996, 2030), st.sampled_from([200, 301, 404, None]))


@given(STATUSES)
def test_the_order_of_rows_does_not_matter(said: dict[int, int | None]) -> None:
    captures = [rows(f"{HOME}privacy", year, statuscode=said[year])[0] for year in said]
    addresses = [Address("k", f"{HOME}privacy"), Address("k", f"{HOME}privacy")]
    for address, order in zip(addresses, (captures, captures[::-1]), strict=True):
        for row in order:
            address.add(row)
    one, other = addresses
    for name in "since", "until", "pages", "life", "policy_url", "last":
        assert getattr(one, name) == getattr(other, name)
    if len(said) <= SAMPLE:
        assert one.middle == other.middle
        assert {c.timestamp for c in one.redirects} == {c.timestamp for c in other.redirects}


def test_a_site_of_very_many_addresses_keeps_those_that_look_most_like_a_policy() -> None:
    book = AddressBook()
    begun = time.process_time()
    for n in range(5 * MOST):
        book.add(rows(f"{HOME}blog/privacy-{n}", 2001))
        book.add(rows(f"{HOME}story/{n}", 2001))
    book.add(rows(f"{HOME}privacy", 2001, 2009))
    for n in range(2 * MOST):
        book.add(rows(f"{HOME}{n}/my-privacy-and-yours", 2001))
    assert time.process_time() - begun < 15
    assert book.ranked()[0].policy_url == f"{HOME}privacy"
    assert len(book.ranked()) <= 2 * MOST


def test_an_address_captured_without_end_keeps_a_sample_of_it() -> None:
    address = Address("k", f"{HOME}privacy")
    for n in range(50_000):
        address.add(capture(f"{1996 + n // 2000}0101{n % 2000:06}"))
    assert address.pages == 50_000
    assert len(address.sample) <= SAMPLE
    assert address.middle is not None
    assert str(address.since) < address.middle.timestamp < str(address.until)
    years = {c.timestamp[:4] for c in address.sample}
    assert len(years) > SAMPLE // 3


def test_what_no_list_may_name_is_no_address() -> None:
    book = AddressBook()
    for url in ("http://[/privacy", "http://u:p@shop.example/privacy", "http://x/privacy"):
        book.add(rows(url, 2001))
    assert book.ranked() == []
