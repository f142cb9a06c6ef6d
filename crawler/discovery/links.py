"""Routes 2 and 3: the links of a page that may lead to a policy. Pure; runs in a worker process.

Links are read as people find them: by text, title, alternative text of an image, aria-label,
`rel="privacy-policy"` (RFC 6903), in footers, image maps, frames and `<noscript>`, and where a
script opens them. Pages are hostile: of each of their parts only so much is looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import parse_qsl, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discovery.addresses import is_address, key_of, meaning, name_score
from crawler.discovery.names import names_in
from pipelines.links import LONGEST, base_of, resolve

MOST = 3_000  # links that are looked at on a page: half of them its first, half its last
KEPT = 40  # links that are kept of it, the most telling
DOORS = 3  # links of a splash page
_SAID = 200  # letters of a link's words
_INSIDE = 200  # nodes in a link that are looked at
_LISTED = 20_000  # addresses of a sitemap that are looked at
_BEGINNING = 2_000  # letters in which a sitemap says what it is
_UP = 8  # elements around a link that may be a footer
_FOOTER = re.compile(r"foot|bottom|legal|copyright|impress|colophon|utility", re.I)
_REFRESH = re.compile(r"""[\s\d.;,]*url\s*=\s*['"]?([^'">]+)""", re.I)
_LOCATION = re.compile(
    rb"""(?:window|document|top|self)\.location(?:\.href)?\s*=\s*['"]([^'"]{1,500})['"]""", re.I
)
_OPENED = re.compile(  # what a script opens: an address, or a path with a dot or a slash in it
    r"""['"]((?:https?:/)?/[^'"\s<>]{1,500})['"]|['"]([\w~-][^'"\s<>]{0,300}[./?][^'"\s<>]{1,300})['"]"""
)
_SEAL = re.compile(  # a link's words for it; of an address, which has them run together
    r"seal\b|verified|certified|\btrust|\bbbb|\besrb\b|siegel|\bsceau\b|\bsello\b|\bselo\b|sigillo"
    r"|keurmerk",
    re.I,
)
_SEALED = re.compile(rf"{_SEAL.pattern}|seal|verif|certif|validat(?:e|ion)", re.I)
_SITEMAP = re.compile(r"<loc>\s*([^<\s]{1,300})\s*</loc>", re.I)
_NAMED = re.compile(r"^[ \t]*sitemap:[ \t]*(https?://\S{1,2000})", re.I | re.M)  # in robots.txt
_SHORT = 2_000  # bytes of a page that does nothing but lead on


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link: the address it leads to, what it says, and how much it looks like a policy's.

    `is_hub` says whether such pages usually lead to it. `frame` is one of the page's own parts.
    """

    url: str
    says: str
    score: float
    is_hub: bool = False
    frame: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page, parsed once: `url` is its address, `base` that to which its links are relative."""

    page: str
    url: str
    tree: LexborHTMLParser
    base: str


def parsed(page: str, url: str) -> Parsed:
    """Parse a page."""
    tree = LexborHTMLParser(page)
    return Parsed(page, url, tree, base_of(tree, url))


def links_of(parsed: Parsed, domain: str) -> tuple[PageLink, ...]:
    """Return the links of a page that matter, the most telling first.

    Pages of other hosts about the site, such as a seal's, lead to it, too.
    """
    best: dict[str, PageLink] = {}
    for link in _links(parsed):
        key = key_of(link.url)
        if _is_about(link, domain):
            link = replace(link, is_hub=True)
        if key not in best or link.score > best[key].score:
            best[key] = link
    found = [link for link in best.values() if link.score > 0 or link.is_hub or link.frame]
    found = found[::-1]  # of hubs the last first: what is legal stands at the end
    found.sort(key=lambda link: (-link.score, not link.frame, 0 if link.is_hub else len(link.url)))
    return tuple(found[:KEPT])


def _is_about(link: PageLink, domain: str) -> bool:
    """Whether a link leads to a page of another host about the site, as a seal does.

    Its words say so, or its address: that names a seal, and the site's whole name is a part of the
    path or a value of the query, alone or as the home page's address. Those that share, translate
    or keep a page have its address, too, but name no seal.
    """
    if _is_of(link.url, domain):
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


def _is_of(url: str, domain: str) -> bool:
    """Whether an address is on a site's host or a subdomain of it."""
    return f".{urlsplit(url).hostname}".endswith(f".{domain.partition(':')[0]}")


def leads_on(parsed: Parsed) -> str | None:
    """Return where a page sends its readers by itself (meta refresh, a script); None: it stays."""
    for meta in parsed.tree.css("meta[http-equiv=refresh i][content]"):
        if match := _REFRESH.match(meta.attributes["content"] or ""):
            return _web(resolve(parsed.base, match[1].strip()))
    page = parsed.page
    if len(page) <= _SHORT and (found := _LOCATION.search(page.encode(errors="replace"))):
        return _web(resolve(parsed.base, found[1].decode(errors="replace")))
    return None


def entrance(parsed: Parsed, domain: str) -> str | None:
    """Return the page of the site that a splash page lets its visitors into; None: no such page."""
    own = key_of(parsed.url)
    found: dict[str, str] = {}
    for node in parsed.tree.css("a[href], area[href]")[:MOST]:
        address = _web(resolve(parsed.base, node.attributes["href"] or ""))
        if address and key_of(address) != own and _is_of(address, domain):
            found.setdefault(key_of(address), address)
        if len(found) > DOORS:
            return None
    return next(iter(found.values()), None)


def sitemaps_of(robots: str) -> tuple[PageLink, ...]:
    """Return the sitemaps that a robots.txt names."""
    found = (match[1] for match in islice(_NAMED.finditer(robots), KEPT))
    return tuple(PageLink(url, "sitemap", 0.0, is_hub=True) for url in found if _web(url))


def sitemap_addresses(page: str) -> tuple[PageLink, ...]:
    """Return the addresses of a sitemap (sitemaps.org) that are named like a policy.

    Of an index of sitemaps return these, those of pages (not of posts or products) first.
    """
    urls = (match[1].replace("&amp;", "&") for match in _SITEMAP.finditer(page))
    listed = [url for url in islice(urls, _LISTED) if _web(url)]
    if "<sitemapindex" in page[:_BEGINNING]:
        maps = sorted(listed, key=lambda url: ("page" not in url, len(url)))
        return tuple(PageLink(url, "sitemap", 0.0, is_hub=True) for url in maps[:KEPT])
    found = [PageLink(url, url[:_SAID], score) for url in listed if (score := name_score(url)) > 0]
    return tuple(sorted(found, key=lambda link: -link.score)[:KEPT])


def is_sitemap(page: str) -> bool:
    """Whether a page is a sitemap, or an index of sitemaps."""
    return any(f"<{root}" in page[:_BEGINNING] for root in ("urlset", "sitemapindex"))


def _links(parsed: Parsed) -> Iterator[PageLink]:
    base = parsed.base
    for frame in parsed.tree.css("frame[src], iframe[src]")[:MOST]:
        if address := _web(resolve(base, frame.attributes["src"] or "")):
            yield PageLink(address, "frame", 0.0, frame=True)
    nodes = parsed.tree.css("a[href], area[href], link[rel][href]")
    footers: dict[int, bool] = {}
    for node in nodes if len(nodes) <= MOST else nodes[: MOST // 2] + nodes[-MOST // 2 :]:
        if (link := _link(node, base, footers)) is not None:
            yield link


def _link(node: LexborNode, base: str, footers: dict[int, bool]) -> PageLink | None:
    given = node.attributes
    rel = (given.get("rel") or "").lower().split()
    if node.tag == "link" and "privacy-policy" not in rel:
        return None
    href = (given["href"] or "").strip()
    address = None if href.startswith("#") else _web(resolve(base, href))
    if address is None and (opened := _OPENED.search(f"{href} {given.get('onclick')}"[:LONGEST])):
        address = _web(resolve(base, opened[1] or opened[2]))
    if address is None:
        return None
    says = _says(node)
    score = link_score(says, address)
    if "privacy-policy" in rel:
        score += 3
    elif score > 0 and _in_footer(node, footers):
        score += 0.5
    is_hub = any(name.means == "hub" for name in names_in(says, "link")[:3])
    return PageLink(address, says[:_SAID], score, is_hub=is_hub)


def link_score(says: str, url: str) -> float:
    """Return how much a link says that it leads to a policy: 3 is clear."""
    score = 0.0
    name = meaning(says, "link") if len(says) <= _SAID else None
    if name is not None:
        share = min(len(name.term) / max(len(says), 1), 1.0)
        score = {"policy": 3.0, "subject": 2.2}.get(name.means, -1.5)
        if name.means != "other" and share < 0.35:  # a sentence or a headline that mentions it
            score -= 1.5
    if name is None or name.means != "other":
        score += max(min(name_score(url), 3.0), -3.0) / (3 if score else 1.5)
    return score


def _says(node: LexborNode) -> str:
    """Return a link's words: its text, else its images' alternative text, else its attributes.

    Cut so that what is longer than a link's words are is still seen to be.
    """
    inside = list(islice(node.traverse(include_text=True), _INSIDE))
    if own := _joined([part.text_content for part in inside if part.is_text_node]):
        return own
    images = [part.attributes for part in inside if part.tag == "img"]
    alternatives = [image.get("alt") or image.get("title") for image in images]
    return _joined([*alternatives, *map(node.attributes.get, ("aria-label", "title", "alt"))])


def _joined(texts: list[str | None]) -> str:
    joined = " ".join(text[: 10 * _SAID] for text in texts if text)
    return " ".join(joined[: 10 * _SAID].split())[: _SAID + 1]


def _in_footer(node: LexborNode, footers: dict[int, bool]) -> bool:
    """Whether an element near around a link is named like a footer; `footers` remembers which."""
    parent = node.parent
    for _ in range(_UP):
        if parent is None:
            return False
        if parent.mem_id not in footers:
            given = parent.attributes
            names = f"{parent.tag} {given.get('class')} {given.get('id')}"
            footers[parent.mem_id] = _FOOTER.search(names) is not None
        if footers[parent.mem_id]:
            return True
        parent = parent.parent
    return False


def _web(address: str) -> str | None:
    """Return an address of the web without its fragment; None for any other."""
    bare = address.partition("#")[0]
    if not bare.startswith(("http://", "https://")) or len(bare) > LONGEST:
        return None
    return bare if is_address(bare) else None
