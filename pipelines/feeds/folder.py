"""A folder of Atom feeds of the changes in a corpus: one of all sites, one a site, and their index.

What is written depends on the corpus only, not on the clock or on what the folder holds. Each file
begins with a mark, a hash of all that it is made of, so that only what is new is made again; and
each is put in its place when it is whole.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import duckdb
from tqdm import tqdm

from crawler import __version__
from crawler.errors import InputError
from pipelines.exports.names import site_name
from pipelines.feeds.atom import LONGEST, Feed, write_atom
from pipelines.feeds.news import Change, News, Site, gather, urn
from pipelines.templating import template

CHANGES, OF_SUBSTANCE = "Changes", "Changes of substance"
ALL = "all.atom"
INDEX = "index.html"
SITES = "sites"
NAME = "policy-history"  # of the mark
_MARK = re.compile(rb"<[?!]-{0,2} ?policy-history ([0-9a-f]{64})")
_ID = re.compile(rb"<id>([^<]*)</id>")
_HEAD = 300  # bytes that hold the mark
_HEAD_OF_ALL = 1_000  # bytes that hold the identity, too
_NEEDED = """
    SELECT text_id, plain FROM texts SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS text_id)
    USING (text_id)"""
_AT_ONCE = 200  # texts in memory


def write_feeds(db: duckdb.DuckDBPyConnection, folder: Path, most: int, substantive: bool) -> str:
    """Bring a folder up to date with an open corpus; return in words what was done.

    A feed has at most so many entries, the newest. InputError if a file is in the way that is not
    of this tool, if the folder is of another corpus or kind, or if the corpus has no version; then
    nothing has been written.
    """
    news = gather(db, substantive)
    kind = OF_SUBSTANCE if substantive else CHANGES
    _check_owner(folder, news, kind)
    due = {}
    texts = set()
    for file, feed in _feeds(news, most, kind):
        mark = mark_of(feed)
        if _found_mark(folder / file) != mark:
            due[file] = mark
            texts |= {i for c in feed.changes for i in (c.from_text_id, c.to_text_id)}
    index = _hash(news.sites())
    is_index_due = _found_mark(folder / INDEX) != index
    changes = news.count()
    known = f"{changes:,} change{'s' if changes != 1 else ''}"
    if changes > most:
        known += f", the newest {most:,} in {ALL}"
    if not due and not is_index_due:
        return f"{known}, nothing new"
    (folder / SITES).mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=".part-", dir=folder) as parts,
        _kept(db, texts) as text,
    ):
        made = ((file, feed) for file, feed in _feeds(news, most, kind) if file in due)
        for file, feed in tqdm(made, total=len(due), desc="feeds", unit="", disable=None):
            with _whole(folder / file, Path(parts)) as stream:
                write_atom(feed, (NAME, due[file]), text, stream)
        if is_index_due:
            with _whole(folder / INDEX, Path(parts)) as stream:
                _write_index(news.sites(), index, stream)
    return f"{known}, {len(due):,} feeds written"


def feed_of_all(news: News, most: int, kind: str) -> Feed:
    """Return the feed of the newest changes of all sites."""
    newest = news.newest(most)
    updated = max(c.updated for c in newest) if newest else max(s.since for s in news.sites())
    name = urn("feed", news.corpus, kind)
    return Feed(name, f"{kind} of privacy policies", ALL, INDEX, updated, newest)


def feed_of_site(news: News, site: Site, changes: Sequence[Change], kind: str) -> Feed:
    """Return the feed of a site's changes."""
    return Feed(
        id=urn("feed", news.corpus, kind, site.domain),
        title=f"{kind} of the privacy policy of {site.domain}",
        address=quote(f"{site_name(site.domain)}.atom"),
        page=site.policy_url,
        updated=max((c.updated for c in changes), default=site.since),
        changes=changes,
    )


def mark_of(feed: Feed) -> str:
    """Return what is the same as long as the feed is."""
    return _hash([feed.id, feed.title, feed.page, feed.updated, *feed.changes])


def _feeds(news: News, most: int, kind: str) -> Iterator[tuple[str, Feed]]:
    """Yield the feeds with the names of their files; one query at a time."""
    yield ALL, feed_of_all(news, most, kind)
    for site, changes in news.by_site(most):
        file = f"{SITES}/{site_name(site.domain)}.atom"
        yield file, feed_of_site(news, site, changes, kind)


def _write_index(sites: Iterable[Site], mark: str, stream: TextIO) -> None:
    """Write the page that leads to the feeds."""
    rows = ((quote(f"{SITES}/{site_name(site.domain)}.atom"), site) for site in sites)
    page = template("feeds.html").stream(mark=f"{NAME} {mark}", all=ALL, sites=rows)
    page.enable_buffering(_AT_ONCE)
    stream.writelines(page)


def _hash(parts: Iterable[object]) -> str:
    """Return the hash of what a file is made of, and of what makes it."""
    made = sha256(f"{__version__} {LONGEST}".encode())
    for part in parts:
        made.update(repr(part).encode())
    return made.hexdigest()


def _found_mark(path: Path) -> str | None:
    """Return the mark that a file begins with; None if there is none such, or only a part of it.

    InputError if there is one without a mark: it is somebody else's.
    """
    try:
        with path.open("rb") as file:
            found = _MARK.search(file.read(_HEAD))
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _HEAD))
            is_whole = file.read().rstrip().endswith((b"</feed>", b"</html>"))
    except FileNotFoundError:
        return None
    if not size or (found and not is_whole):  # a power cut may leave that
        return None
    if found is None:
        raise InputError(f"{path}: exists, and is not of this command; choose another folder")
    return found[1].decode()


def _check_owner(folder: Path, news: News, kind: str) -> None:
    """InputError if the feed of all sites in a folder is of no run of this corpus.

    Any run: one that was merged later may have begun before the others, by its machine's clock.
    """
    if not (folder / ALL).is_file():
        return
    with (folder / ALL).open("rb") as file:
        head = file.read(_HEAD_OF_ALL)
    found = _ID.search(head)
    ours = (urn("feed", run, kind) for run in news.runs())
    if _MARK.search(head, 0, _HEAD) and found and found[1].decode() not in ours:
        raise InputError(
            f"{folder}: its feeds are of another corpus, or of another kind of changes "
            "(--substantive); choose another folder, or remove this one"
        )


@contextmanager
def _kept(db: duckdb.DuckDBPyConnection, texts: set[str]) -> Iterator[Callable[[str], str]]:
    """Give a function that returns the texts with these `text_id`; they wait in a file."""
    # what is joined to the texts is kept in memory, not the texts; each thread holds 2,048 of them
    db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    db.execute("SET threads = 1")
    places = {}
    with tempfile.TemporaryFile() as file:
        found = db.execute(_NEEDED, [list(texts)])
        while batch := found.fetchmany(_AT_ONCE):
            for text_id, text in batch:
                places[text_id] = file.tell(), file.write(text.encode())

        def read(text_id: str) -> str:
            start, size = places[text_id]
            file.seek(start)
            return file.read(size).decode()

        yield read


@contextmanager
def _whole(target: Path, parts: Path) -> Iterator[TextIO]:
    """Give a stream of what is to be a file; it is put in its place when it is whole."""
    part = parts / "part"
    with part.open("w", encoding="utf-8", newline="\n") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(part, target)
