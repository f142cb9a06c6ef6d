"""A tree of documents, as the reference corpus and `scrapy export --format markdown` have it."""

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.imports.documents import LARGEST, read_document
from pipelines.imports.found import Imported, Unusable


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of all folders in it, by name; links are not followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(place) / name


def read_folder(folder: Path, source: str) -> Iterator[Imported | Unusable]:
    """Yield the documents of a folder: all `.md` files but a README."""
    for path in files(folder):
        name = str(path.relative_to(folder))
        if path.suffix != ".md" or name == "README.md":
            continue
        try:
            if path.is_symlink() or not path.is_file():
                raise ValueError("is a link or no file")
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            yield read_document(name, content, source, None)
        except OSError as error:
            yield Unusable(name, error.strerror or "cannot be read")
        except ValueError as error:
            yield Unusable(name, str(error))
