"""A tree of documents, as the reference corpus has it: a file a version."""

from pathlib import Path

from pipelines.exports.chosen import Chosen
from pipelines.exports.names import label, version_file


def write(chosen: Chosen, target: Path) -> str:
    """Write `s/so/sof/softperfect.com/20170215084014.md` and so on into a folder."""
    last = None
    for row in chosen.documents(
        *("domain", "archive", "policy_id", "language", "timestamp"),
        *("snapshot_url", "main", "alone"),
    ):
        of_policy = label(row["main"], row["archive"], row["policy_id"], row["language"])
        file = target / version_file(
            row["domain"], row["timestamp"], of_policy, row["alone"], row["snapshot_url"]
        )
        if file.parent != last:
            file.parent.mkdir(parents=True, exist_ok=True)
            last = file.parent
        with file.open("x", encoding="utf-8", newline="") as document:
            document.write(row["markdown"])
    return f"{chosen.versions:,} documents"
