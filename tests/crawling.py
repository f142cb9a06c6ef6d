"""Runs the real command in a process of its own, as a user would, and reads what it wrote."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.storage.publication import writing_copy

CORES = os.cpu_count() or 1
ROOT = Path(__file__).parent.parent
DEMO = ROOT / "data" / "demo"
SHARED = ROOT.parent / "shared" / "data"


@dataclass
class Crawl:
    """A crawl in a folder of its own: `corpus.duckdb` is what it writes.

    It has so many `workers` that extract; each takes a second to start.
    """

    folder: Path
    workers: int = 1

    @property
    def corpus(self) -> Path:
        """The DuckDB file."""
        return self.folder / "corpus.duckdb"

    def command(
        self, *, settings: dict[str, object] | None = None, **arguments: object
    ) -> list[str]:
        """The command line of a crawl with these arguments and settings."""
        chosen = {
            "DUCKDB_PATH": self.corpus,
            "LOG_LEVEL": "WARNING",
            "EXTRACT_WORKERS": self.workers,
            **(settings or {}),
        }
        command = [sys.executable, "-m", "scrapy", "crawl", "policies"]
        for name, value in arguments.items():
            command += ["-a", f"{name}={value}"]
        for name, value in chosen.items():
            command += ["-s", f"{name}={value}"]
        return command

    def run(self, **given: Any) -> subprocess.CompletedProcess[str]:
        """Run a crawl to its end."""
        return subprocess.run(
            self.command(**given),
            cwd=self.prepared(),
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=280,
        )

    def start(self, **given: Any) -> subprocess.Popen[str]:
        """Start a crawl and go on."""
        return subprocess.Popen(
            self.command(**given),
            cwd=self.prepared(),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def scrapy(self, *arguments: object, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run another command on the corpus; `given` is its standard input."""
        named = [*map(str, arguments), "-s", f"DUCKDB_PATH={self.corpus}"]
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *named],
            cwd=self.prepared(),
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def prepared(self) -> Path:
        """The folder, made a Scrapy project of its own so that `.scrapy` lands in it."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "scrapy.cfg").write_text("[settings]\ndefault = crawler.settings\n")
        return self.folder

    def environment(self) -> dict[str, str]:
        """The environment, with the project importable."""
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    def rows(self, query: str, values: list[object] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query on what was written, by a killed run, too."""
        writing = writing_copy(self.corpus)
        with duckdb.connect(writing if writing.exists() else self.corpus, read_only=True) as db:
            return db.execute(query, values or []).fetchall()

    def outcomes(self) -> dict[str, int]:
        """Captures by outcome."""
        return dict(self.rows("SELECT outcome, count(*) FROM captures GROUP BY ALL"))


class Existing(Crawl):
    """A corpus that is there already."""

    def __init__(self, file: Path) -> None:
        super().__init__(ROOT)
        self.file = file

    @property
    def corpus(self) -> Path:
        """The DuckDB file."""
        return self.file

    def prepared(self) -> Path:
        """The project's own folder, as it is."""
        return ROOT


@contextmanager
def written_by_another(corpus: Path) -> Iterator[None]:
    """Another process has a corpus open for writing."""
    program = (
        "from pipelines.storage.store import Store\n"
        f"store = Store({str(corpus)!r}); print('held'); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-uc", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("\n")
