"""Parts of a corpus in files of their own: some sites' rows taken out, and put back.

Blocking, like the store.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from crawler.errors import InputError
from pipelines.storage import schema
from pipelines.storage.duck import ROW_GROUP, now, transaction
from pipelines.storage.publication import folder_of
from pipelines.storage.store import Store

# How a table goes from file to file: with its sites, or row by row where the other has none; the
# rest each file has for itself, as what is made anew at the end of each run.
ITS_OWN = (
    *(schema.LINEAGE, schema.VARIANTS, schema.TEXT_CLUSTERS, schema.REEXTRACTED),
    *(schema.OUTCOMES, schema.MERGED, schema.CORPUS),
)
OF_SITES = tuple(
    table
    for table in schema.TABLES
    if table not in ITS_OWN and any(column.name == "domain" for column in table.columns)
)
BY_KEY = {
    schema.TEXTS: ("text_id",),
    schema.TEXT_CHANGES: ("from_text_id", "to_text_id"),
    schema.READINGS: ("tree",),
    schema.RUNS: ("run_id",),
    schema.ARCHIVES: ("archive",),
}
NOTHING = "nothing"  # the stamp of sites of which there are no rows
_OF_SITES = "domain IN (SELECT unnest($sites::VARCHAR[]))"


def split(store: Store, shard: Path, sites: Sequence[str]) -> str:
    """Make the corpus file of a shard, with all that a corpus knows of its sites, if anything.

    Returns a stamp of these rows, for `merge`.
    """
    if (stamp := _stamp(store.db, sites)) == NOTHING:
        return stamp
    Store(shard).close()
    with _attached(store, shard) as (ours, its), transaction(store.db):
        _copy(store.db, ours, its, sites)
        store.db.execute(f"UPDATE {its}.corpus SET reader = (SELECT reader FROM {ours}.corpus)")
    return stamp


def merge(store: Store, shard: Path, name: str, sites: Sequence[str], stamp: str) -> None:
    """Put what a shard has of its sites in the place of what the corpus had, in one transaction.

    With it goes the row of the ledger; a shard that is there already changes nothing. Kept pages
    are moved before; to be killed between is no harm. InputError if the texts were made by another
    reader (a difference that is ours must never look like a change), or if what the corpus has of
    the sites is not what it had when it was split.
    """
    if store.db.execute("FROM merged WHERE shard = ?", [name]).fetchall():
        return
    if _stamp(store.db, sites) != stamp:
        raise InputError(
            "the corpus has other rows of its sites than when the shard was made; remove the "
            "folder of shards to begin anew"
        )
    with _attached(store, shard, "(READ_ONLY)") as (ours, its):
        readers = f"SELECT reader FROM {ours}.corpus UNION SELECT reader FROM {its}.corpus"
        if len(found := store.db.execute(readers).fetchall()) > 1:
            made_by = " and ".join(sorted(str(reader) for (reader,) in found))
            raise InputError(f"texts made by {made_by}: the same version is needed everywhere")
        _move_pages(folder_of(shard, "pages"), folder_of(store.path, "pages"))
        ((texts,),) = store.db.execute(f"SELECT count(*) FROM {its}.texts").fetchall()
        with transaction(store.db, texts):
            for table in OF_SITES:
                store.db.execute(f"DELETE FROM {table.name} WHERE {_OF_SITES}", {"sites": sites})
            _copy(store.db, its, ours, sites)
            store.db.execute("INSERT INTO merged VALUES (?, ?)", [name, now()])


def _copy(db: duckdb.DuckDBPyConnection, source: str, target: str, sites: Sequence[str]) -> None:
    """Copy the rows of some sites, and what they use, between attached files."""
    texts = f"SELECT text_id FROM {source}.captures WHERE {_OF_SITES}"
    used = {
        schema.TEXTS: f"text_id IN ({texts})",
        schema.READINGS: f"text_id IN ({texts})",
        schema.TEXT_CHANGES: f"from_text_id IN ({texts}) AND to_text_id IN ({texts})",
    }
    for table in OF_SITES:
        rows = f"SELECT {_names(table)} FROM {source}.{table.name} WHERE {_OF_SITES}"
        db.execute(f"INSERT INTO {target}.{table.name} BY NAME {rows}", {"sites": sites})
    for table, key in BY_KEY.items():
        wanted = used.get(table)
        db.execute(
            f"INSERT INTO {target}.{table.name} BY NAME SELECT {_names(table)}"
            f" FROM {source}.{table.name} ANTI JOIN {target}.{table.name} USING ({', '.join(key)})"
            + (f" WHERE {wanted}" if wanted else ""),
            {"sites": sites} if wanted else {},
        )


def _stamp(db: duckdb.DuckDBPyConnection, sites: Sequence[str]) -> str:
    """Return what tells whether rows of some sites have changed; NOTHING if there are none."""
    stamps = []
    for table in OF_SITES:
        rows = f"SELECT count(*), bit_xor(hash(t)) FROM {table.name} AS t WHERE {_OF_SITES}"
        stamps += db.execute(rows, {"sites": sites}).fetchall()
    if not any(count for count, _ in stamps):
        return NOTHING
    return " ".join(f"{count}:{value or 0:x}" for count, value in stamps)


def _names(table: schema.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


@contextmanager
def _attached(
    store: Store, shard: Path, how: str = f"(ROW_GROUP_SIZE {ROW_GROUP})"
) -> Iterator[tuple[str, str]]:
    """Attach a shard to a corpus; yield the names of the two in SQL."""
    ((ours,),) = store.db.execute("SELECT current_database()").fetchall()
    store.db.execute(f"ATTACH ? AS its_shard {how}", [str(shard)])
    try:
        yield '"' + ours.replace('"', '""') + '"', "its_shard"
    finally:
        store.db.execute("DETACH its_shard")


def _move_pages(source: Path, target: Path) -> None:
    """Move kept pages; those that were moved by a merger that was killed are there."""
    for file in sorted(source.glob("*.warc.gz")):
        target.mkdir(parents=True, exist_ok=True)
        shutil.move(file, target / file.name)
