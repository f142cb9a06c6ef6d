"""Step 4 for `select=versions`: find every version of a policy with few fetches. Pure.

The search is a bisection. The first and the last capture are fetched, then the middle of every
bracket: two captures with different texts and none known between them. A bracket is closed when no
capture is left inside that the archive can play. Ends that agree are taken to agree inside, which a
text that comes and goes (A B A) belies; so a share of the fetches, the audit, goes into the longest
stretches between equal ends. Captures that fail are stepped over, up to a point.

All of it follows from what is known of the captures, whoever asked for them and when. A search that
was broken off goes on, a second one costs nothing, and one more capture costs one fetch where
nothing changed. Ask `next_fetches` after each round until it asks for none.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, IntEnum
from itertools import pairwise
from math import log2

from crawler import timestamps

DAY = timedelta(days=1)

# The audit probes a stretch between equal ends that weighs more than 1 / (audit * (fetches that the
# changes cost + FEW)) of the history. FEW gives quiet policies an audit too, and makes all audits
# about the stated share of all fetches (tests/benchmarks/version_search.py: 4.2 and 7.4 for 5 %).
FEW = 60.0

PATIENCE = 8  # failures in one bracket; a site's years without a policy must not cost years
FIRST_PATIENCE = 32  # while no text is known: finds one that stood for 4 % of the captures

SWITCHES = 3  # between two texts, from which on they are variants: A B A B


class Failure(Enum):
    """Why a fetched capture has no text.

    CAPTURE: the archive could not play it; another capture of the same digest may do. PAGE: what
    was captured holds no policy, and so does no other capture of the same digest.
    """

    CAPTURE = "capture"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture and what is known of it: a text, a failure, or nothing yet.

    `digest` is None where it does not say what the page is (no digest, a redirect). `text` is a
    fingerprint: equal exactly where the policy's words are. Captures of one digest share a text;
    it is enough that one of them has it.
    """

    timestamp: str
    digest: str | None
    text: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How far to search.

    `audit`: share of the fetches that look for texts between equal ends; 0 for none. `budget`: the
    most fetches for the policy, earlier runs' included. `until_bracket`: brackets no wider than
    this are narrow enough.
    """

    audit: float = 0.05
    budget: int | None = None
    until_bracket: timedelta | None = None


FULL = Rules()


class Reason(IntEnum):
    """What a fetch is for, the most telling first."""

    BOUND = 0
    BRACKET = 1
    AUDIT = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """A capture to fetch, by its place in the list.

    `value` is the time around it of which nothing is known, in days, doubled for an audit where the
    text has been interrupted before. Sort the asks of many policies by `rank`.
    """

    capture: int
    reason: Reason
    value: float

    @property
    def rank(self) -> tuple[Reason, float]:
        """Sorts bounds before brackets before audits, the longest unknown first."""
        return self.reason, -self.value


def next_fetches(captures: Sequence[Seen], rules: Rules = FULL) -> list[Ask]:
    """Return the captures to fetch in this round, the most telling first; none at the end.

    `captures` are those of one policy in time order. The fetches of a round do not depend on each
    other; ask again when all are settled.
    """
    known = read(captures)
    asks = _bounds(known) + _brackets(known, rules.until_bracket) or _audits(known, rules.audit)
    asks.sort(key=lambda ask: ask.rank)
    one_of_each: dict[object, Ask] = {}
    for ask in asks:
        one_of_each.setdefault(captures[ask.capture].digest or ask.capture, ask)
    left = None if rules.budget is None else max(0, rules.budget - known.fetches)
    return list(one_of_each.values())[:left]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring known captures with one text, by the places of the first and the last.

    `name` is the text, or the same one of its variants for all of them.
    """

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Known:
    """What follows from the captures.

    `settled`: the places of those that need no fetch, in order; `texts`: of those with a text,
    where it is known, by place and in order.
    """

    captures: Sequence[Seen]
    settled: list[int]
    texts: dict[int, str]
    runs: list[Run]
    variants: list[frozenset[str]]
    fetches: int

    def days(self, first: int, last: int) -> float:
        """Return the time between two captures."""
        ends = (timestamps.parse(self.captures[i].timestamp) for i in (last, first))
        return (next(ends) - next(ends)) / DAY

    def settled_in(self, first: int, last: int) -> list[int]:
        """Return the settled captures of a part, both ends included."""
        return self.settled[bisect_left(self.settled, first) : bisect_right(self.settled, last)]

    @property
    def outside(self) -> list[tuple[int, int]]:
        """Return the parts before the first and after the last text; all, if there is no text."""
        last = len(self.captures) - 1
        return [(0, min(self.texts)), (max(self.texts), last)] if self.texts else [(0, last)]

    def open_in(self, first: int, last: int) -> int:
        """Return how many captures of a part need a fetch still to be known."""
        return sum(b - a - 1 for a, b in self.stretches(first, last))

    def stretches(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the pairs of settled captures of a part with open ones between them."""
        return [(a, b) for a, b in pairwise(self.settled_in(first, last)) if b - a > 1]


def read(captures: Sequence[Seen]) -> Known:
    """Say what follows from what is known: a digest tells of all its captures."""
    answered = [i for i, c in enumerate(captures) if c.text is not None or c.failure is not None]
    played = [i for i in answered if captures[i].failure is not Failure.CAPTURE]
    by_digest: dict[str | None, str | None] = {}  # None where its page holds no policy
    for seen in (captures[i] for i in played if captures[i].digest):
        by_digest[seen.digest] = by_digest.get(seen.digest) or seen.text
    settled = sorted({*answered, *(i for i, c in enumerate(captures) if c.digest in by_digest)})
    found = {i: captures[i].text or by_digest.get(captures[i].digest) for i in settled}
    texts = {i: text for i, text in found.items() if text is not None}
    variants = alternating(texts.values())
    runs = _runs(texts, {text: min(group) for group in variants for text in group})
    fetches = len(answered) - len(played) + len({captures[i].digest or i for i in played})
    return Known(captures, settled, texts, runs, variants, fetches)


def _runs(texts: dict[int, str], names: dict[str, str]) -> list[Run]:
    """Join neighbours with one text, and variants, but for the first appearance of each."""
    runs: list[Run] = []
    appeared: set[str] = set()
    for i, text in texts.items():
        name = names.get(text, text)
        if runs and runs[-1].name == name and text in appeared:
            runs[-1] = Run(name, runs[-1].first, i)
        else:
            runs.append(Run(name, i, i))
        appeared.add(text)
    return runs


def alternating(texts: Iterable[str]) -> list[frozenset[str]]:
    """Return the groups of texts that alternate; `texts` are those of a policy in time order.

    A text that comes back once (A B A) is a change undone; A B A B is a page that differs by
    season, by place or by chance.
    """
    switches = Counter(frozenset((a, b)) for a, b in pairwise(texts) if a != b)
    groups: list[frozenset[str]] = []
    for pair in (pair for pair, count in switches.items() if count >= SWITCHES):
        touched = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [pair.union(*touched)]
    return groups


def episodes(runs: list[Run]) -> list[Run]:
    """Return the runs with the same text before and after them."""
    triples = zip(runs, runs[1:], runs[2:], strict=False)
    return [run for old, run, new in triples if old.name == new.name != run.name]


def _bounds(known: Known) -> list[Ask]:
    """Ask for the first and the last capture; where they failed, for the first and last text."""
    last = len(known.captures) - 1
    if ends := [i for i in sorted({0, last}) if i not in known.settled_in(i, i) and last >= 0]:
        return [Ask(i, Reason.BOUND, known.days(0, last)) for i in ends]
    return [ask for part in known.outside for ask in _halve(known, *part, Reason.BOUND)]


def _brackets(known: Known, until: timedelta | None) -> list[Ask]:
    """Ask for the middle of each bracket that is not narrow enough."""
    return [
        ask
        for old, new in pairwise(known.runs)
        if until is None or known.days(old.last, new.first) > until / DAY
        for ask in _halve(known, old.last, new.first, Reason.BRACKET)
    ]


def _halve(known: Known, first: int, last: int, reason: Reason) -> list[Ask]:
    """Ask for the middle of a part that has texts at its ends at most; step over failures in it.

    A failure leaves two stretches, and the longest are halved, as many at once as have failed. From
    PATIENCE failures on, FIRST_PATIENCE while there is no text at all, there is taken to be none
    but failures between two failures.
    """
    inside = [known.captures[i] for i in known.settled_in(first, last)]
    failed = sum(seen.failure is not None and seen.text is None for seen in inside)
    stretches = known.stretches(first, last)
    if failed >= (PATIENCE if known.texts else FIRST_PATIENCE):
        stretches = [(a, b) for a, b in stretches if a in known.texts or b in known.texts]
    stretches.sort(key=lambda ends: ends[0] - ends[1])
    return [
        Ask((left + right) // 2, reason, known.days(left, right))
        for left, right in stretches[: max(1, failed)]
    ]


def _audits(known: Known, share: float) -> list[Ask]:
    """Ask for the middle of each stretch between equal ends that weighs too much.

    The weight of a stretch is its share of the captures and of the time (their mean), doubled
    where its text has been interrupted before. Neither weights nor the limit grow when a newer
    capture has the last one's text: it costs no audit.
    """
    if not known.runs or share <= 0:
        return []
    total = len(known.captures)
    span = known.days(0, total - 1) or 1.0
    limit = 1 / (share * (_cost_of_changes(known.runs) + FEW))
    back = zip(known.runs, known.runs[2:], strict=False)
    interrupted = {old.name for old, new in back if old.name == new.name}
    asks = []
    for run in known.runs:
        likely = 2 if run.name in interrupted else 1
        for left, right in known.stretches(run.first, run.last):
            days = known.days(left, right)
            weight = likely * ((right - left - 1) / total + days / span) / 2
            if weight > limit:
                asks.append(Ask((left + right) // 2, Reason.AUDIT, likely * days))
    return asks


def _cost_of_changes(runs: list[Run]) -> float:
    """Return about how many fetches a bisection needs for these changes.

    Sorted places cost one step for each halving of the distance to the one before, and one to part
    from it. The captures after the last change do not count.
    """
    places = [0, *(run.first for run in runs[1:])]
    return 2 + sum(1 + log2(b - a) for a, b in pairwise(places))
