"""The rows of a site where an index has no resume keys: one span of time after another. Pure.

Rows come in the order of addresses, so that the last one does not tell where to go on. A span that
has more rows than a page holds is parted at a time in the middle of those seen, and asked again.
"""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from crawler import timestamps
from crawler.errors import NotAnIndexReply
from crawler.records import IndexPage


def bounds(resume_key: str | None) -> tuple[str | None, str | None]:
    """Return the span that a resume key names, both inclusive; None: open."""
    since, _, until = (resume_key or "").partition("-")
    return since or None, until or None


def following(url: str, page: IndexPage) -> IndexPage:
    """Return a page with the key of the span that follows, if `url` asked for the rows of a site.

    A page that is full (which has a resume key) gives no rows: they come again. Raises
    NotAnIndexReply if a single second has more rows than a page holds.
    """
    query = parse_qs(urlsplit(url).query)
    if "matchType" not in query:
        return page
    since, until = (query.get(name, [""])[0] for name in ("from", "to"))
    try:
        if page.resume_key is None:
            key = f"{timestamps.shifted(until, 1)}-" if until else None
            return replace(page, resume_key=key)
        stamps = sorted(capture.timestamp for capture in page.captures)
        middle = stamps[(len(stamps) - 1) // 2]
        if until and middle >= until:
            middle = timestamps.shifted(until, -1)
    except (ValueError, IndexError):
        raise NotAnIndexReply("a full page of rows that cannot be used") from None
    if since and middle < since:
        raise NotAnIndexReply(f"more rows in a second than a page holds: {since}")
    return IndexPage([], [], f"{since}-{middle}")
