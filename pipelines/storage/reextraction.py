"""Step 9, once more: all texts of a corpus made again, and put in the place of the old at once.

Blocking, like the store: call it in a thread.
"""

from collections.abc import Sequence

import duckdb

from crawler.records import Capture, Document, Extracted, Loss, PageAddress
from pipelines.reading import make_text
from pipelines.storage import schema
from pipelines.storage.duck import columns, transaction, unnest
from pipelines.storage.same_page import share_texts
from pipelines.storage.store import CAPTURE, Store, verdict_of

_SAID = (  # of a text, from its title and body
    *("plain", "fingerprint", "words", "language", "language_confidence", "stated_date"),
    *("stated_phrase", "policy_score"),
)


class Reextraction:
    """A new extraction of the kept pages of an open corpus; killed, it goes on where it was."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def db(self) -> duckdb.DuckDBPyConnection:
        """The connection to the file that is written."""
        return self.store.db

    def kept_pages(self, extractor: str) -> list[tuple[Capture, str, str, PageAddress]]:
        """Return the captures whose pages are kept and not yet extracted again by `extractor`.

        With each: served timestamp, served address, and where the page is.
        """
        rows = self.db.execute(
            f"SELECT {CAPTURE}, served_timestamp, served_url, page_file, page_offset"
            " FROM captures ANTI JOIN (FROM reextracted WHERE extractor = ?) USING (capture_id)"
            " WHERE page_file IS NOT NULL ORDER BY page_file, page_offset",
            [extractor],
        ).fetchall()
        return [(Capture(*r[:11]), r[11], r[12], PageAddress(r[13], r[14])) for r in rows]

    def stage(self, results: Sequence[Document | Loss], extractor: str) -> None:
        """Put results of a new extraction aside, until all are there."""
        texts = {r.text.text_id: r.text for r in reversed(results) if isinstance(r, Document)}
        rows = [(str(r.capture.capture_id), *verdict_of(r), extractor) for r in results]
        if not rows:
            return
        types = [column.type.split()[0] for column in schema.REEXTRACTED.columns]
        with transaction(self.db, len(texts)):
            self.store.add_texts(texts.values())
            self.db.execute(f"INSERT OR REPLACE INTO reextracted {unnest(types)}", columns(rows))

    def not_kept(self) -> int:
        """Return how many captures have texts of their own whose pages are not kept."""
        query = (
            "SELECT count(*) FROM captures"
            " WHERE outcome = 'text' AND page_file IS NULL AND source IS NULL"
        )
        ((count,),) = self.db.execute(query).fetchall()
        return int(count)

    def shards(self) -> list[str]:
        """Return the names of the shards that have been put aside."""
        rows = self.db.execute("SELECT shard FROM merged WHERE starts_with(shard, 'pages-')")
        return [shard for (shard,) in rows.fetchall()]

    def imported_texts(self) -> list[str]:
        """Return the texts that were imported: there is no page of them to extract."""
        rows = self.db.execute(
            "SELECT DISTINCT text_id FROM captures WHERE source IS NOT NULL AND text_id IS NOT NULL"
            " ORDER BY ALL"
        ).fetchall()
        return [text_id for (text_id,) in rows]

    def make_again(self, text_ids: Sequence[str]) -> None:
        """Say anew of some texts what follows from title and body."""
        rows = self.db.execute(
            "SELECT title, body, extractor, kept, audit FROM texts"
            " WHERE text_id IN (SELECT unnest(?::VARCHAR[]))",
            [text_ids],
        ).fetchall()
        texts = [make_text(Extracted(*row)) for row in rows]
        values = [(t.text_id, *(getattr(t, name) for name in _SAID)) for t in texts]
        types = {column.name: column.type.split()[0] for column in schema.TEXTS.columns}
        with transaction(self.db, len(values)):
            self.db.execute(
                f"UPDATE texts SET {', '.join(f'{name} = given.{name}' for name in _SAID)}"
                f" FROM ({unnest([types[name] for name in ('text_id', *_SAID)])})"
                f" AS given(text_id, {', '.join(_SAID)}) WHERE texts.text_id = given.text_id",
                columns(values),
            )

    def swap(self, extractor: str) -> dict[str, int]:
        """Put the new texts in the place of the old, all in one transaction.

        A history never mixes texts of two extractors, so that a difference that is ours never
        looks like a change of the policy. Returns how many captures have the same text as before,
        another one, none any more, one for the first time.
        """
        with transaction(self.db):
            report = self.db.execute(
                "SELECT CASE WHEN new.text_id = old.text_id THEN 'same'"
                " WHEN new.text_id IS NULL AND old.text_id IS NULL THEN 'none'"
                " WHEN new.text_id IS NULL THEN 'lost' WHEN old.text_id IS NULL THEN 'gained'"
                " ELSE 'changed' END, count(*)"
                " FROM reextracted AS new JOIN captures AS old USING (capture_id)"
                " WHERE new.extractor = ? GROUP BY ALL",
                [extractor],
            ).fetchall()
            self.db.execute(
                "UPDATE captures SET outcome = new.outcome, detail = new.detail,"
                " text_id = new.text_id, canonical_url = new.canonical_url FROM reextracted AS new"
                " WHERE captures.capture_id = new.capture_id AND new.extractor = ?",
                [extractor],
            )
            self.db.execute(
                "UPDATE captures SET text_id = NULL"
                " WHERE outcome = 'same_digest' AND source IS NULL"
            )
            ids = self.db.execute("SELECT capture_id FROM captures WHERE outcome = 'same_digest'")
            share_texts(self.db, [row[0] for row in ids.fetchall()])
            self.db.execute("DELETE FROM reextracted")
            self.db.execute("DELETE FROM merged WHERE starts_with(shard, 'pages-')")
            self.db.execute("DELETE FROM text_changes")
            self.db.execute("DELETE FROM readings")  # of another reader
            self.db.execute("UPDATE corpus SET reader = ?", [extractor])
            self.db.execute(
                "DELETE FROM texts WHERE text_id NOT IN"
                " (SELECT text_id FROM captures WHERE text_id IS NOT NULL)"
            )
        return dict(report)
