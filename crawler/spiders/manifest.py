"""Fetches exactly the captures that a manifest names, without asking the index."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from crawler.outcomes import Listing
from crawler.records import Capture, IndexPage, ListingEnd, Target
from crawler.spiders.policies import PoliciesSpider
from crawler.urlkeys import urlkey

if TYPE_CHECKING:  # every crawl loads this module, and that one numpy
    from pipelines.manifest import Entry


class ManifestSpider(PoliciesSpider):
    """The main job for a list of captures; `scrapy reproduce` runs it."""

    name = "manifest"
    entries: "list[Entry]" = []  # noqa: RUF012 (set by the command)

    async def start(self) -> AsyncIterator[Any]:
        """Take each document's capture as known, and fetch it."""
        (archive,) = self.archives.values()
        by_target: dict[Target, list[Capture]] = {}
        for entry in self.entries:
            target = Target(entry.domain, entry.original, archive=archive.name)
            by_target.setdefault(target, []).append(_capture(entry, archive.name))
        for target, captures in by_target.items():
            end = ListingEnd(target, Listing.COMPLETE, "from a manifest")
            await self.store.begin_listing(target)
            await self.store.add_page(target, IndexPage(captures, [], None))
            await self.store.end_listing(end)
            await self.store.decide([], captures, self.name)
            for capture in captures:
                url = archive.capture_url(capture)
                yield self._page_request(url, capture)


def _capture(entry: "Entry", archive: str) -> Capture:
    return Capture(
        archive=archive,
        domain=entry.domain,
        policy_url=entry.original,
        urlkey=urlkey(entry.original),
        timestamp=entry.timestamp,
        original=entry.original,
        mimetype="-",
        statuscode=None,
        digest=None,
        length=None,
    )
