"""`scrapy history`: the versions of a site's policy, one after the other."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pipelines.versioning.history import History, Version

FORMS = ("text", "json")


class Command(command.Command):
    """Reads only; also while a crawl writes the corpus."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[--format FORMAT] DOMAIN"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Print the versions of a site's policy, and what changed in a line each"

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        parser.add_argument("--format", choices=FORMS, default="text", help="default: text")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Print the history of each policy and language of the site."""
        from pipelines.storage.corpus import reading
        from pipelines.versioning.history import histories

        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("history takes one domain", print_help=False)
        with reading(Path(self.settings["DUCKDB_PATH"])) as db:
            found = histories(db, command.site(args[0]))
        if opts.format == "json":
            versions = [asdict(version) for history in found for version in history.versions]
            json.dump(versions, sys.stdout, ensure_ascii=False, indent=1, default=str)
            print()
            return
        print("\n\n".join("\n".join(lines(history)) for history in found))


def lines(history: "History") -> "Iterator[str]":
    """Yield the lines that tell a history."""
    from pipelines.inert import shown
    from pipelines.versioning.history import sayings

    yield shown(history.name)
    address = history.versions[0].policy_url
    said = sayings(history.versions)
    for version, saying in zip(history.versions, said, strict=True):
        if version.policy_url != address:
            yield shown(f"  listed at {version.policy_url}")
            address = version.policy_url
        span = f"{version.first_seen:%Y-%m-%d} … {version.last_seen:%Y-%m-%d}"
        yield f"  {span}  {version.words:>6,} words  {remarks(version)}"
        if saying is not None:
            yield shown(f"      {saying[0]} {saying[1]}")


def remarks(version: "Version") -> str:
    """Return what is known of a version's beginning."""
    if version.changed_after is None:
        begun = "first capture known"
    else:
        begun = f"began after {version.changed_after:%Y-%m-%d}"
        if version.words_added is not None:
            begun = f"+{version.words_added:,} -{version.words_removed:,} words, {begun}"
    said = [begun]
    if version.unseen:
        said.append(f"{version.unseen:,} captures in between not read")
    if version.stated_date is not None:
        said.append(f"states {version.stated_date}")
    marks = {
        "back-dated": version.backdated,
        "silent": version.silent,
        "another turn of a variant": version.variant,
        "stood before": version.returned and not version.variant,
        version.kind: version.kind not in (None, "substantive"),
    }
    said += [str(mark) for mark, holds in marks.items() if holds]
    return ", ".join(said)
