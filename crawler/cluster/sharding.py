"""A crawl in shards: which sites are in which, and the folder beside the corpus where they are.

`policies.shards` has `plan.json` and for each shard a folder: its domain list, its corpus, the log
of its crawls and, when the crawl has come to its end, `ended.json`.
"""

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.errors import InputError
from crawler.records import Target

if TYPE_CHECKING:
    from pipelines.storage.store import Store

PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the sites; `name` is its own among all shards that a corpus has ever had.

    `stamp` tells what the corpus had of the sites when the shard was made.
    """

    name: str
    folder: Path
    sites: list[str]
    stamp: str

    @property
    def corpus(self) -> Path:
        """Its DuckDB file."""
        return self.folder / "corpus.duckdb"

    @property
    def domains(self) -> Path:
        """Its domain list."""
        return self.folder / "domains.csv"


@dataclass(frozen=True, slots=True)
class Plan:
    """A crawl in shards; its name is the identity of its run."""

    name: str
    folder: Path
    shards: list[Shard]


def open_plan(
    store: "Store", folder: Path, given: dict[str, str], targets: Sequence[Target], count: int
) -> Plan:
    """Return the plan of a crawl in `count` shards, made now or by a run that did not end.

    InputError if the folder has the shards of another crawl, or is none of shards.
    """
    asked = {"arguments": given, "shards": count, "list": _fingerprint(targets)}
    if not folder.exists():
        _make(store, folder, asked, targets)
    try:
        made = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{folder}: exists, and has no shards of a crawl") from None
    if made["asked"] != asked:
        was = made["asked"]
        arguments = " ".join(f"-a {name}={value}" for name, value in was["arguments"].items())
        raise InputError(
            f"{folder}: has the shards of another crawl, or the domain list is not what it was "
            f"({arguments} --shards {was['shards']}); end that one first, with the same command "
            "and list, or remove the folder and what was fetched there"
        )
    shards = [
        Shard(f"crawl-{made['name']}-{name}", folder / name, shard["sites"], shard["stamp"])
        for name, shard in made["shards"].items()
    ]
    return Plan(made["name"], folder, shards)


def check_no_plan(corpus: Path) -> None:
    """InputError if a crawl in shards of a corpus has not come to its end: its rows stay as they
    are until then."""
    from pipelines.storage.publication import folder_of

    folder = folder_of(corpus.absolute(), "shards")
    if (folder / PLAN).exists():
        raise InputError(
            f"{folder}: a `scrapy cluster crawl` of this corpus has not come to its end; end it"
            " first, with the same command, or remove the folder and what was fetched there"
        )


def divided(targets: Sequence[Target], count: int) -> dict[str, list[Target]]:
    """Return the targets of each shard that has some, by its name; a site is in one shard only.

    Which one depends on the site and on how many there are, on nothing else.
    """
    digits = len(str(count - 1))
    shards: dict[str, list[Target]] = {}
    for target in targets:
        number = int.from_bytes(sha256(target.domain.encode()).digest()[:8]) % count
        shards.setdefault(f"{number:0{digits}}", []).append(target)
    return dict(sorted(shards.items()))


def _make(store: "Store", folder: Path, asked: dict[str, Any], targets: Sequence[Target]) -> None:
    """Split the corpus; the folder is there when all of it is."""
    from pipelines.shards.site_shards import split
    from pipelines.storage.store import new_run_id

    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed here
    shards = {}
    for name, its in divided(targets, asked["shards"]).items():
        shard = Shard(name, part / name, list(dict.fromkeys(t.domain for t in its)), "")
        shard.folder.mkdir(parents=True)
        _write_list(shard.domains, its)
        shards[name] = {"sites": shard.sites, "stamp": split(store, shard.corpus, shard.sites)}
    plan = {"name": new_run_id(), "asked": asked, "shards": shards}
    (part / PLAN).write_text(json.dumps(plan), encoding="utf-8")
    part.rename(folder)


def _write_list(path: Path, targets: Sequence[Target]) -> None:
    """Write a domain list; as CSV, because its first line can be taken for nothing else."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("domain", "policy_url"))
        for domain, its in groupby(targets, key=lambda target: target.domain):
            writer.writerow((domain, " ".join(t.policy_url for t in its if t.policy_url)))


def _fingerprint(targets: Sequence[Target]) -> str:
    listed = json.dumps([(target.domain, target.policy_url) for target in targets])
    return sha256(listed.encode()).hexdigest()
