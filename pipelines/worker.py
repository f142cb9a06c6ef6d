"""What the pool's processes do with a page. Light: who asks for it does not load the extractors."""

from collections.abc import Collection

from crawler.records import Reading, Text


def read_page(page: bytes, content_type: str | None, url: str) -> Text | None:
    """As `pipelines.reading.read_page`."""
    from pipelines import reading

    return reading.read_page(page, content_type, url)


def read_new_page(
    page: bytes, content_type: str | None, url: str, known: Collection[str]
) -> Reading:
    """As `pipelines.reading.read_new_page`."""
    from pipelines import reading

    return reading.read_new_page(page, content_type, url, known)
