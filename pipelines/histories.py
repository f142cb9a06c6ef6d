"""Step 8, at the end of a run: what follows from all texts of a policy, written beside them.

Where each policy stood (`lineage`), which of its texts take turns (`variants`), and how each
version differs from the one before (`text_changes`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from operator import or_
from typing import Any

import duckdb

from crawler.search import alternating
from crawler.urlkeys import urlkey
from pipelines import schema
from pipelines.changes import compare
from pipelines.duck import columns, transaction, unnest
from pipelines.lineage import Address, lineage
from pipelines.pool import context

_PLACES = """
    SELECT archive, domain, policy_url, coalesce(served_url, original) AS place, fingerprint,
        min(coalesce(served_timestamp, timestamp)), max(coalesce(served_timestamp, timestamp)),
        min(language), list_distinct(list(canonical_url))
    FROM captures JOIN texts USING (text_id)
    WHERE (archive, domain) IN (
        SELECT archive, domain FROM captures WHERE text_id IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT policy_url) > 1)
    GROUP BY ALL ORDER BY ALL"""
_THAT_COME_BACK = """
    SELECT archive, domain, policy_id, any_value(policies.language),
        list(fingerprint ORDER BY timestamp, snapshot_url, text_id)
    FROM policies JOIN texts USING (text_id)
    GROUP BY archive, domain, policy_id, policies.language
    HAVING count(*) > count(DISTINCT fingerprint) ORDER BY ALL"""
# in the order of the versions, so that each text is read once for both of its neighbours
_NOT_COMPARED = """
    SELECT from_text_id, to_text_id FROM changes
    ANTI JOIN text_changes USING (from_text_id, to_text_id)
    GROUP BY ALL ORDER BY min(domain), min(policy_id), min(changed_before), from_text_id"""
# texts are found by a list of ids, not joined: a join would hold those of the whole corpus
_TEXTS = "SELECT text_id, plain, doubtful FROM texts WHERE text_id IN (SELECT unnest(?::VARCHAR[]))"
_AT_ONCE = 100  # pairs of texts in memory
_OF_A_TASK = 10
_WORTH_PROCESSES = 50


def update_histories(db: duckdb.DuckDBPyConnection) -> None:
    """Write what follows from all texts; each part rests on the ones before."""
    _trace_addresses(db)
    _find_variants(db)
    _compare_versions(db)


def _trace_addresses(db: duckdb.DuckDBPyConnection) -> None:
    """Find the addresses that held one policy."""
    sites: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for archive, domain, policy_url, *facts in db.execute(_PLACES).fetchall():
        sites[archive, domain][policy_url].append(facts)
    rows = [
        (*site, place.policy_url, place.policy_id, place.evidence, place.beside, place.until)
        for site, places in sites.items()
        for place in lineage(_address(url, facts) for url, facts in places.items())
    ]
    _replace(db, schema.LINEAGE, rows)


def _find_variants(db: duckdb.DuckDBPyConnection) -> None:
    """Find the texts of each policy that take turns."""
    rows = [
        (*policy, fingerprint, min(group))
        for *policy, _, fingerprints in db.execute(_THAT_COME_BACK).fetchall()
        for group in alternating(fingerprints)
        for fingerprint in sorted(group)
    ]
    _replace(db, schema.VARIANTS, rows)


def _replace(
    db: duckdb.DuckDBPyConnection, table: schema.Table, rows: list[tuple[Any, ...]]
) -> None:
    """Put rows in the place of all that a table has."""
    with transaction(db):
        db.execute(f"DELETE FROM {table.name}")
        if rows:
            types = [column.type for column in table.columns]
            db.execute(f"INSERT INTO {table.name} {unnest(types)}", columns(rows))


def _address(policy_url: str, places: list[Any]) -> Address:
    """Return what is known of an address; `places` has a text and where it came from in each."""
    key = urlkey(policy_url)
    keys = {place[0]: urlkey(place[0]) for place in places}
    own: dict[str, tuple[str, str]] = {}
    for _, text, first, last, *_ in [p for p in places if keys[p[0]] == key] or places:
        before = own.get(text, (first, last))
        own[text] = min(before[0], first), max(before[1], last)
    languages = Counter(language for *_, language, _ in places if language)
    return Address(
        policy_url=policy_url,
        urlkey=key,
        own=own,
        language=max(sorted(languages), key=languages.__getitem__, default=None),
        fingerprints=frozenset(place[1] for place in places),
        urlkeys=frozenset(keys.values()),
        canonical=frozenset(urlkey(url) for *_, urls in places for url in urls),
    )


def _compare_versions(db: duckdb.DuckDBPyConnection) -> None:
    """Compare the texts of versions that follow one another and are not compared yet."""
    missing = db.execute(_NOT_COMPARED).fetchall()
    if len(missing) < _WORTH_PROCESSES:
        _compare_pairs(db, missing, map)
        return
    with ProcessPoolExecutor(mp_context=context()) as pool:
        _compare_pairs(db, missing, partial(pool.map, chunksize=_OF_A_TASK))


def _compare_pairs(
    db: duckdb.DuckDBPyConnection, missing: list[tuple[str, str]], mapped: Callable[..., Any]
) -> None:
    """Compare pairs of texts; `mapped` is `map`, or the same over processes."""
    types = [column.type for column in schema.TEXT_CHANGES.columns]
    for start in range(0, len(missing), _AT_ONCE):
        pairs = missing[start : start + _AT_ONCE]
        ids = sorted({text_id for pair in pairs for text_id in pair})
        texts = {text_id: text for text_id, *text in db.execute(_TEXTS, [ids]).fetchall()}
        olds, doubts = zip(*(texts[from_id] for from_id, _ in pairs), strict=True)
        news, more_doubts = zip(*(texts[to_id] for _, to_id in pairs), strict=True)
        found = mapped(compare, olds, news, map(or_, doubts, more_doubts))
        rows = [
            (*pair, change.words_added, change.words_removed, change.similarity, change.kind)
            for pair, change in zip(pairs, found, strict=True)
        ]
        with transaction(db):
            db.execute(f"INSERT INTO text_changes {unnest(types)}", columns(rows))
