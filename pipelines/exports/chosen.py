"""The versions to export, in flat memory: what is said of them in a temporary table, their texts
apart. DuckDB cannot sort texts that are larger than its memory, so they are put in order in a file.
"""

import pickle
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from tqdm import tqdm

from crawler.errors import InputError
from pipelines import schema
from pipelines.duck import MEMORY, reason_of
from pipelines.versions import DOCUMENT

TEXTUAL = ("title", "markdown", "text")  # columns of `policies` that are made of texts
_CHOSEN = """
    CREATE TEMP TABLE listed AS
    SELECT * EXCLUDE (title, markdown, text), coalesce((
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
_EXPORTED = """
    CREATE TEMP VIEW exported AS
    SELECT {columns}, number, main, alone, text_before
    FROM versions JOIN (SELECT text_id, title, body, plain FROM texts) USING (text_id)
    WHERE chosen"""
_AT_ONCE = 200  # rows in memory


@dataclass(frozen=True, slots=True)
class Chosen:
    """The versions to export, of an open corpus.

    The view `exported` has the columns of `policies` and of each version its `number` (all
    versions of a policy follow one another, in time order), `main`, `alone`, `text_before`; the
    table `versions` has the same of all versions, `chosen` or not, but for their texts.
    """

    db: duckdb.DuckDBPyConnection
    versions: int
    sites: int
    where: str | None

    def rows(self, query: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield rows of a query, with their columns' names; one query at a time."""
        found = self.db.execute(query)
        while batch := found.fetchmany(_AT_ONCE):
            for row in batch:
                yield dict(zip(columns, row, strict=True))

    def in_any_order(self, *columns: str) -> Iterator[dict[str, Any]]:
        """Yield the versions as they come."""
        rows = self.rows(f"SELECT {', '.join(columns)} FROM exported", columns)
        yield from tqdm(rows, total=self.versions, desc="versions", unit="", disable=None)

    def in_order(self, *columns: str, order: str = "number") -> Iterator[dict[str, Any]]:
        """Yield the versions in order; their texts wait in a temporary file."""
        texts = tuple(name for name in TEXTUAL if name in columns)
        facts = ("number", *(name for name in columns if name not in TEXTUAL))
        with tempfile.TemporaryFile() as file:
            places = array("Q", [0]) * (self._last() + 1)
            for row in self.in_any_order("number", *texts):
                places[row.pop("number")] = file.tell()
                pickle.dump(row, file)
            query = f"SELECT {', '.join(facts)} FROM versions WHERE chosen ORDER BY {order}"
            for row in self.rows(query, facts):
                file.seek(places[row["number"]])
                row |= pickle.load(file)
                yield {name: row[name] for name in columns}

    def _last(self) -> int:
        ((last,),) = self.db.execute("SELECT max(number) FROM versions").fetchall()
        return int(last)


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
    counts = "SELECT count(*), count(DISTINCT domain) FROM listed WHERE chosen"
    ((versions, sites),) = db.execute(counts).fetchall()
    if not versions:
        raise InputError(f"{option}: no version" + (" fits it" if where else " in it"))
    db.execute(_NUMBERED)
    columns = {c.name: c.name for c in schema.POLICIES.columns}
    columns |= {"markdown": f"{DOCUMENT} AS markdown", "text": "plain AS text"}
    db.execute(_EXPORTED.replace("{columns}", ", ".join(columns.values())))
    return Chosen(db, versions, sites, where)
