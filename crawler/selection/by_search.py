"""The captures that the search for a policy's versions asks for next."""

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from crawler.outcomes import Outcome
from crawler.records import Capture, KnownCapture
from crawler.selection.brackets import joined, report
from crawler.selection.choice import (
    STAND_INS,
    Choice,
    Select,
    outcome_from_index,
    telling_digests,
)
from crawler.selection.version_search import (
    PATIENCE,
    Ask,
    Failure,
    Reason,
    Rules,
    Seen,
    next_fetches,
)

BOUND = 200_000  # least priority of a request for the end of a history


def choose_by_search(
    known: Sequence[KnownCapture], tried: Collection[UUID], search: Rules, reporting: bool
) -> Choice:
    """Choose the captures that the search for versions asks for next.

    A round that was broken off is ended first: the search then goes on as if it had not been.
    A capture whose digest is known has the outcome `same_digest`; when the search has ended, those
    that it did not need are `not_selected`; while the archive fails in this run, or a pipeline has
    broken on a capture, nobody knows which those are. An archive that fails as often as PATIENCE
    is not asked for more of the policy in this run.
    """
    decided: list[tuple[Capture, Outcome, str | None]] = []
    played: list[tuple[KnownCapture, str | None]] = []
    for member, digest in zip(known, telling_digests(known), strict=True):
        if (outcome := outcome_from_index(member.capture)) is None:
            played.append((member, digest))
        elif member.outcome is Outcome.PENDING:
            decided.append((member.capture, outcome, None))
    late = _late_failures(known, tried)
    captures = _of_languages([(m, _seen(m, digest, tried, late)) for m, digest in played])
    troubles = [m for m, _ in played if m.outcome is Outcome.ARCHIVE_ERROR]
    outage = sum(m.capture.capture_id in tried for m in troubles) >= PATIENCE
    asks = [] if outage else _next_fetches(captures, search)
    priority = {played[ask.capture][0].capture.capture_id: _priority(ask) for ask in asks}
    broken_off = [m.capture for m, _ in played if _is_of_round(m)]
    if broken_off and not tried:
        ranks = {c.capture_id: priority.get(c.capture_id, BOUND // 2) for c in broken_off}
        return Choice(broken_off, decided, ranks)
    of_run = {m.outcome for m, _ in played if m.capture.capture_id in tried}
    broken = Outcome.PENDING in of_run
    ended = not (asks or broken or Outcome.ARCHIVE_ERROR in of_run)
    stands = {d: m.capture.timestamp for m, d in played if d and _stands_for_digest(m)}
    for member, digest in played:
        if member.capture.capture_id in priority:
            continue
        if digest in stands and member.outcome in (Outcome.PENDING, Outcome.NOT_SELECTED):
            detail = f"{stands[digest]} stands for it"
            decided.append((member.capture, Outcome.SAME_DIGEST, detail))
        elif ended and member.outcome in (Outcome.PENDING, Outcome.ARCHIVE_ERROR):
            decided.append((member.capture, Outcome.NOT_SELECTED, _not_needed(member, known)))
    telling = (reporting or not asks) and not broken
    found = joined([report(seen, search) for seen in captures]) if telling else None
    return Choice([played[ask.capture][0].capture for ask in asks], decided, priority, found)


def _of_languages(known: Sequence[tuple[KnownCapture, Seen]]) -> list[list[Seen]]:
    """Return what is seen by who looks for one language only, for each that the policy is in.

    A text in another language is to him a page without a policy; one whose language is unsure is in
    the language of most.
    """
    spoken = Counter(m.language for m, _ in known if m.has_text and m.language)
    most = max(sorted(spoken), key=spoken.__getitem__, default=None)
    return [
        [
            seen
            if seen.text is None or (member.language or most) == language
            else Seen(seen.timestamp, seen.digest, failure=Failure.PAGE)
            for member, seen in known
        ]
        for language in (sorted(spoken) if spoken else [None])
    ]


def _next_fetches(languages: Sequence[Sequence[Seen]], search: Rules) -> list[Ask]:
    """Return what the searches of all languages ask for, each capture once."""
    asks = [ask for captures in languages for ask in next_fetches(captures, search)]
    best = {ask.capture: ask for ask in sorted(asks, key=lambda ask: ask.rank, reverse=True)}
    return sorted(best.values(), key=lambda ask: ask.rank)


def _is_of_round(member: KnownCapture) -> bool:
    """Whether a search has chosen it, and was broken off before it was fetched."""
    return member.chosen_by == Select.VERSIONS and member.outcome is Outcome.PENDING


def _not_needed(member: KnownCapture, known: Sequence[KnownCapture]) -> str:
    """Say why an ended search did not ask for a capture."""
    moments = [m.capture.timestamp for m in known if m.has_text]
    if moments and min(moments) < member.capture.timestamp < max(moments):
        return "not needed to find the versions"
    return "passed over: those around it hold no policy"


def _late_failures(known: Sequence[KnownCapture], tried: Collection[UUID]) -> set[UUID]:
    """Return the latest captures that an earlier run could not play and a later one may."""
    late: set[UUID] = set()
    for member in reversed(known):
        if member.has_text or len(late) == STAND_INS:
            break
        if member.again and member.capture.capture_id not in tried:
            late.add(member.capture.capture_id)
    return late


def _seen(
    member: KnownCapture, digest: str | None, tried: Collection[UUID], late: Collection[UUID]
) -> Seen:
    """Return what the search needs to know of a capture."""
    timestamp, outcome = member.capture.timestamp, member.outcome
    if member.has_text:
        own = digest if outcome is not Outcome.TEXT or member.served_exactly else None
        return Seen(timestamp, own, member.fingerprint)
    capture_id = member.capture.capture_id
    again = outcome is Outcome.ARCHIVE_ERROR and capture_id not in tried
    nothing_yet = (Outcome.PENDING, Outcome.NOT_SELECTED, Outcome.SAME_DIGEST)
    if again or capture_id in late or (outcome in nothing_yet and capture_id not in tried):
        return Seen(timestamp, digest)
    of_page = _stands_for_digest(member)
    return Seen(timestamp, digest, failure=Failure.PAGE if of_page else Failure.CAPTURE)


def _stands_for_digest(member: KnownCapture) -> bool:
    """Whether what was fetched says what all pages with the capture's digest are."""
    tells = member.outcome is Outcome.TEXT or member.outcome.of_page
    return tells and member.served_exactly


def _priority(ask: Ask) -> int:
    """Return a request's priority: bounds first, then the widest brackets, audits last."""
    least = {Reason.BOUND: BOUND, Reason.BRACKET: BOUND // 2, Reason.AUDIT: 0}[ask.reason]
    return least + min(int(ask.value), BOUND // 2 - 1)
