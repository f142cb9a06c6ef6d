"""`scrapy crawl`, with what a person typed wrong said in one line."""

import sys
from typing import TYPE_CHECKING

from scrapy.commands import crawl
from scrapy.crawler import Crawler

from crawler.arguments import parse_arguments
from crawler.errors import InputError
from crawler.spiders.policies import PoliciesSpider
from pipelines.store import Store

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider


class Command(crawl.Command):
    """Checks arguments, domain list, archive and DuckDB file before the crawl starts."""

    crawler: Crawler | None = None

    def run(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run the spider; exit with 2 for bad input, 1 for a crawl that was cut short."""
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
            if reason != "finished":
                self.exitcode = 1

    def _create_crawler(self, spidercls: "type[Spider] | str") -> Crawler:
        self.crawler = super()._create_crawler(spidercls)
        return self.crawler
