"""`scrapy crawl`, with what a person typed wrong said in one line."""

import logging
import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.crawler import Crawler

from crawler.arguments import parse_arguments
from crawler.errors import InputError
from crawler.outcomes import Listing
from crawler.spiders.policies import PoliciesSpider
from pipelines.store import Store

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
        """Run the spider; exit with 2 for bad input, 1 for a crawl that was cut short.

        A policy whose index could not be read at all counts as cut short, too.
        """
        assert self.settings is not None
        if args == [PoliciesSpider.name]:
            try:
                parse_arguments(opts.spargs, self.settings)
                Store(self.settings["DUCKDB_PATH"]).close()
            except InputError as error:
                print(error, file=sys.stderr)
                self.exitcode = 2
                return
        super().run(args, opts)
        if self.crawler is not None and self.crawler.stats is not None:
            reason = self.crawler.stats.get_value("finish_reason")
            failed = self.crawler.stats.get_value(f"listings/{Listing.FAILED}", 0)
            if reason != "finished" or failed:
                self.exitcode = 1

    def _create_crawler(self, spidercls: "type[Spider] | str") -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler
