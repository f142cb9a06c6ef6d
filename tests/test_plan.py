"""`scrapy plan`: what a crawl would cost, before a page is asked for."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from crawler.outcomes import Outcome
from crawler.plan import expected_fetches
from crawler.selection import Select
from crawler.selection.version_search import FULL
from tests.crawling import Crawl
from tests.factories import known
from tests.imitation import imitate
from tests.test_archive_trouble import QUICK, URL, history


def plan(crawl: Crawl, address: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "plan", "-s", f"DUCKDB_PATH={crawl.corpus}"]
    command += ["-s", f"WAYBACK_BASE_URL={address}", "-a", f"domains=site.example {URL}"]
    return subprocess.run(
        [*command, *more, "-L", "WARNING"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
    )


def to_fetch(done: subprocess.CompletedProcess[str]) -> int:
    said = re.search(r"^wayback: .* about (\d+) to fetch; 1 index queries", done.stdout, re.M)
    assert said, done.stdout + done.stderr
    return int(said[1])


def test_a_plan_asks_the_index_only_and_knows_what_is_there_already(crawl: Crawl) -> None:
    with imitate(history(20), page_size=100) as archive:
        assert to_fetch(plan(crawl, archive.address, "-a", "select=all")) == 20
        assert 2 <= to_fetch(plan(crawl, archive.address)) <= 20
        assert archive.pages() == []
        assert crawl.outcomes() == {"pending": 20}
        settings = {"WAYBACK_BASE_URL": archive.address, **QUICK}
        crawl.run(domains=f"site.example {URL}", select="all", settings=settings)
        asked = len(archive.pages())
        assert to_fetch(plan(crawl, archive.address, "-a", "select=all")) == 0
        assert to_fetch(plan(crawl, archive.address)) == 0
        assert len(archive.pages()) == asked == 20
    assert crawl.outcomes() == {"text": 20}


def test_a_plan_says_how_long_it_takes_at_the_pace_given(crawl: Crawl) -> None:
    with imitate(history(20), page_size=100) as archive:
        rates = ("-s", "WAYBACK_CDX_RATE=60", "-s", "WAYBACK_PAGE_RATE=0.2")
        done = plan(crawl, archive.address, "-a", "select=all", *rates)
    assert "20 captures known, about 20 to fetch; 1 index queries; 1.7 hours" in done.stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["-a", "select=some"], "select=some: use one of"),
        (["policies"], "plan takes no arguments but -a"),
    ],
)
def test_what_was_typed_wrong_is_named(crawl: Crawl, more: list[str], said: str) -> None:
    done = plan(crawl, "http://127.0.0.1:9", *more)
    assert done.returncode == 2
    assert said in done.stderr
    assert not crawl.corpus.exists()


def test_versions_cost_what_policies_of_that_age_have_cost_and_no_more_than_digests() -> None:
    month = [f"{2001 + n // 12}{n % 12 + 1:02}01000000" for n in range(120)]
    captures = [known(moment) for moment in month]
    assert expected_fetches(captures, Select.VERSIONS, FULL) == pytest.approx(80, abs=5)
    assert expected_fetches(captures, Select.UNIQUE, FULL) == 120
    same = [
        replace(m, capture=replace(m.capture, digest=f"D{n % 5}")) for n, m in enumerate(captures)
    ]
    assert expected_fetches(same, Select.VERSIONS, FULL) == 5
    assert expected_fetches([], Select.VERSIONS, FULL) == 0
    ends = {0: "first", 119: "last"}
    begun = [
        known(moment, Outcome.TEXT, fingerprint=ends[n]) if n in ends else known(moment)
        for n, moment in enumerate(month)
    ]
    whole = expected_fetches(captures, Select.VERSIONS, FULL)
    assert expected_fetches(begun, Select.VERSIONS, FULL) == pytest.approx(whole - 2)
    fetched = [known(moment, Outcome.TEXT) for moment in month]
    assert expected_fetches(fetched, Select.VERSIONS, FULL) == 0
