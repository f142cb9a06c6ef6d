"""How long the pages of `scrapy browse` take on a large corpus.

    python tests/benchmarks/browsing.py CORPUS [PAGES]

Asks for PAGES (100) pages of each kind, of sites and versions drawn from the corpus, one after
another, and prints the median and the 95th percentile in milliseconds, and the largest page. The
first home page, for which everything is counted, is named by itself.
"""

import random
import sys
import time
from pathlib import Path
from statistics import median, quantiles

import duckdb
import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pipelines.browse.site import KEY
from tests.browsing import browsed
from tests.crawling import Existing

GOAL = 150  # milliseconds, 95th percentile


def main() -> None:
    """Measure and print."""
    file, count = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with duckdb.connect(file, read_only=True) as db:
        versions = db.execute(
            f"SELECT domain, {KEY}, changed_after IS NOT NULL"
            " FROM policies USING SAMPLE reservoir(2000 ROWS) REPEATABLE (7)"
        ).fetchall()
    rng = random.Random(7)
    with browsed(Existing(file)) as address, httpx.Client(base_url=address, timeout=600) as client:
        began = time.perf_counter()
        client.get("/").raise_for_status()
        print(f"first page, with all that is counted: {time.perf_counter() - began:.1f} s")
        pages = {
            "home": lambda: f"/?page={rng.randint(1, 200)}",
            "site": lambda: f"/sites/{rng.choice(versions)[0]}",
            "version": lambda: "/sites/{}/versions/{}".format(*rng.choice(versions)),
            "change": lambda: "/sites/{}/changes/{}".format(
                *rng.choice([row for row in versions if row[2]])
            ),
            "search": lambda: f"/search?q={rng.choice(['erasure', 'third party', 'cookie*'])}",
            "phrase": lambda: f"/phrases?q={rng.choice(['erasure', 'advertising', 'pixel'])}",
        }
        print(f"{'page':10} {'median':>8} {'95 %':>8} {'bytes':>9}   (goal: {GOAL} ms at 95 %)")
        for name, path in pages.items():
            client.get(path()).raise_for_status()
            took, size = [], 0
            for _ in range(count):
                began = time.perf_counter()
                reply = client.get(path())
                took.append(1000 * (time.perf_counter() - began))
                reply.raise_for_status()
                size = max(size, len(reply.content))
            print(f"{name:10} {median(took):8.0f} {quantiles(took, n=20)[-1]:8.0f} {size:9,}")


if __name__ == "__main__":
    main()
