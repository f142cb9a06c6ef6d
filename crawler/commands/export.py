"""`scrapy export`: the corpus in other forms."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from pipelines.manifest import entry_of, write_manifest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipelines.manifest import Entry

FORMATS = ("manifest",)


class Command(ScrapyCommand):
    """Reads the corpus, writes a file."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "--format FORMAT FILE"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Write the corpus in another form"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--format", choices=FORMATS, required=True, help="the form")

    def run(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Write the manifest of all versions; exit with 2 if the corpus cannot be read."""
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("export takes the name of the file to write", print_help=False)
        corpus = self.settings["DUCKDB_PATH"]
        try:
            db = duckdb.connect(corpus, read_only=True)
        except duckdb.Error as error:
            print(f"DUCKDB_PATH={corpus}: {' '.join(str(error).split())[:300]}", file=sys.stderr)
            self.exitcode = 2
            return
        with db, Path(args[0]).open("w", encoding="utf-8", newline="") as file:
            number = write_manifest(_entries(db), file)
        print(f"{number:,} documents in {args[0]}")


def _entries(db: duckdb.DuckDBPyConnection) -> "Iterator[Entry]":
    query = "SELECT markdown FROM policies ORDER BY domain, policy_url, timestamp"
    documents = db.execute(query)
    while batch := documents.fetchmany(1000):
        for (document,) in batch:
            yield entry_of(document)
