"""The versions to export, in flat memory: what is said of them in a temporary table, their texts
apart. DuckDB cannot sort texts that are larger than its memory, so they are put in order in a file.
"""

import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import duckdb
from tqdm import tqdm

from crawler.errors import InputError
from pipelines.storage.duck import MEMORY, reason_of
from pipelines.versioning.versions import HEADER_SQL, untraced

_CHOSEN = """
    CREATE TEMP TABLE listed AS
    SELECT * EXCLUDE (markdown, text), coalesce((
        {where}
    ), false) AS chosen FROM policies"""
# `main`: of the site's policies the one with most versions; `alone`: first of its second
_NUMBERED = """
    CREATE TEMP TABLE versions AS
    WITH sized AS (
        SELECT *, count(*) OVER (PARTITION BY domain, archive, policy_id, language) AS size
        FROM listed
    )
    SELECT sized.*, fingerprint, coalesce(archives.title, 'the Wayback Machine') AS place,
        row_number() OVER (ORDER BY domain, archive, policy_id, language, timestamp, snapshot_url,
            text_id) AS number,
        rank() OVER (PARTITION BY domain ORDER BY size DESC, archive, policy_id, language)
            = 1 AS main,
        row_number() OVER (PARTITION BY domain, archive, policy_id, language, timestamp
            ORDER BY snapshot_url, text_id) = 1 AS alone,
        lag(text_id) OVER (PARTITION BY domain, archive, policy_id, language
            ORDER BY timestamp, snapshot_url, text_id) AS text_before
    FROM sized JOIN (SELECT text_id, fingerprint FROM texts) USING (text_id)
    LEFT JOIN archives USING (archive)"""
_WITH_TEXTS = """
    SELECT {columns} FROM (SELECT text_id, body, plain FROM texts)
    JOIN versions USING (text_id) WHERE chosen"""
_AT_ONCE = 200  # rows in memory


@dataclass(frozen=True, slots=True)
class Chosen:
    """The versions to export, of an open corpus.

    The temporary table `versions` has all versions, with the columns of `policies` but for
    `markdown` and `text`, and: `chosen`; `number` (the versions of a policy follow one another, in
    time order); `main`, `alone`; `text_before`, `fingerprint`; `place`, `header` of the document.
    """

    db: duckdb.DuckDBPyConnection
    versions: int
    where: str | None

    def rows(self, query: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield rows of a query, with their columns' names; one query at a time."""
        found = self.db.execute(query)
        while batch := found.fetchmany(_AT_ONCE):
            for row in batch:
                yield dict(zip(columns, row, strict=True))

    def documents(self, *columns: str) -> Iterator[dict[str, Any]]:
        """Yield these columns and `markdown` of the versions, as they come."""
        names = (*columns, "header", "title", "body")
        query = _WITH_TEXTS.replace("{columns}", ", ".join(names))
        for row in self._shown(self.rows(query, names)):
            header, body = row.pop("header"), row.pop("body")
            title = row["title"] if "title" in columns else row.pop("title")
            yield row | {"markdown": f"{header}\n\n{untraced(title, body)}"}

    def in_order(self, *columns: str, order: str = "number") -> Iterator[dict[str, Any]]:
        """Yield columns of `policies` and `versions` in order; texts wait in a temporary file."""
        with tempfile.TemporaryFile() as file:
            places = {}
            if "markdown" in columns:
                documents = self.documents("number")
                places["markdown"] = self._keep(file, documents, "markdown")
            if "text" in columns:
                plain = _WITH_TEXTS.replace("{columns}", "number, plain")
                texts = self._shown(self.rows(plain, ("number", "text")))
                places["text"] = self._keep(file, texts, "text")
            facts = ("number", *(name for name in columns if name not in places))
            query = f"SELECT {', '.join(facts)} FROM versions WHERE chosen ORDER BY {order}"
            for row in self.rows(query, facts):
                for name, (starts, sizes) in places.items():
                    file.seek(starts[row["number"]])
                    row[name] = file.read(sizes[row["number"]]).decode()
                yield {name: row[name] for name in columns}

    def _keep(
        self, file: IO[bytes], rows: Iterator[dict[str, Any]], name: str
    ) -> tuple["array[int]", "array[int]"]:
        """Put a text of each version in a file; return where each starts, and its bytes."""
        ((last,),) = self.db.execute("SELECT max(number) FROM versions").fetchall()
        starts, sizes = array("Q", bytes(8 * (last + 1))), array("Q", bytes(8 * (last + 1)))
        for row in rows:
            starts[row["number"]] = file.tell()
            sizes[row["number"]] = file.write(row[name].encode())
        return starts, sizes

    def _shown(self, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        yield from tqdm(rows, total=self.versions, desc="texts", unit="", disable=None)


def choose(db: duckdb.DuckDBPyConnection, where: str | None) -> Chosen:
    """Choose the versions for which an SQL condition on `policies` holds; None: all.

    InputError if the condition cannot be used, or no version fits it.
    """
    db.execute(f"SET memory_limit = '{MEMORY}'")
    statement = _CHOSEN.replace("{where}", where or "true")
    option = f"--where {where}" if where else "the corpus"
    try:
        if len(db.extract_statements(statement)) != 1:
            raise InputError(f"{option}: not a condition, but several statements")
        db.execute(statement)
    except duckdb.Error as error:
        raise InputError(f"{option}: {reason_of(error)}") from None
    ((versions,),) = db.execute("SELECT count(*) FROM listed WHERE chosen").fetchall()
    if not versions:
        raise InputError(f"{option}: no version" + (" fits it" if where else " in it"))
    db.execute(_NUMBERED)
    db.execute("ALTER TABLE versions ADD COLUMN header VARCHAR")
    db.execute(f"UPDATE versions SET header = {HEADER_SQL} WHERE chosen")
    # what is joined to the texts is kept in memory, not the texts; each thread holds 2,048 of them
    db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    db.execute("SET threads = 1")
    return Chosen(db, versions, where)
