"""Full-text engines that can be embedded, on the texts of a corpus: time, space, what they find.

Each engine indexes the same texts in a process of its own, and then answers the same queries, which
are made of the words of the texts: 20 of a kind. A query is asked for the 10 best with snippets.

    python tests/benchmarks/search_engines.py CORPUS [--texts N] [--engines tantivy fts5]
"""

import argparse
import random
import re
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles

import duckdb
from tabulate import tabulate

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pipelines.search import fulltext  # noqa: E402

Texts = Iterator[tuple[int, str, str]]  # number, title, what it says
JAPANESE = (0, "プライバシー", "当社は、お客様の個人情報を第三者に提供しません。")
CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")
GAP = "\u200b"


class Fts5:
    """SQLite's own index. Its snippets need the texts, so it keeps them.

    It takes a run of Japanese for one word, hence the gaps.
    """

    def __init__(self, folder: Path, corpus: Path) -> None:
        self.db = sqlite3.connect(folder / "fts5.sqlite")
        self.db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS t USING fts5(title, text)")

    def add(self, texts: Texts) -> None:
        rows = ((n, title, CJK.sub(rf"\1{GAP}", text)) for n, title, text in texts)
        self.db.executemany("INSERT INTO t(rowid, title, text) VALUES (?, ?, ?)", rows)
        self.db.commit()

    def search(self, query: str) -> list[tuple[int, str]]:
        return self.db.execute(
            "SELECT rowid, snippet(t, 1, '[', ']', '...', 32) FROM t WHERE t MATCH ?"
            " ORDER BY rank LIMIT 10",
            [CJK.sub(rf"\1{GAP}", query)],
        ).fetchall()


class Tantivy:
    """The project's own index. It keeps no texts: those for its snippets are in the corpus."""

    def __init__(self, folder: Path, corpus: Path) -> None:
        self.index = fulltext.Index(folder)
        self.db = duckdb.connect(corpus, read_only=True)
        self.ids = [i for (i,) in self.db.execute("SELECT text_id FROM texts").fetchall()]

    def add(self, texts: Texts) -> None:
        for _ in self.index.add(texts):
            pass

    def search(self, query: str) -> list[tuple[int, str]]:
        parsed = fulltext.parse(query)
        numbers = self.index.hits(parsed)[0][:10]
        ids = {number: self.ids[number - 1] for number in numbers if number}
        rows = self.db.execute(
            "SELECT text_id, plain FROM texts WHERE text_id IN (SELECT unnest(?))",
            [list(ids.values())],
        )
        texts, wanted = dict(rows.fetchall()), fulltext.sought(parsed)
        found = (texts[ids[number]] if number else JAPANESE[2] for number in numbers)
        snippets = (fulltext.snippet(wanted, text) for text in found)
        marked = ("".join(f"[{t}]" if found else t for t, found in pieces) for pieces in snippets)
        return list(zip(numbers, marked, strict=True))


ENGINES = {"tantivy": Tantivy, "fts5": Fts5}


def texts_of(corpus: Path, number: int) -> Texts:
    """Yield texts of a corpus, and a Japanese one."""
    yield JAPANESE
    with duckdb.connect(corpus, read_only=True) as db:
        db.execute("SET memory_limit = '500MB'; SET enable_progress_bar = false")
        rows = db.execute(f"SELECT rowid + 1, title, plain FROM texts WHERE rowid < {number}")
        while batch := rows.fetchmany(100):
            yield from batch


def queries(corpus: Path, number: int) -> dict[str, list[str]]:
    """Return queries of each kind, made of the words that some of the texts have."""
    with duckdb.connect(corpus, read_only=True) as db:
        sample = db.execute(
            f"SELECT plain FROM texts WHERE rowid < {number} AND hash(text_id) % 100 = 0 LIMIT 500"
        ).fetchall()
    words, pairs = Counter[str](), Counter[str]()
    for (text,) in sample:
        said = re.findall(r"[a-z]{2,}", text.lower())
        words.update(set(said))
        pairs.update({f'"{one} {two}"' for one, two in pairwise(said)})
    long = [word for word in words if len(word) > 7]
    rare = sorted(long, key=lambda word: (words[word], word))[:200]
    frequent = [word for word, _ in words.most_common(21)]
    dice = random.Random(1)
    return {
        "rare word": dice.sample(rare, 20),
        "frequent word": frequent[:20],
        "two frequent words": [f"{one} {two}" for one, two in pairwise(frequent)],
        "phrase of frequent words": [pair for pair, _ in pairs.most_common(20)],
        "prefix": [f"{word[:5]}*" for word in dice.sample(long, 20)],
    }


def measure(name: str, corpus: Path, number: int, folder: Path) -> list[list[object]]:
    """Index and ask; return rows of what is measured."""
    began = time.perf_counter()
    engine = ENGINES[name](folder, corpus)
    engine.add(texts_of(corpus, number))
    indexed = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    size = sum(file.stat().st_size for file in folder.iterdir())
    rows: list[list[object]] = [
        ["index: seconds", f"{indexed:,.0f}"],
        ["index: MB on disk", f"{size / 1e6:,.0f}"],
        ["index: peak MB of memory", f"{peak:,.0f}"],
    ]
    engine = ENGINES[name](folder, corpus)
    for kind, asked in queries(corpus, number).items():
        took = []
        for query in asked:
            began = time.perf_counter()
            engine.search(query)
            took.append((time.perf_counter() - began) * 1000)
        worst = quantiles(took, n=20)[-1]
        rows.append([f"{kind}: ms, median and 95 %", f"{median(took):,.0f} {worst:,.0f}"])
    rows.append(["個人情報 is found", str(any(n == 0 for n, _ in engine.search("個人情報")))])
    return rows


def main() -> None:
    """Measure each engine, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--texts", type=int, default=10**9)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    given = parser.parse_args()
    table: dict[str, list[object]] = {}
    for name in given.engines:
        with (
            tempfile.TemporaryDirectory() as folder,
            ProcessPoolExecutor(1, get_context("spawn")) as process,
        ):
            asked = process.submit(measure, name, given.corpus, given.texts, Path(folder))
            for row in asked.result():
                table.setdefault(str(row[0]), []).append(row[1])
    print(tabulate([[what, *values] for what, values in table.items()], ["", *given.engines]))


if __name__ == "__main__":
    main()
