"""Starting: Scrapy loads every command to run one, so that none may load at once what it needs."""

import re
import subprocess
import sys

import pytest

from tests.crawling import Crawl

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


def test_the_workers_load_nothing_of_the_crawl() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import pipelines.preloaded"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    of_the_crawl = {"scrapy", "twisted", "duckdb", "requests", "pypdf", "rapidfuzz"}
    assert of_the_crawl & loaded_by(done.stderr) == set()


def loaded_by(importtime: str) -> set[str]:
    """Return the packages that Python says it imported."""
    return set(re.findall(r"\| +(\w+)$", importtime, re.MULTILINE))
