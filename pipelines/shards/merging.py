"""Shards into the corpus, by the one process that writes it.

All of a shard comes in with its row in the ledger (`merged`), in one transaction; one that comes in
twice changes nothing.
"""

from crawler.outcomes import Outcome
from pipelines.shards.text_shards import OF_CAPTURE, RESULT
from pipelines.storage import schema
from pipelines.storage.duck import now, transaction
from pipelines.storage.same_page import adopt, share_texts
from pipelines.storage.store import TELLING, Store

Named = tuple[int, str | None, str]  # a record that cannot be used: offset, address, reason
_TEXTS = f"""
    INSERT INTO texts
    SELECT {", ".join(f"{c.name}::{c.type.split()[0]}" for c in schema.TEXTS.columns)}
    FROM read_parquet(?) WHERE text_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY text_id ORDER BY record_offset) = 1
    ON CONFLICT DO NOTHING"""
_REEXTRACTED = """
    INSERT OR REPLACE INTO reextracted
    SELECT captures.capture_id, new.outcome, new.detail, new.text_id, new.canonical_url, ?
    FROM read_parquet(?) AS new
    JOIN captures ON captures.page_file = ? AND captures.page_offset = new.record_offset
    WHERE new.outcome IS NOT NULL"""
_GIVEN = ", ".join((*RESULT, "text_id"))
_CAPTURES = f"""
    INSERT INTO captures ({", ".join(OF_CAPTURE)}, outcome)
    SELECT {", ".join(OF_CAPTURE)}, '{Outcome.PENDING}'
    FROM read_parquet(?) ANTI JOIN captures USING (capture_id)
    WHERE outcome IS NOT NULL ORDER BY domain, policy_url, timestamp, original, digest"""
_OUTCOMES = f"""
    UPDATE captures SET {", ".join(f"{name} = new.{name}" for name in (*RESULT, "text_id"))},
        fetched_at = ?
    FROM (SELECT capture_id, {_GIVEN} FROM read_parquet(?) WHERE outcome IS NOT NULL) AS new
    WHERE captures.capture_id = new.capture_id
        AND NOT (captures.text_id IS NOT NULL AND new.outcome NOT IN {TELLING})"""


def merge_pages(store: Store, shard: str, file: str, page_file: str, extractor: str) -> None:
    """Put aside what a shard says of kept pages, until that of all is there."""
    with transaction(store.db, _texts_of(store, file)):
        store.db.execute(_TEXTS, [file])
        store.db.execute(_REEXTRACTED, [extractor, file, page_file])
        _note(store, shard)


def merge_captures(store: Store, shard: str, file: str) -> None:
    """Add the captures of a shard with their outcomes and texts, unless it has been merged.

    A capture that has a text keeps it unless the new outcome says what the page is.
    """
    if store.db.execute("FROM merged WHERE shard = ?", [shard]).fetchall():
        return
    with transaction(store.db, _texts_of(store, file)):
        found = "SELECT capture_id::VARCHAR FROM read_parquet(?) WHERE outcome IS NOT NULL"
        ids = [row[0] for row in store.db.execute(found, [file]).fetchall()]
        store.db.execute(_TEXTS, [file])
        store.db.execute(_CAPTURES, [file])
        adopt(store.db, ids)
        store.db.execute(_OUTCOMES, [now(), file])
        share_texts(store.db, ids)
        _note(store, shard)


def unusable(store: Store, file: str) -> list[Named]:
    """Return the records of a shard that could not be used, in order."""
    query = "SELECT record_offset, original, detail FROM read_parquet(?) WHERE outcome IS NULL"
    return store.db.execute(f"{query} ORDER BY record_offset", [file]).fetchall()


def outcomes(store: Store, file: str) -> dict[str, int]:
    """Return how many pages of a shard have which outcome."""
    query = "SELECT outcome, count(*) FROM read_parquet(?) WHERE outcome IS NOT NULL GROUP BY ALL"
    return dict(store.db.execute(query, [file]).fetchall())


def _texts_of(store: Store, file: str) -> int:
    """Return how many texts a shard has, each counted as often as it comes."""
    query = "SELECT count(text_id) FROM read_parquet(?)"
    return int(store.db.execute(query, [file]).fetchall()[0][0])


def _note(store: Store, shard: str) -> None:
    store.db.execute("INSERT OR IGNORE INTO merged VALUES (?, ?)", [shard, now()])
