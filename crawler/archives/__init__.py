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

__all__ = ["Archive", "open_archives"]

# Those whose name has an argument, after a colon.
_WITH_ARGUMENT: dict[str, Callable[[str, BaseSettings], Archive]] = {
    "archive-it": ArchiveIt,
    "timemap": TimeMap,
}


def open_archives(argument: str, settings: BaseSettings) -> list[Archive]:
    """Return the archives that `-a archive=` names, with commas between them.

    All WARC files are one archive. InputError names what is unknown and lists what there is.
    """
    archives: dict[str, Archive] = {}
    paths: list[str] = []
    for name in filter(None, map(str.strip, argument.split(","))):
        archive = _remote(name, settings)
        if archive is None:
            paths.append(name)
        else:
            archives.setdefault(archive.name, archive)
    files = [file for name in paths for file in warc_files(name)]
    if files:
        archives[LocalWarc.name] = LocalWarc(list(dict.fromkeys(files)), settings)
    if not archives:
        raise InputError("archive=: names no archive")
    return list(archives.values())


def _remote(name: str, settings: BaseSettings) -> Archive | None:
    """Return an archive on the network; None for what may be a path."""
    if name == Wayback.name:
        return Wayback(settings)
    if name == CommonCrawl.name:
        return CommonCrawl(settings)
    if name in NAMED:
        return Pywb.named(name, settings)
    kind, colon, rest = name.partition(":")
    try:
        if colon and kind in _WITH_ARGUMENT:
            return _WITH_ARGUMENT[kind](rest, settings)
        if re.match(r"https?://[^/]+/.", name):
            return Pywb(safe_url_string(name), settings)
    except ValueError as error:
        raise InputError(f"archive={name}: {error}") from None
    return None
