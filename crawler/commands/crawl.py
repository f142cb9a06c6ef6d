"""`scrapy crawl`, with what a person typed wrong said in one line."""

import gc
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import crawl
from scrapy.crawler import Crawler

from crawler import command
from crawler.cluster.sharding import check_no_plan
from crawler.errors import InputError
from crawler.memory import share_one_arena
from crawler.outcomes import Listing

NOT_WHOLE = (Listing.FAILED, Listing.PARTIAL, Listing.UNFINISHED)

if TYPE_CHECKING:
    import argparse

    from scrapy import Spider

POLICIES, PLAN, DISCOVER = "policies", "plan", "discover"  # spiders that take a domain list
REMOTE_CONTROL = "scrapy.extensions.remote_control.RemoteControl"
BROKEN_OFF = "shutdown", "allowance_lost", "pages_failed", "store_failed"


class Command(command.Command, crawl.Command):
    """Checks arguments, domain list, archive and DuckDB file before the crawl starts."""

    crawler: Crawler | None = None

    def check(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Check what a crawl is given; let the extractors be loaded while Scrapy loads itself."""
        assert self.settings is not None
        gc.freeze()  # what Scrapy has loaded stays to the end: it need not be looked through again
        share_one_arena()
        if self.settings.getbool("END_WITH_INPUT"):
            threading.Thread(target=_end_with_input, daemon=True).start()
        if not self.settings.getbool("REMOTE_CONTROL_ENABLED"):  # it would load aiohttp to see that
            self.settings["EXTENSIONS_BASE"].pop(REMOTE_CONTROL, None)
        if args == [POLICIES]:
            from pipelines.pool import start_loading

            self._check_given(opts)
            start_loading()

    def _check_given(self, opts: "argparse.Namespace") -> None:
        """Check arguments, domain list, archive and DuckDB file."""
        from crawler.arguments import parse_arguments
        from pipelines.extraction.extractors import READER
        from pipelines.storage.store import Store

        assert self.settings is not None
        parse_arguments(opts.spargs, self.settings)
        check_no_plan(Path(self.settings["DUCKDB_PATH"]))
        store = Store(self.settings["DUCKDB_PATH"])
        try:
            store.take_reader(READER)
        except InputError:
            store.publication.discard()
            raise
        store.publication.abandon()  # the spider goes on with it

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Run the spider; exit with 2 for bad input, 1 for a crawl that is not whole.

        Not whole: stopped, an index that was not read to its end, a callback or item that failed.
        """
        assert self.settings is not None
        assert self.crawler_process is not None
        names = self.crawler_process.spider_loader.list()
        if len(args) == 1 and args[0] not in names:
            raise InputError(f"no spider {args[0]!r}; use {POLICIES}")
        if args in ([PLAN], [DISCOVER]):
            self._check_given(opts)
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
