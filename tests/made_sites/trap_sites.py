"""Sites with pages that are easily taken for their policy, or with several policies."""

from collections.abc import Iterator

from tests.made_sites import layouts, trap_texts
from tests.made_sites.building import Site
from tests.made_sites.layouts import Layout


def written_about() -> Iterator[Site]:
    site = Site(
        "loudblog.example",
        "en",
        "Loud Blog",
        "blog post",
        "tag page",
        "search page",
        "category page",
    )
    site.home(2010, 2022, layouts.mega_footer, "/about/p4", "Privacy Policy")
    site.policy("/about/p4", 2010, 2022, 9)
    site.page("/blog/2018/05/privacy-policy-update", 2018, 2022, trap_texts.BLOG_POST, 25)
    site.page("/tag/privacy", 2014, 2022, trap_texts.TAG, 18)
    site.page("/tag/privacy-policy/page/2", 2016, 2022, trap_texts.TAG, 5)
    site.page("/search?q=privacy+policy", 2013, 2020, trap_texts.SEARCH, 8)
    site.page("/category/privacy/", 2012, 2022, trap_texts.TAG, 14)
    yield site

    site = Site("eveninglamp.example", "en", "Evening Lamp", "news article", "subdomain")
    site.home(2006, 2020, layouts.footer_list, "/services/conditions/2.html", "Privacy")
    site.policy("/services/conditions/2.html", 2006, 2020, 18)
    site.page("/services/conditions/1.html", 2006, 2020, "terms_text", 9)
    site.page(
        "/2013/jun/11/privacy-policy-lamp-maker-fined", 2013, 2020, trap_texts.NEWS_ARTICLE, 30
    )
    site.page("/topics/privacy", 2009, 2020, trap_texts.TAG, 40)
    site.page("http://forum.eveninglamp.example/t/privacy-policy", 2010, 2016, trap_texts.FORUM, 9)
    site.traps |= {"tag page", "forum"}
    yield site

    site = Site(
        "screenhouse.example", "en", "Screen House", "product", "search page", "mailing form"
    )
    site.home(2008, 2023, layouts.footer_list, "/customer-care/data", "Privacy policy")
    site.policy("/customer-care/data", 2008, 2023, 12)
    for name in ("privacy-screen-deluxe", "privacy-screen-oak", "window-privacy-film"):
        site.page(f"/products/{name}", 2009, 2023, trap_texts.PRODUCT, 12)
    site.page("/privacy", 2010, 2023, trap_texts.PRODUCT, 30)
    site.page("/catalogsearch/result/?q=privacy", 2012, 2019, trap_texts.SEARCH, 6)
    site.page("/mailing/privacy.php", 2008, 2014, trap_texts.MAILING_FORM, 9)
    yield site

    site = Site("helpdesk.test", "en", "Help Desk", "help page", "forum", "user pages")
    site.home(2009, 2021, layouts.title_only, "/policies/3", "Privacy notice")
    site.policy("/policies/3", 2009, 2021, 13)
    site.page("/help/privacy-settings", 2010, 2021, trap_texts.HELP, 22)
    site.page("/help/privacy", 2010, 2021, trap_texts.HELP, 26)
    site.page("/users/privacy", 2012, 2018, trap_texts.FORUM, 6)
    site.page("/policies/2", 2009, 2021, "terms_text", 9)
    yield site


def at_the_likely_address() -> Iterator[Site]:
    site = Site("softlamp.example", "en", "Soft Lamp", "soft 404")
    site.home(2007, 2019, layouts.footer_list, "/company/policies/data.html", "Privacy")
    site.policy("/company/policies/data.html", 2007, 2019, 14)
    for path in ("/privacy", "/privacy-policy", "/privacy.html"):
        site.page(path, 2009, 2019, "missing", 12)
    yield site

    site = Site("lockedlamp.example", "en", "Locked Lamp", "login page")
    site.home(2011, 2023, layouts.footer_list, "/legal/notice-4.html", "Privacy notice")
    site.policy("/legal/notice-4.html", 2011, 2023, 15)
    site.page("/privacy", 2011, 2023, "login", 20)
    site.redirect("/privacy-policy", "/account/login?next=privacy", 2013, 2020, 6, status=302)
    site.page("/account/login?next=privacy", 2013, 2020, "login", 6)
    yield site

    site = Site("hollowlamp.example", "en", "Hollow Lamp", "empty shell")
    site.home(2014, 2019, layouts.footer_list, "/privacy-notice.html", "Privacy")
    site.home(2020, 2024, layouts.shell)
    site.policy("/privacy-notice.html", 2014, 2024, 16)
    shell = (
        b'<html><head><title>Privacy</title></head><body><div id="app"></div>'
        b'<script src="/app.js"></script></body></html>'
    )
    site.raw("/privacy", 2017, 2024, shell, "text/html; charset=utf-8", 24)
    yield site

    site = Site(
        "besides.example", "en", "Besides", "cookie policy beside", "terms beside", "revisits"
    )
    cookies = ("Cookie policy", "/legal/cookie-policy")
    site.home(2012, 2023, layouts.footer_list, "/legal/privacy-policy", footer=[cookies])
    site.policy("/legal/privacy-policy", 2012, 2023, 18)
    site.other(
        "/legal/cookie-policy",
        "cookies",
        2012,
        2023,
        30,
        kind="cookies_text",
        title="Cookie policy",
    )
    site.page("/legal/cookie-settings", 2019, 2023, trap_texts.COOKIE_BANNER, 6)
    site.page("/legal/terms", 2012, 2023, "terms_text", 25)
    yield site


def of_others() -> Iterator[Site]:
    site = Site("bazaar.example", "en", "Bazaar", "marketplace", "subdomain", "users' policies")
    site.home(2008, 2023, layouts.mega_footer, "/legal/privacy", "Privacy")
    site.policy("/legal/privacy", 2008, 2023, 22)
    shops = (
        "annes-candles",
        "oldmaps",
        "rope-and-co",
        "lampworks",
        "dunes",
        "felt",
        "gorse",
        "kelp",
    )
    for shop in shops:
        name = shop.replace("-", " ").title()
        site.other(
            f"http://{shop}.bazaar.example/policies/privacy", "user", 2014, 2022, 8, name=name
        )
    yield site

    site = Site("makepolicies.example", "en", "Make Policies", "template generator")
    site.home(
        2013,
        2023,
        layouts.footer_list,
        "/legal/privacy",
        "Privacy",
        says=trap_texts.GENERATOR_PAGE[1],
    )
    site.policy("/legal/privacy", 2013, 2023, 16)
    site.page("/privacy-policy-generator", 2013, 2023, trap_texts.GENERATOR_PAGE, 35)
    kinds = "shop blog app school club choir bakery garage florist hotel dentist vet".split()
    for kind in kinds:
        for part in ("templates", "samples"):
            path = f"/{part}/{kind}/privacy-policy"
            site.other(path, "template", 2014, 2023, 5, name="[Your Company]")
    yield site

    site = Site("uploader.example", "en", "Uploader", "uploads", "other companies' policies")
    site.home(2012, 2022, layouts.footer_list, "/?page_id=3", "Privacy Policy")
    site.policy("/?page_id=3", 2012, 2022, 12)
    for month, name in (("03", "acme"), ("05", "borealis"), ("09", "corrie")):
        path = f"/wp-content/uploads/2016/{month}/{name}-privacy-policy.pdf"
        site.name = name.title()
        site.pdf(path, "other company", 2016, 2022, 9)
    site.name = "Uploader"
    for number in (1, 2, 4, 5):
        site.page(f"/?page_id={number}", 2012, 2022, "shop")
    yield site


def with_a_past() -> Iterator[Site]:
    site = Site("fadedlamp.example", "en", "Faded Lamp", "parked years")
    site.home(2000, 2008, layouts.table, "/privacy.html")
    site.policy("/privacy.html", 2000, 2008, 13)
    site.page("/", 2009, 2015, trap_texts.PARKED, 16)
    site.page("/privacy.html", 2009, 2015, trap_texts.PARKED, 9)
    site.other(
        "http://www.parkinglot.test/privacy", "other company", 2009, 2015, 9, name="Parking Lot"
    )
    yield site

    site = Site("newowner.example", "en", "Sand Dune Tours", "new owner", "parked years")
    site.home(1999, 2005, layouts.image_links, "/legal/priv.html", "Privacy")
    site.policy("/legal/priv.html", 1999, 2005, 10)
    site.page("/", 2006, 2009, trap_texts.PARKED, 8)
    site.name = "Pine Software"
    site.home(2010, 2022, layouts.footer_list, "/privacy-policy/")
    site.policy("/privacy-policy/", 2010, 2022, 17)
    site.gone("/legal/priv.html", 2010, 2014, 3)
    yield site

    site = Site("latecomer.example", "en", "Latecomer", "no policy at first", "soft 404")
    site.home(1997, 2003, layouts.table)
    site.gone("/privacy.html", 1999, 2002, 3)
    site.home(2004, 2016, layouts.footer_list, "/privacy.html")
    site.policy("/privacy.html", 2004, 2016, 19)
    site.page("/privacy", 2005, 2010, "missing", 4)
    yield site


def many_addresses() -> Iterator[Site]:
    site = Site(
        "campaigns.example", "en", "Campaigns", "utm variants", "print version", "pdf beside"
    )
    site.home(2010, 2022, layouts.footer_list, "/privacy-policy")
    site.policy("/privacy-policy", 2010, 2022, 60)
    for number in range(70):
        query = f"utm_source=mail{number}&utm_medium=email&utm_campaign=c{number % 7}"
        site.other(f"/privacy-policy?{query}", "variant", 2012, 2022, 1)
    site.other("/privacy-policy/print", "print", 2010, 2022, 20)
    site.pdf("/files/privacy-policy.pdf", "pdf", 2012, 2022, 14)
    yield site

    site = Site("sessions.test", "en", "Sessions", "session ids", "opaque address")
    site.home(2002, 2011, layouts.table, "/catalog/privacy.php")
    site.policy("/catalog/privacy.php", 2002, 2011, 8)
    for _ in range(90):
        session = f"{site.chance.getrandbits(128):032x}"
        site.other(f"/catalog/privacy.php?osCsid={session}", "variant", 2003, 2011, 1)
    yield site

    site = Site("thousands.example", "en", "Thousands", "utm variants", "thousands of rows")
    site.home(2011, 2023, layouts.mega_footer, "/privacy/")
    site.policy("/privacy/", 2011, 2023, 45)
    for number in range(2950):
        site.other(f"/privacy/?ref={number:05d}", "variant", 2013, 2023, 1)
    yield site

    site = Site("joomlamp.example", "en", "Joom Lamp", "index.php noise", "print version")
    real = "/index.php?option=com_content&view=article&id=12&Itemid=8"
    site.home(2008, 2017, layouts.table, real, "Privacy Policy")
    site.redirect("/index.php", "/", 2008, 2014, 5)
    site.policy(real, 2008, 2017, 13)
    site.other(f"{real}&tmpl=component&print=1", "print", 2009, 2016, 7)
    for number in range(20, 60):
        path = f"/index.php?option=com_content&view=article&id={number}&Itemid={number % 5}"
        site.page(path, 2008, 2017, "shop", 2)
    site.page("/index.html", 2005, 2007, "shop", 4)
    site.traps.add("opaque address")
    yield site

    site = Site("onlypdf.example", "en", "Only PDF", "pdf only", "uploads")
    site.home(2013, 2022, layouts.footer_list, "/media/docs/privacy_policy_en.pdf")
    site.pdf("/media/docs/privacy_policy_en.pdf", "main", 2013, 2022, 11)
    site.raw("/media/docs/price_list.pdf", 2013, 2022, b"%PDF-1.4\n%%EOF", "application/pdf")
    yield site


_KINDS = {
    "app": ("/app/privacy-policy", "App privacy notice"),
    "kids": ("/kids/privacy", "Children's privacy notice"),
    "jobs_text": ("/careers/privacy-notice", "Applicant privacy notice"),
    "region": ("/privacy/california", "Privacy notice for California residents"),
    "product": ("/products/lamp/privacy", "Privacy notice of the connected lamp"),
}


def _with_others(
    domain: str, name: str, main: str, layout: Layout, *kinds: str, shown: bool = True
) -> Site:
    """A site with a main policy, and others for parts of it that were captured more often."""
    site = Site(domain, "en", name, "several policies")
    for kind in kinds:
        path, title = _KINDS[kind]
        what = kind.removesuffix("_text")
        site.traps.add(f"{what} policy")
        site.extra += [(title, path)] if shown else []
        site.other(path, what, 2013, 2024, 28, kind=kind, title=title)
    site.home(2010, 2024, layout, main, "Privacy policy")
    site.policy(main, 2010, 2024, 17)
    return site


def of_several_policies() -> Iterator[Site]:
    footer, mega = layouts.footer_list, layouts.mega_footer
    yield _with_others("manyapps.example", "Many Apps", "/legal/privacy", footer, "app", "kids")
    yield _with_others(
        "bigsite.example",
        "Big Site",
        "/privacy",
        mega,
        "app",
        "kids",
        "jobs_text",
        "region",
        "product",
    )
    yield _with_others(
        "gadgets.test", "Gadgets", "/about/statement", footer, "product", "app", shown=False
    )
    yield _with_others(
        "hirelamp.example", "Hire Lamp", "/about/data-use", footer, "jobs_text", "region"
    )
    site = _with_others("toyshelf.example", "Toy Shelf", "/help/privacy", mega, "kids", "region")
    site.other("http://careers.toyshelf.example/privacy", "jobs", 2016, 2024, 30, kind="jobs_text")
    site.other(
        "http://www.toyshelf.example/eea-privacy", "region", 2018, 2024, 20, title="EEA notice"
    )
    site.traps.add("subdomain")
    yield site

    site = Site("tongues.example", "en", "Tongues", "language versions", "language prefix")
    site.home(2012, 2023, layouts.meta_refresh, "/en/privacy-policy")
    site.policy("/en/privacy-policy", 2012, 2023, 18)
    paths = {
        "de": "/de/datenschutz",
        "fr": "/fr/confidentialite",
        "es": "/es/privacidad",
        "nl": "/nl/privacy",
        "ja": "/ja/privacy",
    }
    for language, path in paths.items():
        site.other(path, "language", 2012, 2023, 20, language=language)
    site.home(2012, 2023, layouts.footer_list, "/de/datenschutz", path="/de/", language="de")
    yield site

    site = Site("zungen.example", "de", "Zungen", "language versions", "several moves")
    site.home(2008, 2013, layouts.footer_list, "/datenschutz.html", "Datenschutz")
    site.home(2014, 2023, layouts.footer_list, "/de/datenschutz", "Datenschutz")
    site.policy("/datenschutz.html", 2008, 2013, 9)
    site.redirect("/datenschutz.html", "/de/datenschutz", 2014, 2018, 4)
    site.policy("/de/datenschutz", 2014, 2023, 13)
    site.other("/en/privacy", "language", 2014, 2023, 26, language="en")
    site.other("/fr/confidentialite", "language", 2014, 2023, 11, language="fr")
    yield site


def shared_about() -> Iterator[Site]:
    """Pages of other hosts have the site's name in their address, and are no seals."""
    for domain, name, path in (
        ("manyshares.example", "Many Shares", "/about/7.html"),
        ("pinnedlamp.test", "Pinned Lamp", "/s/note.php?n=3"),
    ):
        site = Site(domain, "en", name, "share links", "hub", "opaque address")
        about = [
            ("Like us", f"http://pals.test/{domain}"),
            ("Share", f"http://pals.test/s.php?u=http%3A%2F%2Fwww.{domain}%2F"),
            ("Reviews", f"http://stars.test/{domain}"),
            ("Who is", f"http://whois.test/{domain}"),
            ("Valid HTML", f"http://check.test/?uri=http://www.{domain}/"),
        ]
        site.home(2009, 2018, layouts.footer_list, None, footer=about)
        links = [("Imprint", "/contact.html"), ("Privacy Policy", path)]
        site.page("/terms.html", 2009, 2018, "terms_text", 9, links=links)
        site.policy(path, 2009, 2018, 10)
        for _, url in about[:1] + about[2:4]:
            site.page(url, 2009, 2018, "shop", 4)
        yield site


def sites() -> Iterator[Site]:
    yield from written_about()
    yield from at_the_likely_address()
    yield from of_others()
    yield from with_a_past()
    yield from many_addresses()
    yield from of_several_policies()
    yield from shared_about()
