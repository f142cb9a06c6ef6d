"""The changes of all sites as news: what each is known by, and since when. Reads the corpus.

A change is known by the texts before and after it and by the capture of the new one that was
fetched first, not by its dates: a later crawl that narrows its bracket leaves its identity alone,
and one that finds a version in between makes two other changes. An identity never passes on.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import duckdb

from crawler.errors import InputError
from pipelines.storage.duck import MEMORY
from pipelines.versioning.changes import Kind
from pipelines.versioning.versions import BEGINNINGS

_NAMES = UUID("5c8d1f0e-7a57-4b43-9a2e-3f1d6b0c9e84")  # made once; RFC 9562 calls it a name space
# `known` is when the first capture of a version was fetched, of all that it has; `begun` and
# `ended` when the captures at its ends were. None of them is known of what was imported.
_VERSIONS = """
    CREATE TEMP TABLE dated AS
    WITH held AS (
        SELECT archive, domain, fingerprint, coalesce(served_timestamp, timestamp) AS stamp,
            min(fetched_at) AS fetched, bool_or(source IS NOT NULL) AS imported
        FROM captures JOIN texts USING (text_id)
        WHERE (fetched_at IS NOT NULL OR source IS NOT NULL)
            AND ($domain IS NULL OR domain = $domain)
        GROUP BY ALL
    ), versions AS (
        SELECT * EXCLUDE (title), strftime(last_seen, '%Y%m%d%H%M%S') AS last_timestamp
        FROM {beginnings} JOIN (SELECT text_id, fingerprint FROM texts) USING (text_id)
        WHERE $domain IS NULL OR domain = $domain
    )
    SELECT versions.*,
        CASE WHEN NOT bool_or(imported) THEN date_trunc('second', min(fetched)) END AS known,
        date_trunc('second', min(fetched) FILTER (stamp = timestamp)) AS begun,
        date_trunc('second', min(fetched) FILTER (stamp = last_timestamp)) AS ended,
        arg_min(stamp, (coalesce(fetched, TIMESTAMP '1970-01-01'), stamp)) AS anchor
    FROM versions LEFT JOIN held ON
        (held.archive, held.domain, held.fingerprint)
            = (versions.archive, versions.domain, versions.fingerprint)
        AND stamp BETWEEN timestamp AND last_timestamp
    GROUP BY ALL"""
_NEWEST = """published::DATE DESC, changed_before DESC, domain, archive, policy_id, language,
            to_text_id"""
_CHANGES = f"""
    CREATE TEMP TABLE news AS
    WITH following AS (
        SELECT *, lag(fingerprint) OVER history AS words_before,
            lag(timestamp) OVER history AS old_timestamp,
            lag(snapshot_url) OVER history AS old_snapshot,
            lag(known) OVER history AS known_before, lag(ended) OVER history AS ended_before
        FROM dated WINDOW history AS (
            PARTITION BY archive, domain, policy_id, language
            ORDER BY timestamp, snapshot_url, text_id
        )
    ), found AS (
        SELECT *, coalesce(greatest(known, known_before), changed_before) AS published,
            greatest(published, begun, ended_before) AS updated,
            timestamp AS new_timestamp, snapshot_url AS new_snapshot, text_id AS to_text_id
        FROM following WHERE kind IS NOT NULL AND NOT variant
    )
    SELECT *, row_number() OVER (ORDER BY {_NEWEST}) AS place,
        row_number() OVER (PARTITION BY domain ORDER BY {_NEWEST}) AS place_of_site
    FROM found WHERE kind = '{Kind.SUBSTANTIVE}' OR NOT $substantive"""
_SITES = """
    CREATE TEMP TABLE sites AS
    SELECT dated.domain, arg_max(dated.policy_url, dated.timestamp) AS policy_url,
        coalesce(min(known), min(first_seen)) AS since, coalesce(any_value(changes), 0) AS changes,
        any_value(latest) AS latest
    FROM dated LEFT JOIN (
        SELECT domain, count(*) AS changes, max(changed_before) AS latest FROM news GROUP BY domain
    ) AS counted ON counted.domain = dated.domain
    GROUP BY dated.domain"""
_AT_ONCE = 200  # rows in memory


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a policy, as in the view `changes`; times are UTC without a zone.

    `words_before` and `fingerprint` tell the texts by their words; `anchor` is the time, 14 digits,
    of the capture of the new one that the corpus had first. `published` is when the corpus had both
    texts, `updated` when it had the captures that bound the change now, to the second; of what was
    imported both are `changed_before`.
    """

    domain: str
    archive: str
    policy_id: str
    policy_url: str
    language: str | None
    words_before: str
    fingerprint: str
    anchor: str
    published: datetime
    updated: datetime
    from_text_id: str
    to_text_id: str
    old_timestamp: str
    new_timestamp: str
    old_snapshot: str
    new_snapshot: str
    changed_after: datetime
    changed_before: datetime
    words_added: int
    words_removed: int
    kind: str
    stated_date: date | None
    backdated: bool | None
    silent: bool | None
    returned: bool
    unseen: int

    @property
    def id(self) -> str:
        """Its identity, the same in every corpus that knows the change: `urn:uuid:...`."""
        texts = self.words_before, self.fingerprint
        return urn("change", self.archive, self.domain, *texts, self.anchor)


@dataclass(frozen=True, slots=True)
class Site:
    """A site with a text: its policy's last address, and when the corpus had its first text.

    `changes` is how many it has, `latest` the first capture after the last of them.
    """

    domain: str
    policy_url: str
    since: datetime
    changes: int
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class News:
    """The changes that an open corpus knows, or those of substance.

    `corpus` tells it from others: its first run; empty if it has had none.
    """

    db: duckdb.DuckDBPyConnection
    corpus: str

    def count(self) -> int:
        """How many changes there are."""
        ((changes,),) = self.db.execute("SELECT count(*) FROM news").fetchall()
        return int(changes)

    def runs(self) -> list[str]:
        """Return the names that the corpus has had: its runs, and that of one without any."""
        runs = self.db.execute("SELECT run_id FROM runs").fetchall()
        return ["", *(run for (run,) in runs)]

    def newest(self, most: int) -> list[Change]:
        """Return the newest changes of all: those found on the latest day first."""
        query = f"SELECT {_columns(Change)} FROM news WHERE place <= ? ORDER BY place"
        return [Change(*row) for row in self.db.execute(query, [most]).fetchall()]

    def sites(self) -> Iterator[Site]:
        """Yield the sites by name; one query at a time."""
        for row in self._rows(f"SELECT {_columns(Site)} FROM sites ORDER BY domain", []):
            yield Site(*row)

    def by_site(self, most: int) -> Iterator[tuple[Site, list[Change]]]:
        """Yield each site, by name, with its newest changes; one query at a time."""
        query = f"""
            SELECT {_columns(Site, "sites.")}, {_columns(Change, "news.")}
            FROM sites LEFT JOIN news ON news.domain = sites.domain AND place_of_site <= ?
            ORDER BY sites.domain, place_of_site"""
        width = len(fields(Site))
        for site, rows in groupby(self._rows(query, [most]), key=lambda row: row[:width]):
            found = [Change(*row[width:]) for row in rows if row[width] is not None]
            yield Site(*site), found

    def _rows(self, query: str, values: list[int]) -> Iterator[tuple[Any, ...]]:
        found = self.db.execute(query, values)
        while batch := found.fetchmany(_AT_ONCE):
            yield from batch


def gather(
    db: duckdb.DuckDBPyConnection,
    substantive: bool,
    domain: str | None = None,
    beginnings: str = f"({BEGINNINGS})",
) -> News:
    """Find the changes whose texts have been compared, as the end of each run does.

    With `substantive`, only those of that kind; of one site, if one is named. `beginnings` is a
    table of what BEGINNINGS gives, where it has been kept. InputError if there is no version.
    """
    db.execute(f"SET memory_limit = '{MEMORY}'")
    db.execute(_VERSIONS.format(beginnings=beginnings), {"domain": domain})
    if not db.execute("FROM dated LIMIT 1").fetchall():
        raise InputError(f"{domain or 'the corpus'}: no version in it")
    db.execute(_CHANGES, {"substantive": substantive})
    db.execute(_SITES)
    ((run,),) = db.execute("SELECT coalesce(min(run_id), '') FROM runs").fetchall()
    return News(db, run)


def urn(*names: str | int) -> str:
    """Return a name-based UUID (RFC 9562, version 5) of these names as a URN."""
    return uuid5(_NAMES, json.dumps(names)).urn


def _columns(of: type[Change] | type[Site], table: str = "") -> str:
    return ", ".join(f"{table}{field.name}" for field in fields(of))
