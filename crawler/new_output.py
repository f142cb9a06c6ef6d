"""What a command writes is there when it is whole, and nothing before."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.errors import InputError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to fill, and put it in the place of `target` when it is whole.

    InputError if there is something already.
    """
    is_empty = target.is_dir() and not any(target.iterdir())
    if os.path.lexists(target) and not is_empty:
        raise InputError(f"{target}: exists, and is not an empty folder")
    with _beside(target) as part:
        part.mkdir()
        yield part


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give the name of a file to write, and put it in the place of `target` when it is whole.

    InputError if there is something already.
    """
    if os.path.lexists(target):
        raise InputError(f"{target}: exists; give the name of a new file")
    with _beside(target) as part:
        yield part


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    place = target.resolve()
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as folder:
        part = Path(folder) / "part"
        yield part
        part.replace(place)
