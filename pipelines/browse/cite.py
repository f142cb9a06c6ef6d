"""A sentence's page: when it stood in a site's policies, as `scrapy cite` says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from crawler.errors import InputError
from pipelines.citation.citing import (
    Findings,
    Period,
    moment,
    statements,
    text_fragment,
    with_fragment,
)
from pipelines.citation.quoting import alike, seek
from pipelines.citation.sightings import History, Sighting, plain_texts

LONGEST = 5000  # characters of a sentence


@dataclass(frozen=True, slots=True)
class End:
    """A capture that a period rests on: `which` is before, first, last or after.

    `address` leads to the sentence in the snapshot; where the text does not have it, to the
    snapshot, and `alike` is what is most like it there.
    """

    which: str
    moment: str
    address: str
    alike: str | None


@dataclass(frozen=True, slots=True)
class Stood:
    """What can be said of a period in which all captures read hold the sentence, and no more."""

    statements: Sequence[str]
    ends: Sequence[End]


@dataclass(frozen=True, slots=True)
class CitedPolicy:
    """A policy in one language, and in how many of its versions the sentence is."""

    policy_id: str
    language: str | None
    read_in: str
    holding: int
    versions: int
    periods: Sequence[Stood]


@dataclass(frozen=True, slots=True)
class CitePage:
    """A sentence `q` in the policies of a site; `alike` is what is most like it if it is in none
    of the `versions`."""

    domain: str
    q: str
    versions: int
    policies: Sequence[CitedPolicy]
    alike: Sequence[End]


def cite_page(db: duckdb.DuckDBPyConnection, domain: str, q: str) -> CitePage:
    """Look for a sentence; InputError if it has no word, or the site is not known."""
    if not re.search(r"\w", q):
        raise InputError("a sentence to look for must have a word")
    if len(q) > LONGEST:
        raise InputError(f"a sentence to look for has {LONGEST} characters at most")
    findings = seek(db, domain, q)
    holding = {text_id for text_id, places in findings.places.items() if places}
    texts = dict(plain_texts(db, holding))
    policies = [
        _policy(findings, history, periods, texts) for history, periods in findings.histories
    ]
    near = [] if holding else alike(db, findings)
    return CitePage(
        domain,
        q,
        findings.known_versions,
        policies,
        [End("alike", moment(s), s.snapshot_url, found.sentence) for s, found in near],
    )


def _policy(
    findings: Findings, history: History, periods: Sequence[Period], texts: dict[str, str]
) -> CitedPolicy:
    return CitedPolicy(
        policy_id=history.policy_id,
        language=history.language,
        read_in=history.read_in,
        holding=len({s.version_key for s in history.sightings if findings.holds(s)}),
        versions=len({s.version_key for s in history.sightings}),
        periods=[
            Stood(
                statements(period),
                [_end(findings, name, s, texts) for name, s in period.ends.items()],
            )
            for period in periods
        ],
    )


def _end(findings: Findings, which: str, sighting: Sighting, texts: dict[str, str]) -> End:
    address = sighting.snapshot_url
    if spans := findings.places[sighting.text_id]:
        address = with_fragment(address, text_fragment(texts[sighting.text_id], spans[0]))
    near = findings.nearest.get(sighting.text_id)
    return End(which, moment(sighting), address, near.sentence if near else None)
