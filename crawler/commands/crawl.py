"""`scrapy crawl`, with what a person typed wrong said in one line."""

import logging
import sys
from typing import TYPE_CHECKING, Any

from scrapy.commands import crawl
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler import settings as project_settings
from crawler.arguments import parse_arguments
from crawler.errors import InputError
from crawler.outcomes import Listing
from crawler.spiders.policies import PoliciesSpider
from pipelines.reading import READER
from pipelines.store import Store

NOT_WHOLE = (Listing.FAILED, Listing.PARTIAL, Listing.UNFINISHED)
SCRAPY_OF_ITSELF = ("scrapy.utils.log", "scrapy.crawler", "scrapy.middleware", "scrapy.addons")

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider


class Command(crawl.Command):
    """Checks arguments, domain list, archive and DuckDB file before the crawl starts."""

    crawler: Crawler | None = None

    def process_options(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Leave out what Scrapy says of itself, unless -L DEBUG asks for all."""
        super().process_options(args, opts)
        assert self.settings is not None
        if self.settings["LOG_LEVEL"] != "DEBUG":
            for name in SCRAPY_OF_ITSELF:
                # a filter, because Scrapy's own logging set-up resets levels
                logging.getLogger(name).addFilter(lambda record: record.levelno >= logging.WARNING)

    def run(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run the spider; exit with 2 for bad input, 1 for a crawl that is not whole.

        Not whole: stopped, an index that was not read to its end, a callback or item that failed.
        """
        assert self.settings is not None
        assert self.crawler_process is not None
        names = self.crawler_process.spider_loader.list()
        if len(args) == 1 and args[0] not in names:
            print(f"no spider {args[0]!r}; use {PoliciesSpider.name}", file=sys.stderr)
            self.exitcode = 2
            return
        if args == [PoliciesSpider.name]:
            try:
                check_numbers(self.settings)
                parse_arguments(opts.spargs, self.settings)
                store = Store(self.settings["DUCKDB_PATH"])
                try:
                    store.take_reader(READER)
                finally:
                    store.close()
            except InputError as error:
                print(error, file=sys.stderr)
                self.exitcode = 2
                return
        super().run(args, opts)
        if self.crawler is not None and self.crawler.stats is not None:
            self.exitcode = 0 if is_whole(self.crawler.stats.get_stats()) else 1

    def _create_crawler(self, spidercls: "type[Spider] | str") -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler


def check_numbers(settings: BaseSettings) -> None:
    """Check the project's settings that are numbers; InputError names the one that is none."""
    for name, default in vars(project_settings).items():
        if isinstance(default, (int, float)) and not isinstance(default, bool):
            try:
                float(settings[name])
            except (TypeError, ValueError):
                raise InputError(f"{name}={settings[name]}: not a number") from None


def is_whole(stats: dict[str, Any]) -> bool:
    """Whether a run did all that it was asked to; see `Command.run`."""
    listings = stats.get("corpus", {}).get("listings", {})
    return (
        stats.get("finish_reason") == "finished"
        and not any(listings.get(status) for status in NOT_WHOLE)
        and not stats.get("spider_exceptions/count")
        and not stats.get("items/failed")
    )
