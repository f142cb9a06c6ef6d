"""Sites whose policy is a step further than the home page, or with another company."""

from collections.abc import Iterator

from tests.made_sites import layouts
from tests.made_sites.building import Site

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OF = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(*urls: str) -> bytes:
    """A sitemap of pages."""
    rows = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
    return f"{_XML}<urlset {_OF}>{rows}</urlset>".encode()


def sitemap_index(*urls: str) -> bytes:
    """A sitemap of sitemaps."""
    rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f"{_XML}<sitemapindex {_OF}>{rows}</sitemapindex>".encode()


def hubs() -> Iterator[Site]:
    site = Site("lawroom.example", "en", "Law Room", "hub", "opaque address")
    site.home(2006, 2017, layouts.footer_list, None, footer=[("Legal", "/legal/")])
    links = [("Imprint", "/docs/dp-1.html"), ("Privacy Policy", "/docs/dp-2.html")]
    site.page("/legal/", 2006, 2017, "legal_text", 11, links=links)
    site.policy("/docs/dp-2.html", 2006, 2017, 16)
    site.page("/docs/dp-1.html", 2006, 2017, "legal_text")
    yield site

    site = Site("fineprint.test", "en", "Fine Print", "hub")
    site.home(2001, 2009, layouts.table)
    links = [("privacy statement", "/cgi/doc?n=9")]
    site.page("/terms.html", 2001, 2009, "terms_text", 9, links=links)
    site.policy("/cgi/doc?n=9", 2001, 2009, 8)
    site.page("/cgi/doc?n=8", 2001, 2009, "shop")
    yield site

    site = Site("whoweare.example", "en", "Who We Are", "hub", "no policy at first")
    site.home(1998, 2008, layouts.image_links)
    site.page("/about.html", 1998, 2001, "shop", 5)
    links = [("How we treat what you tell us: our privacy policy", "/about/treat.html")]
    site.page("/about.html", "200203", 2008, "shop", 9, links=links)
    site.policy("/about/treat.html", "200203", 2008, 9)
    yield site

    site = Site("twosteps.example", "en", "Two Steps", "hub", "two hops")
    site.home(2003, 2013, layouts.script_links, None, footer=[("Legal", "/l.asp")])
    site.page("/l.asp", 2003, 2013, "legal_text", 9, links=[("Terms and policies", "/l2.asp")])
    site.page("/l2.asp", 2003, 2013, "terms_text", 9, links=[("Privacy Policy", "/l3.asp")])
    site.policy("/l3.asp", 2003, 2013, 10)
    yield site


def sitemaps() -> Iterator[Site]:
    site = Site("robotsknow.example", "en", "Robots Know", "sitemap", "robots.txt")
    base = "http://www.robotsknow.example"
    site.home(2012, 2021, layouts.shell)
    robots = f"User-agent: *\nDisallow: /cart\nSitemap: {base}/maps/all.xml\n".encode()
    site.raw("/robots.txt", 2012, 2021, robots, "text/plain", 8)
    pages = [
        f"{base}/pages/{name}" for name in ("lamps", "returns", "your-data-with-us", "careers")
    ]
    site.raw("/maps/all.xml", 2012, 2021, sitemap(*pages), "text/xml", 5)
    site.policy("/pages/your-data-with-us", 2012, 2021, 1)
    for name in ("lamps", "returns", "careers"):
        site.page(f"/pages/{name}", 2012, 2021, "shop")
    yield site

    site = Site("mapofmaps.test", "en", "Map of Maps", "sitemap")
    base = "http://www.mapofmaps.test"
    site.home(2014, 2023, layouts.shell)
    parts = [f"{base}/sitemap-{part}.xml" for part in ("shop", "pages")]
    site.raw("/sitemap.xml", 2014, 2023, sitemap_index(*parts), "application/xml", 6)
    site.raw("/sitemap-shop.xml", 2014, 2023, sitemap(f"{base}/s/1"), "application/xml", 4)
    pages = [f"{base}/i/{name}" for name in ("faq", "privacy-and-data", "help-privacy-settings")]
    site.raw("/sitemap-pages.xml", 2014, 2023, sitemap(*pages), "application/xml", 4)
    site.policy("/i/privacy-and-data", 2014, 2023, 9)
    site.page("/i/help-privacy-settings", 2014, 2023, "shop", 9)
    yield site

    site = Site("twoshelves.example", "en", "Two Shelves", "sitemap", "other host")
    base, texts = "http://www.twoshelves.example", "https://texts.shelfgroup.test"
    site.home(2013, 2022, layouts.shell)
    pages = [f"{base}/s/{number}" for number in range(40)]
    pages.insert(31, f"{texts}/two-shelves/privacy-policy")
    site.raw("/sitemap.xml", 2013, 2022, sitemap(*pages), "application/xml", 9)
    site.policy(f"{texts}/two-shelves/privacy-policy", 2013, 2022, 10)
    site.other(f"{texts}/privacy-policy", "other company", 2012, 2022, 12, name="Shelf Group")
    yield site

    site = Site("mapgrew.test", "en", "Map Grew", "sitemap", "other host", "no policy at first")
    base, policy = "http://www.mapgrew.test", "https://help.mapgrew-service.test/legal/privacy"
    site.home(2011, 2023, layouts.shell)
    pages = [f"{base}/s/{number}" for number in range(12)]
    site.raw("/sitemap.xml", 2011, 2014, sitemap(*pages), "text/xml", 6)
    site.raw("/sitemap.xml", 2015, 2023, sitemap(*pages, policy), "text/xml", 9)
    site.policy(policy, 2015, 2023, 11)
    yield site

    site = Site("listofpages.example", "en", "List of Pages", "hub", "page of all pages")
    site.home(2000, 2010, layouts.image_links, None, footer=[("Site map", "/map.html")])
    links = [(f"Lamp {number}", f"/lamp{number}.html") for number in range(20)]
    links.insert(13, ("Privacy", "/gen/09.html"))
    site.page("/map.html", 2000, 2010, "legal_text", 9, links=links)
    site.policy("/gen/09.html", 2000, 2010, 9)
    yield site


def seals() -> Iterator[Site]:
    for domain, name, number in (
        ("lanternbay.example", "Lantern Bay", 4711),
        ("gullrock.test", "Gull Rock", 4733),
    ):
        site = Site(domain, "en", name, "seal provider", "opaque address")
        seal = f"http://www.trustseal.test/validate?site={number}"
        site.home(2001, 2010, layouts.image_links, None, footer=[("TrustSeal verified", seal)])
        link = (f"Privacy statement of {name}", f"http://www.{domain}/help/s.asp?p=44")
        text = (
            f"TrustSeal: {name}",
            [
                f"The site {domain} is a member of the TrustSeal programme. Our auditors have "
                f"read what {name} promises to its visitors and visit the company once a year.",
                "You find the statement that we have audited under the link below. Complaints "
                "about a member are answered by TrustSeal within ten days.",
            ],
        )
        site.page(seal, 2001, 2010, text, 7, links=[link])
        site.policy("/help/s.asp?p=44", 2001, 2010, 10)
        for page in (41, 42, 43, 45):
            site.page(f"/help/s.asp?p={page}", 2001, 2010, "shop")
        site.other(
            "http://www.trustseal.test/privacy.html", "other company", 2001, 2010, name="TrustSeal"
        )
        yield site


def of_other_companies() -> Iterator[Site]:
    for domain, name, number in (
        ("ropewalk.example", "Rope Walk", "8f3a21"),
        ("saltpan.test", "Salt Pan", "77c0de"),
    ):
        site = Site(domain, "en", name, "hosted policy", "other host")
        host = "https://www.policies-hosted.test"
        site.home(2015, 2024, layouts.footer_list, f"{host}/p/{number}")
        site.policy(f"{host}/p/{number}", 2015, 2024, 14)
        site.other(f"{host}/p/aa1b2c", "other company", 2015, 2024, 20, name="Some Bakery")
        site.other(f"{host}/privacy", "other company", 2014, 2024, 30, name="Policies Hosted")
        yield site

    for domain, name in (("brightlamp.example", "Bright Lamp"), ("dimlamp.example", "Dim Lamp")):
        site = Site(domain, "en", name, "parent company", "other host")
        parent = "http://www.grandlampgroup.example/privacy.html"
        site.home(2005, 2016, layouts.mega_footer, parent, "Privacy Policy")
        site.at("http://www.grandlampgroup.example").name = "Grand Lamp Group"
        site.policy(parent, 2005, 2016, 19)
        site.at(f"http://www.{domain}").name = name
        yield site

    site = Site("ownagain.example", "en", "Own Again", "parent company", "several moves")
    parent = "http://legal.bigparent.example/en/privacy"
    site.home(2002, 2007, layouts.table, "/privacy.html")
    site.home(2008, 2013, layouts.footer_list, parent, "Privacy")
    site.home(2014, 2022, layouts.footer_list, "/privacy-notice")
    site.policy("/privacy.html", 2002, 2007, 8)
    site.redirect("/privacy.html", parent, 2008, 2012, 4)
    site.policy(parent, 2008, 2013, 18)
    site.policy("/privacy-notice", 2014, 2022, 16)
    site.traps.add("other host")
    yield site

    site = Site("cartapesta.example", "it", "Cartapesta", "hosted policy", "other host")
    host = "https://www.policies-hosted.test"
    site.home(2016, 2024, layouts.title_only, f"{host}/it/privacy-policy/40112", "Privacy")
    site.policy(f"{host}/it/privacy-policy/40112", 2016, 2024, 13)
    site.other(f"{host}/it/privacy-policy/40113", "other company", 2016, 2024, 9, name="Un Forno")
    yield site


def sites() -> Iterator[Site]:
    yield from hubs()
    yield from sitemaps()
    yield from seals()
    yield from of_other_companies()
