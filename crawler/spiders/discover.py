"""Finds the addresses of the policies of sites, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from crawler.records import Target
from crawler.spiders.policies import SITES_AT_ONCE, PoliciesSpider


class DiscoverSpider(PoliciesSpider):
    """The main job's first step by itself; `scrapy discover` runs it. What it finds is stored."""

    name = "discover"

    async def start(self) -> AsyncIterator[Any]:
        """Ask about each site anew; the addresses that the list gives are where it begins."""
        self.homes = {n: asyncio.create_task(self._visit(a)) for n, a in self.archives.items()}
        listed: dict[Target, list[str]] = {}
        for target in self.arguments.targets:
            site = Target(target.domain, None, target.line, target.archive)
            listed.setdefault(site, []).extend(filter(None, [target.policy_url]))
        at_once = asyncio.Semaphore(SITES_AT_ONCE)

        async def find(site: Target, urls: list[str]) -> None:
            async with at_once:
                await self._find(site, urls)

        await asyncio.gather(*(find(site, urls) for site, urls in listed.items()))
        return
        yield  # nothing: what is found is in the corpus
