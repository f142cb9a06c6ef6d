"""Route 3: pages that are not the policy but lead to it: seals, sitemaps. Pure; runs in a worker.

That a link is to a legal notice, terms or the like, its words say: `names` has them as `hub`.
"""

import re
from itertools import islice
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.discovery.index import name_score
from crawler.discovery.pages import KEPT, SAID, PageLink, is_of, web_address

_LISTED = 20_000  # addresses of a sitemap that are looked at
_BEGINNING = 2_000  # letters in which a sitemap says what it is
_SEAL = re.compile(  # a link's words for it; of an address, which has them run together
    r"seal\b|verified|certified|\btrust|\bbbb|\besrb\b|siegel|\bsceau\b|\bsello\b|\bselo\b|sigillo"
    r"|keurmerk",
    re.I,
)
_SEALED = re.compile(rf"{_SEAL.pattern}|seal|verif|certif|validat(?:e|ion)", re.I)
_LOC = re.compile(r"<loc>\s*([^<\s]{1,300})\s*</loc>", re.I)
_NAMED = re.compile(r"^[ \t]*sitemap:[ \t]*(https?://\S{1,2000})", re.I | re.M)  # in robots.txt
_IN_INDEX = re.compile(r"/[^/]*sitemap[^/]*[.]xml$|[)]/robots[.]txt$")


def is_about(link: PageLink, domain: str) -> bool:
    """Whether a link leads to a page of another host about the site, as a seal does.

    Its words say so, or its address: that names a seal, and the site's whole name is a part of the
    path or a value of the query, alone or as the home page's address. Those that share, translate
    or keep a page have its address, too, but name no seal.
    """
    if is_of(link.url, domain):
        return False
    if _SEAL.search(link.says) is not None:
        return True
    parts = urlsplit(link.url)
    path, query = unquote(parts.path), parse_qsl(parts.query, keep_blank_values=True)
    site = re.compile(rf"(?:https?:/+)?(?:www\.)?{re.escape(domain)}/?", re.I)
    named = any(site.fullmatch(value) for _, value in query)
    named = named or re.search(rf"/{site.pattern}(?:/|$)", path, re.I) is not None
    about = " ".join([parts.netloc, path, *(name for name, _ in query)])
    return named and _SEALED.search(about.replace(domain, "")) is not None


def sitemaps_of(robots: str) -> tuple[PageLink, ...]:
    """Return the sitemaps that a robots.txt names."""
    found = (match[1] for match in islice(_NAMED.finditer(robots), KEPT))
    return tuple(PageLink(url, "sitemap", 0.0, is_hub=True) for url in found if web_address(url))


def sitemap_addresses(page: str) -> tuple[PageLink, ...]:
    """Return the addresses of a sitemap (sitemaps.org) that are named like a policy.

    Of an index of sitemaps return these, those of pages (not of posts or products) first.
    """
    urls = (match[1].replace("&amp;", "&") for match in _LOC.finditer(page))
    listed = [url for url in islice(urls, _LISTED) if web_address(url)]
    if "<sitemapindex" in page[:_BEGINNING]:
        maps = sorted(listed, key=lambda url: ("page" not in url, len(url)))
        return tuple(PageLink(url, "sitemap", 0.0, is_hub=True) for url in maps[:KEPT])
    found = [PageLink(url, url[:SAID], score) for url in listed if (score := name_score(url)) > 0]
    return tuple(sorted(found, key=lambda link: -link.score)[:KEPT])


def is_sitemap(page: str) -> bool:
    """Whether a page is a sitemap, or an index of sitemaps."""
    return any(f"<{root}" in page[:_BEGINNING] for root in ("urlset", "sitemapindex"))


def is_sitemap_key(key: str) -> bool:
    """Whether a urlkey is that of a sitemap, or of a robots.txt, which may name one."""
    return _IN_INDEX.search(key) is not None


def sitemap_order(key: str) -> tuple[bool, bool, int, str]:
    """Return by what sitemaps are sorted: that of pages first, robots.txt last."""
    return key.endswith("/robots.txt"), "page" not in key.rpartition("/")[2], len(key), key
