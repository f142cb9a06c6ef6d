"""One text for each group of captures: each capture, each digest, each period."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from crawler import timestamps
from crawler.outcomes import Outcome
from crawler.records import Capture, KnownCapture
from crawler.selection.choice import (
    STAND_INS,
    Choice,
    Select,
    outcome_from_index,
    telling_digests,
)

_LED_AWAY = (Outcome.REDIRECT_LOST, Outcome.TARGET_NOT_ARCHIVED, Outcome.FRAMESET)


def choose_by_group(known: Sequence[KnownCapture], rule: Select, tried: Collection[UUID]) -> Choice:
    """Choose one capture of each of the groups that a rule makes.

    A group needs one text; its captures stand in the order in which they would do. When a fetch
    shows that the archive cannot play a capture, the next of its group takes its place.
    """
    fetch: list[Capture] = []
    decided: list[tuple[Capture, Outcome, str | None]] = []
    for group in _groups(known, rule):
        chosen = _choose_of_group(group, tried, exact=rule is Select.UNIQUE)
        if chosen is not None and _open(chosen, rule, tried):
            if (outcome := outcome_from_index(chosen.capture)) is not None:
                decided.append((chosen.capture, outcome, None))
            else:
                fetch.append(chosen.capture)
        decided += [
            (other.capture, *_passed_over(other, chosen, rule))
            for other in group
            if other is not chosen and _undecided(other, group, chosen)
        ]
    return Choice(fetch, decided)


def _choose_of_group(
    group: Sequence[KnownCapture], tried: Collection[UUID], *, exact: bool
) -> KnownCapture | None:
    """Return the first capture of a group that may still give, or has given, its text.

    With `exact`, what came from another capture nearby does not stand for the group's digest, what
    came from a capture of the group does, wherever it stands, and another capture stands in for one
    that the archive could not be asked for. Of a group of which all have failed, a later run asks
    for the latest again: what cannot be played yet may be later.
    """
    if exact:
        group = sorted(group, key=lambda m: not (m.outcome is Outcome.TEXT and m.served_exactly))
    failed: list[KnownCapture] = []
    for member in group:
        tells = member.outcome is Outcome.TEXT or member.outcome.of_page
        led_away = member.outcome in _LED_AWAY
        elsewhere = exact and (led_away or (tells and not member.served_exactly))
        trouble = exact and member.outcome is Outcome.ARCHIVE_ERROR
        if member.outcome.unplayable or trouble:
            failed.append(member)
        elif not elsewhere:
            troubles = [m for m in failed if m.outcome is Outcome.ARCHIVE_ERROR]
            asked = sum(m.capture.capture_id in tried for m in troubles)
            return member if asked < STAND_INS else None
    if sum(m.capture.capture_id in tried for m in failed) >= STAND_INS:
        return None
    again = (m for m in failed if m.again and m.capture.capture_id not in tried)
    return max(again, key=lambda m: m.capture.timestamp, default=None)


def _open(member: KnownCapture, rule: Select, tried: Collection[UUID]) -> bool:
    """Whether a capture that its group relies on still has to be fetched."""
    if member.capture.capture_id in tried:
        return False
    match member.outcome:
        case Outcome.NOT_SELECTED:
            return True
        case Outcome.SAME_DIGEST:
            return rule is Select.ALL or not member.has_text
        case _:
            return member.again


def _undecided(
    member: KnownCapture, group: Sequence[KnownCapture], chosen: KnownCapture | None
) -> bool:
    """Whether a capture that is not fetched has no outcome yet, or one that a text betters.

    While the archive fails for a group, its other captures stay pending.
    """
    if member.outcome is Outcome.ARCHIVE_ERROR:
        return chosen is not None and chosen.has_text and chosen.served_exactly
    failing = chosen is None and any(m.outcome is Outcome.ARCHIVE_ERROR for m in group)
    return member.outcome is Outcome.PENDING and not failing


def _passed_over(
    member: KnownCapture, chosen: KnownCapture | None, rule: Select
) -> tuple[Outcome, str | None]:
    if (outcome := outcome_from_index(member.capture)) is not None:
        return outcome, None
    if chosen is None:
        return Outcome.NOT_SELECTED, None
    detail = f"{chosen.capture.timestamp} stands for it"
    return (Outcome.SAME_DIGEST if rule is Select.UNIQUE else Outcome.NOT_SELECTED), detail


def _groups(known: Sequence[KnownCapture], rule: Select) -> Iterable[list[KnownCapture]]:
    match rule:
        case Select.ALL | Select.VERSIONS:
            return ([member] for member in known)
        case Select.UNIQUE:
            return _by_digest(known)
        case Select.HALFYEAR:
            return _by_period(known, _half_year)
        case Select.YEAR:
            return _by_period(known, _year)
        case Select.MONTH:
            return _by_period(known, _month)


def _by_digest(known: Sequence[KnownCapture]) -> Iterable[list[KnownCapture]]:
    """Group captures whose digest says that their pages are the same.

    A redirect's digest is of its body, not of where it leads, and an empty body or a missing
    digest says nothing: those captures stand alone. So do captures of one address and second with
    several digests, because only one of them can be replayed. A page that was once sent with an
    error status is taken from a capture without one.
    """
    groups: dict[object, list[KnownCapture]] = defaultdict(list)
    for member, digest in zip(known, telling_digests(known), strict=True):
        groups[digest or member.capture.capture_id].append(member)
    return (sorted(g, key=lambda m: (m.capture.statuscode or 0) >= 400) for g in groups.values())


def _by_period(
    known: Sequence[KnownCapture], period: Callable[[datetime], tuple[object, datetime]]
) -> Iterable[list[KnownCapture]]:
    """Group captures by period: status 200 first, then redirects, then errors, and of each kind the
    nearest to the period's anchor.

    A revisit has no status of its own; it has that of the page it repeats.
    """
    status_of_digest = {
        m.capture.digest: m.capture.statuscode
        for m in known
        if m.capture.statuscode is not None and m.capture.digest is not None
    }
    groups: dict[object, list[tuple[int, float, KnownCapture]]] = defaultdict(list)
    for member in known:
        capture = member.capture
        moment = timestamps.parse(capture.timestamp)
        key, anchor = period(moment)
        status = capture.statuscode or status_of_digest.get(capture.digest or "", 200)
        kind = 0 if status == 200 else 1 if status < 400 else 2
        groups[key].append((kind, abs((moment - anchor).total_seconds()), member))
    return [
        [member for *_, member in sorted(group, key=lambda entry: entry[:2])]
        for group in groups.values()
    ]


def _half_year(moment: datetime) -> tuple[object, datetime]:
    """Half-years around 1 April and 1 October: the rule of the Princeton-Leuven corpus.

    Source: citp/PrivacyPoliciesOverTime, crawler; Amos et al., "Privacy Policies over Time"
    (WWW 2021), section 3.
    """
    first = moment.month <= 6
    return (moment.year, first), datetime(moment.year, 4 if first else 10, 1, tzinfo=UTC)


def _year(moment: datetime) -> tuple[object, datetime]:
    return moment.year, datetime(moment.year, 7, 1, tzinfo=UTC)


def _month(moment: datetime) -> tuple[object, datetime]:
    return (moment.year, moment.month), datetime(moment.year, moment.month, 16, tzinfo=UTC)
