"""`scrapy cluster crawl` on a real cluster: the rows of one machine, whatever is killed."""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster

from crawler import allowance
from crawler.allowance import Allowance
from crawler.cluster import shard_crawl
from crawler.cluster.sharding import Shard
from crawler.commands.cluster import Crawl as ShardedCrawl
from crawler.errors import InputError
from crawler.records import Memento, PageAddress
from crawler.settings import ITEM_PIPELINES
from pipelines.shards.site_shards import NOTHING
from pipelines.storage.pages import read_page
from pipelines.storage.store import Store
from tests.crawling import DEMO, ROOT, Crawl
from tests.imitation import Captured, imitate
from tests.test_archive_trouble import QUICK, page

DEMO_ARCHIVE = DEMO / "demo.warc.gz"
TWO = (  # sites, in different shards
    "fernglade.example http://www.fernglade.example/privacy,"
    "loopwheel.example https://loopwheel.example/legal/privacy"
)
ROWS = (
    "SELECT * EXCLUDE (fetched_at, listed_in, page_file, page_offset), page_file IS NULL"
    " FROM captures ORDER BY ALL",
    "SELECT DISTINCT * EXCLUDE (run_id, listed_at, new) FROM listings WHERE listed_at IS NOT NULL"
    " ORDER BY ALL",
    "SELECT * EXCLUDE (run_id, found_at) FROM addresses ORDER BY ALL",
    "SELECT * EXCLUDE (run_id) FROM searches ORDER BY ALL",
    *(
        f"FROM {name} ORDER BY ALL"
        for name in ("texts", "text_changes", "lineage", "variants", "malformed_rows", "archives")
    ),
    *(f"FROM {name} ORDER BY ALL" for name in ("corpus", "policies", "changes", "coverage")),
)


class Poison:
    """An item pipeline that one site ends the whole crawl with."""

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Memento) and item.capture.domain == "fernglade.example":
            print("poison", flush=True)
            os._exit(1)
        return item


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A scheduler, in this process, and two workers in processes of their own."""
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=":0",
        local_directory=str(tmp_path_factory.mktemp("workers")),
        env={"PYTHONPATH": str(ROOT)},
    ) as cluster:
        yield cluster


def command(crawl: Crawl, cluster: LocalCluster, shards: int, **given: Any) -> list[str]:
    whole = crawl.command(**given)
    where = whole.index("crawl")
    ours = ["cluster", "crawl", "--scheduler", cluster.scheduler_address, "--shards", str(shards)]
    return whole[:where] + ours + whole[where + 2 :]


def start(crawl: Crawl, *given: Any, **arguments: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(crawl, *given, **arguments),
        cwd=crawl.prepared(),
        env=crawl.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said, complained = process.communicate(timeout=200)
    return process.returncode, said, complained


def run(*given: Any, **arguments: Any) -> tuple[int, str, str]:
    return finish(start(*given, **arguments))


def wait_until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 100
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def same_rows(crawl: Crawl, other: Crawl) -> None:
    for query in ROWS:
        assert crawl.rows(query) == other.rows(query), query


def kept_pages(crawl: Crawl) -> list[bytes]:
    """The pages kept, in the order of the captures; each is where its row says."""
    kept = crawl.rows(
        "SELECT page_file, page_offset FROM captures WHERE page_file IS NOT NULL"
        " ORDER BY archive, domain, policy_url, timestamp, original"
    )
    return [read_page(crawl.folder / "corpus.pages", PageAddress(*row))[1] for row in kept]


def test_a_worker_and_the_merger_are_killed_and_the_rows_are_those_of_one_machine(
    crawl: Crawl, cluster: LocalCluster, demo: Crawl
) -> None:
    folder = crawl.folder / "corpus.shards"
    given = {"domains": DEMO / "domains.txt", "archive": DEMO_ARCHIVE}
    process = start(crawl, cluster, 3, **given)
    wait_until(lambda: len([*folder.glob("*/corpus.pages/*")]) == 2)
    worker = psutil.Process(next(iter(cluster.workers.values())).pid)
    crawls = worker.children(recursive=True)
    assert crawls
    worker.kill()
    wait_until(lambda: not psutil.wait_procs(crawls, timeout=0)[1])
    wait_until(lambda: [*folder.glob("*/ended.json")])
    process.kill()
    finish(process)
    code, said, complained = run(crawl, cluster, 3, **given)
    assert code == 0, complained
    assert "dashboard: http" in complained
    assert said.startswith("finished after")
    assert "1 site without an address" in said
    same_rows(crawl, demo)
    assert kept_pages(crawl) == kept_pages(demo)
    assert not folder.exists()
    assert not [*crawl.folder.glob("*.part")]


def test_a_shard_that_crashes_fails_alone_with_its_name(
    crawl: Crawl, cluster: LocalCluster, demo: Crawl
) -> None:
    given = {"domains": TWO, "archive": DEMO_ARCHIVE}
    stages = json.dumps({**ITEM_PIPELINES, "tests.test_cluster_crawl.Poison": 10})
    code, said, complained = run(crawl, cluster, 2, settings={"ITEM_PIPELINES": stages}, **given)
    (failed,) = [
        shard.parent.name
        for shard in crawl.folder.glob("corpus.shards/*/domains.csv")
        if "fernglade" in shard.read_text()
    ]
    assert code == 1
    assert f"shard {failed} failed: poison" in complained
    assert f"shards that are not in: {failed}; the same command" in said
    assert crawl.rows("SELECT DISTINCT domain FROM captures") == [("loopwheel.example",)]

    code, _, complained = run(crawl, cluster, 3, **given)
    assert (code, complained.count("\n")) == (2, 2)  # the dashboard's address is the other
    assert "corpus.shards: has the shards of another crawl" in complained

    code, said, complained = run(crawl, cluster, 2, **given)
    assert code == 0, complained
    captures = "SELECT domain, timestamp, outcome, text_id FROM captures"
    found = crawl.rows(f"{captures} ORDER BY ALL")
    two = ["fernglade.example", "loopwheel.example"]
    assert found == demo.rows(f"{captures} WHERE domain IN (SELECT unnest(?)) ORDER BY ALL", [two])

    code, said, complained = run(crawl, cluster, 1, **given)  # other shards of what is known
    assert code == 0, complained
    assert "requests  2 index, 0 pages" in said
    assert crawl.rows(f"{captures} ORDER BY ALL") == found


def test_two_shards_have_one_allowance_and_stand_still_together(
    crawl: Crawl, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute is a second for the scheduler, which is in this process; it allows 24 in each."""
    take = Allowance.take
    monkeypatch.setattr(allowance, "MINUTE", 1.0)
    monkeypatch.setattr(
        Allowance, "take", lambda its, kind, rate, lease: take(its, kind, rate / 60, lease)
    )
    sites = ["https://www.one.example/", "https://www.two.example/"]
    captures = [
        Captured(f"{1990 + n}0415120000", url, page(f"{n}")) for n in range(30) for url in sites
    ]
    with imitate(captures, page_size=100, faults=Counter(page_429=1), spared=30) as archive:
        pace = {"WAYBACK_CDX_RATE": 1440, "WAYBACK_PAGE_RATE": 1440, "ARCHIVE_PAUSE": 3}
        with archive.lock:  # no answer until both are there
            process = start(
                crawl,
                cluster,
                2,
                domains=f"one.example {sites[0]},two.example {sites[1]}",
                select="all",
                settings={"WAYBACK_BASE_URL": archive.address, **QUICK, **pace},
            )
            wait_until(lambda: len({query["url"] for query in archive.queries()}) == 2)
        code, said, complained = finish(process)
    assert code == 0, complained
    assert "1 pauses" in said
    assert crawl.outcomes() == {"text": 60}
    pages = [seen for seen in archive.seen if "id_/" in seen.path]
    (refused,) = [n for n, seen in enumerate(pages) if seen.fault]
    before = pages[: refused + 1]
    assert {url for url in sites if any(url in seen.path for seen in before)} == {*sites}
    busiest = max(sum(0 <= other.at - seen.at < 1 for other in pages) for seen in pages)
    assert busiest <= 30  # the limit, of which 24 are 80 %
    # what was under way when the refusal came back is allowed
    assert not [seen for seen in pages if 0.5 <= seen.at - before[-1].at < 2.9]


def test_a_shard_that_a_lost_machine_still_crawls_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = Shard("crawl-0", tmp_path, ["one.example"], NOTHING)
    ends = iter([(2, "first"), (2, "second"), (0, "third")])

    def crawl(shard: Shard, options: object, project: object) -> tuple[int, str]:
        status, run_id = next(ends)
        said = f"DUCKDB_PATH=x: {shard_crawl.TAKEN}" if status else "finished after 00:02"
        with (tmp_path / "log.txt").open("a") as log:
            print(said, file=log)
        return status, run_id

    monkeypatch.setattr(shard_crawl, "TAKEN_SECONDS", 0)
    monkeypatch.setattr(shard_crawl, "_crawl", crawl)
    monkeypatch.setattr(shard_crawl, "_came_to_its_end", lambda corpus, run_id: True)
    assert shard_crawl.crawl_shard(shard, [], "") == {"status": 0, "run_id": "third"}
    assert shard_crawl.crawl_shard(shard, [], "") == {"status": 0, "run_id": "third"}


def test_a_corpus_that_cannot_be_written_any_more_ends_the_crawl(tmp_path: Path) -> None:
    crawl = object.__new__(ShardedCrawl)
    crawl.store = Store(tmp_path / "corpus.duckdb")
    crawl._check_writable()
    crawl.store.close()  # after a commit to a full disk DuckDB refuses all the same
    with pytest.raises(InputError, match=r"^DUCKDB_PATH=.*corpus\.duckdb: .+$"):
        crawl._check_writable()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["crawl"], "--shards is missing"),
        (["crawl", "--shards", "0"], "--shards 0: not a number from 1 to 99999"),
        (["crawl", "--shards", "2"], "--scheduler is missing"),
        (["crawl", "--shards", "2", "--scheduler", "here"], "--scheduler here: "),
        (["crawl", "--shards", "2", "--scheduler", "x", "-a", "budget=3"], "budget: not with"),
        (["crawl", "--shards", "2", "--scheduler", "x", "-a", "select=no"], "select=no: use one"),
    ],
)
def test_what_was_typed_wrong_is_one_line(crawl: Crawl, given: list[str], says: str) -> None:
    done = crawl.scrapy("cluster", *given, "-a", "domains=one.example")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not crawl.corpus.exists()
    assert not [path for path in crawl.folder.iterdir() if path.name != "scrapy.cfg"]
