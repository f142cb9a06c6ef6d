"""Local WARC files as an archive: no server, no network.

The addresses have the Wayback Machine's form under `warc://local`; the download handler
`crawler.handlers.warc` answers them.
"""

import gzip
from pathlib import Path
from typing import Any
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

    def __init__(self, files: list[Path], settings: BaseSettings) -> None:
        super().__init__(settings)
        self.base = "warc://local"
        self.replay_prefix = f"{self.base}/web/"
        self.files = files

    def last_second(self, page: IndexPage) -> str | None:
        """None: its own resume keys name a row."""
        return None

    def download_slots(self) -> dict[str, dict[str, Any]]:
        """Files need no pacing."""
        return {
            self.index_slot: {"concurrency": 1, "delay": 0},
            self.page_slot: {"concurrency": self.connections, "delay": 0},
        }


def warc_files(argument: str) -> list[Path]:
    """Return the WARC files an argument names: files separated by commas, or folders of them.

    Empty if the argument looks like no path at all; InputError if it names what is not there.
    """
    try:
        return _warc_files(argument)
    except OSError as error:
        raise InputError(f"archive={argument}: {error.strerror}") from None


def _warc_files(argument: str) -> list[Path]:
    files: list[Path] = []
    for name in filter(None, map(str.strip, argument.split(","))):
        path = Path(name).resolve()
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if _is_inside(p, path))
            if not inside:
                raise InputError(f"archive={argument}: no .warc or .warc.gz file in {name}")
            files += inside
        elif path.is_file():
            if not _is_warc(path):
                raise InputError(f"archive={argument}: not a WARC file: {name}")
            files.append(path)
        elif name.endswith(_ENDINGS) or "/" in name:
            raise InputError(f"archive={argument}: no such file: {name}")
        else:
            return []
    return list(dict.fromkeys(files))


def _is_inside(file: Path, folder: Path) -> bool:
    """Whether a folder's file is a WARC; the pages that a corpus keeps (`*.pages`) are copies."""
    kept = any(part.endswith(".pages") for part in file.relative_to(folder).parts[:-1])
    return file.name.endswith(_ENDINGS) and file.is_file() and not kept


def _is_warc(path: Path) -> bool:
    """Whether a file begins as a WARC file does, compressed or not."""
    with path.open("rb") as plain:
        if plain.read(5) == b"WARC/":
            return True
    try:
        with gzip.open(path) as packed:
            return packed.read(5) == b"WARC/"
    except (OSError, EOFError, ZlibError):
        return False
