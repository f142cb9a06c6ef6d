"""What the page about scale is made of: histories of so many years, the chooser, the bill."""

import random

from crawler.selection import Select
from tests.benchmarks.million import bill, fetched, made, mean_site, versions
from tests.benchmarks.version_search import History
from tests.searching import Truth


def daily(days: int, version_days: int) -> History:
    """A history with a capture a day in one year, each of another page, and some versions."""
    return [
        Truth(
            f"2021{day // 28 + 1:02}{day % 28 + 1:02}120000", f"p{day}", f"v{day // version_days}"
        )
        for day in range(days)
    ]


REAL = [daily(330, 100), daily(200, 200)]


def test_a_made_history_is_as_long_as_asked_in_order_and_the_same_for_the_same_seed() -> None:
    history = made(REAL, 10, 1, random.Random(1))
    stamps = [truth.timestamp for truth in history]
    assert stamps == sorted(set(stamps))
    assert "20160101" <= stamps[0][:8] <= "20160103"
    assert stamps[-1] < "20260101000000"
    assert history == made(REAL, 10, 1, random.Random(1))
    assert len(history) > 9 * len(made(REAL, 10, 10, random.Random(1)))


def test_the_rules_fetch_what_they_promise() -> None:
    history = made(REAL, 4, 1, random.Random(2))
    taken = {rule: fetched(history, rule) for rule in Select}
    assert taken[Select.ALL] == history
    assert len(taken[Select.YEAR]) == 4
    assert len(taken[Select.HALFYEAR]) == 8
    assert 8 < len(taken[Select.VERSIONS]) < len(taken[Select.MONTH]) + 60
    assert versions(taken[Select.VERSIONS]) == versions(history)
    assert versions(taken[Select.YEAR]) <= 4


def test_a_bill_grows_with_the_sites_and_the_archive_sets_the_hours() -> None:
    site = mean_site([made(REAL, 3, 1, random.Random(seed)) for seed in range(3)])
    few, many = (bill(site, Select.VERSIONS, sites) for sites in (1_000, 1_000_000))
    assert many.requests == 1_000 * few.requests == 1e6 * (site.queries + site.fetches["versions"])
    assert few.listing_hours == 1_000 * site.queries / 24 / 60
    assert few.fetching_hours == 1_000 * site.fetches[Select.VERSIONS] / 480 / 60
    assert few.extraction_hours < few.fetching_hours
    assert few.wire_gb > 0 < few.corpus_gb < bill(site, Select.ALL, 1_000).pages_gb
