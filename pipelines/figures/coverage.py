"""What is known of each year, and what could not be seen."""

import duckdb

from crawler.outcomes import Listing, Outcome

# A policy's year counts once, whatever archives and addresses it has, by the best that is known.
_YEARS = """
WITH known AS (
    SELECT year, domain, coalesce(policy_id, policy_url) AS policy, bool_or(texts > 0) AS text,
        bool_or(captures > 0) AS captured, bool_or(listing = 'complete') AS listed
    FROM coverage LEFT JOIN lineage USING (archive, domain, policy_url)
    WHERE year IS NOT NULL GROUP BY ALL
)
SELECT year, count(*) AS policies, count(*) FILTER (text) AS "with a text",
    count(*) FILTER (captured AND NOT text) AS "captures, no text",
    count(*) FILTER (NOT captured AND listed) AS "no capture",
    count(*) FILTER (NOT captured AND listed IS NOT TRUE) AS "not known"
FROM known GROUP BY year ORDER BY year
"""
_WITHOUT = """
SELECT listing, count(DISTINCT (domain, policy_url)) FROM coverage
WHERE year IS NULL AND listing IS NOT NULL GROUP BY listing
UNION ALL
SELECT status, count(DISTINCT domain) FROM listings
WHERE status = 'no_policy_url' GROUP BY status
ORDER BY 2 DESC, 1
"""

Table = tuple[list[str], list[tuple[int, ...]]]


def years(db: duckdb.DuckDBPyConnection) -> Table:
    """Return how many years of policies have a text, and why others have none, by year."""
    found = db.execute(_YEARS)
    return [name for name, *_ in found.description], found.fetchall()


def without_captures(db: duckdb.DuckDBPyConnection) -> list[tuple[Listing, int]]:
    """Return how many addresses have no capture at all, by how their listing ended."""
    rows = db.execute(_WITHOUT).fetchall()
    return [(Listing(status), count) for status, count in dict(rows).items()]


def outcomes(db: duckdb.DuckDBPyConnection) -> Table:
    """Return how many captures have each outcome, by year, of the outcomes that there are."""
    names = [str(outcome) for outcome in Outcome]
    sums = ", ".join(f'sum("{name}")::BIGINT AS "{name}"' for name in names)
    rows = db.execute(
        f"SELECT year, sum(captures)::BIGINT AS captures, {sums}"
        " FROM coverage WHERE year IS NOT NULL GROUP BY year ORDER BY year"
    ).fetchall()
    head = ["year", "captures", *names]
    used = [i for i in range(len(head)) if i < 2 or any(row[i] for row in rows)]
    return [head[i] for i in used], [tuple(row[i] for i in used) for row in rows]
