"""A thousand, 130,000 and a million sites on paper: requests, hours, gigabytes, machines.

The crawler's own chooser runs over histories of the shape of real ones: pieces of these (document,
timestamp, digest of the HTML, version of the text), drawn with a fixed seed, one after the other
until YEARS are full. Where two pieces meet the text changes, a change more in some years. What
a fetch, a row of the index and a text cost was measured; the constants below name the command.
Prints the tables of data/SCALE.md.

    python tests/benchmarks/million.py [HISTORIES] [--policies 200] [--seed 0]
"""

import argparse
import random
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from pathlib import Path
from uuid import UUID

from tabulate import tabulate

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.outcomes import Outcome  # noqa: E402
from crawler.records import Capture, KnownCapture  # noqa: E402
from crawler.selection import Select, choose  # noqa: E402
from crawler.settings import CDX_PAGE_SIZE, WAYBACK_CDX_RATE, WAYBACK_PAGE_RATE  # noqa: E402
from crawler.timestamps import parse  # noqa: E402
from tests.benchmarks.version_search import History, read  # noqa: E402
from tests.crawling import SHARED  # noqa: E402
from tests.searching import Search, Truth  # noqa: E402

SITES = (1_000, 130_000, 1_000_000)
RULES = tuple(Select)
# As many years as the archive is old, and as many as a site of the reference corpus has on average:
# 1,071,488 documents, at most two a year, of 130,000 sites (Amos et al., WWW 2021).
YEARS = (20.0, 4.1)
# Captures as often as in the histories, and one in so many of them.
THINNED = (1, 20)

# measured
WIRE_KB = 38.5  # a page as it is sent, in gzip: the 719 real captures (28,324,348 bytes of WARC)
KEPT_KB = 42.8  # a page as it is kept (KEEP_PAGES): tests/benchmarks/growth.py, 100,000 captures
TEXTS = 0.37  # texts a fetch: the same (37,437 of 100,000); at least one a version
TEXT_KB = 6.6  # a text in the corpus: the same, what 99,000 captures more than 1,000 added
ROW_BYTES = 66.0  # a row of the index in the corpus: tests/benchmarks/index_rows.py --policies 10
ROW_WIRE_BYTES = 34.0  # as it is sent: 10,000 made rows with digests at random, in gzip
PAGES_A_SECOND = 35.8  # extracted, on 2 cores: the same


@dataclass(frozen=True)
class Site:
    """What a site takes on average: rows of the index, queries for them, and fetches by rule."""

    rows: float
    queries: float
    fetches: dict[Select, float]
    versions: dict[Select, float]


@dataclass(frozen=True)
class Bill:
    """What so many sites take: requests, hours of asking, gigabytes, hours of two cores."""

    requests: float
    listing_hours: float
    fetching_hours: float
    wire_gb: float
    pages_gb: float
    corpus_gb: float
    extraction_hours: float


def main() -> None:
    """Print a table for each length and density of histories."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("histories", type=Path, nargs="?", default=SHARED / "histories.csv.gz")
    parser.add_argument("--policies", type=int, default=200, help="simulated, for each table")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not given.histories.exists():
        raise SystemExit(f"skipped: {given.histories} (real histories) is not on this machine")
    real = list(read(given.histories).values())
    for years in YEARS:
        for thinned in THINNED:
            print_tables(real, years, thinned, given.policies, given.seed)


def made(real: Sequence[History], years: float, thinned: int, rng: random.Random) -> History:
    """Return a history of so many years, made of pieces of real ones, thinned to one in so many."""
    history: History = []
    end = parse("20260101000000")
    moment = start = end - timedelta(days=365.25 * years)
    while moment < end:
        piece, number = rng.choice(real), len(history)
        shift = moment - parse(piece[0].timestamp)
        for truth in piece[rng.randrange(thinned) :: thinned]:
            moment = parse(truth.timestamp) + shift
            if moment >= end:
                break
            stamp = f"{moment:%Y%m%d%H%M%S}"
            if not history or stamp > history[-1].timestamp:
                history.append(Truth(stamp, f"{number}/{truth.digest}", f"{number}/{truth.text}"))
        moment = max(moment, start) + timedelta(days=1)
    return history


def fetched(history: History, rule: Select) -> list[Truth]:
    """Return what a crawl fetches of a history whose captures the archive can all play."""
    if rule is Select.ALL:
        return history
    if rule is Select.VERSIONS:
        run = Search(history).run()
        return [history[n] for n in sorted({ask.capture for ask in run.asks})]
    known = [KnownCapture(_capture(truth)) for truth in history]
    place = {member.capture.capture_id: n for n, member in enumerate(known)}
    tried: set[UUID] = set()
    while chosen := choose(known, rule, tried).fetch:
        for capture in chosen:
            n = place[capture.capture_id]
            text = history[n].text
            known[n] = replace(
                known[n], outcome=Outcome.TEXT, fingerprint=text, served_exactly=True
            )
            tried.add(capture.capture_id)
    return [truth for n, truth in enumerate(history) if known[n].has_text]


def _capture(truth: Truth) -> Capture:
    url, key = "https://site.example/privacy", "example,site)/privacy"
    stamp, digest = truth.timestamp, truth.digest
    return Capture("wayback", "site.example", url, key, stamp, url, "text/html", 200, digest, 9_000)


def versions(texts: Collection[Truth]) -> int:
    """Count the stretches with one text."""
    told = [truth.text for truth in texts]
    return sum(1 for n, text in enumerate(told) if n == 0 or text != told[n - 1])


def mean_site(histories: Sequence[History]) -> Site:
    """Let the chooser loose on some histories, with each rule."""
    fetches, found = {}, {}
    for rule in RULES:
        texts = [fetched(history, rule) for history in histories]
        fetches[rule] = sum(map(len, texts)) / len(histories)
        found[rule] = sum(map(versions, texts)) / len(histories)
    rows = sum(map(len, histories)) / len(histories)
    queries = sum(max(1, ceil(len(history) / CDX_PAGE_SIZE)) for history in histories)
    return Site(rows, queries / len(histories), fetches, found)


def bill(site: Site, rule: Select, sites: int) -> Bill:
    """Return what so many sites take with a rule, at the archive's allowance for one project."""
    queries, pages = site.queries * sites, site.fetches[rule] * sites
    rows = site.rows * sites
    texts = max(site.versions[rule] * sites, TEXTS * pages)
    return Bill(
        requests=queries + pages,
        listing_hours=queries / WAYBACK_CDX_RATE / 60,
        fetching_hours=pages / WAYBACK_PAGE_RATE / 60,
        wire_gb=(pages * WIRE_KB * 1024 + rows * ROW_WIRE_BYTES) / 1e9,
        pages_gb=pages * KEPT_KB * 1024 / 1e9,
        corpus_gb=(texts * TEXT_KB * 1024 + rows * ROW_BYTES) / 1e9,
        extraction_hours=pages / PAGES_A_SECOND / 3600,
    )


def print_tables(
    real: Sequence[History], years: float, thinned: int, policies: int, seed: int
) -> None:
    """Print what a site takes, and what many do."""
    rng = random.Random(seed)
    site = mean_site([made(real, years, thinned, rng) for _ in range(policies)])
    print(f"\n### {years:g} years, {site.rows / years:,.0f} captures a year\n")
    print(
        f"Of a site ({policies} simulated): {site.rows:,.0f} captures listed with "
        f"{site.queries:.2f} queries, {site.versions[Select.ALL]:.1f} versions.\n"
    )
    table = []
    for sites in SITES:
        for rule in RULES:
            cost = bill(site, rule, sites)
            table.append(
                [
                    f"{sites:,}",
                    f"`{rule}`",
                    f"{site.fetches[rule]:,.1f}",
                    f"{site.versions[rule] / site.versions[Select.ALL]:.0%}",
                    f"{cost.requests / 1e6:,.2f}",
                    f"{cost.listing_hours:,.0f}",
                    f"{cost.fetching_hours:,.0f}",
                    f"{cost.wire_gb:,.0f}",
                    f"{cost.pages_gb:,.0f}",
                    f"{cost.corpus_gb:,.0f}",
                    f"{cost.extraction_hours:,.0f}",
                ]
            )
    columns = "sites, select, fetches a site, versions seen, million requests, hours of listing"
    columns += ", hours of fetching, GB sent, GB of pages, GB of corpus, hours of extraction"
    print(tabulate(table, columns.split(", "), tablefmt="pipe", disable_numparse=True), flush=True)


if __name__ == "__main__":
    main()
