"""The page that a version was read from, as it is kept, for a frame that lets it do nothing."""

from pathlib import Path

import duckdb

from crawler.errors import InputError
from crawler.replay.page_types import is_pdf
from pipelines.browse.version import kept_page
from pipelines.extraction.extract import decode
from pipelines.storage.pages import read_page
from pipelines.storage.publication import folder_of

LONGEST = 5_000_000  # characters


def stored_page(db: duckdb.DuckDBPyConnection, corpus: Path, domain: str, key: str) -> str:
    """Return the HTML of a kept page; InputError if it was not kept, or is no page of text."""
    address = kept_page(db, domain, key)
    if address is None:
        raise InputError(f"{domain}: the page of {key} was not kept (KEEP_PAGES)")
    try:
        headers, body = read_page(folder_of(corpus.resolve(), "pages"), address)
    except (OSError, ValueError) as error:
        raise InputError(f"{domain}: the page of {key} cannot be read: {error}") from None
    if is_pdf(body):
        raise InputError(f"{domain}: the page of {key} is a PDF; read its text")
    content_type = next((value for name, value in headers if name.lower() == "content-type"), None)
    return decode(body, content_type)[:LONGEST]
