"""`scrapy feed`: the changes in the corpus for feed readers."""

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse


class Command(command.Command):
    """Reads the corpus, also while a crawl writes it; writes a folder."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[--substantive] DIR"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Write Atom feeds of the changes, of all sites and of each"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Writes DIR/all.atom, DIR/sites/SITE.atom and DIR/index.html. Run it after each crawl "
            "with the same DIR: it writes only what is new."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument(
            "--substantive",
            action="store_true",
            help="only changes of what the policy says, not editorial and technical ones",
        )

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Bring the folder up to date."""
        from pipelines.feeds.folder import write_feeds
        from pipelines.storage.corpus import reading

        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("feed takes one folder, where to write", print_help=False)
        folder, most = Path(args[0]), self.settings.getint("ATOM_ENTRIES")
        try:
            with reading(Path(self.settings["DUCKDB_PATH"])) as db:
                what = write_feeds(db, folder, most, opts.substantive)
        except OSError as error:
            raise InputError(f"{args[0]}: {error.strerror}") from None
        print(f"{what} in {args[0]}")
