"""The main job on the real captures, beside a plain sequential script, in one run.

The script does what one would write in an afternoon: asks the index of each policy, gets one page
after another, `trafilatura.extract`, one INSERT a row. Both go to the same pywb server on this
machine, over the same captures (`select=all`); ours also runs on the WARC files without a server.
Prints captures a second, peak memory (of the process and its children, sampled) and the ratio.

    python tests/benchmarks/end_to_end.py [--repeat N]
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb
import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.crawling import CORES, SHARED, Crawl  # noqa: E402
from tests.servers import pywb_server  # noqa: E402

DOMAINS = SHARED / "real-archive-domains.txt"
WARCS = [SHARED / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]

PLAIN = """
import json, sys, duckdb, trafilatura
from urllib.parse import quote
from urllib.request import urlopen
base, domains, path = sys.argv[1:]
db = duckdb.connect(path)
db.execute("CREATE TABLE texts (domain VARCHAR, timestamp VARCHAR, url VARCHAR, body VARCHAR)")
for line in open(domains):
    if line.startswith("#") or not line.strip():
        continue
    domain, url = line.split()
    rows = urlopen(f"{base}/cdx?output=json&url={quote(url, safe='')}").read().splitlines()
    for row in map(json.loads, rows):
        page = urlopen(f"{base}/{row['timestamp']}id_/{row['url']}").read()
        body = trafilatura.extract(page, output_format="markdown", include_links=True)
        values = [domain, row["timestamp"], row["url"], body]
        db.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", values)
"""


def main() -> None:
    """Run each way, print a line each, then the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the best counts")
    repeat = parser.parse_args().repeat
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: the real captures are not on this machine")
    with tempfile.TemporaryDirectory() as name, pywb_server({"real": WARCS}) as address:
        folder = Path(name)
        base = f"{address}/real"
        warcs = ",".join(map(str, WARCS))
        ways = {
            "plain script, pywb": lambda n: plain(folder / f"plain{n}.duckdb", base),
            "scrapy crawl, pywb": lambda n: ours(Crawl(folder / f"pywb{n}", CORES), base),
            "scrapy crawl, WARC files": lambda n: ours(Crawl(folder / f"warc{n}", CORES), warcs),
        }
        best = {way: min(run(n) for n in range(repeat)) for way, run in ways.items()}
    first = next(iter(best.values()))[0]
    print(f"{'':28}{'captures':>9}{'seconds':>9}{'a second':>9}{'peak MB':>9}{'ratio':>7}")
    for way, (seconds, captures, peak) in best.items():
        rate = captures / seconds
        print(f"{way:28}{captures:9}{seconds:9.1f}{rate:9.1f}{peak:9.0f}{first / seconds:7.2f}")


def plain(path: Path, base: str) -> tuple[float, int, float]:
    """Run the plain script; return seconds, captures, peak megabytes."""
    command = [sys.executable, "-c", PLAIN, base, str(DOMAINS), str(path)]
    seconds, peak = measured(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    return seconds, count(path, "texts"), peak


def ours(crawl: Crawl, archive: str) -> tuple[float, int, float]:
    """Run the crawl; return seconds, captures, peak megabytes."""
    process = crawl.start(domains=DOMAINS, archive=archive, select="all")
    seconds, peak = measured(process)
    return seconds, count(crawl.corpus, "captures"), peak


def measured(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> tuple[float, float]:
    """Wait for a process; return its seconds and the peak memory of it and its children (MB)."""
    started, peak = time.monotonic(), 0
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        root = psutil.Process(process.pid)
        while not done.wait(0.1):
            try:
                family = [root, *root.children(recursive=True)]
                peak = max(peak, sum(member.memory_info().rss for member in family))
            except psutil.NoSuchProcess:
                continue

    thread = threading.Thread(target=sample)
    thread.start()
    process.communicate()
    done.set()
    thread.join()
    if process.returncode:
        raise SystemExit(f"{process.args!r} failed")
    return time.monotonic() - started, peak / 2**20


def count(path: Path, table: str) -> int:
    """Rows of a table of a DuckDB file."""
    with duckdb.connect(path, read_only=True) as db:
        rows: int = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        return rows


if __name__ == "__main__":
    main()
