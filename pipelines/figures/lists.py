"""The lists that figures are made with: phrases to look for, laws and their days.

CSV files that a person keeps. InputError names the file and the line of what cannot be used.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from crawler.errors import InputError

DATA = Path(__file__).parents[2] / "data"
PHRASES = DATA / "phrases.csv"
LAWS = DATA / "laws.csv"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern (RE2; case does not count) that stands for a phrase of a topic."""

    topic: str
    phrase: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Law:
    """A line of the calendar of laws; `topic` is that of the phrases that belong to it, if any."""

    law: str
    place: str
    in_force: date
    topic: str | None = None


def read_phrases(file: Path = PHRASES) -> list[Phrase]:
    """Return the phrases of a file with the columns topic, phrase and pattern."""
    phrases = []
    with duckdb.connect() as db:
        for where, row in _rows(file, ("topic", "phrase", "pattern")):
            try:
                db.execute("SELECT regexp_matches('', ?, 'i')", [row["pattern"]])
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise InputError(f"{where}: {row['pattern']}: {reason}") from None
            phrases.append(Phrase(row["topic"], row["phrase"], row["pattern"]))
    return phrases


def read_laws(file: Path = LAWS) -> list[Law]:
    """Return the laws of a file with the columns law, place, in_force (2018-05-25) and, if it has
    it, topic; the first first."""
    laws: set[Law] = set()
    for where, row in _rows(file, ("law", "place", "in_force")):
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", row["in_force"]):
            raise InputError(f"{where}: {row['in_force']}: not a date such as 2018-05-25")
        try:
            day = date.fromisoformat(row["in_force"])
        except ValueError:
            raise InputError(f"{where}: {row['in_force']}: no such day") from None
        law = Law(row["law"], row["place"], day, row.get("topic") or None)
        if law in laws:
            raise InputError(f"{where}: {law.law}: there twice")
        laws.add(law)
    return sorted(laws, key=lambda law: (law.in_force, law.law, law.place))


def _rows(file: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the lines of a file, each with where it is; those needed may not be empty."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
                raise InputError(f"{file}: has no column {', '.join(missing)}")
            for row in reader:
                where = f"{file}, line {reader.line_num}"
                cells = {name: (row[name] or "").strip() for name in reader.fieldnames or ()}
                if empty := [name for name in needed if not cells[name]]:
                    raise InputError(f"{where}: no {', '.join(empty)}")
                yield where, cells
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
