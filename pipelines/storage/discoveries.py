"""What was found of sites whose policy's address nobody has told, in the table `addresses`."""

import json
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import duckdb

from crawler.discovery.evidence import Evidence, Kind, Route
from pipelines.storage.duck import now, transaction

if TYPE_CHECKING:
    from crawler.discovery.discover import Discovery

POLICIES = (Kind.MAIN, Kind.SUB, Kind.LANGUAGE, Kind.OTHER)  # real ones of the site
SAMPLE = 5  # captures of a route that are kept as evidence


def record_discovery(
    db: duckdb.DuckDBPyConnection,
    run_id: str,
    archive: str,
    domain: str,
    discovery: "Discovery",
) -> None:
    """Write what was found of a site, in the place of what an earlier run had found.

    An archive that did not answer all takes nothing away: policies known from a run to which it
    did stay, as do those of any run if none is found now.
    """
    whole = not discovery.trouble
    rows: list[tuple[object, ...]] = [
        (archive, domain, f.policy_url, f.kind, f.since, f.until, f.score, f.says, *by_route)
        for f in discovery.found
        for by_route in _by_route(f.evidence)
    ]
    none = not any(row[3] in POLICIES for row in rows)
    if not whole and _has_policies(db, archive, domain, or_partly=none):
        return
    if none:
        kind = Kind.UNSEEN if discovery.doubt else Kind.NOTHING
        why = (discovery.doubt or discovery.story)[:1000]
        rows.append((archive, domain, None, kind, None, None, 0.0, why, None, "[]", None))
    with transaction(db):
        db.execute("DELETE FROM addresses WHERE archive = ? AND domain = ?", [archive, domain])
        db.executemany(
            f"INSERT INTO addresses VALUES ({', '.join('?' * 15)})",
            [[*row, discovery.requests, whole, run_id, now()] for row in rows],
        )


def main_addresses(
    db: duckdb.DuckDBPyConnection, archive: str, domain: str, lately: timedelta
) -> list[str] | None:
    """Return the addresses of a site's main policy, in time order, as an earlier run found them.

    None if it has to be asked again: nobody has looked, the archive did not answer all, or no main
    policy was found and that is longer ago than `lately`.
    """
    rows = db.execute(
        "SELECT kind, policy_url, max(found_at) > ? FROM addresses"
        " WHERE archive = ? AND domain = ? AND whole"
        " GROUP BY kind, policy_url, since ORDER BY since, policy_url",
        [now() - lately, archive, domain],
    ).fetchall()
    main = [url for kind, url, _ in rows if kind == Kind.MAIN]
    return main if main or any(is_late for *_, is_late in rows) else None


def _has_policies(
    db: duckdb.DuckDBPyConnection, archive: str, domain: str, *, or_partly: bool
) -> bool:
    """Whether policies of a site are known, from an archive that answered all (or part of it)."""
    found = db.execute(
        "SELECT 1 FROM addresses WHERE archive = ? AND domain = ? AND (whole OR ?)"
        " AND list_contains(?, kind) LIMIT 1",
        [archive, domain, or_partly, [str(kind) for kind in POLICIES]],
    )
    return bool(found.fetchall())


def _by_route(evidence: tuple[Evidence, ...]) -> list[tuple[Route | None, str, float | None]]:
    """Return route, evidence as JSON, and the best score of each route; one row at least."""
    found: list[tuple[Route | None, str, float | None]] = []
    order = list(Route)
    by_route = sorted(evidence, key=lambda e: (order.index(e.route), -e.score))
    for route, group in groupby(by_route, key=lambda e: e.route):
        reasons = list(group)
        said = [
            {"timestamp": e.timestamp, "found_at": e.found_at, "says": e.says}
            for e in reasons[:SAMPLE]
        ]
        found.append((route, json.dumps(said, ensure_ascii=False), round(reasons[0].score, 2)))
    return found or [(None, "[]", None)]
