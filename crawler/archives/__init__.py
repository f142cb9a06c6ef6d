"""Archives: each behind the same interface, and the names by which they are asked for."""

import re
from collections.abc import Callable

from scrapy.settings import BaseSettings
from w3lib.url import safe_url_string

from crawler.archives.archive_it import ArchiveIt
from crawler.archives.base import Archive
from crawler.archives.common_crawl import CommonCrawl
from crawler.archives.pywb import NAMED, Pywb
from crawler.archives.timemap import TimeMap
from crawler.archives.warc import LocalWarc, warc_files
from crawler.archives.wayback import Wayback
from crawler.errors import InputError

__all__ = ["Archive", "open_archive"]

# Those whose name has an argument, after a colon.
_WITH_ARGUMENT: dict[str, Callable[[str, BaseSettings], Archive]] = {
    "archive-it": ArchiveIt,
    "timemap": TimeMap,
}


def open_archive(argument: str, settings: BaseSettings) -> Archive:
    """Return the archive that `-a archive=` names; InputError lists what it may name."""
    if argument == Wayback.name:
        return Wayback(settings)
    if argument == CommonCrawl.name:
        return CommonCrawl(settings)
    if argument in NAMED:
        return Pywb.named(argument, settings)
    try:
        name, colon, rest = argument.partition(":")
        if colon and name in _WITH_ARGUMENT:
            return _WITH_ARGUMENT[name](rest, settings)
        if re.match(r"https?://[^/]+/.", argument):
            return Pywb(safe_url_string(argument), settings)
    except ValueError as error:
        raise InputError(f"archive={argument}: {error}") from None
    if argument and (files := warc_files(argument)):
        return LocalWarc(files, settings)
    raise InputError(
        f"archive={argument}: unknown archive; use wayback, arquivo, ukwa, commoncrawl, "
        "archive-it:COLLECTION (a number, or all), timemap:ADDRESS, the address of a pywb "
        "collection (http://HOST/COLLECTION), or WARC files: one, several separated by commas, or "
        "a folder"
    )
