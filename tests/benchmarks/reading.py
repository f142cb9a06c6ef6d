"""What the commands that read cost on a large corpus: seconds and memory of each.

    python tests/benchmarks/reading.py CORPUS.duckdb [DOMAIN]

`tests/benchmarks/big_corpus.py` makes a corpus of 100,000 versions. Each command is run three times
(an export and the feeds once); printed are the median of the whole command, what is left of it
without the start of Python and Scrapy (`scrapy version`), and the most memory of the process and
its children. The index of `scrapy search` is made before, in a line of its own. Feeds and exports
are written to a temporary folder; beside each export is how long a plain copy of its files takes.
"""

import argparse
import hashlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.crawling import Crawl  # noqa: E402

SENTENCE = "share it with nobody else"
EXPORTS = ("markdown", "git", "parquet", "jsonl", "csv")


def main() -> None:
    """Run each command, and print a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "domain", nargs="?", default=f"{hashlib.md5(b'77').hexdigest()[:8]}.example"
    )
    given = parser.parse_args()
    if not given.corpus.is_file():
        parser.error(f"{given.corpus}: no such file")
    print(f"{'command':<44}{'seconds':>9}{'its own':>9}{'peak MB':>9}")
    start, memory = timed("version", times=3)
    print(f"{'scrapy version':<44}{start:>9.2f}{'':>9}{memory:>9.0f}")
    corpus = ["-s", f"DUCKDB_PATH={given.corpus.absolute()}"]
    questions = [
        ["history", given.domain],
        ["diff", given.domain],
        ["cite", given.domain, SENTENCE],
        ["search", '"share it with nobody else"', "--domain", given.domain],
        ["search", '"legitimate interest" cookies'],
        ["search", '"legitimate interest"', "--at", "2010-06-01"],
        ["sql", "SELECT count(*) FROM policies"],
    ]
    line(["search", "cookies"], [*corpus], start, times=1, name="search (makes its index)")
    for question in questions:
        line(question, corpus, start)
    with tempfile.TemporaryDirectory() as folder:
        for again in ("", ", again"):
            line(["feed", f"{folder}/feeds"], corpus, start, times=1, name=f"feed{again}")
        for form in EXPORTS:
            target = Path(folder) / form
            line(["export", "--format", form, str(target)], corpus, start, times=1)
            print(f"{'':<8}{copied(target)}")


def line(
    question: list[str], corpus: list[str], start: float, times: int = 3, name: str = ""
) -> None:
    """Print what a command costs."""
    seconds, memory = timed(*question, *corpus, times=times)
    shown = name or " ".join(word for word in question if not word.startswith("/"))
    print(f"{shown[:43]:<44}{seconds:>9.2f}{seconds - start:>9.2f}{memory:>9.0f}", flush=True)


def timed(*arguments: str, times: int) -> tuple[float, float]:
    """Return the median seconds of a command and the most memory (MB)."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    environment = Crawl(ROOT).environment()
    seconds, memory = [], 0.0
    for _ in range(times):
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while process.poll() is None:
            memory = max(memory, taken(process.pid))
            time.sleep(0.02)
        seconds.append(time.monotonic() - began)
        if process.returncode not in (0, 1):
            assert process.stderr is not None
            sys.exit(f"{' '.join(arguments)}: {process.stderr.read().decode()}")
    return statistics.median(seconds), memory


def taken(pid: int) -> float:
    """Return the memory of a process and its children, in MB."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
        return sum(process.memory_info().rss for process in family) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def copied(target: Path) -> str:
    """Copy what was written, and say how long that takes."""
    files = [path for path in target.rglob("*") if path.is_file()] if target.is_dir() else [target]
    size = sum(path.stat().st_size for path in files)
    began = time.monotonic()
    copy = target.with_name(f"{target.name}.copy")
    shutil.copytree(target, copy) if target.is_dir() else shutil.copy(target, copy)
    seconds = time.monotonic() - began
    shutil.rmtree(copy) if copy.is_dir() else copy.unlink()
    return f"{len(files):,} files, {size / 1e6:,.0f} MB; copying them takes {seconds:.2f} s"


if __name__ == "__main__":
    main()
