"""A page as the routes see it: parsed once, and the links that are kept of it. Pure.

Pages are hostile: of each of their parts only so much is looked at.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.index import is_address
from pipelines.extraction.links import LONGEST, base_of

KEPT = 40  # links that are kept of it, the most telling
SAID = 200  # letters of a link's words


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


def is_of(url: str, domain: str) -> bool:
    """Whether an address is on a site's host or a subdomain of it."""
    return f".{urlsplit(url).hostname}".endswith(f".{domain.partition(':')[0]}")


def web_address(address: str) -> str | None:
    """Return an address of the web without its fragment; None for any other."""
    bare = address.partition("#")[0]
    if not bare.startswith(("http://", "https://")) or len(bare) > LONGEST:
        return None
    return bare if is_address(bare) else None
