"""Sites in English whose difficulty is how the home page shows its links."""

from collections.abc import Iterator

from tests.made_sites import layouts
from tests.made_sites.building import Site


def of_the_nineties() -> Iterator[Site]:
    site = Site("harbourlight.example", "en", "Harbour Light", "no policy at first")
    site.home("199703", 1999, layouts.frameset)
    site.home(2000, 2003, layouts.frameset, "privacy.html")
    site.home(2004, 2009, layouts.table, "/privacy.html")
    site.policy("/privacy.html", "200002", 2009, 22)
    yield site

    site = Site("oldpost.example", "en", "The Old Post")
    site.home(1999, 2002, layouts.nested_frameset, "/legal/priv.htm", "Privacy Statement")
    site.home(2003, 2006, layouts.table, "/legal/priv.htm", "Privacy Statement")
    site.policy("/legal/priv.htm", "199904", 2006, 9)
    yield site

    site = Site("tidemap.test", "en", "Tide Map")
    site.home(1998, 2003, layouts.image_map, "/info/priv.html", "Privacy")
    site.policy("/info/priv.html", 1998, 2003, 1)
    yield site

    site = Site("quietarea.example", "en", "Quiet Area", "no policy at first")
    site.home(1996, 1999, layouts.silent_image_map)
    site.home("200003", 2004, layouts.silent_image_map, "/company/privacy_policy.shtml")
    site.policy("/company/privacy_policy.shtml", "200003", 2004, 11)
    yield site

    site = Site("buttonrow.example", "en", "Button Row", "opaque address")
    site.home(1999, 2005, layouts.image_links, "/cgi-bin/page.pl?doc=44", "Your Privacy")
    site.policy("/cgi-bin/page.pl?doc=44", 1999, 2005, 3)
    for number in (12, 13, 45, 46):
        site.page(f"/cgi-bin/page.pl?doc={number}", 1999, 2005, "shop")
    yield site

    site = Site("scriptwindow.example", "en", "Script Window")
    site.home(2000, 2007, layouts.script_links, "/popups/p.asp?x=2", "Privacy policy")
    site.policy("/popups/p.asp?x=2", 2000, 2007, 10)
    site.page("/popups/p.asp?x=1", 2000, 2007, "terms_text")
    yield site


def of_later_years() -> Iterator[Site]:
    site = Site("greyicons.example", "en", "Grey Icons", "opaque address")
    site.home(2009, 2015, layouts.title_only, "/data-and-you", "Privacy policy")
    site.policy("/data-and-you", 2009, 2015, 16)
    yield site

    site = Site("labelled.test", "en", "Labelled", "opaque address")
    site.home(2014, 2022, layouts.aria_label, "/about/p/4711", "Privacy notice")
    site.policy("/about/p/4711", 2014, 2022, 18)
    for number in (4709, 4710, 4712):
        site.page(f"/about/p/{number}", 2014, 2022, "legal_text")
    yield site

    site = Site("relpolicy.example", "en", "Rel Policy", "opaque address")
    site.home(2018, 2024, layouts.rel_link, "/statement-2018.html")
    site.policy("/statement-2018.html", 2018, 2024, 15)
    yield site

    site = Site("megafoot.example", "en", "Mega Foot")
    site.home(2012, 2023, layouts.mega_footer, "/legal/privacy-notice", "Privacy Notice")
    site.policy("/legal/privacy-notice", 2012, 2023, 40)
    for path in ("/c/A/3", "/c/D/8", "/c/B/1"):
        site.page(path, 2012, 2023, "shop")
    yield site

    site = Site("noscripted.example", "en", "No Scripted")
    site.home(2002, 2010, layouts.noscript, "/servlet/View?doc=pp", "Privacy Policy")
    site.policy("/servlet/View?doc=pp", "200205", 2010, 12)
    yield site

    site = Site("shellgame.example", "en", "Shell Game", "only the index knows", "revisits")
    site.home(2015, 2024, layouts.shell)
    site.policy("/assets/legal/privacy-policy.html", 2015, 2024, 20)
    site.page("/assets/legal/terms-of-use.html", 2015, 2024, "terms_text")
    yield site

    site = Site("framefoot.example", "en", "Frame Foot")
    site.home(2003, 2011, layouts.footer_frame, "/corp/notice.aspx", "Privacy & Security")
    site.policy("/corp/notice.aspx", 2003, 2011, 13)
    yield site

    site = Site("basehref.example", "en", "Base Href")
    site.home(2001, 2008, layouts.with_base, "/your_privacy.html", "Your privacy")
    site.policy("/site/your_privacy.html", 2001, 2008, 8)
    site.gone("/your_privacy.html", 2003, 2006)
    yield site


def behind_a_first_page() -> Iterator[Site]:
    site = Site("splashdown.example", "en", "Splash Down")
    site.home(2000, 2006, layouts.splash, "/privacystatement.html")
    site.policy("/privacystatement.html", 2000, 2006, 2)
    yield site

    site = Site("refreshing.test", "en", "Refreshing")
    site.home(2005, 2012, layouts.meta_refresh, "/en/about/d.html", "Privacy policy")
    site.policy("/en/about/d.html", 2005, 2012, 12)
    yield site

    site = Site("rootmoved.example", "en", "Root Moved", "home redirects", "opaque address")
    site.redirect("/", "/shop/start.do", 2008, 2016, 14, status=302)
    site.home(2008, 2016, layouts.footer_list, "/shop/info.do?id=7", path="/shop/start.do")
    site.policy("/shop/info.do?id=7", 2008, 2016, 17)
    for number in (5, 6, 8):
        site.page(f"/shop/info.do?id={number}", 2008, 2016, "legal_text")
    yield site

    site = Site("otherhost.example", "en", "Other Host", "home redirects", "subdomain")
    site.redirect("/", "http://store.otherhost.example/", 2009, 2018, 12)
    site.at("http://store.otherhost.example")
    site.home(2009, 2018, layouts.mega_footer, "/help/77", "Privacy")
    site.policy("/help/77", 2009, 2018, 21)
    site.page("/help/76", 2009, 2018, "legal_text")
    yield site


def sites() -> Iterator[Site]:
    yield from of_the_nineties()
    yield from of_later_years()
    yield from behind_a_first_page()
