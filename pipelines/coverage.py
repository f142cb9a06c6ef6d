"""Coverage, as SQL: what is known of each policy in each year, and what became of it.

"There was nothing" and "we could not see" are told apart by `listing`, how the last listing ended;
it is null for a policy that has only been imported.
"""

from crawler.outcomes import Outcome


def coverage_view() -> str:
    """Return the statement that makes the view `coverage`, with a column per outcome."""
    outcomes = ",\n".join(
        f"    count(*) FILTER (outcome = '{outcome}') AS {outcome}" for outcome in Outcome
    )
    return f"""
CREATE OR REPLACE VIEW coverage AS
WITH last AS (
    SELECT archive, domain, policy_url, arg_max(status, run_id) AS listing
    FROM listings GROUP BY ALL
)
SELECT domain, policy_url, CAST(left(timestamp, 4) AS INTEGER) AS year, archive, listing,
    count(capture_id) AS captures,
    count(*) FILTER (chosen_by IS NOT NULL AND outcome <> '{Outcome.NOT_SELECTED}') AS chosen,
    count(fetched_at) AS fetched,
    count(text_id) AS texts,
    count(*) FILTER (doubtful) AS doubtful,
{outcomes}
FROM last FULL JOIN captures USING (archive, domain, policy_url)
LEFT JOIN texts USING (text_id)
GROUP BY ALL
"""
