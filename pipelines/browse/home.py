"""The first page: what a corpus has, year by year and site by site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from math import ceil
from operator import itemgetter
from typing import Any

import duckdb

from crawler.domains import parse_domain

SITES_A_PAGE = 40


class Seen(StrEnum):
    """What is known of a site's year; the worst that an honest reader can say."""

    TEXT = "text"
    UNREAD = "unread"
    LOST = "lost"
    NOTHING = "nothing"
    UNKNOWN = "unknown"

    @property
    def meaning(self) -> str:
        """Say it in words."""
        return {
            Seen.TEXT: "a text was read",
            Seen.UNREAD: "captures that were not fetched, or have a page known before",
            Seen.LOST: "captures, but none gave a text",
            Seen.NOTHING: "the archive has no capture",
            Seen.UNKNOWN: "the archive's index could not be read to its end",
        }[self]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a corpus has in all."""

    sites: int
    policies: int
    versions: int
    captures: int
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class YearCount:
    """How many versions were first seen in a year."""

    year: int
    versions: int


@dataclass(frozen=True, slots=True)
class SiteYear:
    """What is known of a site in a year."""

    year: int
    seen: Seen
    captures: int
    texts: int


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site, and its years from the corpus' first to its last; None where it is not known yet."""

    domain: str
    versions: int
    years: Sequence[SiteYear | None]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change; `key` is that of the version which began with it."""

    domain: str
    changed_after: datetime
    changed_before: datetime
    kind: str | None
    words_added: int | None
    words_removed: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Home:
    """The first page; `page` of `pages` of the sites that have `site` in their names."""

    totals: Totals
    years: Sequence[YearCount]
    span: Sequence[int]
    sites: Sequence[SiteRow]
    latest: Sequence[ChangeRow]
    site: str
    page: int
    pages: int


def as_kept(site: str) -> str:
    """Return a site's name, or a part of one, as the corpus has names: `bücher.example` as
    `xn--bcher-kva.example`."""
    try:
        return parse_domain(site)
    except ValueError:
        return site.lower()


def home(db: duckdb.DuckDBPyConnection, site: str = "", page: int = 1) -> Home:
    """Return the first page. `db` is of `shelf.Shelf`."""
    *totals, first_year, last_year = _row(db, "FROM counted.totals")
    counts = dict(db.execute("FROM counted.years").fetchall())
    years = range(min(counts), max(counts) + 1) if counts else range(0)
    span = range(first_year, last_year + 1) if first_year is not None else range(0)
    named = {"site": as_kept(site)}
    (found,) = _row(db, "SELECT count(*) FROM counted.sites WHERE contains(domain, $site)", named)
    pages = max(1, ceil(found / SITES_A_PAGE))
    page = min(max(page, 1), pages)
    return Home(
        totals=Totals(*totals),
        years=[YearCount(year, counts.get(year, 0)) for year in years],
        span=tuple(span),
        sites=_sites(db, span, {**named, "skip": (page - 1) * SITES_A_PAGE}),
        latest=[ChangeRow(*row) for row in db.execute("FROM counted.latest").fetchall()],
        site=site,
        page=page,
        pages=pages,
    )


_SITES = f"""
WITH page AS (
    FROM counted.sites WHERE contains(domain, $site)
    ORDER BY domain LIMIT {SITES_A_PAGE} OFFSET $skip
)
SELECT domain, versions, year, captures, texts, unread, listed
FROM counted.site_years JOIN page USING (domain) ORDER BY domain, year
"""


def _sites(
    db: duckdb.DuckDBPyConnection, span: Sequence[int], given: dict[str, Any]
) -> list[SiteRow]:
    rows = db.execute(_SITES, given).fetchall()
    found = []
    for (domain, versions), of_site in groupby(rows, key=itemgetter(0, 1)):
        cells = {
            year: SiteYear(year, _seen(captures, texts, unread, listed), captures, texts)
            for _, _, year, captures, texts, unread, listed in of_site
        }
        found.append(SiteRow(domain, versions, [cells.get(year) for year in span]))
    return found


def _seen(captures: int, texts: int, unread: int, listed: bool) -> Seen:
    if texts:
        return Seen.TEXT
    if not captures:
        return Seen.NOTHING if listed else Seen.UNKNOWN
    return Seen.UNREAD if unread else Seen.LOST


def _row(
    db: duckdb.DuckDBPyConnection, query: str, given: dict[str, Any] | None = None
) -> tuple[Any, ...]:
    return tuple(db.execute(query, given or {}).fetchall()[0])
