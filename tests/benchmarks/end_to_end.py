"""The main job on the real captures, beside a plain sequential script, in one run.

The script does what one would write in an afternoon: asks the index of each policy, gets one page
after another, `trafilatura.extract`, one INSERT a row. Both go to the same pywb server on this
machine, over the same captures (`select=all`); ours also runs on the WARC files without a server.
Prints captures a second, peak memory (of the process and its children, what they share counted
once) and the ratio.

    python tests/benchmarks/end_to_end.py [--repeat N]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.crawling import CORES, SHARED, Crawl  # noqa: E402
from tests.measuring import measured  # noqa: E402
from tests.servers import pywb_server  # noqa: E402

DOMAINS = SHARED / "real-archive-domains.txt"
WARCS = [SHARED / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]

PLAIN, ALONE = (Path(__file__).parent / "others" / f"{name}.py" for name in ("plain", "alone"))


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
        limit = alone(repeat)
    first = next(iter(best.values()))[0]
    print(f"{'':28}{'captures':>9}{'seconds':>9}{'a second':>9}{'peak MB':>9}{'ratio':>7}")
    for way, (seconds, captures, peak) in best.items():
        rate = captures / seconds
        print(f"{way:28}{captures:9}{seconds:9.1f}{rate:9.1f}{peak:9.0f}{first / seconds:7.2f}")
    print(f"extraction alone, on {CORES} cores: {limit:.1f} pages a second")


def alone(repeat: int) -> float:
    """Pages a second that the cores extract where nothing else is done, the best of some runs."""
    command = [sys.executable, str(ALONE), str(CORES), *map(str, WARCS)]
    said = [subprocess.run(command, capture_output=True, text=True) for _ in range(repeat)]
    return max(int(pages) / float(seconds) for pages, seconds in (s.stdout.split() for s in said))


def plain(path: Path, base: str) -> tuple[float, int, float]:
    """Run the plain script; return seconds, captures, peak megabytes."""
    command = [sys.executable, str(PLAIN), f"{base}/cdx", base, str(DOMAINS), str(path)]
    cost = measured(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    return cost.seconds, count(path, "texts"), cost.peak


def ours(crawl: Crawl, archive: str) -> tuple[float, int, float]:
    """Run the crawl; return seconds, captures, peak megabytes."""
    process = crawl.start(domains=DOMAINS, archive=archive, select="all")
    cost = measured(process)
    return cost.seconds, count(crawl.corpus, "captures"), cost.peak


def count(path: Path, table: str) -> int:
    """Rows of a table of a DuckDB file."""
    with duckdb.connect(path, read_only=True) as db:
        rows: int = db.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        return rows


if __name__ == "__main__":
    main()
