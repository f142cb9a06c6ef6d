"""Texts in bulk: what Dask workers make is what one machine makes, whoever is killed meanwhile."""

import gzip
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest
from distributed import Client, LocalCluster
from fsspec.core import url_to_fs
from moto.server import ThreadedMotoServer
from scrapy.settings import Settings
from warcio.archiveiterator import ArchiveIterator

from crawler.cluster import bulk
from crawler.cluster import scheduler as cluster
from crawler.errors import InputError
from pipelines.shards.merging import merge_captures
from pipelines.shards.shard_jobs import Job, Limits, made_by
from pipelines.storage.store import Store
from tests.archive_imitations import warc_member
from tests.crawling import DEMO, Crawl
from tests.imitation import Captured
from tests.test_archive_trouble import page

BUCKET = "s3://pages"
WHAT_A_CORPUS_SAYS = (
    "SELECT * EXCLUDE (fetched_at) FROM captures ORDER BY capture_id",
    "SELECT * FROM texts ORDER BY text_id",
    "SELECT * FROM policies ORDER BY ALL",
    "SELECT * FROM text_changes ORDER BY ALL",
    "SELECT reader FROM corpus",
)
DIES = """
import os, signal, sys
from pipelines.shards import merging
from scrapy.cmdline import execute
note, merged = merging._note, []
def note_and_die(store, shard):
    note(store, shard)
    merged.append(shard)
    if len(merged) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
merging._note = note_and_die
execute(["scrapy", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, which know where S3 is."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "any")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "any")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        url_to_fs(BUCKET)[0].mkdir(BUCKET)
        workers = LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        )
        with workers:
            yield workers.scheduler_address
    server.stop()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with half of the demo archive in two files."""
    folder = tmp_path_factory.mktemp("parts")
    split(DEMO / "demo.warc.gz", 60, [folder / f"part-{n}.warc.gz" for n in range(2)])
    return folder


@pytest.fixture(scope="module")
def alone(parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus that one machine makes of it."""
    corpus = tmp_path_factory.mktemp("alone") / "corpus.duckdb"
    assert extract(corpus, parts, corpus.with_suffix(".shards")) == 0
    return corpus


def split(archive: Path, most: int | None, files: list[Path]) -> list[tuple[int, int, int]]:
    """Write the first records of an archive into several; return old offset, file, new offset."""
    whole, places, sizes = archive.read_bytes(), [], [0] * len(files)
    records = ArchiveIterator(BytesIO(whole))
    members = []
    for _ in records:
        start = records.offset
        records.read_to_end()
        members.append((start, whole[start : records.offset]))
    for number, (start, member) in enumerate(members[:most]):
        to = number * len(files) // len(members[:most])
        with files[to].open("ab") as stream:
            stream.write(member)
        places.append((start, to, sizes[to]))
        sizes[to] += len(member)
    return places


def settings(corpus: Path, **given: object) -> Settings:
    made = Settings()
    made.setmodule("crawler.settings")
    made.setdict({"DUCKDB_PATH": str(corpus), "EXTRACT_WORKERS": 1, **given})
    return made


def extract(
    corpus: Path, warcs: Path | str, shards: Path | str, scheduler: str | None = None, **given: Any
) -> int:
    return bulk.extract_warcs(
        settings(corpus, **given), f"{warcs}/*.warc.gz", str(shards), scheduler
    )


def die_at_second_shard(crawl: Crawl, *command: str) -> None:
    """Run a command that is killed in the transaction of the second shard."""
    done = subprocess.run(
        [sys.executable, "-c", DIES, *command, "-s", f"DUCKDB_PATH={crawl.corpus}"],
        cwd=crawl.prepared(),
        env=crawl.environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def with_older_texts(demo: Crawl, crawl: Crawl) -> None:
    """Copy the demo's corpus, its texts made by an older extractor, its pages in two files."""
    crawl.corpus.write_bytes(demo.corpus.read_bytes())
    (kept,) = demo.corpus.with_suffix(".pages").iterdir()
    folder = crawl.corpus.with_suffix(".pages")
    folder.mkdir()
    places = split(kept, None, [folder / "0.warc.gz", folder / "1.warc.gz"])
    with duckdb.connect(crawl.corpus) as db:
        db.execute("CREATE TEMP TABLE moved (old BIGINT, file BIGINT, new BIGINT)")
        db.executemany("INSERT INTO moved VALUES (?, ?, ?)", places)
        db.execute(
            "UPDATE captures SET page_file = file || '.warc.gz', page_offset = new"
            " FROM moved WHERE page_offset = old"
        )
        db.execute(
            "INSERT INTO texts SELECT * REPLACE ('old' || text_id AS text_id,"
            " 'older ' || body AS body, 'old' AS extractor) FROM texts;"
            "UPDATE captures SET text_id = 'old' || text_id WHERE text_id IS NOT NULL;"
            "DELETE FROM texts WHERE extractor <> 'old'"
        )


def said_by(corpus: Path) -> list[list[tuple[Any, ...]]]:
    with duckdb.connect(corpus, read_only=True) as db:
        return [db.execute(query).fetchall() for query in WHAT_A_CORPUS_SAYS]


def test_a_killed_worker_changes_nothing(
    parts: Path, alone: Path, scheduler: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed: list[int] = []

    def kill_one() -> None:
        """Kill the first worker that has started a process to make a shard."""
        with Client(scheduler, set_as_default=False) as client:
            workers = list(client.run(os.getpid).values())
            while not killed:
                at_work = any(client.processing().values())
                busy = [pid for pid in workers if at_work and psutil.Process(pid).children()]
                for pid in busy[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                time.sleep(0.05)

    killer = threading.Thread(target=kill_one)
    killer.start()
    corpus = tmp_path / "corpus.duckdb"
    try:
        assert extract(corpus, parts, tmp_path / "shards", scheduler) == 0
    finally:
        killed.append(0)
        killer.join()
    assert killed[0] > 0
    assert said_by(corpus) == said_by(alone)
    assert len(list((tmp_path / "shards").iterdir())) == 2
    said = capsys.readouterr()
    assert said.err.startswith("dashboard: http://127.0.0.1:")
    assert said.out.startswith("2 files, 53 pages in ")
    assert "       48 with the text of a policy\n          5 not_policy\n" in said.out


def test_who_merges_can_be_killed_in_the_middle_of_a_shard(
    parts: Path, alone: Path, scheduler: str, crawl: Crawl
) -> None:
    shards = crawl.folder / "shards"
    given = ["--warc", f"{parts}/*.warc.gz", "--shards", str(shards), "--scheduler", scheduler]
    die_at_second_shard(crawl, "extract", *given)
    assert extract(crawl.corpus, parts, shards, scheduler) == 0
    assert said_by(crawl.corpus) == said_by(alone)
    assert len(list(shards.iterdir())) == 2


def test_texts_are_made_again_as_on_one_machine_whoever_is_killed(
    demo: Crawl, scheduler: str, tmp_path: Path
) -> None:
    here, there = Crawl(tmp_path / "here"), Crawl(tmp_path / "there")
    for crawl in (here, there):
        crawl.prepared()
        with_older_texts(demo, crawl)
    assert here.scrapy("reextract").returncode == 0
    die_at_second_shard(there, "reextract", "--scheduler", scheduler)
    done = there.scrapy("reextract", "--scheduler", scheduler)
    assert done.returncode == 0, done.stderr
    assert "with another text" in done.stdout
    assert said_by(there.corpus) == said_by(here.corpus)
    assert there.rows("FROM merged") == there.rows("FROM reextracted") == []
    assert not there.corpus.with_suffix(".shards").exists()


def test_a_crawl_of_the_same_addresses_finds_their_captures(
    parts: Path, alone: Path, crawl: Crawl
) -> None:
    crawl.prepared()
    crawl.corpus.write_bytes(alone.read_bytes())
    query = "SELECT domain, policy_url FROM captures WHERE domain = 'alderquist.example' LIMIT 1"
    ((domain, url),) = crawl.rows(query)
    done = crawl.run(domains=f"{domain} {url}", archive=parts, select="all")
    assert done.returncode == 0, done.stderr
    listed = "SELECT mimetype, listed_in IS NULL, fetched_at IS NULL, count(*) FROM captures"
    assert crawl.rows(f"{listed} WHERE policy_url = '{url}' GROUP BY ALL ORDER BY ALL") == [
        ("text/html", False, False, 4),
        ("warc/revisit", False, False, 3),  # records without a page
    ]
    assert "3 pages\n" in done.stdout


def test_a_shard_that_is_merged_twice_changes_nothing(alone: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.duckdb"
    corpus.write_bytes(alone.read_bytes())
    before = said_by(corpus)
    for of_ledger in ("TRUE", "FALSE"):
        store = Store(corpus)
        store.db.execute(f"DELETE FROM merged WHERE {of_ledger}")
        for shard in alone.with_suffix(".shards").iterdir():
            merge_captures(store, shard.name, str(shard))
        store.close()
        assert said_by(corpus) == before


def test_a_shard_that_is_there_is_not_made_again(alone: Path, parts: Path) -> None:
    shards = alone.with_suffix(".shards")
    before = said_by(alone), {file: file.stat().st_mtime_ns for file in shards.iterdir()}
    assert extract(alone, parts, shards) == 0
    assert (said_by(alone), {file: file.stat().st_mtime_ns for file in shards.iterdir()}) == before


def test_what_is_poisonous_fails_alone_and_is_named(
    scheduler: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hosts = ("one.example", "nested.example", "localhost", "two.example")
    bodies = (page("one"), b"<table><tr><td>" * 60_000, page("one"), page("two"))
    members = [
        warc_member(Captured("20100501000000", f"https://{host}/privacy", body))
        for host, body in zip(hosts, bodies, strict=True)
    ]
    (tmp_path / "mixed.warc.gz").write_bytes(b"".join(members[:3]))
    (tmp_path / "cut.warc.gz").write_bytes(members[3] + members[0][:-99])
    (tmp_path / "none.warc.gz").write_bytes(gzip.compress(b"not a WARC file"))
    corpus = tmp_path / "corpus.duckdb"
    given = {"EXTRACT_TIMEOUT": 5}
    assert extract(corpus, tmp_path, tmp_path / "shards", scheduler, **given) == 1
    with duckdb.connect(corpus, read_only=True) as db:
        found = db.execute("SELECT domain, outcome FROM captures ORDER BY domain").fetchall()
    assert found == [
        ("nested.example", "extract_timeout"),
        ("one.example", "text"),
        ("two.example", "text"),
    ]
    said = capsys.readouterr()
    assert f"{tmp_path}/none.warc.gz: not a WARC file" in said.err
    assert f"{tmp_path}/cut.warc.gz: unreadable from byte {len(members[3]):,} on (" in said.err
    assert "mixed.warc.gz, byte " in said.err
    assert "https://localhost/privacy: ValueError: 'localhost' is not a domain name" in said.err
    assert "        2 files failed or are damaged; they are named above\n" in said.out


def test_files_and_shards_may_be_in_s3(scheduler: str, tmp_path: Path) -> None:
    fs, _ = url_to_fs(BUCKET)
    record = warc_member(Captured("20100501000000", "https://one.example/privacy", page("one")))
    fs.pipe(f"{BUCKET}/crawls/one.warc.gz", record)
    corpus = tmp_path / "corpus.duckdb"
    assert extract(corpus, f"{BUCKET}/crawls", f"{BUCKET}/shards", scheduler) == 0
    fs.invalidate_cache()
    (shard,) = fs.ls(f"{BUCKET}/shards", detail=False)
    assert Path(shard).name.startswith("warc-one-")
    with duckdb.connect(corpus, read_only=True) as db:
        assert db.execute("SELECT domain FROM policies").fetchall() == [("one.example",)]


@pytest.mark.parametrize(
    ("warcs", "shards", "said"),
    [
        ("nowhere", "shards", "nowhere/*.warc.gz: no such file"),
        ("odd://x", "shards", "--warc odd://x/*.warc.gz: Protocol not known: odd"),
        ("parts", "file", "file: not a folder"),
    ],
)
def test_what_was_typed_wrong_is_named(
    warcs: str, shards: str, said: str, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts").symlink_to(parts)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=re.escape(said)):
        extract(tmp_path / "corpus.duckdb", warcs, shards)
    assert not (tmp_path / "corpus.duckdb").exists()


def test_a_scheduler_that_is_not_there_is_named(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.2)
    said = "--scheduler 127.0.0.1:1: no Dask scheduler answers there"
    with pytest.raises(InputError, match=re.escape(said)):
        extract(tmp_path / "corpus.duckdb", parts, tmp_path / "shards", "127.0.0.1:1")


def test_workers_of_another_version_are_refused(
    scheduler: str, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.__version__", "99")
    with pytest.raises(InputError, match=r"has policy-history 0.*, and here is policy-history 99"):
        extract(tmp_path / "corpus.duckdb", parts, tmp_path / "shards", scheduler)


class GoneScheduler:
    """A client whose scheduler goes after some questions."""

    def __init__(self, answers: int) -> None:
        self.answers = answers

    def nthreads(self) -> dict[str, int]:
        self.answers -= 1
        if self.answers < 0:
            raise OSError("gone")
        return {"worker": 1}


def test_shards_that_are_there_are_not_all_when_the_scheduler_goes() -> None:
    limits = Limits(1, 1, 1, 0.5)
    jobs = [Job(f"/pages/{n}.warc.gz", "", None, limits, "/shards", "maker") for n in range(40)]
    made = list(made_by(GoneScheduler(3), jobs, {job.shard for job in jobs}))
    assert len(made) < len(jobs)
    assert [f"{error}" for _, error in made if error] == ["the scheduler is gone"]


def test_without_the_extra_a_scheduler_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "pipelines.shards.text_shards", raising=False)
    for package in ("distributed", "fsspec"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=r'--scheduler needs distributed: .*"\.\[cluster\]"'):
        cluster.workers_at("tcp://127.0.0.1:1")
