"""Coverage, as SQL: what is known of each policy in each year, and what became of it.

"There was nothing" and "we could not see" are told apart by `listing`, how the last listing ended
that was asked for all of the year; it is `partial` if there is none, and null for a policy that has
only been imported. A year without captures between others has its row, too, and so have those after
the point at which a list broke off.
"""

from crawler.outcomes import Outcome

_SAME = (
    "{a}.archive = {b}.archive AND {a}.domain = {b}.domain"
    " AND {a}.policy_url IS NOT DISTINCT FROM {b}.policy_url"
)


def coverage_view() -> str:
    """Return the statement that makes the view `coverage`, with a column per outcome."""
    outcomes = ",\n".join(
        f"        count(*) FILTER (outcome = '{outcome}') AS {outcome}" for outcome in Outcome
    )
    shown = ",\n".join(f"    coalesce({outcome}, 0) AS {outcome}" for outcome in Outcome)
    return f"""
CREATE OR REPLACE VIEW coverage AS
WITH counted AS (
    SELECT archive, domain, policy_url, CAST(left(timestamp, 4) AS INTEGER) AS year,
        count(*) AS captures,
        count(*) FILTER (chosen_by IS NOT NULL AND outcome <> '{Outcome.NOT_SELECTED}') AS chosen,
        count(fetched_at) AS fetched,
        count(text_id) AS texts,
        count(*) FILTER (doubtful) AS doubtful,
{outcomes}
    FROM captures LEFT JOIN texts USING (text_id) GROUP BY ALL
), asked AS (
    SELECT archive, domain, policy_url, arg_max(status, run_id) AS status,
        CAST(year(max(coalesce(listed_at, now()::TIMESTAMP))) AS INTEGER) AS until_year
    FROM listings GROUP BY ALL
), years AS (
    SELECT archive, domain, policy_url, min(year) AS first_year, max(year) AS last_year
    FROM counted GROUP BY ALL
), rows AS (
    SELECT archive, domain, policy_url, CAST(unnest(range(first_year, 1 + CASE
        WHEN status NOT IN ('complete', 'excluded', 'robots') THEN greatest(last_year, until_year)
        ELSE last_year END)) AS INTEGER) AS year
    FROM years LEFT JOIN asked USING (archive, domain, policy_url)
    UNION ALL
    SELECT archive, domain, policy_url, NULL
    FROM asked ANTI JOIN years ON {_SAME.format(a="asked", b="years")}
), told AS (
    SELECT rows.archive, rows.domain, rows.policy_url, year, arg_max(status, run_id) FILTER (
        CASE WHEN year IS NULL THEN since IS NULL AND until IS NULL
            ELSE coalesce(since, '') <= year || '0101000000'
                AND coalesce(until, '9') >= year || '1231235959' END
    ) AS whole, count(run_id) AS listings
    FROM rows LEFT JOIN listings ON {_SAME.format(a="rows", b="listings")}
    GROUP BY ALL
), unusable AS (
    SELECT archive, domain, policy_url, count(*) AS malformed FROM malformed_rows GROUP BY ALL
)
SELECT domain, policy_url, year, archive,
    coalesce(whole, CASE WHEN listings > 0 THEN 'partial' END) AS listing,
    coalesce(malformed, 0) AS malformed,
    coalesce(captures, 0) AS captures, coalesce(chosen, 0) AS chosen,
    coalesce(fetched, 0) AS fetched, coalesce(texts, 0) AS texts,
    coalesce(doubtful, 0) AS doubtful,
{shown}
FROM told LEFT JOIN counted USING (archive, domain, policy_url, year)
LEFT JOIN unusable USING (archive, domain, policy_url)
"""
