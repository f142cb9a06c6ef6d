"""What is known of each year, and what could not be seen."""

import duckdb

from crawler.outcomes import Outcome

# A year of a policy counts once, by the best that is known of it.
_YEARS = """
SELECT year, count(*) AS policies,
    count(*) FILTER (texts > 0) AS "with a text",
    count(*) FILTER (texts = 0 AND captures > 0) AS "captures, no text",
    count(*) FILTER (captures = 0 AND listing = 'complete') AS "no capture",
    count(*) FILTER (captures = 0 AND listing IS DISTINCT FROM 'complete') AS "not known"
FROM coverage WHERE year IS NOT NULL GROUP BY year ORDER BY year
"""

Table = tuple[list[str], list[tuple[int, ...]]]


def years(db: duckdb.DuckDBPyConnection) -> Table:
    """Return how many years of policies have a text, and why others have none, by year."""
    found = db.execute(_YEARS)
    return [name for name, *_ in found.description], found.fetchall()


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
