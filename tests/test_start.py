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
    command = [sys.executable, "-X", "importtime", "-m", "scrapy", *arguments]
    done = subprocess.run(
        [*command, "-s", f"DUCKDB_PATH={demo.corpus}"],
        cwd=demo.prepared(),
        env=demo.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert HEAVY & loaded_by(done.stderr) == needed


def test_a_crawl_of_local_files_loads_nothing_of_the_network(crawl: Crawl) -> None:
    given = ["-a", f"domains={DEMO / 'domains.txt'}", "-a", f"archive={DEMO / 'demo.warc.gz'}"]
    command = [sys.executable, "-X", "importtime", "-m", "scrapy", "plan", *given]
    done = subprocess.run(
        [*command, "-s", f"DUCKDB_PATH={crawl.corpus}"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert {"aiohttp", "http11", "trafilatura", "numpy"} & loaded_by(done.stderr) == set()


def test_the_workers_load_nothing_of_the_crawl() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import pipelines.preloaded"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    of_the_crawl = {"scrapy", "twisted", "duckdb", "requests", "pypdf", "rapidfuzz"}
    assert of_the_crawl & loaded_by(done.stderr) == set()


def loaded_by(importtime: str) -> set[str]:
    """Return the packages and modules that Python says it imported, by the last of their names."""
    return set(re.findall(r"\| +(?:[\w.]+\.)?(\w+)$", importtime, re.MULTILINE))
