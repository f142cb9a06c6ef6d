"""What an import finds in its source. Pure."""

from dataclasses import dataclass, field

from crawler.outcomes import Outcome
from crawler.records import Capture, Extracted


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture that is known to have a text.

    `capture.policy_url` is empty where the source does not say which address it was listed for.
    `outcome` is `text` or `same_digest`.
    """

    capture: Capture
    served_timestamp: str | None
    served_url: str | None
    outcome: Outcome = Outcome.TEXT
    detail: str | None = None
    canonical_url: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """A text, and the captures that are known to have it.

    `name` says where it is in the source. `title` and `snapshots` of its archive are as in the
    table `archives`.
    """

    name: str
    extracted: Extracted = field(repr=False)
    captures: tuple[Seen, ...]
    title: str
    snapshots: str | None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A file of the source that cannot be used, and why."""

    name: str
    reason: str
