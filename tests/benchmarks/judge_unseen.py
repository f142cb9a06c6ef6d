"""Judges texts that the judge did not learn from, read from their pages as the pipeline would."""

import csv
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from warcio.archiveiterator import ArchiveIterator

from pipelines.judging.judge import judge
from pipelines.reading import read_page

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
DEMO = ROOT / "data" / "demo"


class Page(NamedTuple):
    """A page of a collection; `policy` is None where nobody has said what it is."""

    collection: str
    name: str
    policy: bool | None
    body: bytes
    content_type: str | None
    url: str


def report_unseen(threshold: float) -> None:
    """Print by collection and truth what is accepted, and what is refused or wrongly accepted.

    Every capture of the real archives is of a policy's address, but some are of home pages and
    errors: what is refused there is listed, to be read.
    """
    counts: Counter[tuple[str, bool | None]] = Counter()
    accepted: Counter[tuple[str, bool | None]] = Counter()
    listed: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for key, fine, line in pool.map(_verdict, _pages(), repeat(threshold), chunksize=8):
            counts[key] += 1
            accepted[key] += fine
            if fine != (key[1] is not False):
                listed[f"{'accepted' if fine else 'refused'} {line}"] += 1
    for line, number in sorted(listed.items()):
        print(f"  {number} x {line}")
    kinds = {True: "policies", False: "other pages", None: "captures of policies' addresses"}
    for (collection, policy), number in sorted(counts.items(), key=str):
        share = accepted[collection, policy]
        print(f"{collection}: {share} of {number} {kinds[policy]} accepted")


def _verdict(page: Page, threshold: float) -> tuple[tuple[str, bool | None], bool, str]:
    """Return the page's collection and truth, whether it is accepted, and a line about it."""
    key = page.collection, page.policy
    text = read_page(page.body, page.content_type, page.url)
    if text is None:
        return key, False, f"{page.collection} {page.url}: no text"
    found = judge(text, threshold)
    why = f"{found[0]}, {found[1]}" if found else f"{text.policy_score} {text.policy_reasons}"
    return key, found is None, f"{page.collection} {page.url} ({text.words} words): {why}"


def _pages() -> Iterator[Page]:
    with (DEMO / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["original"], r["timestamp"]): bool(r["version"]) for r in csv.DictReader(file)}
    for page in _warc("demo", DEMO / "demo.warc.gz"):
        yield page._replace(policy=rows.get((page.url, page.name), False))
    for page in _warc("seed archive", SHARED / "seed-archive" / "seeds.warc.gz"):
        seed = (SHARED / "seeds").glob(f"*_{page.name}.md")
        yield page._replace(policy=any(seed))
    for name in ("dense", "sparse"):
        yield from _warc(f"real, {name}", SHARED / f"real-archive-{name}.warc.gz")
    for name in ("gold", "reference"):
        for path in sorted((SHARED / name).glob("*.html")):
            yield Page(name, path.stem, True, path.read_bytes(), None, f"http://{path.stem}/")


def _warc(collection: str, path: Path) -> Iterator[Page]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type != "response" or record.http_headers.get_statuscode() != "200":
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            timestamp = "".join(filter(str.isdigit, record.rec_headers.get_header("WARC-Date")))
            kind = record.http_headers.get_header("Content-Type")
            yield Page(collection, timestamp[:14], None, record.content_stream().read(), kind, url)
