"""`scrapy clusters`: which texts of the corpus are nearly the same."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import command
from crawler.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import duckdb

_TEXTS = """
    SELECT text_id, any_value(plain) FROM captures JOIN texts USING (text_id)
    GROUP BY text_id ORDER BY min(coalesce(served_timestamp, timestamp)), text_id"""
_SHARED = """
    SELECT count(*) FROM (
        SELECT cluster FROM text_clusters JOIN captures USING (text_id)
        GROUP BY cluster HAVING count(DISTINCT domain) > 1)"""


class Command(command.Command):
    """Compares all texts, and writes the table `text_clusters` anew."""

    requires_crawler_process = False

    def short_desc(self) -> str:
        """One line for `scrapy -h`."""
        return "Find the texts that are nearly the same, over all sites (table text_clusters)"

    def work(self, args: list[str], opts: "argparse.Namespace") -> None:
        """Write the clusters in one transaction; what was there stays if it is broken off."""
        from pipelines.storage import schema
        from pipelines.storage.duck import columns, transaction, unnest
        from pipelines.storage.store import Store
        from pipelines.versioning.clusters import clusters

        assert self.settings is not None
        if args:
            raise UsageError("clusters takes no arguments", print_help=False)
        path = Path(self.settings["DUCKDB_PATH"])
        if not path.exists():
            raise InputError(f"DUCKDB_PATH={path}: no such file")
        store = Store(path)
        try:
            found = clusters(_texts(store.db))
            rows = [(member.cluster, member.text_id, member.similarity) for member in found]
            with transaction(store.db):
                store.db.execute("DELETE FROM text_clusters")
                if rows:
                    types = [column.type.split()[0] for column in schema.TEXT_CLUSTERS.columns]
                    store.db.execute(f"INSERT INTO text_clusters {unnest(types)}", columns(rows))
            (shared,) = store.db.execute(_SHARED).fetchall()[0]
        finally:
            store.close()
        sizes = Counter(member.cluster for member in found)
        print(
            f"{len(found):,} texts in {len(sizes):,} clusters, the largest of"
            f" {max(sizes.values(), default=0):,}; {shared:,} of more than one site"
        )


def _texts(db: "duckdb.DuckDBPyConnection") -> "Iterator[tuple[str, str]]":
    """Yield the texts of the corpus, the earliest first."""
    from tqdm import tqdm

    (total,) = db.execute("SELECT count(DISTINCT text_id) FROM captures").fetchall()[0]
    texts = db.execute(_TEXTS)
    with tqdm(total=total, desc="texts", unit="", disable=None) as bar:
        while batch := texts.fetchmany(1000):
            for text_id, plain in batch:
                yield text_id, plain
                bar.update()
