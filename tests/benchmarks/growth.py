"""Our own growth: 100 to 100,000 captures, 1 and 2 processes, 1, 2 and 4 Dask workers.

The captures are the real ones (they do not ship with the project), repeated: each repeat has sites
of its own, a number in every paragraph, so that no text comes twice, and other dates. They are
written to WARC files, which a crawl reads with `select=all`, and `scrapy extract --warc` with Dask.
Prints captures a second, and for each second of a processor (which does not depend on what else the
machine does), the most memory of all processes together (what they share counted once) and of the
main process, and bytes of the corpus.

    python tests/benchmarks/growth.py [--captures 100,1000,10000,100000] [--workers 1,2]
        [--dask 1,2,4] [--folder FOLDER]

100,000 take 4 GB for the WARC files, as much for the kept pages, and an hour a run on 2 cores.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from itertools import count, islice
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.timestamps import parse  # noqa: E402
from tests.crawling import SHARED, Crawl  # noqa: E402
from tests.measuring import Cost, measured, size  # noqa: E402
from tests.wayback_dialect import Captured, warc_captures  # noqa: E402

WARCS = [SHARED / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]
OF_FILE = 100  # captures
END = re.compile(rb"</(p|li|h[1-6])>", re.IGNORECASE)


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--captures", type=numbers, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=numbers, default=[1, 2])
    parser.add_argument("--dask", type=numbers, default=[1, 2, 4], help="0: none")
    parser.add_argument("--folder", type=Path, help="where there is room")
    given = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: the real captures are not on this machine")
    print(f"{'':24}{'captures':>9}{'texts':>8}{'seconds':>9}{'a second':>9}{'a cpu s':>9}", end="")
    print(f"{'peak MB':>9}{'main MB':>9}{'corpus MB':>10}{'pages MB':>10}")
    for captures in given.captures:
        with tempfile.TemporaryDirectory(dir=given.folder) as name:
            folder = Path(name)
            made = make(folder / "warcs", captures)
            for workers in given.workers:
                print_crawl(folder, made, workers)
            for workers in filter(None, given.dask):
                print_extract(folder, made, workers)


def numbers(text: str) -> list[int]:
    """Read numbers with commas between."""
    return [int(number) for number in text.split(",")]


def make(folder: Path, captures: int) -> Path:
    """Write so many captures to WARC files, and their sites to `domains.txt`."""
    folder.mkdir()
    real = [captured for file in WARCS for captured in warc_captures(file)]
    addresses: dict[str, str] = {}
    of_all = islice(repeats(real, addresses), captures)
    for number in range(-(-captures // OF_FILE)):
        with (folder / f"{number:04}.warc.gz").open("wb") as stream:
            writer = WARCWriter(stream)
            for captured in islice(of_all, OF_FILE):
                write(writer, captured)
    (folder / "domains.txt").write_text(
        "".join(f"{domain} {url}\n" for url, domain in addresses.items())
    )
    return folder


def repeats(real: list[Captured], addresses: dict[str, str]) -> Iterator[Captured]:
    """All captures again and again; the first of each time are of all sites, too."""
    for number in count():
        random.Random(number).shuffle(real)
        for captured in real:
            yield repeated(captured, number, addresses)


def repeated(captured: Captured, number: int, addresses: dict[str, str]) -> Captured:
    """Return a capture as its repeat with this number has it; its address is noted."""
    host = captured.url.split("/")[2].removeprefix("www.")
    domain = f"{host.replace('.', '-')}-{number}.example"
    url = captured.url.replace(captured.url.split("/")[2], domain)
    addresses[url] = domain
    moment = parse(captured.timestamp) - timedelta(days=37 * number % 5_000)
    body = END.sub(rb" Number %d.</\1>" % number, captured.body)
    return Captured(f"{moment:%Y%m%d%H%M%S}", url, body, content_type=captured.content_type)


def write(writer: WARCWriter, captured: Captured) -> None:
    """Write a response."""
    headers = [("Content-Type", captured.content_type), ("Content-Length", str(len(captured.body)))]
    http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
    date = {"WARC-Date": f"{parse(captured.timestamp):%Y-%m-%dT%H:%M:%SZ}"}
    payload = BytesIO(captured.body)
    writer.write_record(
        writer.create_warc_record(
            captured.url, "response", payload, http_headers=http, warc_headers_dict=date
        )
    )


def print_crawl(folder: Path, made: Path, workers: int) -> None:
    """Crawl the WARC files with so many processes."""
    crawl = Crawl(folder / f"crawl{workers}", workers)
    process = crawl.start(domains=made / "domains.txt", archive=made, select="all")
    cost = measured(process)
    captures, texts = counted(crawl)
    pages = size(crawl.folder / "corpus.pages")
    print_line(f"crawl, {workers} processes", captures, texts, cost, size(crawl.corpus), pages)
    shutil.rmtree(crawl.folder)


def print_extract(folder: Path, made: Path, workers: int) -> None:
    """Extract the WARC files with so many Dask workers, and merge."""
    crawl = Crawl(folder / f"dask{workers}", 1)
    shards = folder / f"shards{workers}"
    with cluster(workers) as (address, pids):
        command = [sys.executable, "-m", "scrapy", "extract", "--warc", f"{made}/*.warc.gz"]
        command += ["--scheduler", address, "--shards", str(shards)]
        command += ["-s", f"DUCKDB_PATH={crawl.corpus}", "-L", "WARNING"]
        process = subprocess.Popen(
            command, cwd=crawl.prepared(), env=crawl.environment(), stdout=subprocess.PIPE
        )
        cost = measured(process, others=pids)
    captures, texts = counted(crawl)
    print_line(
        f"extract, {workers} Dask workers", captures, texts, cost, size(crawl.corpus), size(shards)
    )
    shutil.rmtree(crawl.folder)
    shutil.rmtree(shards, ignore_errors=True)


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Start a Dask scheduler and workers; give the address and the processes' ids."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        named = ["--scheduler-file", str(file), "--no-dashboard"]
        processes = [subprocess.Popen([*command, "--port", "0", *named], cwd=ROOT, **quiet)]
        try:
            worker = [sys.executable, "-m", "distributed.cli.dask_worker", *named, "--nthreads=1"]
            processes += [
                subprocess.Popen(worker, cwd=ROOT, env=Crawl(ROOT).environment(), **quiet)
                for _ in range(workers)
            ]
            wait_for(file.exists)
            yield json.loads(file.read_text())["address"], tuple(p.pid for p in processes)
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait until something holds, at most a minute."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise SystemExit("the Dask scheduler did not start")


def counted(crawl: Crawl) -> tuple[int, int]:
    """Captures with an outcome, and texts. In a process of its own: this one loads no DuckDB."""
    question = (
        "SELECT (SELECT count(*) FROM captures WHERE outcome <> 'pending') AS captures,"
        " (SELECT count(*) FROM texts) AS texts"
    )
    done = crawl.scrapy("sql", "--format", "json", question)
    (row,) = json.loads(done.stdout)
    return row["captures"], row["texts"]


def print_line(way: str, captures: int, texts: int, cost: Cost, corpus: int, pages: int) -> None:
    """Print what a run cost."""
    seconds, each = cost.seconds, captures / cost.seconds
    print(f"{way:24}{captures:9,}{texts:8,}{seconds:9.1f}{each:9.1f}", end="")
    print(f"{captures / cost.cpu:9.1f}{cost.peak:9.0f}{cost.main:9.0f}", end="")
    print(f"{corpus / 2**20:10.1f}{pages / 2**20:10.1f}", flush=True)


if __name__ == "__main__":
    main()
