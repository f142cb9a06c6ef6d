"""Local WARC files as an archive: no server, no network.

The addresses have the Wayback Machine's form under `warc://local`; the download handler
`crawler.handlers.warc` answers them.
"""

import gzip
from pathlib import Path
from zlib import error as ZlibError

from scrapy.settings import BaseSettings

from crawler.archives.wayback import Wayback
from crawler.errors import InputError
from crawler.records import IndexPage

_ENDINGS = (".warc", ".warc.gz")


class LocalWarc(Wayback):
    """WARC files on this machine, in the Wayback Machine's dialect."""

    name = "warc"
    index_slot = "warc-cdx"
    page_slot = "warc-page"
    is_remote = False

    def __init__(self, files: list[Path], settings: BaseSettings) -> None:
        super().__init__(settings)
        self.delays = 0.0, 0.0  # files need no pacing
        self.base = "warc://local"
        self.replay_prefix = f"{self.base}/web/"
        self.files = files

    def last_second(self, page: IndexPage) -> str | None:
        """None: its own resume keys name a row."""
        return None


def warc_files(name: str) -> list[Path]:
    """Return the WARC files that a name stands for: one, or all in a folder; InputError if none."""
    try:
        return _warc_files(name)
    except OSError as error:
        raise InputError(f"archive={name}: {error.strerror}") from None


def is_warc(path: Path) -> bool:
    """Whether a file begins as a WARC file does, compressed or not; OSError if it is not read."""
    with path.open("rb") as plain:
        if plain.read(5) == b"WARC/":
            return True
    try:
        with gzip.open(path) as packed:
            return packed.read(5) == b"WARC/"
    except (OSError, EOFError, ZlibError):
        return False


def _warc_files(name: str) -> list[Path]:
    path = Path(name).resolve()
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*") if _is_inside(p, path))
        if not inside:
            raise InputError(f"archive={name}: no .warc or .warc.gz file in it")
        return inside
    if path.is_file():
        if not is_warc(path):
            raise InputError(f"archive={name}: not a WARC file")
        return [path]
    if name.endswith(_ENDINGS) or ("/" in name and "://" not in name):
        raise InputError(f"archive={name}: no such file")
    raise InputError(
        f"archive={name}: unknown archive; use wayback, arquivo, ukwa, commoncrawl, "
        "archive-it:COLLECTION (a number, or all), timemap:ADDRESS, the address of a pywb "
        "collection (http://HOST/COLLECTION), a WARC file or a folder of them; several with commas "
        "between"
    )


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a folder's file is a WARC; the pages that a corpus keeps (`*.pages`) are copies."""
    kept = any(part.endswith(".pages") for part in file.relative_to(folder).parts[:-1])
    return file.name.endswith(_ENDINGS) and file.is_file() and not kept
