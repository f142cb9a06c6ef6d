"""`scrapy crawl`, with what a person typed wrong said in one line."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import crawl
from scrapy.crawler import Crawler

from crawler import command
from crawler.errors import InputError
from crawler.memory import share_one_arena
from crawler.outcomes import Listing
from crawler.sharding import check_no_plan

NOT_WHOLE = (Listing.FAILED, Listing.PARTIAL, Listing.UNFINISHED)

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider

BROKEN_OFF = "shutdown", "allowance_lost", "pages_failed", "store_failed"


class Command(command.Command, crawl.Command):
    """Checks arguments, domain list, archive and DuckDB file before the crawl starts."""

    crawler: Crawler | None = None

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run the spider; exit with 2 for bad input, 1 for a crawl that is not whole.

        Not whole: stopped, an index that was not read to its end, a callback or item that failed.
        """
        from crawler.spiders.discover import DiscoverSpider
        from crawler.spiders.plan import PlanSpider
        from crawler.spiders.policies import PoliciesSpider

        share_one_arena()
        assert self.settings is not None
        assert self.crawler_process is not None
        if self.settings.getbool("END_WITH_INPUT"):
            threading.Thread(target=_end_with_input, daemon=True).start()
        names = self.crawler_process.spider_loader.list()
        if len(args) == 1 and args[0] not in names:
            raise InputError(f"no spider {args[0]!r}; use {PoliciesSpider.name}")
        if args in ([PoliciesSpider.name], [PlanSpider.name], [DiscoverSpider.name]):
            from crawler.arguments import parse_arguments
            from pipelines.extractors import READER
            from pipelines.pool import start_loading
            from pipelines.store import Store

            parse_arguments(opts.spargs, self.settings)
            check_no_plan(Path(self.settings["DUCKDB_PATH"]))
            store = Store(self.settings["DUCKDB_PATH"])
            try:
                store.take_reader(READER)
            except InputError:
                store.publication.discard()
                raise
            store.publication.abandon()  # the spider goes on with it
            if args == [PoliciesSpider.name]:
                start_loading()  # the extractors, while the crawl sets itself up
        crawl.Command.run(self, args, opts)
        stats = getattr(self.crawler, "stats", None)  # none if the crawl could not be set up
        if stats is not None and not stats.get_stats():  # Ctrl-C while its parts were being opened
            print("ended before it began; the same command begins it", file=sys.stderr)
        self.exitcode = 0 if stats is not None and is_whole(stats.get_stats()) else 1
        ended = None if stats is None else stats.get_stats().get("finish_reason")
        if ended in BROKEN_OFF and self.settings.getbool("END_WITH_INPUT"):
            self.exitcode = 130  # who started it goes on with it

    def _create_crawler(self, spidercls: "type[Spider] | str") -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler


def _end_with_input() -> None:
    """End this process, as kill -9 does, when nobody holds its standard input open any more."""
    while os.read(0, 1024):  # a thread that waits in sys.stdin would hold up the program's end
        pass
    os._exit(1)


def is_whole(stats: dict[str, Any]) -> bool:
    """Whether a run did all that it was asked to; see `Command.run`."""
    listings = stats.get("corpus", {}).get("listings", {})
    return (
        "corpus" in stats
        and stats.get("finish_reason") == "finished"
        and not any(listings.get(status) for status in NOT_WHOLE)
        and not stats.get("spider_exceptions/count")
        and not stats.get("items/failed")
    )
