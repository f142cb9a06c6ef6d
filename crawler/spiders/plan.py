"""Asks the index only, and says what a crawl would cost."""

from collections.abc import Iterable
from typing import Any

from scrapy import Request

from crawler.outcomes import Listing
from crawler.plan import Plan, expected_fetches
from crawler.records import ListingEnd, Target
from crawler.spiders.policies import PoliciesSpider


class PlanSpider(PoliciesSpider):
    """The main job without a fetch; `scrapy plan` runs it. What it lists is stored."""

    name = "plan"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans = {archive: Plan() for archive in self.archives}

    async def _find(self, target: Target, listed: Iterable[str] = ()) -> list[str]:
        """Fetch nothing: what only `scrapy discover` or the crawl can find is not planned."""
        end = ListingEnd(target, Listing.NO_POLICY_URL)
        await self.store.end_listing(end)
        return []

    async def _choose(self, target: Target) -> None:
        """Count what would be fetched."""
        known = await self._known(target)
        plan = self.plans[target.archive]
        plan.unlisted += target in self.not_whole
        plan.policies += 1
        plan.captures += len(known)
        plan.fetches += expected_fetches(known, self.arguments.select, self.arguments.search)

    def _index_request(self, target: Target, *args: Any, **kwargs: Any) -> Request:
        self.plans[target.archive].queries += 1
        return super()._index_request(target, *args, **kwargs)
