"""The pages of words: which versions say them, since when, at how many sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

import duckdb

from crawler import timestamps
from crawler.domains import parse_domain
from crawler.errors import InputError
from pipelines.browse.shelf import Shelf
from pipelines.search.fulltext import parse
from pipelines.search.searching import Found, Which, check

SHOWN = 10  # versions on a page
PAGES = 100
EXAMPLES = 5
SITES = 200
_KEYS = """
SELECT snapshot_url, text_id, key FROM counted.versions
WHERE text_id IN ({places})
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for: words and, if not empty, a site, a language, a date (ISO 8601), and
    whether among all versions."""

    q: str
    site: str
    language: str
    at: str
    every: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, and whether it was searched for."""

    text: str
    sought: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A version that matches; see `pipelines.search.searching.Found`."""

    domain: str
    key: str
    language: str | None
    archived_on: date
    last_seen: datetime
    standing: str | None
    snapshot_url: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Results, of `versions` of `sites` that match; `page` of `pages` of the best."""

    asked: Asked
    versions: int
    sites: int
    results: Sequence[Result]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class PhraseYear:
    """Of the sites seen in a year, those that say it."""

    year: int
    sites: int
    of_sites: int


@dataclass(frozen=True, slots=True)
class SiteUse:
    """Between which captures versions of a site that say it were seen, and how many."""

    domain: str
    first_seen: datetime
    last_seen: datetime
    versions: int


@dataclass(frozen=True, slots=True)
class PhrasePage:
    """Words over time: the first sites of `of_sites` that say them, and examples."""

    q: str
    language: str
    years: Sequence[PhraseYear]
    sites: Sequence[SiteUse]
    of_sites: int
    examples: Sequence[Result]


def search_page(
    shelf: Shelf, db: duckdb.DuckDBPyConnection, asked: Asked, page: int = 1
) -> SearchPage:
    """Search; InputError if it cannot be asked, `shelf.Busy` while the index is made."""
    if not asked.q.strip():
        return SearchPage(asked, 0, 0, [], 1, 1)
    query, which, page = parse(asked.q), _which(asked), min(page, PAGES)
    check(db, which)
    with shelf.searching() as (search, _):
        answer = search.versions(query, which, SHOWN, SHOWN * (page - 1))
        found = list(answer.found)
    pages = min(PAGES, max(1, ceil(answer.versions / SHOWN)))
    results = _results(db, found)
    return SearchPage(asked, answer.versions, answer.sites, results, page, pages)


def phrase_page(shelf: Shelf, db: duckdb.DuckDBPyConnection, q: str, language: str) -> PhrasePage:
    """Return words over time; InputError if they cannot be searched for."""
    if not q.strip():
        return PhrasePage(q, language, [], [], 0, [])
    query, which = parse(q), Which(every=True, language=language.strip().lower() or None)
    with shelf.searching() as (search, words):
        years = words.execute(*search.years(query, which)).fetchall()
        uses = words.execute(*search.uses(query, which)).fetchall()
        found = search.examples(query, which, EXAMPLES)
    sites = [SiteUse(*use) for use in uses[:SITES]]
    by_year = [PhraseYear(year, having, of) for year, having, of, *_ in years]
    return PhrasePage(q, language, by_year, sites, len(uses), _results(db, found))


def _which(asked: Asked) -> Which:
    try:
        domain = parse_domain(asked.site) if asked.site.strip() else None
    except ValueError as error:
        raise InputError(str(error)) from None
    at = None
    if asked.at.strip():
        at = timestamps.parse(timestamps.bound(asked.at.strip(), end=True, option="at"))
        at = at.replace(tzinfo=None)
    every = asked.every and at is None
    return Which(at, every, domain, asked.language.strip().lower() or None)


def _results(db: duckdb.DuckDBPyConnection, found: Sequence[Found]) -> list[Result]:
    texts = list({result.text_id for result in found})
    rows = db.execute(_KEYS.format(places=", ".join("?" * len(texts)) or "NULL"), texts).fetchall()
    keys = {(snapshot, text): key for snapshot, text, key in rows}
    return [
        Result(
            domain=result.domain,
            key=keys[result.snapshot_url, result.text_id],
            language=result.language,
            archived_on=result.archived_on,
            last_seen=result.last_seen,
            standing=result.standing,
            snapshot_url=result.snapshot_url,
            pieces=[Piece(text, sought) for text, sought in result.snippet],
        )
        for result in found
        if (result.snapshot_url, result.text_id) in keys
    ]
