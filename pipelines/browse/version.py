"""A version's page: its text, and where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from crawler.errors import InputError
from crawler.records import PageAddress
from pipelines.browse.site import key
from pipelines.citation import sightings
from pipelines.citation.sightings import Sighting
from pipelines.versioning.history import History, Version, histories

OTHERS = 50  # sites with the same text that are named
_SOURCE = """
SELECT body, extractor, kept, doubtful, language_confidence, stated_date, stated_phrase,
    policy_score, reading_grade(plain) AS grade
FROM texts WHERE text_id = $text_id
"""
_OTHERS = f"""
SELECT DISTINCT ON (domain) domain, key, first_seen
FROM counted.versions WHERE text_id = $text_id AND domain <> $domain
ORDER BY domain, first_seen LIMIT {OTHERS + 1}
"""
_CAPTURES = """
SELECT timestamp, original, served_timestamp, outcome, statuscode, mimetype, digest, fetched_at,
    page_file, page_offset, source
FROM captures LEFT JOIN lineage USING (archive, domain, policy_url)
WHERE captures.domain = $domain AND archive = $archive
    AND coalesce(policy_id, policy_url) = $policy_id AND text_id IN (
        SELECT text_id FROM texts WHERE fingerprint = (
            SELECT fingerprint FROM texts WHERE text_id = $text_id
        )
    )
    AND coalesce(served_timestamp, timestamp) BETWEEN $first AND $last
ORDER BY outcome <> 'text', timestamp
"""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture of a version; `served_timestamp` is of the one that the archive sent for it."""

    timestamp: str
    original: str
    served_timestamp: str | None
    outcome: str
    statuscode: int | None
    mimetype: str
    digest: str | None
    fetched_at: datetime | None
    page_file: str | None
    page_offset: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Other:
    """Another site's version with the same text."""

    domain: str
    key: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version, its text as Markdown, and its provenance; `before` and `after` are keys.

    `others` are the first 50 sites with the same text, and `more` says whether there are more.
    """

    domain: str
    key: str
    archive: str
    policy_id: str
    policy_url: str
    language: str | None
    title: str
    words: int
    grade: float | None
    first_seen: datetime
    last_seen: datetime
    changed_after: datetime | None
    snapshot_url: str
    text_id: str
    markdown: str
    extractor: str
    kept: float | None
    doubtful: bool | None
    language_confidence: float | None
    stated_date: date | None
    stated_phrase: str | None
    policy_score: float | None
    captures: Sequence[CaptureRow]
    others: Sequence[Other]
    more: bool
    before: str | None
    after: str | None


def find(db: duckdb.DuckDBPyConnection, domain: str, wanted: str) -> tuple[History, int]:
    """Return the history that has a version, and its place there; InputError if there is none."""
    for history in histories(db, domain, "counted.versions", texts=False):
        for place, version in enumerate(history.versions):
            if key(version) == wanted:
                return history, place
    raise InputError(f"{domain}: no version {wanted}")


def version_page(db: duckdb.DuckDBPyConnection, domain: str, wanted: str) -> VersionPage:
    """Return the page of a version; InputError if there is none of that key."""
    history, place = find(db, domain, wanted)
    version = history.versions[place]
    body, extractor, kept, doubtful, confidence, stated, phrase, score, grade = db.execute(
        _SOURCE, {"text_id": version.text_id}
    ).fetchall()[0]
    given = {"text_id": version.text_id, "domain": domain}
    others = db.execute(_OTHERS, given).fetchall()
    return VersionPage(
        domain=domain,
        key=wanted,
        archive=version.archive,
        policy_id=version.policy_id,
        policy_url=version.policy_url,
        language=version.language,
        title=version.title,
        words=version.words,
        grade=None if grade is None else round(grade, 1),
        first_seen=version.first_seen,
        last_seen=version.last_seen,
        changed_after=version.changed_after,
        snapshot_url=version.snapshot_url,
        text_id=version.text_id,
        markdown=body,
        extractor=extractor,
        kept=kept,
        doubtful=doubtful,
        language_confidence=confidence,
        stated_date=stated,
        stated_phrase=phrase,
        policy_score=score,
        captures=[CaptureRow(*row) for row in _captures(db, domain, version)],
        others=[Other(*row) for row in others[:OTHERS]],
        more=len(others) > OTHERS,
        before=key(history.versions[place - 1]) if place else None,
        after=key(history.versions[place + 1]) if place + 1 < len(history.versions) else None,
    )


def document(db: duckdb.DuckDBPyConnection, domain: str, wanted: str) -> str:
    """Return the whole document of a version, header included; InputError if there is none."""
    history, place = find(db, domain, wanted)
    version = history.versions[place]
    rows = db.execute(
        "SELECT markdown FROM policies WHERE domain = ? AND timestamp = ? AND text_id = ?"
        " AND snapshot_url = ?",
        [domain, version.timestamp, version.text_id, version.snapshot_url],
    ).fetchall()
    return str(rows[0][0])


def sighting(db: duckdb.DuckDBPyConnection, domain: str, wanted: str) -> Sighting:
    """Return the first capture of a version, to be cited; InputError if there is none."""
    history, place = find(db, domain, wanted)
    version = history.versions[place]
    meant = version.archive, version.policy_id, version.language, version.timestamp
    for found in sightings.histories(db, domain):
        for seen in found.sightings:
            if (seen.archive, seen.policy_id, seen.language, seen.timestamp) == meant:
                return seen
    raise InputError(f"{domain}: no capture of version {wanted}")


def kept_page(db: duckdb.DuckDBPyConnection, domain: str, wanted: str) -> PageAddress | None:
    """Return where the page is kept that a version's text was read from; None if it is not."""
    history, place = find(db, domain, wanted)
    for row in _captures(db, domain, history.versions[place]):
        capture = CaptureRow(*row)
        if capture.page_file is not None and capture.page_offset is not None:
            return PageAddress(capture.page_file, capture.page_offset)
    return None


def _captures(
    db: duckdb.DuckDBPyConnection, domain: str, version: Version
) -> list[tuple[Any, ...]]:
    return db.execute(
        _CAPTURES,
        {
            "domain": domain,
            "archive": version.archive,
            "policy_id": version.policy_id,
            "text_id": version.text_id,
            "first": version.timestamp,
            "last": f"{version.last_seen:%Y%m%d%H%M%S}",
        },
    ).fetchall()
