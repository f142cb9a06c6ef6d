"""The changes as Atom feeds, made when a feed reader asks for them."""

from dataclasses import dataclass, replace
from io import StringIO

import duckdb

from pipelines.atom import Feed, write_atom
from pipelines.feeds import CHANGES, NAME, feed_of_all, feed_of_site, mark_of
from pipelines.news import gather

_TEXTS = "SELECT text_id, plain FROM texts WHERE list_contains(?, text_id)"


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed before its entries are compared; `mark` is the same as long as the feed is."""

    feed: Feed
    mark: str


def offer(
    db: duckdb.DuckDBPyConnection, domain: str | None, most: int, address: str, page: str
) -> Offer:
    """Return the feed of a site, or of all, with so many changes at most; InputError if none.

    `address` is the feed's own, `page` that of the page it belongs to.
    """
    news = gather(db, substantive=False, domain=domain, beginnings="counted.versions")
    if domain is None:
        feed = feed_of_all(news, most, CHANGES)
    else:
        ((site, changes),) = news.by_site(most)
        feed = feed_of_site(news, site, changes, CHANGES)
    return Offer(replace(feed, address=address, page=page), mark_of(feed))


def written(db: duckdb.DuckDBPyConnection, offered: Offer) -> str:
    """Return the feed, its changes compared."""
    needed = {i for c in offered.feed.changes for i in (c.from_text_id, c.to_text_id)}
    texts = dict(db.execute(_TEXTS, [list(needed)]).fetchall())
    stream = StringIO()
    write_atom(offered.feed, (NAME, offered.mark), texts.__getitem__, stream)
    return stream.getvalue()
