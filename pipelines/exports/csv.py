"""CSV for spreadsheets (RFC 4180): a row a version, with all columns of `policies`."""

import re
from collections.abc import Iterable
from pathlib import Path

from pipelines.exports.chosen import Chosen
from pipelines.storage import schema

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile(r'[",\r\n]')


def write(chosen: Chosen, target: Path) -> str:
    """Write a file in UTF-8, with the mark at its start by which Excel knows that.

    A cell that a spreadsheet could take for a formula gets an apostrophe before it. Documents
    begin with `>`, so `markdown` is exact in every row.
    """
    columns = [column.name for column in schema.POLICIES.columns]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(_line(columns))
        for row in chosen.in_order(*columns):
            file.write(_line(row.values()))
    return f"{chosen.versions:,} versions"


def _line(cells: Iterable[object]) -> str:
    """Return a row; Python's `csv` takes ten times as long for texts."""
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
