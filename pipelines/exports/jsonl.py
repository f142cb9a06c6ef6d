"""JSON Lines: an object a version, with all columns of `policies`."""

import json
from datetime import date, datetime
from pathlib import Path

from pipelines.exports.chosen import Chosen
from pipelines.storage import schema


def write(chosen: Chosen, target: Path) -> str:
    """Write a file in UTF-8; dates and times (UTC) as ISO 8601."""
    columns = [column.name for column in schema.POLICIES.columns]
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for row in chosen.in_order(*columns):
            file.write(json.dumps(row, ensure_ascii=False, default=_iso) + "\n")
    return f"{chosen.versions:,} versions"


def _iso(value: date | datetime) -> str:
    return value.isoformat()
