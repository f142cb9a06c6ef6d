"""Sites whose policy moved: by redirects, canonical links, or nothing but a new link."""

from collections.abc import Iterator

from tests.made_sites import layouts
from tests.made_sites.building import Site


def told_by_the_old_address() -> Iterator[Site]:
    site = Site("movinglamp.example", "en", "Moving Lamp", "move by redirect")
    site.home(2004, 2011, layouts.table, "/privacy.html")
    site.home(2012, 2021, layouts.footer_list, "/legal/privacy")
    site.policy("/privacy.html", 2004, 2011, 13)
    site.redirect("/privacy.html", "/legal/privacy", 2012, 2019, 6)
    site.policy("/legal/privacy", 2012, 2021, 17)
    yield site

    site = Site("twohops.test", "en", "Two Hops", "move by redirect", "two hops", "several moves")
    site.home(2001, 2006, layouts.table, "/privacy.asp")
    site.home(2007, 2012, layouts.footer_list, "/Privacy.aspx")
    site.home(2013, 2023, layouts.shell)
    site.policy("/privacy.asp", 2001, 2006, 9)
    site.redirect("/privacy.asp", "/Privacy.aspx", 2007, 2014, 5)
    site.policy("/Privacy.aspx", 2007, 2012, 8)
    site.redirect("/Privacy.aspx", "/go/81", 2013, 2018, 5, status=302)
    site.redirect("/go/81", "/company/commitments", 2013, 2018, 5)
    site.policy("/company/commitments", 2013, 2023, 14)
    site.traps.add("opaque address")
    yield site

    site = Site("canonlamp.example", "en", "Canon Lamp", "move by canonical link")
    site.home(2009, 2014, layouts.footer_list, "/info?page=privacy")
    site.home(2015, 2023, layouts.shell)
    site.policy("/info?page=privacy", 2009, 2014, 11)
    site.still("/info?page=privacy", 2015, 2019, 6, canonical="/our-promise/")
    site.policy("/our-promise/", 2015, 2023, 14)
    yield site

    site = Site("notemoved.example", "en", "Note Moved", "move by meta refresh")
    site.home(1999, 2003, layouts.frameset, "privpol.htm", "Privacy")
    site.home(2004, 2010, layouts.noscript, "/corp/pp/")
    site.policy("/privpol.htm", 1999, 2003, 8)
    refresh = '<meta http-equiv="refresh" content="3; url=/corp/pp/">'
    text = (
        "This page has been moved",
        ["The page has been moved. You are taken to its new place."],
    )
    site.page("/privpol.htm", 2004, 2008, text, 5, links=[("New page", "/corp/pp/")], head=refresh)
    site.policy("/corp/pp/", 2004, 2010, 11)
    yield site

    site = Site("tolanguage.example", "en", "To Language", "move by redirect", "language prefix")
    site.home(2010, 2023, layouts.footer_list, "/privacy")
    site.policy("/privacy", 2010, 2016, 14)
    site.redirect("/privacy", "/en-gb/privacy", 2017, 2023, 12, status=302)
    site.policy("/en-gb/privacy", 2017, 2023, 15)
    site.other("/de-de/privacy", "language", 2017, 2023, 15, language="de")
    site.other("/fr-fr/privacy", "language", 2017, 2023, 14, language="fr")
    site.traps.add("language versions")
    yield site


def told_by_nothing() -> Iterator[Site]:
    site = Site("newfooter.example", "en", "New Footer", "move by link", "stale copy")
    site.home(2003, 2009, layouts.table, "/privacy.html")
    site.home(2010, 2022, layouts.mega_footer, "/help/article/1029", "Privacy notice")
    site.policy("/privacy.html", 2003, 2009, 14)
    site.still("/privacy.html", 2010, 2013, 3)
    site.gone("/privacy.html", 2014, 2016, 3)
    site.policy("/help/article/1029", 2010, 2022, 18)
    for number in (1027, 1028, 1030):
        site.page(f"/help/article/{number}", 2010, 2022, "shop")
    yield site

    site = Site("thereandback.example", "en", "There and Back", "move by link", "moved back")
    site.home(2002, 2006, layouts.table, "/privacy.html")
    site.home(2007, 2010, layouts.footer_list, "/cms/index.php?id=31", "Privacy")
    site.home(2011, 2019, layouts.footer_list, "/privacy.html")
    site.policy("/privacy.html", 2002, 2006, 9)
    site.gone("/privacy.html", 2007, 2010, 3)
    site.policy("/cms/index.php?id=31", 2007, 2010, 7)
    site.page("/cms/index.php?id=30", 2007, 2010, "shop")
    site.policy("/privacy.html", 2011, 2019, 13)
    site.traps.add("several moves")
    yield site

    site = Site("restless.example", "en", "Restless", "several moves", "no policy at first")
    site.home(1996, 1998, layouts.table)
    site.home(1999, 2001, layouts.nested_frameset, "/docs/private.htm", "Privacy")
    site.home(2002, 2005, layouts.image_links, "/site/priv.cfm", "Privacy")
    site.home(2006, 2011, layouts.footer_list, "/node/12")
    site.home(2012, 2016, layouts.aria_label, "/legal/privacy-policy")
    site.policy("/docs/private.htm", 1999, 2001, 5)
    site.policy("/site/priv.cfm", 2002, 2005, 6)
    site.policy("/node/12", 2006, 2011, 10)
    site.page("/node/11", 2006, 2011, "shop")
    site.policy("/legal/privacy-policy", 2012, 2016, 9)
    site.at("https://privacy.restless.example")
    site.home(
        2017,
        2024,
        layouts.footer_list,
        "https://privacy.restless.example/",
        path="https://www.restless.example/",
    )
    site.policy("/", 2017, 2024, 20)
    site.traps |= {"subdomain", "http to https"}
    yield site


def of_hosts() -> Iterator[Site]:
    site = Site("securelamp.example", "en", "Secure Lamp", "http to https", "www to bare")
    site.home(2008, 2016, layouts.footer_list, "/privacy-policy")
    site.policy("/privacy-policy", 2008, 2016, 15)
    site.at("https://securelamp.example")
    site.redirect("http://www.securelamp.example/privacy-policy", "/privacy-policy", 2017, 2022, 7)
    site.home(2017, 2024, layouts.footer_list, "/privacy-policy")
    site.policy("/privacy-policy", 2017, 2024, 16)
    yield site

    site = Site("portlamp.example", "en", "Port Lamp", "port in the address", "www to bare")
    site.at("http://www.portlamp.example:80")
    site.home(1999, 2003, layouts.table, "/policies/privacy.html")
    site.policy("/policies/privacy.html", 1999, 2003, 9)
    site.at("http://portlamp.example")
    site.home(2004, 2010, layouts.table, "/policies/privacy.html")
    site.policy("/policies/privacy.html", 2004, 2010, 10)
    yield site

    site = Site(
        "legalhost.example", "en", "Legal Host", "subdomain", "move by redirect", "revisits"
    )
    site.home(2009, 2015, layouts.footer_list, "/privacy/")
    site.policy("/privacy/", 2009, 2015, 12)
    site.redirect("/privacy/", "https://legal.legalhost.example/privacy", 2016, 2020, 5)
    site.home(2016, 2024, layouts.mega_footer, "https://legal.legalhost.example/privacy")
    site.policy("https://legal.legalhost.example/privacy", 2016, 2024, 18)
    site.page("https://legal.legalhost.example/terms", 2016, 2024, "terms_text", 12)
    yield site

    site = Site(
        "datenwerk.example", "de", "Datenwerk", "subdomain", "several moves", "http to https"
    )
    site.home(2003, 2008, layouts.table, "/impressum.php?s=ds", "Datenschutz")
    site.home(2009, 2015, layouts.footer_list, "/service/datenschutz/")
    site.policy("/impressum.php?s=ds", 2003, 2008, 8)
    site.policy("/service/datenschutz/", 2009, 2015, 12)
    site.at("https://konto.datenwerk.example")
    site.redirect("http://www.datenwerk.example/service/datenschutz/", "/recht/2", 2016, 2018, 4)
    site.home(
        2016,
        2023,
        layouts.noscript,
        "https://konto.datenwerk.example/recht/2",
        path="https://www.datenwerk.example/",
    )
    site.policy("/recht/2", 2016, 2023, 14)
    site.page("/recht/1", 2016, 2023, "terms_text")
    site.traps |= {"move by redirect"}
    yield site


def sites() -> Iterator[Site]:
    yield from told_by_the_old_address()
    yield from told_by_nothing()
    yield from of_hosts()
