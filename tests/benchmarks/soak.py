"""A crawl of weeks in minutes: many policies, and an archive that does much wrong.

An imitation of the Wayback Machine serves made-up histories, 100 captures a policy, and answers one
request in ten wrongly: errors, notices, broken connections, stalls, bodies cut short, resume keys
that repeat, and storms of 429 that last two minutes. Time is scaled: its minute is a second, so
pauses and paces are sixty times as fast. One crawl runs from start to end without help. Printed:
what was lost and why, what was asked for twice, requests inside pauses, the most requests in any
scaled minute beside the budget, and how memory grew.

    python tests/benchmarks/soak.py [--policies 2000]
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.urlkeys import urlkey  # noqa: E402
from tests.crawling import CORES, Crawl  # noqa: E402
from tests.imitation import ALWAYS, Captured, Imitation, serving  # noqa: E402

SCALE = 60
CAPTURES = 100
SHARE = 0.1
STORM_EVERY = 1_000  # requests
STORM = 120 / SCALE
BUDGET = {"cdx": 24, "page": 480}
FAULTS = {
    "cdx": ["502", "503", "504", "notice", "nothing", "reset", "half", "cut", "stall"],
    "page": ["502", "503", "504", "notice", "reset", "torn", "cut", "stall"],
}
CLAUSE = "This is version {} of what {} does with personal information that we collect and share. "


@dataclass
class Rough(Imitation):
    """An archive that answers a share of the requests wrongly."""

    by_key: dict[str, list[Captured]] = field(default_factory=lambda: defaultdict(list))
    storm_until: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.dice = random.Random(1)
        for captured in self.captures:
            self.by_key[urlkey(captured.url)].append(captured)

    def near(self, key: str) -> Sequence[Captured]:
        return self.by_key.get(key, [])

    def strike(self, *names: str) -> str | None:
        if names == ("cdx_first_key",):
            return names[0] if self.dice.random() < SHARE / 50 else None
        kind = names[0].partition("_")[0]
        if f"{kind}_503" not in names:
            return None
        now = time.monotonic()
        if len(self.seen) % STORM_EVERY == 0:
            self.storm_until = now + STORM
        if now < self.storm_until:
            return f"{kind}_429"
        return f"{kind}_{self.dice.choice(FAULTS[kind])}" if self.dice.random() < SHARE else None


def main() -> None:
    """Crawl, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", type=int, default=2000)
    policies = parser.parse_args().policies
    histories = {f"https://site{n}.example/privacy": made(n) for n in range(policies)}
    captures = [captured for history in histories.values() for captured in history]
    archive = Rough(captures, page_size=60, bearable_rows=ALWAYS)
    with tempfile.TemporaryDirectory() as folder, serving(archive):
        crawl = Crawl(Path(folder) / "soak", CORES)
        crawl.prepared()
        domains = crawl.folder / "domains.txt"
        domains.write_text("".join(f"{url.split('/')[2]} {url}\n" for url in histories))
        memory, seconds, status = run(crawl, domains, archive)
        print(f"{policies:,} policies, {len(captures):,} captures in the index; {seconds:,.0f} s")
        print_requests(archive)
        print_result(crawl, histories, status)
    quarters = [max(memory[i * len(memory) // 4 : (i + 1) * len(memory) // 4]) for i in range(4)]
    print("memory   " + ", ".join(f"{mb:.0f}" for mb in quarters) + " MB at most in each quarter")


def made(number: int) -> list[Captured]:
    """A history of some versions over ten years."""
    dice = random.Random(number)
    starts = sorted({0, *(dice.randrange(1, CAPTURES) for _ in range(dice.randrange(5)))})
    bodies = []
    for version in range(len(starts)):
        clauses = "".join(f"<p>{CLAUSE.format(version, number) * 3}</p>" for _ in range(5))
        title = f"<title>Privacy Policy {number}</title>"
        bodies.append(f"<html><head>{title}</head><body>{clauses}</body></html>".encode())
    return [
        Captured(
            f"{2010 + n // 12}{n % 12 + 1:02}{dice.randrange(1, 28):02}120000",
            f"https://site{number}.example/privacy",
            bodies[sum(start <= n for start in starts) - 1],
            digest=f"{number}X{n}",
        )
        for n in range(CAPTURES)
    ]


def run(crawl: Crawl, domains: Path, archive: Rough) -> tuple[list[float], float, int]:
    """Run one crawl; return the memory of its main process (MB, sampled), seconds, exit status."""
    settings = {
        "WAYBACK_BASE_URL": archive.address,
        "WAYBACK_CDX_RATE": BUDGET["cdx"] * SCALE,
        "WAYBACK_PAGE_RATE": BUDGET["page"] * SCALE,
        "ARCHIVE_PAUSE": 60 / SCALE,
        "RETRY_WAIT": 2 / SCALE,
        "RETRY_WAIT_MAX": 120 / SCALE,
        "DOWNLOAD_TIMEOUT": 120 / SCALE,
        "CDX_PAGE_SIZE": 60,
        "KEEP_PAGES": False,
        "LOG_LEVEL": "ERROR",
    }
    started, memory = time.monotonic(), [0.0]
    process = crawl.start(domains=domains, settings=settings)
    done = threading.Event()

    def sample() -> None:
        while not done.wait(0.5) and process.poll() is None:
            memory.append(psutil.Process(process.pid).memory_info().rss / 2**20)

    thread = threading.Thread(target=sample)
    thread.start()
    said, _ = process.communicate()
    done.set()
    thread.join()
    print(said.strip())
    return memory, time.monotonic() - started, process.returncode


def print_requests(archive: Rough) -> None:
    """Print faults, requests inside pauses, requests in the busiest scaled minute."""
    faults = Counter(seen.fault for seen in archive.seen if seen.fault)
    share = faults.total() / len(archive.seen)
    print(f"faults   {faults.total():,} ({share:.1%}): {dict(faults.most_common())}")
    refused = [seen.at for seen in archive.seen if (seen.fault or "").endswith("429")]
    times = [seen.at for seen in archive.seen]
    pause = 60 / SCALE
    last_answer = 0.3  # seconds that what was under way may still arrive
    inside = sum(
        any(at + last_answer < moment < at + pause - 0.05 for at in refused) for moment in times
    )
    print(f"pauses   {len(refused):,} refused; {inside:,} requests inside a pause")
    for kind, most in BUDGET.items():
        moments = [s.at for s in archive.seen if s.path.startswith("/cdx/") == (kind == "cdx")]
        first, busiest = 0, 0
        for last, moment in enumerate(moments):
            while moment - moments[first] >= 60 / SCALE:
                first += 1
            busiest = max(busiest, last - first + 1)
        print(f"budget   {kind}: {busiest} in the busiest minute, {most} allowed")
    played = Counter(s.path for s in archive.seen if s.path.startswith("/web/") and not s.fault)
    print(f"twice    {sum(count > 1 for count in played.values()):,} pages that had been answered")


def print_result(crawl: Crawl, histories: dict[str, list[Captured]], status: int) -> None:
    """Print outcomes, listings, and whether each policy's versions are those that were made."""
    print(f"exit     {status}; outcomes {crawl.outcomes()}")
    listings = dict(crawl.rows("SELECT status, count(*) FROM listings GROUP BY ALL"))
    print(f"listings {listings}")
    known = dict(
        crawl.rows(
            "SELECT policy_url, count(*) FROM captures JOIN"
            " (SELECT policy_url FROM listings WHERE status = 'complete') USING (policy_url)"
            " GROUP BY ALL"
        )
    )
    found = dict(crawl.rows("SELECT policy_url, count(*) FROM policies GROUP BY ALL"))
    lost = sum(count != CAPTURES for count in known.values())
    wrong = [url for url in known if found.get(url) != len({c.body for c in histories[url]})]
    print(f"lost     {lost:,} complete listings without some of their captures")
    print(f"versions {len(wrong):,} of {len(known):,} policies have others than were made")


if __name__ == "__main__":
    main()
