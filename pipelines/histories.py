"""Step 8, at the end of a run: what follows from all texts of a policy, written beside them.

Where each policy stood (`lineage`), and how each version differs from the one before
(`text_changes`).
"""

from collections import defaultdict
from typing import Any

import duckdb

from crawler.urlkeys import urlkey
from pipelines import schema
from pipelines.changes import compare
from pipelines.duck import columns, transaction, unnest
from pipelines.lineage import Address, lineage

_PLACES = """
    SELECT archive, domain, policy_url, coalesce(served_url, original) AS place,
        min(coalesce(served_timestamp, timestamp)), max(coalesce(served_timestamp, timestamp)),
        list(DISTINCT fingerprint), mode(language), count(*)
    FROM captures JOIN texts USING (text_id)
    WHERE (archive, domain) IN (
        SELECT archive, domain FROM captures WHERE text_id IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT policy_url) > 1)
    GROUP BY ALL ORDER BY ALL"""
_NOT_COMPARED = """
    SELECT DISTINCT from_text_id, to_text_id, old.plain, new.plain, old.doubtful OR new.doubtful
    FROM changes
    JOIN texts AS old ON old.text_id = from_text_id JOIN texts AS new ON new.text_id = to_text_id
    ANTI JOIN text_changes USING (from_text_id, to_text_id)
    LIMIT 200"""


def update_histories(db: duckdb.DuckDBPyConnection) -> None:
    """Trace which addresses held one policy, then compare the versions that follow one another."""
    sites: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for archive, domain, policy_url, *facts in db.execute(_PLACES).fetchall():
        sites[archive, domain][policy_url].append(facts)
    rows = [
        (*site, place.policy_url, place.policy_id, place.evidence, place.beside)
        for site, places in sites.items()
        for place in lineage(_address(url, facts) for url, facts in places.items())
    ]
    with transaction(db):
        db.execute("DELETE FROM lineage")
        if rows:
            types = [column.type for column in schema.LINEAGE.columns]
            db.execute(f"INSERT INTO lineage {unnest(types)}", columns(rows))
    _compare_versions(db)


def _address(policy_url: str, places: list[Any]) -> Address:
    """Return what is known of an address; `places` are those that its captures came from."""
    key = urlkey(policy_url)
    own = [place for place in places if urlkey(place[0]) == key] or places
    languages: dict[str, int] = defaultdict(int)
    for *_, language, captures in places:
        languages[language] += captures if language else 0
    return Address(
        policy_url=policy_url,
        urlkey=key,
        first=min(place[1] for place in own),
        last=max(place[2] for place in own),
        language=max(sorted(filter(None, languages)), key=languages.__getitem__, default=None),
        fingerprints=frozenset(text for place in places for text in place[3]),
        urlkeys=frozenset(urlkey(place[0]) for place in places),
    )


def _compare_versions(db: duckdb.DuckDBPyConnection) -> None:
    """Compare the texts of versions that follow one another and are not compared yet."""
    types = [column.type for column in schema.TEXT_CHANGES.columns]
    while pairs := db.execute(_NOT_COMPARED).fetchall():
        rows = []
        for from_id, to_id, old, new, doubtful in pairs:
            found = compare(old, new, doubtful)
            facts = found.words_added, found.words_removed, found.similarity, found.kind
            rows.append((from_id, to_id, *facts))
        with transaction(db):
            db.execute(f"INSERT INTO text_changes {unnest(types)}", columns(rows))
