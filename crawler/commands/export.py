"""`scrapy export`: the corpus in other forms."""

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError
from pipelines.corpus import reading
from pipelines.manifest import entry_of, write_manifest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import duckdb

    from pipelines.manifest import Entry

FORMATS = ("manifest",)


class Command(command.Command):
    """Reads the corpus, writes a file."""

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

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Write the manifest of all versions."""
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("export takes the name of the file to write", print_help=False)
        corpus, file_name = Path(self.settings["DUCKDB_PATH"]), Path(args[0])
        part = file_name.with_name(f"{file_name.name}.part")
        try:
            if file_name.exists() and file_name.samefile(corpus):
                raise InputError(f"{file_name}: is the corpus itself")
            with reading(corpus) as db, part.open("w", encoding="utf-8", newline="") as file:
                number = write_manifest(_entries(db), file)
            part.replace(file_name)
        except OSError as error:
            raise InputError(f"{file_name}: {error.strerror}") from None
        print(f"{number:,} documents in {args[0]}")


def _entries(db: "duckdb.DuckDBPyConnection") -> "Iterator[Entry]":
    documents = db.execute(  # two addresses of a site may lead to one capture: one document
        "SELECT markdown FROM policies GROUP BY markdown"
        " ORDER BY min((domain, timestamp)), markdown"
    )
    while batch := documents.fetchmany(1000):
        for (document,) in batch:
            yield entry_of(document)
