"""The search for versions on real histories: what it finds, what it costs, what it misses.

The histories are lists of captures (document, timestamp, digest of the HTML, version of the text
that a person's selectors take out of it). The version stands for the text, and counts up even where
a text comes back; "returns" takes versions with a page in common for one text.

    python tests/benchmarks/version_search.py HISTORIES [--policies N]
"""

import argparse
import csv
import gzip
import random
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from crawler.selection.brackets import report  # noqa: E402
from crawler.selection.version_search import FULL, Reason, Rules, Seen  # noqa: E402
from crawler.timestamps import parse  # noqa: E402
from tests.searching import Search, Truth, brute_force  # noqa: E402

History = list[Truth]
REPEAT = 20  # seeds of whatever is drawn
SITES, YEARS, DOCUMENTS = 130_000, 20, 1_071_488  # the reference corpus: Amos et al., WWW 2021
FETCHES_A_MINUTE, LISTINGS_A_MINUTE, PAGE_KB = 480, 24, 38.5  # real captures in gzip


def main() -> None:
    """Print a section for each question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("histories", type=Path)
    parser.add_argument("--policies", type=int, default=100_000, help="simulated, for the scale")
    arguments = parser.parse_args()
    histories = list(read(arguments.histories).values())
    print_histories(histories)
    print_failures(histories)
    print_returns(histories)
    print_planted(histories)
    print_scale(histories, arguments.policies)


def read(path: Path) -> dict[str, History]:
    """Return the histories by document. A page belongs to the version it was seen with."""
    histories: dict[str, History] = defaultdict(list)
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            page = f"{row['digest']}/{row['version']}"
            histories[row["document"]].append(Truth(row["timestamp"], page, row["version"]))
    return histories


def print_histories(histories: list[History]) -> None:
    captures = sum(map(len, histories))
    pages = sum(len({t.digest.split("/")[0] for t in h if t.digest}) for h in histories)
    true = sum(len(brute_force(h)) for h in histories)
    print(f"{len(histories)} policies, {captures:,} captures, {true} changes of the text\n")
    columns = "found", "fetches", "audits", "rounds", "ms a fetch", "missed?"
    print(" " * 24 + "".join(f"{name:>11}" for name in columns))
    print(f"{'every capture':24}{true:11}{captures:11,}")
    print(f"{'every digest':24}{true:11}{pages:11,}")
    for share in (0.0, FULL.audit, 0.1, 0.2):
        runs = [Search(h).run(Rules(share)) for h in histories]
        right = sum(len(found(run) & {*brute_force(run.history)}) for run in runs)
        fetches = sum(len(run.asks) for run in runs)
        audits = sum(run.count(Reason.AUDIT) for run in runs)
        seconds = sum(run.seconds for run in runs)
        missed = sum(report(run.seen).missed for run in runs)
        print(
            f"{f'versions, audit={share}':24}{right:11}{fetches:11,}{audits:11}"
            f"{max(run.rounds for run in runs):11}{1000 * seconds / fetches:11.2f}{missed:11.1f}"
        )


def print_failures(histories: list[History]) -> None:
    print(f"\nCaptures that fail, mean of {REPEAT}:")
    columns = "changes", "found", "exact", "fetches"
    print(" " * 24 + "".join(f"{name:>11}" for name in columns))
    for name, failing in (
        ("1 % anywhere", lambda total, rng: {i for i in range(total) if rng.random() < 0.01}),
        ("10 % anywhere", lambda total, rng: {i for i in range(total) if rng.random() < 0.1}),
        ("20 % in one row", in_one_row),
    ):
        counts: Counter[str] = Counter()
        for seed in range(REPEAT):
            rng = random.Random(seed)
            for history in histories:
                dead = failing(len(history), rng)
                run = Search(history, dead).run()
                true = brute_force(history, dead)
                counts["changes"] += len(true)
                counts["found"] += len(found(run))
                counts["exact"] += within(found(run), true)
                counts["fetches"] += len(run.asks)
        print(f"{name:24}" + "".join(f"{counts[c] / REPEAT:11,.1f}" for c in columns))


def in_one_row(total: int, rng: random.Random) -> set[int]:
    start = rng.randrange(total - total // 5)
    return set(range(start, start + total // 5))


def within(brackets: set[tuple[int, int]], true: list[tuple[int, int]]) -> int:
    """Count the brackets that are no wider than a true one: a digest may tell more."""
    return sum(any(a <= after and before <= b for a, b in true) for after, before in brackets)


def print_returns(histories: list[History]) -> None:
    """Take versions with a page in common for one text, which may come back unseen."""
    counts: Counter[str] = Counter()
    missed = 0.0
    for history in map(with_returns, histories):
        run = Search(history).run()
        everything = report([Seen(*truth) for truth in history])
        counts["transitions"] += len(brute_force(history))
        counts["changes"] += len(everything.brackets)
        counts["variants"] += len(everything.variants)
        counts["found"] += len(found(run))
        counts["in truth"] += len(found(run) & {*brute_force(history)})
        counts["hits"] += report(run.seen).hits
        counts["fetches"] += len(run.asks)
        missed += report(run.seen).missed
    print("\nReturns: " + ", ".join(f"{name} {count}" for name, count in counts.items()), end="")
    print(f", missed {counts['changes'] - counts['in truth']}, expected missed {missed:.1f}")


def print_planted(histories: list[History]) -> None:
    print(f"\nOne episode (A B A) planted in each policy, mean of {REPEAT}:")
    columns = "length", "planted", "found", "missed", "missed?", "others", "fetches"
    print("".join(f"{name:>9}" for name in columns))
    for share in (0.01, 0.03, 0.1):
        counts: Counter[str] = Counter()
        missed = 0.0
        for seed in range(REPEAT):
            rng = random.Random(seed)
            for history in histories:
                planted = plant(history, share, rng)
                run = Search(planted).run()
                true = {*brute_force(planted)}
                counts["planted"] += len(true) - len(brute_force(history))
                counts["others"] += len(found(run) & true & {*brute_force(history)})
                counts["found"] += len(found(run) & true)
                counts["fetches"] += len(run.asks)
                missed += report(run.seen).missed
        c = {name: count / REPEAT for name, count in counts.items()}
        hit = c["found"] - c["others"]
        print(
            f"{share:10.0%}{c['planted']:9.1f}{hit:7.1f}{c['planted'] - hit:8.1f}"
            f"{missed / REPEAT:9.1f}{c['others']:8.1f}{c['fetches']:9,.1f}"
        )


def print_scale(histories: list[History], policies: int) -> None:
    """Search parts of the histories, one after another, as a long run would."""
    rng = random.Random(0)
    process = psutil.Process()
    counts: Counter[str] = Counter()
    seconds, years = 0.0, 0.0
    print(f"\nScale: {policies:,} policies")
    before = process.memory_info().rss
    for number in range(policies):
        history = part_of(rng.choice(histories), rng)
        run = Search(history).run()
        counts["captures"] += len(history)
        counts["changes"] += sum(a.text != b.text for a, b in pairwise(history))
        counts["found"] += len(report(run.seen).brackets)
        counts["quiet"] += history[0].text == history[-1].text
        counts["fetches"] += len(run.asks)
        counts["audits"] += run.count(Reason.AUDIT)
        seconds += run.seconds
        years += (parse(history[-1].timestamp) - parse(history[0].timestamp)).days / 365.25
        if number + 1 in (policies // 100, policies):
            memory = process.memory_info().rss
            print(f"  after {number + 1:,}: {memory / 1e6:.0f} MB, {(memory - before) / 1e6:+.1f}")
    versions = counts["found"] + policies
    print("  " + ", ".join(f"{name} {count:,}" for name, count in counts.items()))
    print(f"  deciding: {1000 * seconds / counts['fetches']:.3f} ms a fetch")
    print(f"  fetches: {counts['fetches'] / versions:.1f} a version")
    print(f"  audits: {counts['audits'] / counts['fetches']:.1%}")
    on_paper("every capture", counts["captures"] / years * YEARS * SITES)
    on_paper("changing as these do", counts["fetches"] / years * YEARS * SITES)
    on_paper("as many versions as the corpus", counts["fetches"] / versions * DOCUMENTS)


def on_paper(name: str, fetches: float) -> None:
    print(
        f"  {SITES:,} sites, {YEARS} years, {name}:"
        f" {(fetches + SITES) / 1e6:,.1f} million requests,"
        f" {fetches / FETCHES_A_MINUTE / 60:,.0f} hours of fetching beside"
        f" {SITES / LISTINGS_A_MINUTE / 60:,.0f} of listing, {fetches * PAGE_KB / 1e6:,.0f} GB"
    )


def found(run: Search) -> set[tuple[int, int]]:
    return {(b.changed_after, b.changed_before) for b in report(run.seen).brackets}


def with_returns(history: History) -> History:
    """Give versions that were seen with the same page one text, and pages their digest alone."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}

    def text(version: str) -> str:
        while (other := same.get(version, version)) != version:
            version = other
        return version

    for truth in history:
        page, version = str(truth.digest).split("/")
        old, new = text(first.setdefault(page, version)), text(version)
        if old != new:
            same[new] = old
    return [Truth(t.timestamp, str(t.digest).split("/")[0], text(str(t.text))) for t in history]


def plant(history: History, share: float, rng: random.Random) -> History:
    """Put another text inside a stretch of one text, for a share of the captures."""
    length = max(1, round(share * len(history)))
    places = [
        i
        for i in range(1, len(history) - length)
        if history[i - 1].text == history[i + length].text
    ]
    if not places:
        return history
    place = rng.choice(places)
    episode = [
        Truth(t.timestamp, f"planted/{t.digest}", "planted")
        for t in history[place : place + length]
    ]
    return [*history[:place], *episode, *history[place + length :]]


def part_of(history: History, rng: random.Random) -> History:
    """Return a tenth or more of a history."""
    length = max(2, round(rng.uniform(0.1, 1) * len(history)))
    start = rng.randint(0, len(history) - length)
    return history[start : start + length]


if __name__ == "__main__":
    main()
