"""A million rows of the index, listed by `scrapy plan`: time, and how memory grows.

An imitation of the Wayback Machine makes the rows up as they are asked for, 10,000 a policy. Prints
rows a second, the bytes that a row takes in the corpus, and the most memory of the
process in each quarter of the run.

    python tests/benchmarks/index_rows.py [--policies 100] [--rows 10000]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.crawling import Crawl  # noqa: E402
from tests.imitation import Imitation, serving  # noqa: E402
from tests.wayback_dialect import Query  # noqa: E402

FIRST = datetime(2001, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Endless(Imitation):
    """An archive with a capture an hour of every address, so many of each."""

    of_each: int = 0

    def rows(self, query: Query) -> Iterator[list[str]]:
        first = max(query.start[1], query.given.get("from", ""))
        start = 0
        if first:
            moment = datetime.strptime(first, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            start = int((moment - FIRST) / HOUR)
        url = query.given["url"]
        for n in range(start, self.of_each):
            stamp = f"{FIRST + n * HOUR:%Y%m%d%H%M%S}"
            if stamp > query.given.get("to", "9"):  # the second at which two pages part
                break
            yield [query.begin, stamp, url, "text/html", "200", f"D{stamp}", "1000"]


def main() -> None:
    """List, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", type=int, default=100)
    parser.add_argument("--rows", type=int, default=10_000, help="of each policy")
    given = parser.parse_args()
    policies, imitation = given.policies, Endless([], page_size=10_000, of_each=given.rows)
    with tempfile.TemporaryDirectory() as folder, serving(imitation) as archive:
        crawl = Crawl(Path(folder) / "rows")
        domains = crawl.prepared() / "domains.txt"
        lines = (f"site{n}.example https://site{n}.example/privacy\n" for n in range(policies))
        domains.write_text("".join(lines))
        command = [sys.executable, "-m", "scrapy", "plan", "-a", f"domains={domains}"]
        command += ["-a", "select=year", "-s", f"DUCKDB_PATH={crawl.corpus}", "-L", "WARNING"]
        command += ["-s", f"WAYBACK_BASE_URL={archive.address}", "-s", "CDX_PAGE_SIZE=2500"]
        started, memory = time.monotonic(), []
        process = subprocess.Popen(command, cwd=crawl.folder, env=crawl.environment())
        while process.poll() is None:
            memory.append(psutil.Process(process.pid).memory_info().rss / 2**20)
            time.sleep(0.5)
        seconds = time.monotonic() - started
        ((rows,),) = crawl.rows("SELECT count(*) FROM captures")
        stored = crawl.corpus.stat().st_size
    quarters = [max(memory[i * len(memory) // 4 : (i + 1) * len(memory) // 4]) for i in range(4)]
    print(f"{stored / rows:.0f} bytes a row in the corpus")
    print(f"{rows:,} rows in {seconds:,.0f} s, {rows / seconds:,.0f} a second")
    print("memory " + ", ".join(f"{mb:.0f}" for mb in quarters) + " MB at most in each quarter")


if __name__ == "__main__":
    main()
