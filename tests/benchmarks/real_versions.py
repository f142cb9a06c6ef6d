"""`select=versions` on real captures, beside fetching all of them and beside a person's versions.

    python tests/benchmarks/real_versions.py DATA_DIR

DATA_DIR holds real-archive-dense.warc.gz (every capture of six policies), real-archive-domains.txt,
real-archive-sparse.warc.gz (few captures of each of many years) and histories.csv.gz, where a
person's selectors say which version was in force. Of both archives it prints how many texts of one
policy have other words and yet one fingerprint: changes taken for noise.
"""

import csv
import gzip
import re
import sys
import tempfile
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.crawling import CORES, Crawl

Edges = set[tuple[str, str, str]]
CHANGES = """SELECT domain, strftime(changed_after, '%Y%m%d%H%M%S'),
strftime(changed_before, '%Y%m%d%H%M%S') FROM changes"""


def crawled(folder: Path, data: Path, select: str, name: str = "dense") -> Crawl:
    """Crawl one of the archives by a rule."""
    crawl = Crawl(folder / f"{name}-{select}", CORES)
    archive = data / f"real-archive-{name}.warc.gz"
    done = crawl.run(domains=data / "real-archive-domains.txt", archive=archive, select=select)
    assert done.returncode == 0, done.stderr
    return crawl


def taken_for_noise(crawl: Crawl) -> tuple[int, int]:
    """Return how many texts have the fingerprint of one with other words, and how many texts."""
    words: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    texts = crawl.rows(
        "SELECT DISTINCT policy_url, fingerprint, plain FROM captures JOIN texts USING (text_id)"
    )
    for policy, fingerprint, plain in texts:
        words[policy, fingerprint].add(tuple(re.findall(r"\w+", plain.casefold())))
    return sum(len(different) - 1 for different in words.values()), len(texts)


def true_changes(data: Path, captures: dict[str, list[str]]) -> Edges:
    """Return the changes between adjacent captures that the person's versions have, by domain."""
    versions: dict[str, dict[str, str]] = defaultdict(dict)
    with gzip.open(data / "histories.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            versions[row["document"]][row["timestamp"]] = row["version"]
    found: Edges = set()
    for domain, stamps in captures.items():
        document = max(versions, key=lambda name: len(versions[name].keys() & set(stamps)))
        history = versions[document]
        found |= {(domain, a, b) for a, b in pairwise(stamps) if history[a] != history[b]}
    return found


def report(data: Path, folder: Path) -> None:
    """Print fetches, versions and changes of both rules, and how they compare."""
    edges: dict[str, Edges] = {}
    print(f"{'':<18}{'captures':>9}{'fetches':>9}{'versions':>9}{'changes':>9}")
    for select in ("all", "unique", "versions"):
        crawl = crawled(folder, data, select)
        edges[select] = set(crawl.rows(CHANGES))
        counts = crawl.rows("SELECT count(*), count(fetched_at) FROM captures")[0]
        versions = crawl.rows("SELECT count(*) FROM policies")[0]
        row = (*counts, *versions, len(edges[select]))
        print(f"select={select:<11}" + "".join(f"{n:>9,}" for n in row))
    print()
    for name in ("dense", "sparse"):
        noise, texts = taken_for_noise(crawled(folder, data, "all", name))
        print(f"{name}: {noise:,} of {texts:,} texts have other words and one fingerprint")
    captures: dict[str, list[str]] = defaultdict(list)
    for domain, stamp in crawl.rows("SELECT domain, timestamp FROM captures ORDER BY ALL"):
        captures[domain].append(stamp)
    truth = true_changes(data, captures)
    every = edges["all"]
    print(f"\nchanges that all captures show and the search has: {len(edges['versions'] & every)}")
    print(
        f"changes that all captures show and the search has not: {len(every - edges['versions'])}"
    )
    print(f"changes of the search that all captures do not show: {len(edges['versions'] - every)}")
    print(f"\na person's versions change {len(truth)} times; of these")
    print(f"  {len(truth & every):>4} are changes of the policy's words")
    print(f"  {len(truth - every):>4} are not (links, markup, order of short lines)")
    print(f"  {len(every - truth):>4} changes of words are none of theirs")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        report(Path(sys.argv[1]).resolve(), Path(scratch))
