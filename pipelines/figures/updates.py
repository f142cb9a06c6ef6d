"""How many policies changed in each half-year, as far as their brackets tell.

A change lies between two captures, its bracket. It was surely in a half-year if the bracket is, and
may have been if the two overlap; the truth lies between. Needs `measures.measure` first.
"""

import duckdb

from pipelines.figures.estimates import share
from pipelines.figures.measures import LANGUAGE
from pipelines.figures.series import Figure, Point

_SAID = (
    "Policies in English known before each half-year and after it. Surely: the text changed in"
    " substance between two captures inside the half-year. Perhaps: between two captures of which"
    " one is outside; the share that changed lies between the two lines, give or take their 95 %"
    " intervals (Wilson)."
)
_HALF_YEARS = f"""
WITH span AS (SELECT date_trunc('year', min(born)) AS a, max(seen) AS b FROM lives),
half AS (SELECT unnest(range(a, b, INTERVAL 6 MONTH)) AS begins FROM span),
known AS (
    SELECT begins, begins + INTERVAL 6 MONTH AS ends, lives.*
    FROM half JOIN lives ON born < begins AND seen >= begins + INTERVAL 6 MONTH
), happened AS (
    SELECT known.begins, known.domain, known.policy_id,
        bool_or(changed_after >= begins AND changed_before < ends) AS surely,
        bool_or(changed_before >= begins AND changed_after < ends) AS perhaps
    FROM known LEFT JOIN changes ON changes.archive = known.archive
        AND changes.domain = known.domain AND changes.policy_id = known.policy_id
        AND kind = 'substantive' AND language = '{LANGUAGE}'
    GROUP BY known.begins, known.domain, known.policy_id
)
SELECT begins::DATE, count(*), count(*) FILTER (surely), count(*) FILTER (perhaps)
FROM happened GROUP BY begins ORDER BY begins
"""


def updates(db: duckdb.DuckDBPyConnection) -> Figure:
    """Return the shares of policies that surely, and perhaps, changed in each half-year."""
    rows = db.execute(_HALF_YEARS).fetchall()
    lines = {
        "perhaps": [Point(at, share(perhaps, of)) for at, of, _, perhaps in rows],
        "surely": [Point(at, share(surely, of)) for at, of, surely, _ in rows],
    }
    return Figure("updates", "Policies changed, by half-year", "% of policies", _SAID, lines)
