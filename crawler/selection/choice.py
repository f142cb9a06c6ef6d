"""What a rule chooses, and what an index row says by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from crawler.outcomes import Outcome
from crawler.records import Capture, KnownCapture
from crawler.selection.brackets import Report

STAND_INS = 3  # captures of a group that a run asks for while the archive fails, or asks again
EMPTY_BODY_DIGEST = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"


class Select(StrEnum):
    """The rules of `-a select=`."""

    VERSIONS = "versions"
    ALL = "all"
    UNIQUE = "unique"
    HALFYEAR = "halfyear"
    YEAR = "year"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do next with one policy's captures.

    `fetch`: captures to ask for now. `decided`: outcomes that need no request, for captures that
    are pending. `priority`: of captures to ask for sooner or later than those of other policies;
    0 where it does not matter. `report`: where a search stands, at its end.
    """

    fetch: list[Capture]
    decided: list[tuple[Capture, Outcome, str | None]]
    priority: dict[UUID, int] = field(default_factory=dict)
    report: Report | None = field(default=None, compare=False)


def outcome_from_index(capture: Capture) -> Outcome | None:
    """Return the outcome of a capture whose status alone says that it holds no policy."""
    if capture.statuscode in (404, 410):
        return Outcome.NOT_FOUND
    if capture.statuscode is not None and capture.statuscode >= 400:
        return Outcome.HTTP_ERROR
    return None


def telling_digests(known: Sequence[KnownCapture]) -> list[str | None]:
    """Return each capture's digest where it says what the page is, else None."""
    rows = Counter((m.capture.timestamp, m.capture.original) for m in known)
    return [
        None
        if m.capture.is_redirect
        or m.capture.digest == EMPTY_BODY_DIGEST
        or rows[m.capture.timestamp, m.capture.original] > 1
        else m.capture.digest
        for m in known
    ]
