"""A manifest: what anyone needs to build the corpus again and check it, without its texts."""

from itertools import groupby
from pathlib import Path

from pipelines.exports.chosen import Chosen
from pipelines.manifest import entry_of, write_manifest


def write(chosen: Chosen, target: Path) -> str:
    """Write a CSV; two addresses of a site may lead to one capture, which is one document."""
    rows = chosen.in_order("markdown", order="domain, timestamp, place, snapshot_url, text_id")
    documents = (document for document, _ in groupby(row["markdown"] for row in rows))
    with target.open("w", encoding="utf-8", newline="") as file:
        number = write_manifest(map(entry_of, documents), file)
    return f"{number:,} documents"
