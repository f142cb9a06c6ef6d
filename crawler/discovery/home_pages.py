"""Route 2: the links of a home page that may lead to a policy. Pure; runs in a worker process.

Links are read as people find them: by text, title, alternative text of an image, aria-label,
`rel="privacy-policy"` (RFC 6903), in footers, image maps, frames and `<noscript>`, and where a
script opens them. Pages are hostile: of each of their parts only so much is looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from selectolax.lexbor import LexborNode

from crawler.discovery.hubs import is_about
from crawler.discovery.index import key_of, meaning, name_score
from crawler.discovery.names import names_in
from crawler.discovery.pages import KEPT, SAID, PageLink, Parsed, is_of, web_address
from pipelines.extraction.links import LONGEST, resolve

MOST = 3_000  # links that are looked at on a page: half of them its first, half its last
DOORS = 3  # links of a splash page
_INSIDE = 200  # nodes in a link that are looked at
_UP = 8  # elements around a link that may be a footer
_FOOTER = re.compile(r"foot|bottom|legal|copyright|impress|colophon|utility", re.I)
_OPENED = re.compile(  # what a script opens: an address, or a path with a dot or a slash in it
    r"""['"]((?:https?:/)?/[^'"\s<>]{1,500})['"]|['"]([\w~-][^'"\s<>]{0,300}[./?][^'"\s<>]{1,300})['"]"""
)


def links_of(parsed: Parsed, domain: str) -> tuple[PageLink, ...]:
    """Return the links of a page that matter, the most telling first.

    Pages of other hosts about the site, such as a seal's, lead to it, too.
    """
    best: dict[str, PageLink] = {}
    for link in _links(parsed):
        key = key_of(link.url)
        if is_about(link, domain):
            link = replace(link, is_hub=True)
        if key not in best or link.score > best[key].score:
            best[key] = link
    found = [link for link in best.values() if link.score > 0 or link.is_hub or link.frame]
    found = found[::-1]  # of hubs the last first: what is legal stands at the end
    found.sort(key=lambda link: (-link.score, not link.frame, 0 if link.is_hub else len(link.url)))
    return tuple(found[:KEPT])


def entrance(parsed: Parsed, domain: str) -> str | None:
    """Return the page of the site that a splash page lets its visitors into; None: no such page."""
    own = key_of(parsed.url)
    found: dict[str, str] = {}
    for node in parsed.tree.css("a[href], area[href]")[:MOST]:
        address = web_address(resolve(parsed.base, node.attributes["href"] or ""))
        if address and key_of(address) != own and is_of(address, domain):
            found.setdefault(key_of(address), address)
        if len(found) > DOORS:
            return None
    return next(iter(found.values()), None)


def _links(parsed: Parsed) -> Iterator[PageLink]:
    base = parsed.base
    for frame in parsed.tree.css("frame[src], iframe[src]")[:MOST]:
        if address := web_address(resolve(base, frame.attributes["src"] or "")):
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
    address = None if href.startswith("#") else web_address(resolve(base, href))
    if address is None and (opened := _OPENED.search(f"{href} {given.get('onclick')}"[:LONGEST])):
        address = web_address(resolve(base, opened[1] or opened[2]))
    if address is None:
        return None
    says = _says(node)
    score = link_score(says, address)
    if "privacy-policy" in rel:
        score += 3
    elif score > 0 and _in_footer(node, footers):
        score += 0.5
    is_hub = any(name.means == "hub" for name in names_in(says, "link")[:3])
    return PageLink(address, says[:SAID], score, is_hub=is_hub)


def link_score(says: str, url: str) -> float:
    """Return how much a link says that it leads to a policy: 3 is clear."""
    score = 0.0
    name = meaning(says, "link") if len(says) <= SAID else None
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
    joined = " ".join(text[: 10 * SAID] for text in texts if text)
    return " ".join(joined[: 10 * SAID].split())[: SAID + 1]


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
