"""`scrapy discover`: from bare domains to the addresses of their policies."""

import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler import command
from crawler.commands import crawl
from crawler.errors import InputError
from crawler.new_output import new_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import duckdb

    from crawler.discovery.evidence import Kind

COLUMNS = ("domain", "policy_url", "kind", "since", "until", "score", "routes", "says")
LIST = """
SELECT domain, policy_url, kind, since, until, score, string_agg(route, ' ' ORDER BY route), says
FROM addresses
WHERE list_contains($domains, domain) AND list_contains($archives, archive)
GROUP BY archive, domain, policy_url, kind, since, until, score, says
HAVING list_contains($kinds, kind) OR bool_or(route = 'listed')
ORDER BY domain, list_position($order, kind), since, policy_url"""
STORY = """
SELECT archive, policy_url, kind, since, until, score, says, route, evidence, requests, whole
FROM addresses WHERE domain = ? ORDER BY archive, list_position(?, kind), since, policy_url"""


class Command(crawl.Command):
    """Looks for policies as the crawl would, fetches none of their captures but to see which."""

    def syntax(self) -> str:
        """How it is called."""
        return "[options] -a domains=FILE [-o addresses.csv] | --explain DOMAIN"

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Find the addresses of sites' policies, from bare domains"

    def long_desc(self) -> str:
        """What `-h` says."""
        return (
            "Takes the arguments `domains` and `archive` of `scrapy crawl policies`. Of each site "
            "the addresses of its main policy are printed, in time order, or written to a CSV with "
            "those of others that it has: a list to edit, and to crawl."
        )

    def add_options(self, parser: "argparse.ArgumentParser") -> None:
        """Add the command's options, without those of Scrapy's feeds."""
        command.Command.add_options(self, parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE")
        add("-o", dest="addresses", metavar="FILE", help="a new CSV file to write")
        add("--explain", metavar="DOMAIN", help="tell what an earlier run found, and why")
        parser.set_defaults(output=None, overwrite_output=None)

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Find, or explain what was found; exit status as for `scrapy crawl`."""
        from crawler.spiders.discover import DiscoverSpider
        from pipelines.storage.corpus import reading

        assert self.settings is not None
        if args:
            raise UsageError("discover takes no arguments but -a", print_help=False)
        corpus = Path(self.settings["DUCKDB_PATH"])
        if opts.explain is not None:
            if opts.spargs or opts.addresses:
                raise InputError("--explain tells what is stored: without -a and -o")
            domain = command.site(opts.explain)
            with reading(corpus) as db:
                _explain(db, domain)
            return
        _check(opts)
        super().work([DiscoverSpider.name], opts)
        assert self.crawler is not None
        assert self.crawler.stats
        asked = getattr(self.crawler.spider, "arguments", None)
        if asked is None:
            return
        if opts.addresses and self.crawler.stats.get_value("finish_reason") != "finished":
            print(f"{opts.addresses}: not written, because not all sites were asked about")
            return
        sites = {
            "domains": sorted({target.domain for target in asked.targets}),
            "archives": [archive.name for archive in asked.archives],
        }
        with reading(corpus) as db:
            if opts.addresses:
                with new_file(Path(opts.addresses)) as part:
                    _write(db, part, sites)
                print(f"written to {opts.addresses}: look through it, then crawl -a domains=it")
            else:
                _print(db, sites)


def _check(opts: "argparse.Namespace") -> None:
    """InputError if what was typed cannot be used, before anything is asked."""
    if unknown := sorted({*opts.spargs} - {"domains", "archive"}):
        raise InputError(f"unknown argument {unknown[0]}; the arguments are domains, archive")
    if opts.addresses is None:
        return
    if os.path.lexists(opts.addresses):
        raise InputError(f"{opts.addresses}: exists; give the name of a new file")
    if not Path(opts.addresses).resolve().parent.is_dir():
        raise InputError(f"{opts.addresses}: no such folder")


def _print(db: "duckdb.DuckDBPyConnection", sites: dict[str, list[str]]) -> None:
    from crawler.discovery.evidence import Kind
    from pipelines.inert import printable

    for domain, url, kind, since, until, *_ in _listed(db, sites, [Kind.MAIN]):
        if kind == Kind.MAIN:
            print(f"{domain} {printable(url)}  # {_span(since, until)}")


def _listed(
    db: "duckdb.DuckDBPyConnection", sites: dict[str, list[str]], kinds: "Sequence[Kind]"
) -> list[tuple[Any, ...]]:
    """Return the addresses of some kinds, and those that the domain list has named."""
    from crawler.discovery.evidence import Kind

    asked = {"kinds": [str(kind) for kind in kinds], "order": [str(kind) for kind in Kind]}
    return db.execute(LIST, {**sites, **asked}).fetchall()


def _write(db: "duckdb.DuckDBPyConnection", part: Path, sites: dict[str, list[str]]) -> None:
    from crawler.discovery.evidence import Kind, Route
    from crawler.domains import parse_policy_url
    from pipelines.inert import printable
    from pipelines.storage.discoveries import POLICIES

    kinds = (*POLICIES, Kind.UNSEEN, Kind.NOTHING)  # an address to be seen to, or filled in
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = _listed(db, sites, kinds)
        with_main = {domain for domain, _, kind, *_ in rows if kind == Kind.MAIN}
        for domain, url, kind, since, until, score, routes, says in rows:
            is_named = Route.LISTED in (routes or "").split()
            if kind == Kind.UNSEEN and url and domain in with_main and not is_named:
                continue
            address = parse_policy_url(url) if url else ""
            why = printable(says) if kind in (Kind.UNSEEN, Kind.NOTHING) else ""
            writer.writerow((domain, address, kind, since, until, score, routes, why))


def _explain(db: "duckdb.DuckDBPyConnection", domain: str) -> None:
    """Print the story of a site."""
    import duckdb

    from crawler.discovery.evidence import Kind, Route
    from pipelines.inert import printable

    try:
        rows = db.execute(STORY, [domain, [str(kind) for kind in Kind]]).fetchall()
    except duckdb.CatalogException:  # of a time before discovery
        rows = []
    if not rows:
        raise InputError(f"{domain}: nobody has looked for its policy; `scrapy discover` does")
    told = None
    for archive, url, kind, since, until, score, says, route, evidence, requests, whole in rows:
        if told is None or told[0] != archive:
            rest = "" if whole else "; the archive did not answer all of them"
            print(f"{domain}, {archive}: {requests} requests{rest}")
        if told != (archive, url):
            told = (archive, url)
            said = f" ({printable(says)})" if says else ""
            page = f"{printable(url)}  {_span(since, until)}  score {score:g}" if url else ""
            print(f"\n{kind}  {page}".rstrip())
            print(f"  {Kind(kind).meaning}{said}")
        if route is None:
            continue
        print(f"  {route}: {Route(route).meaning}")
        for reason in json.loads(evidence):
            where = f" at {reason['found_at']}" if reason["found_at"] else ""
            print("   ", printable(f"{reason['timestamp']}{where}: {reason['says']}"))


def _span(since: str | None, until: str | None) -> str:
    def day(stamp: str) -> str:
        return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"

    return f"{day(since)} … {day(until)}" if since and until else "no page known"
