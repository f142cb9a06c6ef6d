"""`scrapy report`: a corpus in figures."""

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError, not_installed
from crawler.new_output import new_folder

if TYPE_CHECKING:
    import argparse


class Command(command.Command):
    """Reads the corpus, writes a folder."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[--phrases FILE] [--laws FILE] DIR"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Write a page of figures: length, reading grade, phrases, changes, coverage"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Writes a new folder: index.html, and of each figure an SVG and a CSV file. Figures "
            "are of policies in English, coverage of all."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--phrases", type=Path, metavar="FILE", help="CSV: topic, phrase, pattern (RE2)")
        add("--laws", type=Path, metavar="FILE", help="CSV: law, place, in_force, topic")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Write the report."""
        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("report takes one name, of the folder to write", print_help=False)
        try:
            from pipelines.figures import report
        except ModuleNotFoundError as error:
            raise not_installed("report", error, "report") from None
        from pipelines.figures import lists
        from pipelines.storage.corpus import reading

        phrases = lists.read_phrases(opts.phrases or lists.PHRASES)
        laws = lists.read_laws(opts.laws or lists.LAWS)
        corpus = Path(self.settings["DUCKDB_PATH"])
        try:
            with new_folder(Path(args[0])) as folder, reading(corpus) as db:
                count = report.write(db, folder, phrases, laws)
        except OSError as error:
            raise InputError(f"{args[0]}: {error.strerror}") from None
        print(f"{count} figures in {Path(args[0]) / 'index.html'}")
