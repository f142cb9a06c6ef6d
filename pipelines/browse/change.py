"""A change's page: two versions compared, word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from crawler.errors import InputError
from pipelines.browse.site import key
from pipelines.browse.version import find
from pipelines.citation.sightings import plain_texts
from pipelines.versioning.comparison import compare_passages
from pipelines.versioning.diffs import Part, parts, summary
from pipelines.versioning.history import Version


@dataclass(frozen=True, slots=True)
class Side:
    """A version that is compared."""

    key: str
    first_seen: datetime
    last_seen: datetime
    words: int
    snapshot_url: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a paragraph: `tag` is equal, delete or insert."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph before and after: numbers from 1, None where it is not; its words in order."""

    old_place: int | None
    new_place: int | None
    moved: bool
    same: bool
    words: Sequence[Words]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs to show, or unchanged ones to fold."""

    folded: bool
    paragraphs: Sequence[Paragraph]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Two versions of a policy compared; `before` and `after` are the keys of other changes.

    `between` counts the versions known between the two; the `kind` of one is that of its change
    against the version just before it. `versions` are all of the policy, for the slider;
    `substantive` says whether `before` and `after` pass over other changes.
    """

    domain: str
    policy_id: str
    old: Side
    new: Side
    between: int
    summary: str
    stretches: Sequence[Stretch]
    versions: Sequence[Side]
    before: str | None
    after: str | None
    substantive: bool


def change_page(
    db: duckdb.DuckDBPyConnection,
    domain: str,
    wanted: str,
    since: str | None = None,
    substantive: bool = False,
) -> ChangePage:
    """Return the page of the change that began a version: against the one before it or `since`.

    InputError if there is no such version, or none before it, or `since` is not before it.
    """
    history, place = find(db, domain, wanted)
    keys = [key(version) for version in history.versions]
    if since is None and place == 0:
        raise InputError(f"{domain}: {wanted} is the first version known")
    if since is not None and since not in keys[:place]:
        raise InputError(f"{domain}: no version {since} before {wanted}")
    start = place - 1 if since is None else keys.index(since)
    old, new = history.versions[start], history.versions[place]
    plain = dict(plain_texts(db, {old.text_id, new.text_id}))
    passages = compare_passages(plain[old.text_id], plain[new.text_id])
    counted = [
        i
        for i, version in enumerate(history.versions)
        if i and (not substantive or version.kind == "substantive")
    ]
    before = max((i for i in counted if i < place), default=None)
    after = min((i for i in counted if i > place), default=None)
    return ChangePage(
        domain=domain,
        policy_id=new.policy_id,
        old=_side(old),
        new=_side(new),
        between=place - start - 1,
        summary=summary(passages),
        stretches=[_stretch(part) for part in parts(passages)],
        versions=[_side(version) for version in history.versions],
        before=None if before is None else keys[before],
        after=None if after is None else keys[after],
        substantive=substantive,
    )


def _side(version: Version) -> Side:
    return Side(
        key(version),
        version.first_seen,
        version.last_seen,
        version.words,
        version.snapshot_url,
        version.kind,
    )


def _stretch(part: Part) -> Stretch:
    return Stretch(
        part.folded,
        [
            Paragraph(
                passage.old_place,
                passage.new_place,
                passage.moved,
                passage.is_same,
                [Words("equal", passage.new or "")]
                if passage.old == passage.new
                else [Words(stretch.tag, stretch.text) for stretch in passage.stretches()],
            )
            for passage in part.passages
        ],
    )
