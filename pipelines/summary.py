"""What the corpus holds and what a run did, in the figures that end a run."""

from collections.abc import Sequence
from typing import Any

import duckdb

from crawler.outcomes import Outcome
from pipelines.versioning.versions import domain_ranges


def corpus_summary(db: duckdb.DuckDBPyConnection, runs: Sequence[str]) -> dict[str, Any]:
    """Return the figures that a person wants at the end of a run, which may have been several.

    `versions`: how many, and of how many sites; `outcomes`: captures by outcome; `with_text`:
    captures that have one; all of the whole file. Of this run: `missed`, the changes that its
    searches expect to have missed, and `wide`, the brackets that hold captures still, both None
    unless all its policies were searched; `listings` by status;
    `unlisted`: (domain, address, why) of the policies that could not be listed to the end;
    `nothing`: (domain, address, why) of those without any capture; `addressless`: (domain, doubt)
    of those of which the list gives no address. Where a run asked several archives, `why` names
    one.
    """
    in_run = "run_id IN (SELECT unnest(?::VARCHAR[]))"
    this_run = f" FROM listings WHERE {in_run}"
    archives = f"SELECT count(DISTINCT archive) {this_run}"
    (several,) = (n > 1 for (n,) in db.execute(archives, [runs]).fetchall())
    where = "' in ' || archive" if several else "''"
    queries = {
        "searched": f"SELECT sum(missed), sum(wide) FROM searches WHERE {in_run}"
        f" HAVING count(*) = (SELECT count(*) {this_run} AND captures > 0)",
        "with_text": "SELECT coalesce(sum(texts), 0)::BIGINT FROM coverage",
        "outcomes": "SELECT outcome, sum(n)::BIGINT FROM (UNPIVOT coverage"
        f" ON {', '.join(Outcome)} INTO NAME outcome VALUE n) WHERE n > 0"
        " GROUP BY ALL ORDER BY 2 DESC, 1",
        "listings": f"SELECT status, count(*) {this_run} GROUP BY ALL ORDER BY 2 DESC, 1",
        "unlisted": f"SELECT domain, policy_url, concat_ws(', ', status || {where}, detail)"
        f"{this_run}"
        " AND status NOT IN ('complete', 'no_policy_url') ORDER BY ALL",
        "addressless": f"SELECT DISTINCT domain, detail {this_run}"
        " AND status = 'no_policy_url' ORDER BY ALL",
        "nothing": "SELECT domain, policy_url, 'no captures' || coalesce(' from ' || since, '')"
        f" || coalesce(' to ' || until, '') || {where} || CASE WHEN malformed > 0 THEN ', '"
        f" || malformed || ' rows that cannot be used' ELSE '' END {this_run}"
        " AND status = 'complete' AND captures = 0 ORDER BY ALL",
    }
    found = {
        name: db.execute(query, [runs] * query.count("?")).fetchall()
        for name, query in queries.items()
    }
    counted = "SELECT count(*), count(DISTINCT domain) FROM policies WHERE domain BETWEEN ? AND ?"
    versions = [db.execute(counted, ends).fetchall()[0] for ends in domain_ranges(db)]
    missed, wide = (found.pop("searched") or [(None, None)])[0]
    return {
        **found,
        "versions": (sum(n for n, _ in versions), sum(sites for _, sites in versions)),
        "with_text": found["with_text"][0][0],
        "missed": missed,
        "wide": wide,
        "outcomes": dict(found["outcomes"]),
        "listings": dict(found["listings"]),
    }
