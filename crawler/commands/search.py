"""`scrapy search`: which versions say something, the best first."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from scrapy.exceptions import UsageError

from crawler import command, timestamps
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse

    from pipelines.search.searching import Answer, Which

COLUMNS = {
    "domain": "VARCHAR",
    "language": "VARCHAR",
    "archived_on": "DATE",
    "last_seen": "TIMESTAMP",
    "standing": "VARCHAR",
    "snippet": "VARCHAR",
    "snapshot_url": "VARCHAR",
    "text_id": "VARCHAR",
}
STANDING: dict[str | None, str] = {
    "in a bracket": " (in the bracket of a change: this or the next may have stood)",
    "not seen since": " (not seen since)",
}


class Command(command.Command):
    """Reads the corpus, and writes the search index beside it."""

    requires_crawler_process = False

    def syntax(self) -> str:
        """How it is called."""
        return "[options] 'WORDS'"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Find the versions that say something"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Searches the last version of each policy and language, or those of a date, for words: "
            'all of them, in whatever order. "In quotes" they follow one another; word* may go '
            "on; a OR b; a NOT b or a -b; brackets. Begin with NOT rather than a minus. The "
            "index lies beside the corpus and is brought up to date first."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "--at",
            metavar="DATE",
            help="the versions that stood at the end of a year, a month (2018-05) or a date, or at"
            " a 14-digit timestamp",
        )
        add("--all", action="store_true", help="all versions")
        add("--count", action="store_true", help="how many, by the years in which they were seen")
        add("--domain", metavar="D", help="only of this site")
        add("--language", metavar="L", help="only in this language, such as en")
        add("--limit", metavar="N", type=int, default=10, help="at most N versions (default 10)")
        add("--format", choices=command.FORMS, default="table", help="the form (default table)")

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Search, print."""
        from pipelines.search.fulltext import parse  # the engine, which other commands do without
        from pipelines.search.searching import Search, check
        from pipelines.storage.answers import write_answer
        from pipelines.storage.corpus import reading
        from pipelines.storage.publication import stamp

        assert self.settings is not None
        if len(args) != 1:
            raise UsageError("search takes one argument: what to search for", print_help=False)
        opts.domain = opts.domain and command.site(opts.domain)
        opts.language = opts.language and opts.language.lower()
        query, which, corpus = parse(args[0]), _which(opts), Path(self.settings["DUCKDB_PATH"])
        made_of = stamp(corpus)
        with reading(corpus) as db:
            check(db, which)
            search = Search(corpus, db, made_of)
            if opts.count:
                write_answer(db, *search.years(query, which), opts.format, sys.stdout)
                return
            answer = search.versions(query, which, opts.limit)
            if opts.format == "table":
                _show(answer, sys.stdout)
            else:
                write_answer(db, *_rows(answer), opts.format, sys.stdout)


def _which(opts: "argparse.Namespace") -> "Which":
    """Return which versions are meant; InputError if that cannot be."""
    from pipelines.search.searching import Which

    if opts.at and (opts.all or opts.count):
        raise InputError(f"--at={opts.at}: not with {'--all' if opts.all else '--count'}")
    if opts.limit < 1:
        raise InputError(f"--limit={opts.limit}: not 1 or more")
    at = opts.at and timestamps.parse(timestamps.bound(opts.at, end=True, option="--at"))
    return Which(at and at.replace(tzinfo=None), opts.all or opts.count, opts.domain, opts.language)


def _show(answer: "Answer", stream: TextIO) -> None:
    """Print what was found for people, the words searched for bold on a terminal."""
    from pipelines.search.fulltext import seen

    bold, plain = ("\033[1m", "\033[0m") if stream.isatty() else ("", "")
    shown = 0
    for found in answer.found:
        times = f"{found.archived_on} to {found.last_seen:%Y-%m-%d}"
        print(seen(found.domain), f"{times}{STANDING.get(found.standing, '')}", file=stream)
        text = "".join(f"{bold}{part}{plain}" if sought else part for part, sought in found.snippet)
        print(f"  {text}\n  {seen(found.snapshot_url)}\n", file=stream)
        shown += 1
    if not answer.searched:
        print(
            "no version to search: none is known of that time, site and language",
            file=stream,
        )
    elif not answer.versions:
        print(f"in none of the {answer.searched:,} versions searched", file=stream)
    else:
        print(f"{shown:,} of {answer.versions:,} versions of {answer.sites:,} sites", file=stream)


def _rows(answer: "Answer") -> tuple[str, list[list[Any]]]:
    """Return what was found as a statement for DuckDB, and its values."""
    rows = [
        {**asdict(found), "snippet": "".join(text for text, _ in found.snippet)}
        for found in answer.found
    ]
    named = ", ".join(f"unnest(?::{type_}[]) AS {name}" for name, type_ in COLUMNS.items())
    return f"SELECT {named}", [[row[name] for row in rows] for name in COLUMNS]
