"""The captures of one site in which a text was read, in the histories that the view `policies`
makes of them; and the captures that gave none. Reads the corpus.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import duckdb

from pipelines.batches import batches
from pipelines.versioning.versions import ADDRESS

# the languages of the histories that a capture is in (True), or that of its text if none (False)
Places = list[tuple[bool, str | None]]

_POLICY_ID = "coalesce(policy_id, policy_url) AS policy_id"
_SEEN = f"""
WITH versions AS (
    SELECT archive, policy_id, policies.language, timestamp AS version, snapshot_url AS version_url,
        strftime(last_seen, '%Y%m%d%H%M%S') AS until, fingerprint
    FROM policies JOIN texts USING (text_id) WHERE domain = $domain
), seen AS (
    SELECT archive, policy_url, {_POLICY_ID}, captures.timestamp AS asked_timestamp,
        captures.original AS asked_url, digest, mimetype, statuscode, length, location, outcome,
        fetched_at, page_file, page_offset,
        coalesce(served_timestamp, captures.timestamp) AS timestamp,
        coalesce(served_url, captures.original) AS original,
        text_id, texts.title AS title, words, fingerprint, extractor, kept, doubtful, source,
        texts.language AS text_language
    FROM captures JOIN texts USING (text_id) LEFT JOIN lineage USING (archive, domain, policy_url)
    WHERE captures.domain = $domain
)
"""
_SIGHTINGS = f"""{_SEEN}, placed AS (
    SELECT seen.* EXCLUDE (text_language), language, version, version_url, {ADDRESS}
    FROM seen JOIN versions USING (archive, policy_id, fingerprint)
    LEFT JOIN archives USING (archive)
    WHERE timestamp BETWEEN version AND until
)
SELECT * EXCLUDE (fingerprint, snapshot),
    count(DISTINCT (asked_timestamp, asked_url, digest)) OVER same_page AS captures
FROM placed
WINDOW same_page AS (PARTITION BY archive, policy_id, language, timestamp, original, text_id)
QUALIFY row_number() OVER (same_page ORDER BY outcome <> 'text', page_file IS NULL,
    source IS NOT NULL, asked_timestamp <> timestamp, asked_timestamp, policy_url) = 1
ORDER BY archive, policy_id, language, timestamp, original, text_id
"""
_PLACES = f"""{_SEEN}
SELECT DISTINCT seen.archive, seen.policy_id, timestamp, asked_timestamp, asked_url, digest,
    version IS NOT NULL AS placed, CASE WHEN placed THEN language ELSE text_language END
FROM seen LEFT JOIN versions ON (seen.archive, seen.policy_id, seen.fingerprint) =
    (versions.archive, versions.policy_id, versions.fingerprint)
    AND timestamp BETWEEN version AND until
ORDER BY ALL
"""
_ADDRESSES = f"""
SELECT DISTINCT archive, {_POLICY_ID}, policy_url
FROM captures LEFT JOIN lineage USING (archive, domain, policy_url)
WHERE captures.domain = $domain ORDER BY policy_url
"""
_WITHOUT_TEXT = """
SELECT archive, coalesce(policy_id, policy_url), timestamp, min(outcome)
FROM captures LEFT JOIN lineage USING (archive, domain, policy_url)
WHERE captures.domain = $domain AND text_id IS NULL
GROUP BY archive, coalesce(policy_id, policy_url), timestamp, original, digest ORDER BY timestamp
"""

_PLACES_OF_TEXTS = "SELECT rowid FROM texts WHERE text_id IN (SELECT unnest(?)) ORDER BY rowid"
_PLAIN = "SELECT text_id, plain FROM texts WHERE rowid IN (SELECT unnest(?::BIGINT[]))"
# DuckDB's dynamic_or_filter_threshold: for more, it reads all that lies between them
_TEXTS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Sighting:
    """A capture in which a text was read.

    `timestamp` (14 digits, UTC) and `original` are of the capture that was served, as the text's
    date and address are; `asked_timestamp` and `asked_url` of the one asked for. `version` and
    `version_url` are timestamp and address of its version in `policies`; `captures` counts those
    that were served this one; `place` is what documents call the archive. The other fields are as
    in `captures` and `texts`.
    """

    archive: str
    policy_url: str
    policy_id: str
    language: str | None
    version: str
    version_url: str
    asked_timestamp: str
    asked_url: str
    digest: str | None
    mimetype: str
    statuscode: int | None
    length: int | None
    location: str | None
    outcome: str
    fetched_at: datetime | None
    page_file: str | None
    page_offset: int | None
    timestamp: str
    original: str
    place: str
    snapshot_url: str
    text_id: str
    title: str
    words: int
    extractor: str
    kept: float | None
    doubtful: bool | None
    source: str | None
    captures: int

    @property
    def version_key(self) -> tuple[str, ...]:
        """The key of its version in `policies`."""
        return self.archive, self.policy_id, self.language or "", self.version, self.version_url

    @property
    def read_in(self) -> str:
        """Where it was read, for a reader."""
        return _read_in(self.archive, self.place)


@dataclass(frozen=True, slots=True)
class History:
    """A policy in one language: its sightings in time order, and what gave no text.

    `without_text` has time (14 digits) and outcome of the captures of all its addresses that gave
    none, in whatever language they may have been. `elsewhere` has time and language of those that
    have a text and are not in this history: the language is None if it is the same or not known,
    as of captures of an address that the policy had left.
    """

    archive: str
    place: str
    policy_id: str
    language: str | None
    addresses: tuple[str, ...]
    sightings: list[Sighting] = field(repr=False)
    without_text: list[tuple[str, str]] = field(repr=False)
    elsewhere: list[tuple[str, str | None]] = field(repr=False, default_factory=list)

    @property
    def read_in(self) -> str:
        """Where its captures were read, for a reader."""
        return _read_in(self.archive, self.place)


def _read_in(archive: str, place: str) -> str:
    """Return what an archive is to a reader: local files only bear the name of `place`."""
    return f"local WARC files, which name {place}'s addresses" if archive == "warc" else place


def histories(db: duckdb.DuckDBPyConnection, domain: str) -> list[History]:
    """Return the histories of a site, by archive, policy and language; none if it has no text."""
    given = {"domain": domain}
    addresses, without_text = defaultdict(list), defaultdict(list)
    for archive, policy_id, address in db.execute(_ADDRESSES, given).fetchall():
        addresses[archive, policy_id].append(address)
    for archive, policy_id, *capture in db.execute(_WITHOUT_TEXT, given).fetchall():
        without_text[archive, policy_id].append(tuple(capture))
    placed = _placed(db, domain)
    rows = db.execute(_SIGHTINGS, given)
    names = [name for name, *_ in rows.description or ()]
    seen = [Sighting(**dict(zip(names, row, strict=True))) for row in rows.fetchall()]
    found = []
    for key, group in groupby(seen, lambda s: (s.archive, s.place, s.policy_id, s.language)):
        policy = key[0], key[2]
        elsewhere = _elsewhere(placed.get(policy, {}), key[3])
        found.append(
            History(*key, tuple(addresses[policy]), list(group), without_text[policy], elsewhere)
        )
    return found


def _placed(
    db: duckdb.DuckDBPyConnection, domain: str
) -> dict[tuple[str, str], dict[tuple[str, ...], Places]]:
    """Return, by archive and policy, where each capture with a text stands.

    A capture's key begins with the time of the one that was served.
    """
    policies: dict[tuple[str, str], dict[tuple[str, ...], Places]] = {}
    for archive, policy_id, *capture, placed, language in db.execute(
        _PLACES, {"domain": domain}
    ).fetchall():
        captures = policies.setdefault((archive, policy_id), {})
        captures.setdefault(tuple(capture), []).append((placed, language))
    return policies


def _elsewhere(
    captures: dict[tuple[str, ...], Places], language: str | None
) -> list[tuple[str, str | None]]:
    """Return time and other language (or None) of the captures not in the history of one."""
    return [
        (at, next((other for _, other in places if other != language), None))
        for (at, *_), places in captures.items()
        if (True, language) not in places
    ]


def plain_texts(
    db: duckdb.DuckDBPyConnection, text_ids: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield identity and plain text of these texts, a few at a time, as they lie in the file.

    Looked for by their ids, more than a few would make DuckDB unpack the texts of the whole corpus.
    """
    places = db.execute(_PLACES_OF_TEXTS, [list(text_ids)]).fetchall()
    for part in batches(places, _TEXTS_AT_ONCE):
        yield from db.execute(_PLAIN, [[place for (place,) in part]]).fetchall()
