"""Archives: the Wayback Machine, any pywb collection, local WARC files."""

import re

from scrapy.settings import BaseSettings
from w3lib.url import safe_url_string

from crawler.archives.base import Archive
from crawler.archives.pywb import Pywb
from crawler.archives.warc import LocalWarc, warc_files
from crawler.archives.wayback import Wayback
from crawler.errors import InputError

__all__ = ["Archive", "open_archive"]


def open_archive(argument: str, settings: BaseSettings) -> Archive:
    """Return the archive that `-a archive=` names; InputError lists what it may name."""
    if argument == Wayback.name:
        return Wayback(settings)
    if re.match(r"https?://[^/]+/.", argument):
        try:
            return Pywb(safe_url_string(argument), settings)
        except ValueError as error:
            raise InputError(f"archive={argument}: {error}") from None
    if argument and (files := warc_files(argument)):
        return LocalWarc(files, settings)
    raise InputError(
        f"archive={argument}: unknown archive; use wayback, the address of a pywb collection "
        "(http://HOST/COLLECTION), or WARC files: one, several separated by commas, or a folder"
    )
