"""What a search for versions has found: the changes, and how many it expects to have missed."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import log2

from crawler.selection.version_search import (
    FULL,
    Known,
    Rules,
    Run,
    Seen,
    episodes,
    next_fetches,
    read,
)

# Hidden episodes, before anything is seen of a policy: as if PRIOR_SEEN episodes of each doubling
# of length had been seen where a share PRIOR_CHANCE of such episodes would have been.
PRIOR_SEEN = 0.005
PRIOR_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Bracket:
    """A change: the last capture known with the old text and the first with the new one.

    Captures by their place in the list. `width` is the time between them, `inside` how many
    captures between them could still be fetched: 0 where the bracket is as narrow as it can be;
    others were stopped early, or met PATIENCE failures.
    """

    changed_after: int
    changed_before: int
    width: timedelta
    inside: int


@dataclass(frozen=True, slots=True)
class Report:
    """Where a search stands.

    `brackets`: the changes in time order. `variants`: groups of texts that alternate (A B A B);
    the first appearance of each is a change, their taking turns is none. `fetches`: captures
    fetched, failures included. `hits`: texts found between two captures of another text (A B A).
    `missed`: the number of changes expected between equal ends that no fetch has found.
    `passed_over`: captures before the first text, after the last, or all if there is none, that
    nobody has asked for, because those around them hold no policy or the search was stopped early.
    """

    brackets: list[Bracket]
    variants: list[frozenset[str]]
    fetches: int
    hits: int
    missed: float
    passed_over: int


def report(captures: Sequence[Seen], rules: Rules = FULL) -> Report:
    """Say what has been found of one policy's captures, which are in time order."""
    known = read(captures)
    brackets = [
        Bracket(
            old.last,
            new.first,
            timedelta(days=known.days(old.last, new.first)),
            known.open_in(old.last, new.first),
        )
        for old, new in pairwise(known.runs)
    ]
    hits = len(episodes(known.runs))
    missed = _expected_missed(known, rules)
    passed_over = sum(known.open_in(*part) for part in known.outside)
    return Report(brackets, known.variants, known.fetches, hits, missed, passed_over)


def joined(reports: Sequence[Report]) -> Report:
    """Return the report on a policy of which each language was searched by itself."""
    return Report(
        sorted((b for r in reports for b in r.brackets), key=lambda b: b.changed_before),
        [group for r in reports for group in r.variants],
        max(r.fetches for r in reports),
        sum(r.hits for r in reports),
        sum(r.missed for r in reports),
        min(r.passed_over for r in reports),
    )


def _expected_missed(known: Known, rules: Rules) -> float:
    """Return the expected number of changes hidden between equal ends: two for each episode.

    An episode (A B A) of some length, anywhere in a run of one text, is seen when a fetch falls in
    it: the chance p follows from the gaps between fetches. One that was seen stands for 1 / p
    (Horvitz and Thompson, JASA 47, 1952), here for each doubling of length and with a gamma prior
    on their number, so that no hits do not mean none missed. The fetches that followed a hit say
    nothing of its chance; they only leave fewer places for others to hide. Lengths in captures.
    """
    hits = episodes(known.runs)
    lengths = Counter(round(log2(run.last - run.first + 1)) for run in hits)
    before = _searched_without(hits, known, rules) if hits else known
    missed = 0.0
    for scale in range(len(known.captures).bit_length()):
        chance = 1 - _unseen(2**scale, before)
        episodes_there = (lengths[scale] + PRIOR_SEEN) / (chance + PRIOR_CHANCE)
        missed += 2 * episodes_there * _unseen(2**scale, known)
    return missed


def _unseen(length: int, known: Known) -> float:
    """Return the share of an episode's places inside runs that no fetch falls in."""
    gaps = [
        b - a - 1 for run in known.runs for a, b in pairwise(known.settled_in(run.first, run.last))
    ]
    places = sum(max(0, run.last - run.first - length) for run in known.runs)
    return sum(max(0, gap - length + 1) for gap in gaps) / max(1, places)


def _searched_without(hits: Collection[Run], known: Known, rules: Rules) -> Known:
    """Search again as if the episodes had not been there."""
    runs = [run for run in known.runs if run not in hits]
    ends = [*(run.first for run in runs[1:]), len(known.captures)]
    texts: list[str] = []
    for run, end in zip(runs, ends, strict=True):
        texts += [run.name] * (end - len(texts))
    seen = [Seen(capture.timestamp, None) for capture in known.captures]
    while asks := next_fetches(seen, Rules(rules.audit)):
        for i in (ask.capture for ask in asks):
            seen[i] = Seen(seen[i].timestamp, None, texts[i])
    return read(seen)
