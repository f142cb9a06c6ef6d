"""Step 8, at the end of a run: what follows from all texts of a policy, written beside them.

Where each policy stood (`lineage`), which of its texts take turns (`variants`), and how each
version differs from the one before (`text_changes`).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Any

import duckdb

from crawler.selection.version_search import alternating
from crawler.urlkeys import urlkey
from pipelines.batches import batches
from pipelines.pool import ProcessPool, WorkerDied
from pipelines.storage import schema
from pipelines.storage.duck import columns, transaction, unnest
from pipelines.versioning.changes import Change, compare_all
from pipelines.versioning.lineage import Address, lineage
from pipelines.versioning.versions import FOLLOWING, IS_CHANGE, domain_ranges

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
    FROM policies JOIN texts USING (text_id) WHERE domain BETWEEN ? AND ?
    GROUP BY archive, domain, policy_id, policies.language
    HAVING count(*) > count(DISTINCT fingerprint) ORDER BY ALL"""
# places of two texts, after that of the first of their policy; of each policy its versions in
# order, so that the words of a text serve for both of its neighbours
_NOT_COMPARED = f"""
    WITH missing AS (
        SELECT from_text_id, text_id AS to_text_id, min(domain) AS domain,
            min(policy_id) AS policy_id, min(changed_before) AS changed_before
        FROM ({FOLLOWING.format(policies="(FROM policies WHERE domain BETWEEN ? AND ?)")})
        WHERE {IS_CHANGE} GROUP BY ALL
    )
    SELECT min(old.place) OVER (PARTITION BY domain, policy_id), old.place, new.place
    FROM missing ANTI JOIN text_changes USING (from_text_id, to_text_id)
    JOIN (SELECT text_id AS from_text_id, rowid AS place FROM texts) AS old USING (from_text_id)
    JOIN (SELECT text_id AS to_text_id, rowid AS place FROM texts) AS new USING (to_text_id)
    ORDER BY 1, domain, policy_id, changed_before, from_text_id"""
# by their places: looked for by their ids, the texts of the whole corpus would be unpacked
_PLAIN = """
    SELECT rowid, text_id, plain, doubtful FROM texts
    WHERE rowid IN (SELECT unnest(?::BIGINT[]))"""
_AT_ONCE = 100  # pairs of texts in memory
_WORTH_PROCESSES = 100  # pairs
_PARTS = 4  # of a batch for each process: who has the shorter texts goes on with another
_SECONDS, _MEGABYTES = 600.0, 2048  # that a process may take for a part of them

_Pair = tuple[int, int]  # where two texts lie in the file
_Text = tuple[str, str, bool]  # id, words, whether it is doubtful


def update_histories(db: duckdb.DuckDBPyConnection, workers: int = 1) -> None:
    """Write what follows from all texts; each part rests on the ones before.

    Texts are compared in so many processes; with more than one, not where an asyncio loop runs.
    """
    _trace_addresses(db)
    _find_variants(db)
    _compare_versions(db, workers)


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
        for ends in domain_ranges(db)
        for *policy, _, fingerprints in db.execute(_THAT_COME_BACK, ends).fetchall()
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


def _compare_versions(db: duckdb.DuckDBPyConnection, workers: int) -> None:
    """Compare the texts of versions that follow one another and are not compared yet."""
    missing = _not_compared(db)
    if workers > 1 and len(missing) >= _WORTH_PROCESSES:
        asyncio.run(_compare_in_processes(db, missing, workers))
        return
    for pairs in batches(missing, _AT_ONCE):
        texts = _texts(db, pairs)
        _write(db, texts, compare_all(_words(texts)))


def _not_compared(db: duckdb.DuckDBPyConnection) -> list[_Pair]:
    """Return pairs of texts, policies as they lie in the file: few parts of it are read then."""
    missing: dict[_Pair, int] = {}
    for ends in domain_ranges(db):
        for first, old, new in db.execute(_NOT_COMPARED, ends).fetchall():
            missing.setdefault((old, new), first)
    return sorted(missing, key=missing.__getitem__)


async def _compare_in_processes(
    db: duckdb.DuckDBPyConnection, missing: list[_Pair], workers: int
) -> None:
    """Do that in so many processes; what they cannot, here."""
    pool = ProcessPool(workers, _SECONDS, _MEGABYTES)
    db.execute("SET threads = 1")  # or two unpack the texts of two groups at once
    try:
        for pairs in batches(missing, _AT_ONCE):
            texts = _texts(db, pairs)
            given = _words(texts)
            parts = batches(given, -(-len(given) // (_PARTS * workers)))
            try:
                found = await asyncio.gather(*(pool.run(compare_all, part) for part in parts))
            except (TimeoutError, MemoryError, WorkerDied):
                found = [compare_all(given)]
            _write(db, texts, chain.from_iterable(found))
    finally:
        db.execute("RESET threads")
        await pool.close()


def _texts(db: duckdb.DuckDBPyConnection, pairs: list[_Pair]) -> list[tuple[_Text, _Text]]:
    """Read the texts of pairs."""
    places = sorted({place for pair in pairs for place in pair})
    rows = db.execute(_PLAIN, [places]).fetchall()
    texts = {place: (text_id, plain, doubtful) for place, text_id, plain, doubtful in rows}
    return [(texts[old], texts[new]) for old, new in pairs]


def _words(pairs: list[tuple[_Text, _Text]]) -> list[tuple[str, str, bool]]:
    """Return what is compared of pairs, and whether one of the two is doubtful."""
    return [(old[1], new[1], bool(old[2] or new[2])) for old, new in pairs]


def _write(
    db: duckdb.DuckDBPyConnection, pairs: list[tuple[_Text, _Text]], changes: Iterable[Change]
) -> None:
    """Write how texts differ."""
    types = [column.type for column in schema.TEXT_CHANGES.columns]
    rows = [
        (old[0], new[0], change.words_added, change.words_removed, change.similarity, change.kind)
        for (old, new), change in zip(pairs, changes, strict=True)
    ]
    with transaction(db):
        db.execute(f"INSERT INTO text_changes {unnest(types)}", columns(rows))
