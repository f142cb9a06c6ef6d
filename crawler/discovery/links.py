"""Routes 2 and 3: the links of a page that may lead to a policy. Pure; runs in a worker process.

Links are read as people find them: by text, title, alternative text of an image, aria-label,
`rel="privacy-policy"` (RFC 6903), in footers, image maps and frames, and where scripts would show
them, in `<noscript>`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discovery.addresses import key_of, meaning, name_score
from crawler.discovery.names import names_in
from pipelines.links import LONGEST, base_of, resolve

MOST = 3_000  # links that are looked at on a page
KEPT = 40  # links that are kept of it, the most telling
DOORS = 3  # links of a splash page
_SAID = 200  # letters of a link's words
_FOOTER = re.compile(r"foot|bottom|legal|copyright|impress|colophon|utility", re.I)
_REFRESH = re.compile(r"""^\s*[\d.]*\s*[;,]?\s*url\s*=\s*['"]?([^'">]+)""", re.I)
_LOCATION = re.compile(
    rb"""(?:window|document|top|self)\.location(?:\.href)?\s*=\s*['"]([^'"]{1,500})['"]""", re.I
)
_OPENED = re.compile(  # what a script opens: an address, or a path with a dot or a slash in it
    r"""['"]((?:https?:/)?/[^'"\s<>]{1,500})['"]|['"]([\w~-][^'"\s<>]{0,300}[./?][^'"\s<>]{1,300})['"]"""
)
_SEAL = re.compile(r"seal\b|verified|certified|\btrust|\bbbb|\besrb\b|siegel", re.I)
_SITEMAP = re.compile(r"<loc>\s*([^<\s]{1,2000})\s*</loc>", re.I)
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


def links_of(page: str, url: str, domain: str) -> tuple[PageLink, ...]:
    """Return the links of a page that matter, the most telling first.

    `url` is its address. A page of another host whose address has the site's `domain` in it is
    about the site, as a seal's is: such pages lead to it, too.
    """
    parsed = LexborHTMLParser(page)
    base = base_of(parsed, url)
    best: dict[str, PageLink] = {}
    for link in _links(parsed, base):
        key = key_of(link.url)
        if _is_about(link, domain):
            link = replace(link, is_hub=True)
        if key not in best or link.score > best[key].score:
            best[key] = link
    found = [link for link in best.values() if link.score > 0 or link.is_hub or link.frame]
    found.sort(key=lambda link: (-link.score, not link.frame, len(link.url)))
    return tuple(found[:KEPT])


def _is_about(link: PageLink, domain: str) -> bool:
    """Whether a link leads to a page of another host about the site, as a seal does."""
    parts = urlsplit(link.url)
    if f".{parts.hostname}".endswith(f".{domain}"):
        return False
    return domain in f"{parts.path}?{parts.query}" or _SEAL.search(link.says) is not None


def leads_on(page: str, url: str) -> str | None:
    """Return where a page sends its readers by itself (meta refresh, a script); None: it stays."""
    parsed = LexborHTMLParser(page)
    base = base_of(parsed, url)
    for meta in parsed.css("meta[http-equiv=refresh i][content]"):
        if match := _REFRESH.match(meta.attributes["content"] or ""):
            return _web(resolve(base, match[1].strip()))
    if len(page) <= _SHORT and (found := _LOCATION.search(page.encode(errors="replace"))):
        return _web(resolve(base, found[1].decode(errors="replace")))
    return None


def entrance(page: str, url: str, domain: str) -> str | None:
    """Return the page of the site that a splash page lets its visitors into; None: no such page."""
    parsed = LexborHTMLParser(page)
    base, own = base_of(parsed, url), key_of(url)
    found: dict[str, str] = {}
    for node in parsed.css("a[href], area[href]"):
        address = _web(resolve(base, node.attributes["href"] or ""))
        host = urlsplit(address or "").hostname
        if address and key_of(address) != own and f".{host}".endswith(f".{domain}"):
            found.setdefault(key_of(address), address)
        if len(found) > DOORS:
            return None
    return next(iter(found.values()), None)


def sitemaps_of(robots: str) -> tuple[PageLink, ...]:
    """Return the sitemaps that a robots.txt names."""
    found = re.findall(r"^\s*sitemap:\s*(https?://\S{1,2000})", robots, re.I | re.M)
    return tuple(PageLink(url, "sitemap", 0.0, is_hub=True) for url in found[:KEPT])


def sitemap_addresses(page: str) -> tuple[PageLink, ...]:
    """Return the addresses of a sitemap (sitemaps.org) that are named like a policy."""
    urls = (match[1].replace("&amp;", "&") for match in _SITEMAP.finditer(page))
    scored = ((name_score(url), url) for _, url in zip(range(50_000), urls, strict=False))
    found = [PageLink(url, url, score) for score, url in scored if score > 0]
    return tuple(sorted(found, key=lambda link: -link.score)[:KEPT])


def _links(parsed: LexborHTMLParser, base: str) -> Iterator[PageLink]:
    for frame in parsed.css("frame[src], iframe[src]"):
        if address := _web(resolve(base, frame.attributes["src"] or "")):
            yield PageLink(address, "frame", 0.0, frame=True)
    nodes: Iterable[LexborNode] = parsed.css("a[href], area[href], link[rel][href]")
    for _, node in zip(range(MOST), nodes, strict=False):
        yield from _link(node, base)
    for script in parsed.css("noscript"):  # its content is text where scripts run
        inner = LexborHTMLParser(script.text(deep=True) or script.html or "")
        for _, node in zip(range(MOST), inner.css("a[href]"), strict=False):
            yield from _link(node, base)


def _link(node: LexborNode, base: str) -> Iterator[PageLink]:
    rel = (node.attributes.get("rel") or "").lower().split()
    if node.tag == "link" and "privacy-policy" not in rel:
        return
    href = node.attributes["href"] or ""
    address = _web(resolve(base, href))
    if opened := _OPENED.search(
        f"{href if address is None else ''} {node.attributes.get('onclick')}"
    ):
        address = _web(resolve(base, opened[1] or opened[2]))
    if address is None:
        return
    says = _says(node)
    score = link_score(says, address)
    if "privacy-policy" in rel:
        score += 3
    elif score > 0 and _in_footer(node):
        score += 0.5
    is_hub = any(name.means == "hub" for name in names_in(says, "link")[:3])
    yield PageLink(address, says[:_SAID], score, is_hub=is_hub)


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
    """Return a link's words: its text, else its images' alternative text, else its attributes."""
    own = " ".join((node.text(deep=True, separator=" ") or "").split())
    if own:
        return own
    images = [
        image.attributes.get("alt") or image.attributes.get("title") for image in node.css("img")
    ]
    names = [node.attributes.get(name) for name in ("aria-label", "title", "alt")]
    return " ".join(" ".join(filter(None, [*images, *names])).split())


def _in_footer(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(8):
        if parent is None:
            return False
        names = f"{parent.tag} {parent.attributes.get('class')} {parent.attributes.get('id')}"
        if _FOOTER.search(names):
            return True
        parent = parent.parent
    return False


def _web(address: str) -> str | None:
    """Return an address of the web without its fragment; None for any other."""
    bare = address.partition("#")[0]
    return bare if bare.startswith(("http://", "https://")) and len(bare) <= LONGEST else None
