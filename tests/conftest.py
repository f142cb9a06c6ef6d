"""Fixtures: crawls in folders of their own, shared data, a pywb server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.archive_imitations import warc_member
from tests.crawling import DEMO, SHARED, Crawl
from tests.servers import pywb_server
from tests.site import CAPTURES

# Files whose tests take longest: each is one worker's, so the last to end should be short ones.
LONG = (
    "resume",
    "cluster_crawl",
    "browse",
    "wayback_cases",
    "cluster_extraction",
    "archive_trouble",
    "hostile_pages",
    "discover",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    names = [f"test_{name}.py" for name in LONG]
    items.sort(key=lambda item: item.path.name not in names)


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    """A crawl in a temporary folder."""
    return Crawl(tmp_path / "crawl")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The demo archive, crawled once; to be read only."""
    crawl = Crawl(tmp_path_factory.mktemp("demo") / "crawl")
    done = crawl.run(domains=DEMO / "domains.txt", archive=DEMO / "demo.warc.gz")
    assert done.returncode == 0, done.stderr
    return crawl


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real archives and the seeds, which lie beside the project where it is developed."""
    if not SHARED.is_dir():
        pytest.skip("the shared measuring data (../shared/data) is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real pywb server: collections `demo`, `site` and, if there, `seeds`.

    `site` has the captures of `tests.site`.
    """
    site = tmp_path_factory.mktemp("site") / "site.warc.gz"
    site.write_bytes(b"".join(map(warc_member, CAPTURES)))
    collections = {"demo": [DEMO / "demo.warc.gz"], "site": [site]}
    if SHARED.is_dir():
        collections["seeds"] = [SHARED / "seed-archive" / "seeds.warc.gz"]
    with pywb_server(collections) as address:
        yield address
