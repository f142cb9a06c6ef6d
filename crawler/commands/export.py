"""`scrapy export`: the corpus in other forms."""

import os
import tempfile
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

FOLDERS = ("markdown", "git", "parquet", "huggingface")
FILES = ("jsonl", "csv", "manifest")


class Command(command.Command):
    """Reads the corpus, writes a file or a folder."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "--format FORMAT [--where CONDITION] DIR_OR_FILE"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Write the corpus in another form"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            f"Writes a new folder ({', '.join(FOLDERS)}) or a new file ({', '.join(FILES)}), which "
            "is there when it is whole."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--format", choices=FOLDERS + FILES, required=True, help="the form")
        add(
            "--where",
            metavar="CONDITION",
            help="SQL on the columns of `policies`, such as \"language = 'de'\" (default: all)",
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Write the versions chosen."""
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("export takes one name, of what to write", print_help=False)
        from pipelines.corpus import reading
        from pipelines.exports.chosen import choose

        corpus = Path(self.settings["DUCKDB_PATH"])
        form = import_module(f"pipelines.exports.{opts.format}")
        try:
            with _new(Path(args[0]), corpus, opts.format in FOLDERS) as part, reading(corpus) as db:
                what = form.write(choose(db, opts.where), part)
        except OSError as error:
            raise InputError(f"{args[0]}: {error.strerror}") from None
        print(f"{what} in {args[0]}")


@contextmanager
def _new(target: Path, corpus: Path, is_folder: bool) -> "Iterator[Path]":
    """Give what to fill instead of `target`, and put it in its place when it is whole."""
    if target.exists() and target.samefile(corpus):
        raise InputError(f"{target}: is the corpus itself")
    is_empty = target.is_dir() and not any(target.iterdir())
    if is_folder and os.path.lexists(target) and not is_empty:
        raise InputError(f"{target}: exists, and is not an empty folder")
    if not is_folder and target.is_dir():
        raise InputError(f"{target}: is a folder; give the name of a file")
    if not is_folder and os.path.lexists(target):
        raise InputError(f"{target}: exists; give the name of a new file")
    place = target.resolve()
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
        part = Path(folder) / "part"
        if is_folder:
            part.mkdir()
        yield part
        part.replace(place)
