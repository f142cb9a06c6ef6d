"""The versions of one site, as its history tells them. Reads the corpus."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise

import duckdb

from crawler import timestamps
from crawler.errors import InputError
from pipelines.storage.corpus import check_site
from pipelines.versioning.comparison import Passage, compare_passages
from pipelines.versioning.versions import BEGINNINGS

_JOINTS = ",;:.) "  # that a stretch out of a sentence may begin with
LONGEST_SAYING = 120  # characters
# The view `changes` has no turns of variants; here they are.
_VERSIONS = """
SELECT archive, policy_id, policy_url, language, timestamp, snapshot_url, title, words, text,
    first_seen, last_seen, captures, text_id, stated_date, changed_after, returned, variant, kind,
    words_added, words_removed, backdated, silent, unseen
FROM {beginnings} JOIN (SELECT text_id, {text} AS text FROM texts) USING (text_id)
WHERE domain = $domain
ORDER BY archive, policy_id, language, timestamp, snapshot_url, text_id
"""


@dataclass(frozen=True, slots=True)
class Version:
    """A version, as in `policies`, and what `changes` says of its beginning (None for the first).

    `timestamp` is of its first capture, 14 digits, UTC; the times are UTC without a zone.
    """

    archive: str
    policy_id: str
    policy_url: str
    language: str | None
    timestamp: str
    snapshot_url: str
    title: str
    words: int
    text: str
    first_seen: datetime
    last_seen: datetime
    captures: int
    text_id: str
    stated_date: date | None
    changed_after: datetime | None
    returned: bool
    variant: bool
    kind: str | None
    words_added: int | None
    words_removed: int | None
    backdated: bool | None
    silent: bool | None
    unseen: int


@dataclass(frozen=True, slots=True)
class History:
    """The versions of one policy in one language, in time order; at least one."""

    versions: Sequence[Version]

    @property
    def name(self) -> str:
        """What tells it from others of the site."""
        first = self.versions[0]
        return f"{first.policy_id} ({first.language or 'language unsure'}, {first.archive})"

    @property
    def addresses(self) -> set[str]:
        """The addresses that it was listed at."""
        return {address for v in self.versions for address in (v.policy_id, v.policy_url)}

    def standing(self, timestamp: str) -> Version | None:
        """Return the version that was seen last by then (14 digits); None before the first."""
        seen = [version for version in self.versions if version.timestamp <= timestamp]
        return seen[-1] if seen else None


def histories(
    db: duckdb.DuckDBPyConnection,
    domain: str,
    beginnings: str = f"({BEGINNINGS})",
    texts: bool = True,
    required: bool = True,
) -> list[History]:
    """Return what is known of a site; InputError if there is none and it is `required`.

    `beginnings` is a table of what BEGINNINGS gives, where it has been kept. Without `texts`, which
    take most of the time, all are empty.
    """
    statement = _VERSIONS.format(beginnings=beginnings, text="plain" if texts else "''")
    rows = db.execute(statement, {"domain": domain}).fetchall()
    if not rows and required:
        check_site(db, domain)
        raise InputError(f"{domain}: captures are known, but no text; see the view coverage")
    versions = [Version(*row) for row in rows]
    parts = groupby(versions, key=lambda v: (v.archive, v.policy_id, v.language))
    return [History(list(part)) for _, part in parts]


def of_policy(
    found: Sequence[History],
    policy_url: str | None = None,
    language: str | None = None,
    archive: str | None = None,
) -> History:
    """Return the history that is meant; InputError names the choice if it is not clear."""
    meant = [
        history
        for history in found
        if (policy_url is None or policy_url in history.addresses)
        and language in (None, history.versions[0].language)
        and archive in (None, history.versions[0].archive)
    ]
    if not meant:
        raise InputError(f"no such policy of the site among {_names(found)}")
    if len(meant) > 1:
        raise InputError(
            f"several policies; add --policy-url, --language or --archive: {_names(meant)}"
        )
    return meant[0]


def two_versions(history: History, since: str | None, until: str | None) -> tuple[Version, Version]:
    """Return the versions that stood at two moments (14 digits), by default the last two.

    Without `since`, the one before the other. InputError if there is none, or if they are one.
    """
    first = history.versions[0]
    old = history.standing(since) if since else None
    new = history.standing(until) if until else history.versions[-1]
    if (since and old is None) or new is None:
        moment = f"{timestamps.parse(first.timestamp):%Y-%m-%d}"
        raise InputError(f"{history.name}: the first capture known is of {moment}")
    if old is None:
        place = history.versions.index(new)
        if place == 0:
            raise InputError(f"{history.name}: no version known before {new.first_seen:%Y-%m-%d}")
        old = history.versions[place - 1]
    if old.timestamp > new.timestamp:
        raise InputError(f"--from {since} is after --to {until}")
    if old == new:
        raise InputError(
            f"{history.name}: one version stood from {old.first_seen:%Y-%m-%d} to "
            f"{old.last_seen:%Y-%m-%d}, at both dates"
        )
    return old, new


def sayings(versions: Sequence[Version]) -> list[tuple[str, str] | None]:
    """Return for each version what changed in a line, as `saying` does; None for the first."""
    compared = (compare_passages(old.text, new.text) for old, new in pairwise(versions))
    return [None, *map(saying, compared)]


def saying(passages: Sequence[Passage]) -> tuple[str, str] | None:
    """Return of a comparison what changed in a line: `+` or `-`, and words; None: nothing.

    It is the longest paragraph that came; if none came, the longest stretch of words that changed
    in one; else the longest paragraph that went.
    """
    came = [("+", p.new) for p in passages if p.old is None and p.new]
    went = [("-", p.old) for p in passages if p.new is None and p.old]
    if found := came or list(_stretches(passages)) or went:
        mark, words = max(found, key=lambda said: len(said[1]))
        words = " ".join(words.split())
        words = words.lstrip(_JOINTS) or words
        cut = words[:LONGEST_SAYING].rpartition(" ")[0] or words[:LONGEST_SAYING]
        return mark, words if len(words) <= LONGEST_SAYING else f"{cut} …"
    return None


def _stretches(passages: Iterable[Passage]) -> Iterator[tuple[str, str]]:
    """Yield what came and went inside paragraphs."""
    for passage in passages:
        if not passage.is_same and passage.old is not None and passage.new is not None:
            for stretch in passage.stretches():
                if stretch.tag != "equal":
                    yield "+" if stretch.tag == "insert" else "-", stretch.text


def _names(found: Sequence[History]) -> str:
    return "; ".join(history.name for history in found)
