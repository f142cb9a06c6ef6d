"""A site's page: its policies, each with its timeline to scale and its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import duckdb

from pipelines.storage.corpus import check_site
from pipelines.versioning.history import History, Version, histories, sayings

# of a row of `policies`, as `key` makes it; two archives may have the same capture
KEY = """timestamp || '-' || left(sha256(concat_ws(chr(10), archive, policy_id,
    coalesce(language, ''), snapshot_url, text_id)), 8)"""
_CAPTURES = """
SELECT c.archive, coalesce(policy_id, policy_url), strptime(timestamp, '%Y%m%d%H%M%S'), outcome,
    detail, original
FROM captures AS c LEFT JOIN lineage USING (archive, domain, policy_url)
WHERE c.domain = $domain ORDER BY 3
"""
_GRADES = """
SELECT text_id, reading_grade(plain) FROM texts
WHERE text_id IN (SELECT text_id FROM captures WHERE domain = $domain)
"""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in a site's table.

    `saying` is the longest passage that came (`mark` is +) or went with it, and `grade` the text's
    reading grade; both only if they were asked for.
    """

    key: str
    first_seen: datetime
    last_seen: datetime
    changed_after: datetime | None
    captures: int
    words: int
    words_added: int | None
    words_removed: int | None
    grade: float | None
    kind: str | None
    stated_date: date | None
    silent: bool | None
    backdated: bool | None
    returned: bool
    variant: bool
    unseen: int
    policy_url: str
    snapshot_url: str
    mark: str | None
    saying: str | None


@dataclass(frozen=True, slots=True)
class Tick:
    """A capture on the timeline."""

    moment: datetime
    outcome: str
    detail: str | None
    original: str


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """A policy in one language, as one archive has it; without versions if no capture has a text.

    The captures are of all languages of the policy.
    """

    archive: str
    policy_id: str
    language: str | None
    addresses: Sequence[str]
    versions: Sequence[VersionRow]
    captures: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class Site:
    """All that is known of a site."""

    domain: str
    detail: bool
    histories: Sequence[PolicyHistory]


def key(version: Version) -> str:
    """Return what names a version in addresses: its first capture, and whose it is."""
    about = version.archive, version.policy_id, version.language or ""
    named = "\n".join([*about, version.snapshot_url, version.text_id])
    return f"{version.timestamp}-{sha256(named.encode()).hexdigest()[:8]}"


def site(db: duckdb.DuckDBPyConnection, domain: str, detail: bool = False) -> Site:
    """Return a site's page; InputError if nothing is known of it.

    `detail` reads the texts for what changed in a line and for the reading grade.
    """
    found = histories(db, domain, "counted.versions", texts=detail, required=False)
    grades = dict(db.execute(_GRADES, {"domain": domain}).fetchall()) if detail else {}
    ticks: dict[tuple[str, str], list[Tick]] = {}
    for archive, policy, *tick in db.execute(_CAPTURES, {"domain": domain}).fetchall():
        ticks.setdefault((archive, policy), []).append(Tick(*tick))
    if not ticks:
        check_site(db, domain)
    made = [_history(history, grades, ticks) for history in found]
    with_text = {(history.archive, history.policy_id) for history in made}
    without = [
        PolicyHistory(archive, policy, None, [], [], captures)
        for (archive, policy), captures in ticks.items()
        if (archive, policy) not in with_text
    ]
    return Site(domain, detail, made + without)


def _history(
    history: History,
    grades: dict[str, float | None],
    ticks: dict[tuple[str, str], list[Tick]],
) -> PolicyHistory:
    first = history.versions[0]
    rows = [
        _row(version, grades.get(version.text_id), saying)
        for version, saying in zip(history.versions, sayings(history.versions), strict=True)
    ]
    return PolicyHistory(
        archive=first.archive,
        policy_id=first.policy_id,
        language=first.language,
        addresses=list(dict.fromkeys(v.policy_url for v in history.versions)),
        versions=rows,
        captures=ticks.get((first.archive, first.policy_id), []),
    )


def _row(version: Version, grade: float | None, saying: tuple[str, str] | None) -> VersionRow:
    mark, words = saying or (None, None)
    return VersionRow(
        key=key(version),
        first_seen=version.first_seen,
        last_seen=version.last_seen,
        changed_after=version.changed_after,
        captures=version.captures,
        words=version.words,
        words_added=version.words_added,
        words_removed=version.words_removed,
        grade=None if grade is None else round(grade, 1),
        kind=version.kind,
        stated_date=version.stated_date,
        silent=version.silent,
        backdated=version.backdated,
        returned=version.returned,
        variant=version.variant,
        unseen=version.unseen,
        policy_url=version.policy_url,
        snapshot_url=version.snapshot_url,
        mark=mark,
        saying=words,
    )
