"""What is known of a made site: its captures, and where its policy stood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.wayback_dialect import Captured


@dataclass(frozen=True)
class Stay:
    """An address at which the main policy stood; 14-digit timestamps of its first, last capture.

    Captures of it in between may be errors; those outside may be redirects, or another page.
    """

    policy_url: str
    since: str
    until: str


@dataclass(frozen=True)
class MadeSite:
    """All that the archive has of a site, and of other hosts that matter for it.

    `main` are the main policy's addresses in time order; two may have one urlkey (http and https,
    with and without www). `others` maps each other address that serves the text of a policy to
    what it is: app, kids, jobs, region, product, language, cookies (the site's own), print, pdf,
    variant (a query more) of the main policy, user (of the site), template, other company. Where
    a domain changed its owner, the policies of both are main ones, each in its time.
    """

    domain: str
    language: str
    captures: Sequence[Captured]
    main: Sequence[Stay]
    others: Mapping[str, str]
    traps: frozenset[str]
    held_back: bool
