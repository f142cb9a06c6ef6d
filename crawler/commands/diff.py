"""`scrapy diff`: two versions of a policy, and every word that changed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command, timestamps

if TYPE_CHECKING:
    import argparse

FORMS = ("terminal", "html", "markdown")


def until_of(since: str) -> str:
    """Return the last second that a date means: a first capture by then stood on that date."""
    return timestamps.bound(since, end=True, option="--from")


class Command(command.Command):
    """Reads only; also while a crawl writes the corpus."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[options] DOMAIN"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Show what changed between two versions of a site's policy, word by word"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        dates = "a year, a month, a date or a 14-digit timestamp"
        add("--from", dest="since", metavar="D", help=f"the version standing then: {dates}")
        add("--to", dest="until", metavar="D", help="the same (default: the last; --from: before)")
        add("--policy-url", metavar="U", help="which policy, if the site has several")
        add("--language", metavar="L", help="in which language, such as en")
        add("--archive", metavar="A", help="of which archive")
        add("--format", choices=FORMS, default="terminal", help="default: terminal")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Print the comparison."""
        from pipelines.storage.corpus import reading
        from pipelines.versioning.comparison import compare_passages
        from pipelines.versioning.diffs import write_diff
        from pipelines.versioning.history import histories, of_policy, two_versions

        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("diff takes one domain", print_help=False)
        since = opts.since and timestamps.bound(opts.since, end=False, option="--from")
        until = opts.until and timestamps.bound(opts.until, end=True, option="--to")
        with reading(Path(self.settings["DUCKDB_PATH"])) as db:
            found = histories(db, command.site(args[0]))
        history = of_policy(found, opts.policy_url, opts.language, opts.archive)
        since = since and max(since, min(history.versions[0].timestamp, until_of(opts.since)))
        old, new = two_versions(history, since, until)
        passages = compare_passages(old.text, new.text)
        between = history.versions.index(new) - history.versions.index(old) - 1
        write_diff(args[0], old, new, passages, opts.format, sys.stdout, between)
