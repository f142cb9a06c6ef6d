"""What the pool's processes do with a page. Light: who asks for it does not load the extractors."""

from collections.abc import Collection
from itertools import count

from crawler.memory import give_back
from crawler.records import Reading, Text

_GIVE_BACK = 5  # pages; large ones leave holes that small ones do not fill

_pages = count(1)


def read_page(page: bytes, content_type: str | None, url: str) -> Text | None:
    """As `pipelines.reading.read_page`."""
    from pipelines import reading

    return reading.read_page(page, content_type, url)


def read_new_page(
    page: bytes, content_type: str | None, url: str, known: Collection[str]
) -> Reading:
    """As `pipelines.reading.read_new_page`."""
    from pipelines import reading

    if next(_pages) % _GIVE_BACK == 0:
        give_back()
    return reading.read_new_page(page, content_type, url, known)
