"""How many policies changed in each half-year, as far as their brackets tell.

A change lies between two captures, its bracket. It was surely in a half-year if the bracket is, and
may have been if the two overlap. Needs `measures.measure` first.
"""

import duckdb

from pipelines.figures.estimates import share
from pipelines.figures.measures import LANGUAGE
from pipelines.figures.series import Figure, Point

_SAID = (
    "Policies in English known before each half-year and after it. Surely: the text changed in"
    " substance between two captures inside the half-year, so the line rises with the number of"
    " captures, too. Perhaps: it changed, or may have (a change that may be the extraction's),"
    " between two captures of which one may be outside. As far as captures show: a change undone"
    " between two equal texts is not seen. With 95 % intervals (Wilson). Of {cells:,} half-years of"
    " policies, {looked:,} have two captures or more."
)
_HALF_YEARS = f"""
WITH span AS (SELECT date_trunc('year', min(born)) AS a, max(seen) AS b FROM lives),
half AS (SELECT unnest(range(a, b, INTERVAL 6 MONTH)) AS begins FROM span),
known AS (
    SELECT begins, begins + INTERVAL 6 MONTH AS ends, lives.*
    FROM half JOIN lives ON born < begins AND seen >= begins + INTERVAL 6 MONTH
), looks AS (
    SELECT archive, domain, coalesce(policy_id, policy_url) AS policy_id,
        strptime(coalesce(served_timestamp, timestamp), '%Y%m%d%H%M%S') AS moment
    FROM captures LEFT JOIN lineage USING (archive, domain, policy_url)
    WHERE text_id IS NOT NULL
), looked AS (
    SELECT known.begins, known.domain, known.policy_id, count(DISTINCT moment) AS looks
    FROM known LEFT JOIN looks ON looks.archive = known.archive
        AND looks.domain = known.domain AND looks.policy_id = known.policy_id
        AND moment >= begins AND moment < ends
    GROUP BY known.begins, known.domain, known.policy_id
), happened AS (
    SELECT known.begins, known.domain, known.policy_id,
        bool_or(kind = 'substantive' AND changed_after >= begins AND changed_before < ends)
            AS surely,
        bool_or((kind IS NULL OR kind IN ('substantive', 'technical'))
            AND changed_before >= begins AND changed_after < ends) AS perhaps
    FROM known LEFT JOIN changes ON changes.archive = known.archive
        AND changes.domain = known.domain AND changes.policy_id = known.policy_id
        AND language = '{LANGUAGE}'
    GROUP BY known.begins, known.domain, known.policy_id
)
SELECT begins::DATE, (begins + INTERVAL 3 MONTH)::DATE, count(*), count(*) FILTER (surely),
    count(*) FILTER (perhaps), count(*) FILTER (looks = 0), count(*) FILTER (looks > 1)
FROM happened JOIN looked USING (begins, domain, policy_id) GROUP BY begins ORDER BY begins
"""


def updates(db: duckdb.DuckDBPyConnection) -> Figure:
    """Return the shares of policies that surely, and perhaps, changed in each half-year."""
    rows = db.execute(_HALF_YEARS).fetchall()
    lines: dict[str, list[Point]] = {"perhaps": [], "surely": []}
    for begins, middle, of, surely, perhaps, unseen, _ in rows:
        time = f"{begins.year}{'A' if begins.month == 1 else 'B'}"
        lines["perhaps"].append(Point(time, middle, share(perhaps, of), unseen))
        lines["surely"].append(Point(time, middle, share(surely, of), unseen))
    said = _SAID.format(cells=sum(row[2] for row in rows), looked=sum(row[6] for row in rows))
    return Figure("updates", "Policies changed, by half-year", "% of policies", said, lines)
