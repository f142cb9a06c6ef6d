"""The changes as Atom feeds, made when a feed reader asks for them."""

from dataclasses import replace
from io import StringIO

import duckdb

from pipelines.citation.sightings import plain_texts
from pipelines.feeds.atom import write_atom
from pipelines.feeds.folder import CHANGES, NAME, feed_of_all, feed_of_site, mark_of
from pipelines.feeds.news import gather


def atom(
    db: duckdb.DuckDBPyConnection, domain: str | None, most: int, address: str, page: str
) -> str:
    """Return the feed of a site, or of all, with so many changes at most; InputError if none.

    `address` is the feed's own, `page` that of the page it belongs to.
    """
    news = gather(db, substantive=False, domain=domain, beginnings="counted.versions")
    if domain is None:
        feed = feed_of_all(news, most, CHANGES)
    else:
        ((site, changes),) = news.by_site(most)
        feed = feed_of_site(news, site, changes, CHANGES)
    needed = {i for c in feed.changes for i in (c.from_text_id, c.to_text_id)}
    texts = dict(plain_texts(db, needed))
    stream = StringIO()
    feed = replace(feed, address=address, page=page)
    write_atom(feed, (NAME, mark_of(feed)), texts.__getitem__, stream)
    return stream.getvalue()
