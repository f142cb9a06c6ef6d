"""What was found of sites whose policy's address nobody has told, in the table `addresses`."""

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby

import duckdb

from crawler.discovery.conclusion import Found
from crawler.discovery.evidence import Evidence, Kind, Route
from pipelines.duck import now, transaction

POLICIES = (Kind.MAIN, Kind.SUB, Kind.LANGUAGE, Kind.OTHER)  # real ones of the site
SAMPLE = 5  # captures of a route that are kept as evidence


def record_discovery(
    db: duckdb.DuckDBPyConnection,
    run_id: str,
    archive: str,
    domain: str,
    found: Iterable[Found],
    requests: int,
    trouble: Iterable[str],
) -> None:
    """Write what was found of a site, in the place of what an earlier run had found."""
    said = "; ".join(trouble)[:1000]
    rows: list[tuple[object, ...]] = [
        (archive, domain, f.policy_url, f.kind, f.since, f.until, f.score, f.says, *by_route)
        for f in found
        for by_route in _by_route(f.evidence)
    ]
    if not any(row[3] in POLICIES for row in rows):
        nothing = (archive, domain, None, Kind.NOTHING, None, None, 0.0, said, None, "[]", None)
        rows.append(nothing)
    with transaction(db):
        db.execute("DELETE FROM addresses WHERE archive = ? AND domain = ?", [archive, domain])
        db.executemany(
            f"INSERT INTO addresses VALUES ({', '.join('?' * 15)})",
            [[*row, requests, not said, run_id, now()] for row in rows],
        )


def main_addresses(
    db: duckdb.DuckDBPyConnection, archive: str, domain: str, lately: timedelta
) -> list[str] | None:
    """Return the addresses of a site's main policy, in time order, as an earlier run found them.

    None if it has to be asked again: nobody has looked, the archive did not answer all, or nothing
    was found and that is longer ago than `lately`.
    """
    rows = db.execute(
        "SELECT kind, policy_url, since FROM addresses WHERE archive = ? AND domain = ?"
        " AND whole AND (kind <> ? OR found_at > ?) GROUP BY ALL ORDER BY since, policy_url",
        [archive, domain, Kind.NOTHING, now() - lately],
    ).fetchall()
    if not any(kind in (Kind.MAIN, Kind.NOTHING) for kind, _, _ in rows):
        return None
    return [url for kind, url, _ in rows if kind == Kind.MAIN]


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
