"""`scrapy export`: the corpus in other forms."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError
from crawler.new_output import new_file, new_folder

if TYPE_CHECKING:
    import argparse

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
        from pipelines.exports.chosen import choose
        from pipelines.storage.corpus import reading

        corpus = Path(self.settings["DUCKDB_PATH"])
        form = import_module(f"pipelines.exports.{opts.format}")
        try:
            target = Path(args[0])
            new = new_folder if opts.format in FOLDERS else new_file
            with new(target) as part, reading(corpus) as db:
                what = form.write(choose(db, opts.where), part)
        except OSError as error:
            raise InputError(f"{args[0]}: {error.strerror}") from None
        print(f"{what} in {args[0]}")
