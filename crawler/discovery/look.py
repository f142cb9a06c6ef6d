"""What a fetched page tells about policies: where it leads, and whether it is one. In a worker."""

from dataclasses import dataclass

from crawler.discovery.addresses import meaning
from crawler.discovery.links import (
    PageLink,
    entrance,
    leads_on,
    links_of,
    sitemap_addresses,
    sitemaps_of,
)
from crawler.memento import is_pdf
from crawler.records import Text
from pipelines.extract import decode
from pipelines.judge import judge, no_text
from pipelines.reading import read_page

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
    """A page: its links that matter, where it sends its readers by itself, its text if read."""

    links: tuple[PageLink, ...]
    onward: str | None
    reading: Reading | None


def look_at(
    body: bytes, content_type: str | None, url: str, domain: str, threshold: float | None
) -> Look:
    """Return what a page tells of a site; its text is read if a threshold for it is given."""
    reading = None
    if threshold is not None:
        reading = _read(body, content_type, url, threshold)
    if is_pdf(body):
        return Look((), None, reading)
    page = decode(body, content_type)
    if "<urlset" in page[:2000] or "<sitemapindex" in page[:2000]:
        return Look(sitemap_addresses(page), None, reading)
    if url.endswith("/robots.txt"):
        return Look(sitemaps_of(page), None, reading)
    links = links_of(page, url, domain)
    onward = leads_on(page, url) or (None if links else entrance(page, url, domain))
    return Look(links, onward, reading)


def _read(body: bytes, content_type: str | None, url: str, threshold: float) -> Reading:
    onward = None if is_pdf(body) else leads_on(decode(body, content_type), url)
    text = read_page(body, content_type, url)
    if text is None:
        return Reading("", 0, None, "", None, onward, str(no_text(body)))
    verdict = judge(text, threshold)
    return Reading(
        title=text.extracted.title,
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
    name = meaning(f"{text.extracted.title}\n{text.plain[:1000]}", "link")
    if name is None or len(text.plain) < LEAST:
        letters = len(text.plain)
        return f"no score in this language, {letters} letters, or no such name at its beginning"
    return ""
