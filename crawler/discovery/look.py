"""What a fetched page tells about policies: where it leads, and whether it is one. In a worker.

The extractors are loaded there only, not where this is asked for.
"""

from dataclasses import dataclass

from crawler.discovery.home_pages import entrance, links_of
from crawler.discovery.hubs import is_sitemap, sitemap_addresses, sitemaps_of
from crawler.discovery.index import meaning
from crawler.discovery.pages import PageLink, parsed
from crawler.discovery.redirects import leads_on
from crawler.records import Text
from crawler.replay.page_types import is_pdf
from pipelines.judging.judge import judge, no_text
from pipelines.worker import read_page

LONGEST = 300  # letters of a title
LEAST = 300  # letters of a policy in a language that the judge does not know


@dataclass(frozen=True, slots=True)
class Reading:
    """A page read as a policy: `refused` says why it is none; empty if it is one.

    `onward` and `canonical` are addresses that it sends its readers to, and wants to be known by.
    """

    title: str
    words: int
    language: str | None
    fingerprint: str
    canonical: str | None
    onward: str | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A page's links that matter, and where it sends its readers by itself."""

    links: tuple[PageLink, ...] = ()
    onward: str | None = None


def look_at(body: bytes, content_type: str | None, url: str, domain: str) -> Look:
    """Return where a page of a site, or one about it, leads; a sitemap or robots.txt, too."""
    from pipelines.extraction.extract import decode

    if is_pdf(body):
        return Look()
    page = decode(body, content_type)
    if is_sitemap(page):
        return Look(sitemap_addresses(page))
    if url.endswith("/robots.txt"):
        return Look(sitemaps_of(page))
    html = parsed(page, url)
    links = links_of(html, domain)
    onward = leads_on(html) or (None if links else entrance(html, domain))
    return Look(links, onward)


def read_at(body: bytes, content_type: str | None, url: str, threshold: float) -> Reading:
    """Read a page as a policy; `threshold` is POLICY_THRESHOLD."""
    from pipelines.extraction.extract import decode

    onward = None if is_pdf(body) else leads_on(parsed(decode(body, content_type), url))
    text = read_page(body, content_type, url)
    if text is None:
        return Reading("", 0, None, "", None, onward, str(no_text(body)))
    verdict = judge(text, threshold)
    return Reading(
        title=text.extracted.title[:LONGEST],
        words=text.words,
        language=text.language,
        fingerprint=text.fingerprint,
        canonical=text.extracted.canonical,
        onward=onward,
        refused=f"{verdict[0]}: {verdict[1]}" if verdict else _unnamed(text),
    )


def _unnamed(text: Text) -> str:
    """Return why a text that has no score is no policy: nothing in it is named like one."""
    if text.policy_score is not None:
        return ""
    name = meaning(f"{text.extracted.title[:LONGEST]}\n{text.plain[:1000]}", "link")
    if name is None or len(text.plain) < LEAST:
        letters = len(text.plain)
        return f"no score in this language, {letters} letters, or no such name at its beginning"
    return ""
