"""CSV for spreadsheets (RFC 4180): a row a version, with all columns of `policies`."""

import csv
from pathlib import Path

from pipelines import schema
from pipelines.exports.chosen import Chosen

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(chosen: Chosen, target: Path) -> str:
    """Write a file in UTF-8, with the mark at its start by which Excel knows that.

    A cell that a spreadsheet could take for a formula gets an apostrophe before it. Documents
    begin with `>`, so `markdown` is exact in every row.
    """
    columns = [column.name for column in schema.POLICIES.columns]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in chosen.in_order(*columns):
            writer.writerow([_inert(cell) for cell in row.values()])
    return f"{chosen.versions:,} versions"


def _inert(cell: object) -> object:
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if is_formula else cell
