"""What the commands that read cost on a large corpus: seconds and memory of each.

    python tests/benchmarks/reading.py CORPUS.duckdb [DOMAIN] [--only PART,...]

`tests/benchmarks/big_corpus.py` makes a corpus of 100,000 versions. Commands that answer are run
three times, the others once (`feed` twice: anew, and with nothing new); printed are the median of
the whole command, what is left of it without the start of Python and Scrapy (`scrapy version`), how
long it takes where all its modules are loaded (again in the same process), and the most memory of
the process and its children. `index` removes the index of `scrapy search` and makes it anew;
`import` reads the git repository that `git` wrote. What is written goes to a temporary folder;
beside each export is how long a plain copy of its files takes.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from threading import Event, Thread

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pipelines.storage.publication import folder_of  # noqa: E402
from tests.crawling import Crawl  # noqa: E402

SENTENCE = "share it with nobody else"
EXPORTS = ("markdown", "git", "parquet", "jsonl", "csv", "huggingface", "manifest")
QUESTIONS = {
    "history": [["history", "{domain}"]],
    "diff": [["diff", "{domain}"]],
    "cite": [["cite", "{domain}", SENTENCE]],
    "search": [
        ["search", f'"{SENTENCE}"', "--domain", "{domain}"],
        ["search", '"legitimate interest" cookies'],
        ["search", '"legitimate interest"', "--at", "2010-06-01"],
        ["search", "cookies", "--all"],
    ],
    "sql": [
        ["sql", "SELECT 1"],
        ["sql", "SELECT * FROM changes WHERE domain = '{domain}'"],
        ["sql", "SELECT count(*) FROM policies"],
    ],
}
WARM = """
import os, sys, time
from scrapy.cmdline import execute
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for _ in range(6):
    began = time.perf_counter()
    try:
        execute(["scrapy", *sys.argv[1:]])
    except SystemExit:
        print(time.perf_counter() - began, file=sys.stderr)
"""
PARTS = ("index", *QUESTIONS, "feed", *EXPORTS, "import")


def main() -> None:
    """Run each command, and print a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument(
        "domain", nargs="?", default=f"{hashlib.md5(b'77').hexdigest()[:8]}.example"
    )
    parser.add_argument("--only", metavar="PART,...", help=f"some of {', '.join(PARTS)}")
    given = parser.parse_args()
    parts = given.only.split(",") if given.only else PARTS
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"--only: {unknown[0]!r} is none of {', '.join(PARTS)}")
    if not given.corpus.is_file():
        parser.error(f"{given.corpus}: no such file")
    with tempfile.TemporaryDirectory() as folder:
        measure(given.corpus.absolute(), given.domain, parts, Path(folder))


def measure(corpus: Path, domain: str, parts: list[str], folder: Path) -> None:
    """Print the lines of some parts; `folder` is for what is written."""
    setting = ["-s", f"DUCKDB_PATH={corpus}"]
    # Python compiles what it loads once, whatever the environment says
    environment = {**Crawl(ROOT).environment(), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    timed = partial(run, environment=environment)
    print(f"{'command':<44}{'seconds':>9}{'its own':>9}{'loaded':>9}{'peak MB':>9}")
    start, memory = timed(["version"], times=4)
    print(f"{'scrapy version':<44}{start:>9.2f}{'':>18}{memory:>9.0f}", flush=True)

    def line(shown: str, seconds: float, memory: float, loaded: str = "") -> None:
        own = f"{seconds:>9.2f}{seconds - start:>9.2f}{loaded:>9}"
        print(f"{shown[:43]:<44}{own}{memory:>9.0f}", flush=True)

    if "index" in parts:
        shutil.rmtree(folder_of(corpus, "search"), ignore_errors=True)
        line("search (makes its index)", *timed(["search", "cookies", *setting], times=1))
    for question in (q for part in parts for q in QUESTIONS.get(part, [])):
        asked = [word.format(domain=domain) for word in question]
        loaded = f"{warm([*asked, *setting], environment):.2f}"
        line(" ".join(asked), *timed([*asked, *setting], times=3), loaded)
    if "feed" in parts:
        for again in ("feed", "feed, again"):
            line(again, *timed(["feed", str(folder / "feeds"), *setting], times=1))
    for form in EXPORTS:
        if form in parts or (form == "git" and "import" in parts):
            target = folder / form
            command = ["export", "--format", form, str(target)]
            line(" ".join(command[:3]), *timed([*command, *setting], times=1))
            print(f"{'':<8}{copied(target)}", flush=True)
            if form == "git" and "import" in parts:
                into = ["-s", f"DUCKDB_PATH={folder / 'imported.duckdb'}"]
                line("import (of that)", *timed(["import", str(target), *into], times=1))
            shutil.rmtree(target) if target.is_dir() else target.unlink()


def run(arguments: list[str], times: int, environment: dict[str, str]) -> tuple[float, float]:
    """Return the median seconds of a command and the most memory (MB)."""
    seconds, memory = [], 0.0
    for _ in range(times):
        with tempfile.TemporaryFile() as said:
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
            with Watch(process.pid) as watch:
                _, status, usage = os.wait4(process.pid, 0)
            seconds.append(time.monotonic() - began)
            process.returncode = os.waitstatus_to_exitcode(status)
            memory = max(memory, watch.memory, usage.ru_maxrss / 1024)
            if process.returncode not in (0, 1):
                said.seek(0)
                sys.exit(f"{' '.join(arguments)}: {said.read().decode()}")
    return statistics.median(seconds), memory


def warm(arguments: list[str], environment: dict[str, str]) -> float:
    """Return the median seconds of a command in a process that has run it before."""
    command = [sys.executable, "-c", WARM, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return statistics.median(float(line) for line in done.stderr.split()[1:])


class Watch(Thread):
    """Looks ten times a second how much memory a process and its children take (MB)."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid
        self.memory = 0.0
        self.over = Event()

    def run(self) -> None:
        """Look until it is over."""
        while not self.over.wait(0.1):
            try:
                parent = psutil.Process(self.pid)
                family = [parent, *parent.children(recursive=True)]
                taken = sum(process.memory_info().rss for process in family)
                self.memory = max(self.memory, taken / 2**20)
            except psutil.NoSuchProcess:  # a child that has ended meanwhile
                continue

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.join()


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
