"""Step 4: which captures to fetch. Pure: a rule, the captures and what is known of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from crawler import timestamps
from crawler.brackets import Report, joined, report
from crawler.outcomes import Outcome
from crawler.records import Capture, KnownCapture
from crawler.search import FULL, PATIENCE, Ask, Failure, Reason, Rules, Seen, next_fetches

STAND_INS = 3  # captures of a group that a run asks for while the archive fails, or asks again
_LED_AWAY = (Outcome.REDIRECT_LOST, Outcome.TARGET_NOT_ARCHIVED, Outcome.FRAMESET)
BOUND = 200_000  # least priority of a request for the end of a history
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


def choose(
    known: Sequence[KnownCapture],
    rule: Select,
    tried: Collection[UUID] = (),
    search: Rules = FULL,
    *,
    reporting: bool = False,
) -> Choice:
    """Choose what to fetch of one policy's captures, given what earlier fetches gave.

    `known` is in time order; `tried` names the captures that this run has asked for. Each rule
    puts the captures into groups that need one text each, in the order in which their captures
    would do; when a fetch shows that the archive cannot play a capture, the next of its group
    takes its place. `versions` searches instead, as far as `search` says (`crawler.search`), and
    reports at its end or, if `reporting`, each time. Ask again after each round until `fetch` is
    empty.
    """
    if rule is Select.VERSIONS:
        return _choose_by_search(known, tried, search, reporting)
    fetch: list[Capture] = []
    decided: list[tuple[Capture, Outcome, str | None]] = []
    for group in _groups(known, rule):
        chosen = _choose_of_group(group, tried, exact=rule is Select.UNIQUE)
        if chosen is not None and _open(chosen, rule, tried):
            if (outcome := _outcome_from_index(chosen.capture)) is not None:
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


def _choose_by_search(
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
    for member, digest in zip(known, _telling_digests(known), strict=True):
        if (outcome := _outcome_from_index(member.capture)) is None:
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


def _outcome_from_index(capture: Capture) -> Outcome | None:
    """Return the outcome of a capture whose status alone says that it holds no policy."""
    if capture.statuscode in (404, 410):
        return Outcome.NOT_FOUND
    if capture.statuscode is not None and capture.statuscode >= 400:
        return Outcome.HTTP_ERROR
    return None


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
    if (outcome := _outcome_from_index(member.capture)) is not None:
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
    for member, digest in zip(known, _telling_digests(known), strict=True):
        groups[digest or member.capture.capture_id].append(member)
    return (sorted(g, key=lambda m: (m.capture.statuscode or 0) >= 400) for g in groups.values())


def _telling_digests(known: Sequence[KnownCapture]) -> list[str | None]:
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
