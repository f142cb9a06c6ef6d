"""What others would use, beside ours: one archive, one run, the same captures.

The archive is the imitation of the Wayback Machine on this machine, with the real captures (they do
not ship with the project), without limits; nobody waits for it. Each of these runs by itself, the
packages as published, their throttles off, all captures of all policies:

- a plain script (others/plain.py): index, pages, trafilatura, DuckDB, one after another;
- wayback, waybackpack, pywaybackup: they store pages (others/pages.py); afterwards the texts
  are made as the plain script makes them (others/texts.py), which counts into seconds and memory;
- `scrapy crawl policies` with `select=all` and with `select=versions`.

A version is a stretch of a policy's captures, in the order of time, whose texts have one
fingerprint (`pipelines.text.fingerprint`: the words of the policy count, the page's noise does
not); it is counted so for all. Memory is that of all processes of a way together, what they share
counted once. The first row is the first text that can be read, or the first page stored.

    python tests/benchmarks/peers.py [--sites N] [--python PYTHON]

PYTHON has the packages: `pip install wayback waybackpack pywaybackup`, in an environment of their
own.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.urlkeys import urlkey  # noqa: E402
from tests.crawling import CORES, SHARED, Crawl  # noqa: E402
from tests.imitation import Captured, Imitation, compressed, serving  # noqa: E402
from tests.measuring import Cost, measured, size  # noqa: E402
from tests.wayback_dialect import warc_captures  # noqa: E402

WARCS = [SHARED / f"real-archive-{name}.warc.gz" for name in ("dense", "sparse")]
OTHERS = Path(__file__).parent / "others"
PACKAGES = ("wayback", "waybackpack", "pywaybackup")
FREE = dict.fromkeys(("WAYBACK_CDX_RATE", "WAYBACK_PAGE_RATE"), 10**7)  # a minute
NO_LOG = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

STAMP = re.compile(r"\d{14}")

Texts = list[tuple[str, str, str | None]]  # policy, timestamp, fingerprint


@dataclass
class Archive(Imitation):
    """The archive; finds the captures of an address without looking through all."""

    by_key: dict[str, list[Captured]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        super().__post_init__()
        for captured in self.captures:
            self.by_key[urlkey(captured.url)].append(captured)
            compressed(captured.body)

    def near(self, key: str) -> Sequence[Captured]:
        return self.by_key.get(key, [])


@dataclass
class Way:
    """How one of them did: cost and seconds of it for texts, what it asked, what it left."""

    name: str
    cost: Cost
    of_texts: float
    queries: int
    pages: int
    kept: int  # bytes of pages
    corpus: Path
    texts: Callable[[Path], Texts]


def main() -> None:
    """Run each, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, help="only the first so many")
    parser.add_argument("--python", default=sys.executable, help="that of the packages")
    given = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: the real captures are not on this machine")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = (SHARED / "real-archive-domains.txt").read_text().splitlines()
        sites = [line for line in lines if line and not line.startswith("#")][: given.sites]
        keys = {urlkey(line.split()[1]) for line in sites}
        domains = folder / "domains.txt"
        domains.write_text("".join(f"{line}\n" for line in sites))
        real = [c for file in WARCS for c in warc_captures(file) if urlkey(c.url) in keys]
        with serving(Archive(real, page_size=150_000)) as archive:
            ways = list(run(archive, domains, folder, given.python))
        print(f"\n{len(sites)} policies, {len(real):,} captures\n")
        print_tables(ways)


def run(archive: Archive, domains: Path, folder: Path, python: str) -> Iterable[Way]:
    """Run each way after the other."""
    yield plain(archive, domains, folder / "plain.duckdb")
    for package in PACKAGES:
        if subprocess.run([python, "-c", f"import {package}"], **NO_LOG).returncode:
            print(f"{package}: skipped, not installed: {python} -m pip install {package}")
        else:
            yield stored(archive, domains, folder / package, package, python)
    for rule in ("all", "versions"):
        yield ours(archive, domains, Crawl(folder / rule, CORES), rule)


def plain(archive: Archive, domains: Path, corpus: Path) -> Way:
    """The plain script."""
    log, before = corpus.with_name(f"{corpus.name}.wal"), len(archive.seen)
    places = f"{archive.address}/cdx/search/cdx", f"{archive.address}/web"
    command = [sys.executable, str(OTHERS / "plain.py"), *places, str(domains), str(corpus)]
    process = subprocess.Popen(command, **NO_LOG)
    cost = measured(process, lambda: log.exists() and log.stat().st_size > 2_000)
    return Way("plain script", cost, 0, *asked(archive, before), 0, corpus, plain_texts)


def stored(archive: Archive, domains: Path, folder: Path, package: str, python: str) -> Way:
    """A package that stores pages, and the texts of these."""
    folder.mkdir()
    pages, corpus, before = folder / "pages", folder / "texts.duckdb", len(archive.seen)
    given = package, archive.address, str(domains), str(pages)
    process = subprocess.Popen([python, str(OTHERS / "pages.py"), *given], cwd=folder, **NO_LOG)
    cost = measured(process, lambda: any(map(STAMP.search, files_of(pages))))
    command = [sys.executable, str(OTHERS / "texts.py"), str(pages), str(corpus)]
    texts = measured(subprocess.Popen(command, **NO_LOG))
    cost.seconds, cost.peak = cost.seconds + texts.seconds, max(cost.peak, texts.peak)
    cost.cpu += texts.cpu
    left = asked(archive, before)
    return Way(package, cost, texts.seconds, *left, size(pages), corpus, plain_texts)


def files_of(folder: Path) -> Iterable[str]:
    """The files below a folder."""
    return (str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def ours(archive: Archive, domains: Path, crawl: Crawl, rule: str) -> Way:
    """The crawl."""
    before = len(archive.seen)
    settings = {"WAYBACK_BASE_URL": archive.address, **FREE}
    process = crawl.start(domains=domains, select=rule, settings=settings)
    cost = measured(process, crawl.corpus.exists)
    kept = size(crawl.folder / "corpus.pages")
    name = f"scrapy crawl, select={rule}"
    return Way(name, cost, 0, *asked(archive, before), kept, crawl.corpus, our_texts)


def asked(archive: Archive, before: int) -> tuple[int, int]:
    """Queries of the index and pages that were asked for since."""
    index = [seen.path.startswith("/cdx/") for seen in archive.seen[before:]]
    return sum(index), len(index) - sum(index)


def plain_texts(corpus: Path) -> Texts:
    """What the plain script has."""
    import duckdb

    from pipelines.text.fingerprint import fingerprint
    from pipelines.text.plain import plain_text

    with duckdb.connect(corpus, read_only=True) as db:
        rows = db.execute("SELECT domain, timestamp, body FROM texts").fetchall()
    return [(d, t, fingerprint(plain_text(body)) if body else None) for d, t, body in rows]


def our_texts(corpus: Path) -> Texts:
    """What a crawl has."""
    import duckdb

    with duckdb.connect(corpus, read_only=True) as db:
        return db.execute(
            "SELECT policy_url, coalesce(served_timestamp, timestamp), fingerprint"
            " FROM captures JOIN texts USING (text_id)"
        ).fetchall()


def versions(texts: Texts) -> int:
    """Count the stretches of each policy that have one text."""
    told = sorted(text for text in texts if text[2] is not None)
    return sum(1 for _ in groupby(told, key=lambda text: (text[0], text[2])))


def print_tables(ways: Sequence[Way]) -> None:
    """Print what each took, then what that is for a version, with ratios to the first."""
    print(f"{'':28}{'queries':>8}{'pages':>7}{'seconds':>9}{'of texts':>9}{'cpu s':>7}", end="")
    print(f"{'a second':>9}{'ratio':>7}{'peak MB':>9}{'first row s':>12}")
    first = ways[0]
    for way in ways:
        rate, cost = way.pages / way.cost.seconds, way.cost
        print(f"{way.name:28}{way.queries:8}{way.pages:7}{cost.seconds:9.1f}", end="")
        print(f"{way.of_texts:9.1f}{cost.cpu:7.1f}{rate:9.1f}", end="")
        print(f"{rate / (first.pages / first.cost.seconds):7.2f}{cost.peak:9.0f}", end="")
        print(f"{cost.first or 0:12.1f}")
    print(f"\n{'for each version found':28}{'versions':>9}{'seconds':>9}{'fetches':>9}", end="")
    print(f"{'requests':>9}{'ratio':>7}{'pages KB':>10}{'texts KB':>10}")
    of_first = first.queries + first.pages
    most = versions(first.texts(first.corpus))
    for way in ways:
        found, requests = versions(way.texts(way.corpus)), way.queries + way.pages
        ratio = requests / found / (of_first / most)
        print(
            f"{way.name:28}{found:9}{way.cost.seconds / found:9.2f}{way.pages / found:9.2f}", end=""
        )
        print(f"{requests / found:9.2f}{ratio:7.2f}{way.kept / found / 1024:10.1f}", end="")
        print(f"{size(way.corpus) / found / 1024:10.1f}")


if __name__ == "__main__":
    main()
