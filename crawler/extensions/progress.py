"""Progress while a crawl runs, and a summary that a person can read at its end."""

import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.utils.asyncio import create_looping_call
from tqdm import tqdm
from tqdm.contrib import DummyTqdmFile

from crawler.outcomes import Listing, Outcome

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

BAR_SECONDS = 0.5
LINE_SECONDS = 30.0


class Progress:
    """A bar on a terminal, a log line every half minute elsewhere, and the summary.

    The bar's total grows while policies are listed: it counts the captures chosen so far.
    """

    def __init__(self, crawler: "Crawler") -> None:
        assert crawler.stats
        self.crawler = crawler
        self.stats = crawler.stats
        self.settled = 0
        self.started = monotonic()
        self.bar: tqdm[Any] | None = None
        self.loop = create_looping_call(self.show)
        crawler.signals.connect(self.opened, signals.spider_opened)
        crawler.signals.connect(self.requested, signals.request_reached_downloader)
        crawler.signals.connect(self.item_settled, signals.item_scraped)
        crawler.signals.connect(self.closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Watch a crawl."""
        return cls(crawler)

    def opened(self) -> None:
        """Start the bar or the lines."""
        self.started = monotonic()
        on_terminal = sys.stderr.isatty()
        if on_terminal:
            tqdm.monitor_interval = 0  # its thread would outlive the program's modules
            self.bar = tqdm(desc="captures", unit="", dynamic_ncols=True, smoothing=0.1)
            _log_to(DummyTqdmFile(sys.stderr), instead_of=sys.stderr)
        self.loop.start(BAR_SECONDS if on_terminal else LINE_SECONDS, now=False)

    def requested(self, request: Any) -> None:
        """Count a request that goes to the archive."""
        kind = "index" if "target" in request.meta else "page"
        self.stats.inc_value(f"archive/requests/{kind}")

    def item_settled(self, item: Any) -> None:
        """Count a capture that has its outcome."""
        self.settled += 1

    def show(self) -> None:
        """Show how far the crawl is."""
        chosen = self.stats.get_value("captures/chosen", 0)
        if self.bar is not None:
            self.bar.total = chosen
            self.bar.update(self.settled - self.bar.n)
            self.bar.refresh()
        elif self.settled:
            logger.info(how_far(self.settled, chosen, monotonic() - self.started))

    def closed(self, spider: "Spider", reason: str) -> None:
        """Print the summary."""
        if self.loop.running:
            self.loop.stop()
        if self.bar is not None:
            self.show()
            self.bar.close()
            _log_to(sys.stderr, instead_of=None)
        seconds = monotonic() - self.started
        stats = self.stats.get_stats()
        for line in summary(stats, reason, seconds):
            print(line)
        outcomes = stats.get("corpus", {}).get("outcomes", {})
        if spider.name == "policies" and (any(map(outcomes.get, _LEFT))):
            print("the same command again goes on with what is pending or failed")
        sys.stdout.flush()


def how_far(settled: int, chosen: int, seconds: float) -> str:
    """Say how far a crawl is, what it does in a second and what is left."""
    rate = settled / seconds
    left = tqdm.format_interval((chosen - settled) / rate)
    return f"{settled:,} of {chosen:,} captures, {rate:.1f}/s, {left} left"


def summary(stats: dict[str, Any], reason: str, seconds: float) -> list[str]:
    """Return the lines that tell what a run did and what the corpus holds now."""
    if "corpus" not in stats:
        return [f"{reason} after {tqdm.format_interval(seconds)}; see what is said above"]
    corpus = stats["corpus"]
    outcomes = corpus.get("outcomes", {})
    listings = dict(corpus.get("listings", {}))
    without = listings.pop(Listing.NO_POLICY_URL, 0)
    versions, sites = corpus.get("versions", (0, 0))
    with_text = corpus.get("with_text", 0)
    losses = {name: n for name, n in outcomes.items() if name not in _NOT_LOST}
    others = {name: n for name, n in outcomes.items() if name in _NOT_LOST}
    index, pages = (stats.get(f"archive/requests/{kind}", 0) for kind in ("index", "page"))
    retries, pauses = stats.get("retry/count", 0), stats.get("archive/pauses", 0)
    trouble = f"; {retries:,} of them again, {pauses:,} pauses" if retries else ""
    sites_without = f"{without:,} site{'s' if without > 1 else ''}"
    no_address = f"; {sites_without} without an address" if without else ""
    expected = corpus.get("missed")
    missed = "" if expected is None else f"; about {expected:,.1f} changes missed"
    missed += f", and what is inside {wide:,} wide brackets" if (wide := corpus.get("wide")) else ""
    lines = [
        f"{reason} after {tqdm.format_interval(seconds)}",
        _line("policies", f"{sum(listings.values()):,} listed{_parts(listings)}{no_address}"),
        _line("captures", f"{sum(outcomes.values()):,} known{_parts(others)}"),
        _line("versions", f"{versions:,} of {sites:,} sites, from {with_text:,} captures{missed}"),
        _line("losses", f"{sum(losses.values()):,}{_parts(losses)}"),
        _line("requests", f"{index:,} index, {pages:,} pages{trouble}"),
    ]
    if sites := stats.get("sites/discovered", 0):
        asked = stats.get("sites/requests", 0)
        line = f"looked for those of {sites:,} sites, with {asked:,} of the requests"
        lines.insert(1, _line("addresses", line))
    lines += [_line("damaged", damage) for damage in stats.get("warc/damaged", [])]
    unlisted = [(" ".join(filter(None, which)), why) for *which, why in corpus.get("unlisted", [])]
    lines += _first("unlisted", [f"{which}: {why}" for which, why in unlisted])
    nothing = [f"{d} {url}: {why}" for d, url, why in corpus.get("nothing", [])]
    for domain, doubt in corpus.get("addressless", []):
        nothing.append(
            f"{domain}: no address of its policy is known{f': {doubt}' if doubt else ''}"
        )
    lines += _first("nothing", nothing)
    return lines


_NOT_LOST = (Outcome.TEXT, Outcome.SAME_DIGEST, Outcome.NOT_SELECTED, Outcome.PENDING)
_LEFT = (Outcome.PENDING, Outcome.ARCHIVE_ERROR)
_NAMED = 20


def _line(name: str, text: str) -> str:
    return f"  {name:<10}{text}"


def _first(name: str, texts: list[str]) -> list[str]:
    """Return a line each for the first 20 texts, and one that counts the rest."""
    lines = [_line(name, text) for text in texts[:_NAMED]]
    return lines + [_line(name, f"... and {n:,} more") for n in [len(texts) - _NAMED] if n > 0]


def _parts(counts: dict[str, int]) -> str:
    return ": " + ", ".join(f"{n:,} {name}" for name, n in counts.items()) if counts else ""


def _log_to(stream: Any, instead_of: Any) -> None:
    """Let log lines pass above the bar (through tqdm) or, without `instead_of`, as before."""
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler):
            current = handler.stream
            if current is instead_of or (instead_of is None and isinstance(current, DummyTqdmFile)):
                handler.setStream(stream)
