"""Starting: Scrapy loads every command to run one, so that none may load at once what it needs."""

import re
import subprocess
import sys

import pytest

from tests.crawling import DEMO, Crawl

HEAVY = {"duckdb", "numpy", "tantivy", "lark", "rapidfuzz", "trafilatura", "requests", "rich"}
HEAVY |= {"distributed", "fsspec"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["version"], set()),
        (["search", "cookies"], {"duckdb", "tantivy", "lark", "numpy"}),
        (["sql", "SELECT 1"], {"duckdb"}),
    ],
)
def test_a_command_loads_what_it_needs(demo: Crawl, arguments: list[str], needed: set[str]) -> None:
    assert HEAVY & loaded_by(demo, *scrapy(demo, *arguments)) == needed


def test_a_crawl_of_local_files_loads_nothing_of_the_network(crawl: Crawl) -> None:
    given = ["-a", f"domains={DEMO / 'domains.txt'}", "-a", f"archive={DEMO / 'demo.warc.gz'}"]
    loaded = loaded_by(crawl, *scrapy(crawl, "plan", *given))
    assert {"aiohttp", "http11", "trafilatura", "numpy"} & loaded == set()


def test_the_workers_load_nothing_of_the_crawl(crawl: Crawl) -> None:
    of_the_crawl = {"scrapy", "twisted", "duckdb", "requests", "pypdf", "rapidfuzz"}
    assert of_the_crawl & loaded_by(crawl, "-c", "import pipelines.preloaded") == set()


def scrapy(crawl: Crawl, *arguments: str) -> list[str]:
    """What Python is given to run a command on a corpus."""
    return ["-m", "scrapy", *arguments, "-s", f"DUCKDB_PATH={crawl.corpus}"]


def loaded_by(crawl: Crawl, *given: str) -> set[str]:
    """Run Python; return the packages and modules it imported, by the last of their names."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *given],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    return set(re.findall(r"\| +(?:[\w.]+\.)?(\w+)$", done.stderr, re.MULTILINE))
