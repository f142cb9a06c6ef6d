"""A small site and its neighbours, as captures, for questions about a whole site."""

from tests.imitation import Captured

WORDS = "privacy|datenschutz|%e3%83%97"
SITE = "site.example"
OF_THE_SITE = [
    "http://site.example/privacy",
    "https://www.site.example/Datenschutz.html",
    "http://a.b.site.example/x/privacy?lang=en",
    "http://privacy.site.example/about",
    "https://site.example/%E3%83%97/",
]
OTHERS = [
    "http://site.example/",
    "http://site.example/about",
    "http://notsite.example/privacy",
    "http://site-x.example/privacy",
    "http://site.example.org/privacy",
    "http://site.example:8080/privacy",
    "http://example/site/privacy",
]
CAPTURES = [
    Captured(f"200{n}0415120000", url, f"{url} {n}".encode(), **kind)
    for url in OF_THE_SITE + OTHERS
    for n, kind in enumerate(({}, {"status": 301, "location": "http://elsewhere.example/"}, {}))
]
# the home page twice in a month
CAPTURES += [Captured("20020416120000", "http://site.example/", b"again")]
ASKED = {(c.url, c.timestamp) for c in CAPTURES if c.url in OF_THE_SITE}
