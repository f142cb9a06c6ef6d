"""A manifest: what anyone needs to build a corpus again and check it, without its texts.

A CSV row a document: where it came from, the SHA-256 of the whole document, its word count, and the
hashes of its word 5-grams, from which likeness can be measured but the text not be read.
"""

import base64
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from crawler import timestamps
from crawler.domains import parse_domain
from crawler.errors import InputError
from pipelines.text.words import words

GRAM = 5
Grams = NDArray[np.uint32]  # sorted, each once
_LITTLE = np.dtype("<u4")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
HEADER = re.compile(
    r"> \*The following text is extracted and transformed from the (?P<domain>\S+) privacy policy "
    r"that was archived on [\d-]{10}\. Please check the "
    r"\[original snapshot on (?P<archive>[^\]\n]+)\]"
    r"\((?P<url>(?P<snapshots>\S+?/)(?P<timestamp>\d{14})(?:[a-z]{2}_)?/(?P<original>\S+))\) "
    r"for the most accurate reproduction\.\*"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a manifest.

    `original` is the captured address, `timestamp` its 14 digits; `sha256` is of the whole
    document in UTF-8 (hex); `words` counts the words of title and body; `grams` holds the distinct
    5-grams of those words: 32-bit hashes (BLAKE2b), sorted, little-endian, base 64.
    """

    domain: str
    timestamp: str
    original: str
    sha256: str
    words: int
    grams: str


def entry_of(document: str) -> Entry:
    """Return the entry of a whole document; ValueError if it has not our header."""
    match = HEADER.match(document)
    if match is None:
        raise ValueError("does not begin with the header of a document")
    words = words_of(document)
    return Entry(
        match["domain"],
        match["timestamp"],
        unquote(match["original"]),
        sha256(document.encode()).hexdigest(),
        len(words),
        base64.b64encode(grams_of(words).tobytes()).decode(),
    )


def words_of(document: str) -> list[str]:
    """Return the words of a document's title and body; a link counts by its text."""
    text = HEADER.sub("", document.replace("\u00a0", " "))
    return words(_LINK.sub(r"\1", text).lower())


def grams_of(words: list[str]) -> Grams:
    """Return the hashes of the distinct 5-grams of words (of all the words, if there are fewer)."""
    whole = zip(*(words[n:] for n in range(GRAM)), strict=False)
    grams = set(map(" ".join, whole if len(words) >= GRAM else [words] if words else ()))
    hashes = b"".join(blake2b(gram.encode(), digest_size=4).digest() for gram in grams)
    return np.unique(np.frombuffer(hashes, _LITTLE))


def gram_similarity(document: str, entry: Entry) -> float:
    """Return the likeness of a document to an entry (0 to 1): Dice's coefficient of the 5-grams."""
    made, wanted = grams_of(words_of(document)), _decoded(entry.grams)
    both = np.intersect1d(made, wanted)
    return 2 * both.size / max(1, made.size + wanted.size)


def word_f1(document: str, expected: str) -> float:
    """Return F1 of a document's words against the expected ones, as multisets."""
    made, wanted = Counter(words_of(document)), Counter(words_of(expected))
    both = (made & wanted).total()
    return 2 * both / max(1, made.total() + wanted.total())


def write_manifest(entries: Iterable[Entry], file: TextIO) -> int:
    """Write a manifest; return how many documents it has."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Entry)])
    rows = [writer.writerow(astuple(entry)) for entry in entries]
    return len(rows)


def read_manifest(path: Path) -> list[Entry]:
    """Read a manifest; InputError names what is wrong, with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            entries = list(_entries(file, path))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8") from None
    if not entries:
        raise InputError(f"{path}: names no document")
    return entries


def _entries(file: TextIO, path: Path) -> Iterator[Entry]:
    csv.field_size_limit(2**31 - 1)
    rows = csv.DictReader(file)
    names = [field.name for field in fields(Entry)]
    if missing := set(names) - set(rows.fieldnames or ()):
        columns = ", ".join(sorted(missing))
        raise InputError(f"{path}: no manifest; columns that are missing: {columns}")
    for row in rows:
        try:
            timestamps.parse(row["timestamp"])
            if not re.match(r"https?://", row["original"]):
                raise ValueError(f"not an address: {row['original']}")
            _decoded(row["grams"])
            domain = parse_domain(row["domain"])
            yield Entry(
                domain,
                row["timestamp"],
                row["original"],
                row["sha256"],
                int(row["words"]),
                row["grams"],
            )
        except (TypeError, ValueError) as error:
            raise InputError(f"{path}, line {rows.line_num}: {error}") from None


def _decoded(grams: str) -> Grams:
    """Return hashes again; ValueError if they are none."""
    return np.unique(np.frombuffer(base64.b64decode(grams, validate=True), _LITTLE))
