"""What can be said of when a sentence stood in a policy: what captures show, and no more. Pure.

A capture shows that the sentence stood there at that second, or did not. It says nothing of the
time between captures; so this names captures, and never says that a sentence was added or deleted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nlargest
from itertools import groupby
from urllib.parse import quote

from rapidfuzz import fuzz, process

from crawler import timestamps
from crawler.outcomes import NOT_FETCHED
from pipelines.citation.sightings import History, Sighting
from pipelines.inert import printable

Spans = list[tuple[int, int]]

LONGEST_EXACT = 300  # characters of a text fragment in one piece, as Chromium makes them
EDGE_WORDS = 4  # at least, of the start and the end of a longer one
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True, slots=True)
class Gap:
    """The captures of a stretch of time in which nothing was read.

    `not_fetched` counts those that nobody has asked the archive for; `no_text` those that gave no
    text, by outcome. `other_language` and `other_history` count those that were read and are not in
    this history: by their language, and those of no other language known.
    """

    not_fetched: int
    no_text: Counter[str]
    other_language: Counter[str]
    other_history: int

    @property
    def of(self) -> str:
        """What `capture` must be followed by where not all captures read are of this history."""
        return " of this history" if self.other_language or self.other_history else ""


@dataclass(frozen=True, slots=True)
class Period:
    """A longest row of sightings of one history that all hold the sentence.

    `before` and `after` are the sightings next to it, which do not; None where there is none. The
    gaps are before it, within, and after it.
    """

    sightings: list[Sighting]
    before: Sighting | None
    after: Sighting | None
    gap_before: Gap
    gap_within: Gap
    gap_after: Gap

    @property
    def ends(self) -> dict[str, Sighting]:
        """The captures that it rests on: before, first, last and after, as far as they exist."""
        found = {
            "before": self.before,
            "first": self.sightings[0],
            "last": self.sightings[-1],
            "after": self.after,
        }
        return {name: sighting for name, sighting in found.items() if sighting is not None}


@dataclass(frozen=True, slots=True)
class Near:
    """A sentence that is like the one sought; `likeness` from 0 to 1, and the text it is from."""

    likeness: float
    sentence: str
    text_id: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of a sentence: each history of the site with its periods.

    `places` has where the sentence stands in each text, by `text_id`: characters from 0, the end
    not included; an empty list where it does not. `nearest` has what is most like it in the texts
    next to a period, by `text_id`: a change of a comma or of case looks like an absence.
    """

    domain: str
    sentence: str
    histories: list[tuple[History, list[Period]]]
    places: Mapping[str, Spans]
    nearest: Mapping[str, Near]

    @property
    def known_versions(self) -> int:
        """How many versions were looked through."""
        return len({s.version_key for history, _ in self.histories for s in history.sightings})

    def holds(self, sighting: Sighting) -> bool:
        """Whether the text of a capture has the sentence."""
        return bool(self.places[sighting.text_id])

    def versions(self) -> list[Sighting]:
        """Return the first capture that has the sentence, of each version that has it."""
        holding = (s for history, _ in self.histories for s in history.sightings if self.holds(s))
        first: dict[tuple[str, ...], Sighting] = {}
        for sighting in holding:
            first.setdefault(sighting.version_key, sighting)
        return list(first.values())


def periods(history: History, found: Mapping[str, Spans]) -> list[Period]:
    """Return the periods of a history, in time order; `found` has the places in each text."""
    runs = [
        (stands, list(run))
        for stands, run in groupby(history.sightings, lambda s: bool(found[s.text_id]))
    ]
    made = []
    for number, (stands, run) in enumerate(runs):
        if not stands:
            continue
        before = runs[number - 1][1][-1] if number else None
        after = runs[number + 1][1][0] if number + 1 < len(runs) else None
        begin, end = run[0].timestamp, run[-1].timestamp
        made.append(
            Period(
                run,
                before,
                after,
                _gap(history, before.timestamp if before else "", begin),
                _gap(history, begin, end),
                _gap(history, end, after.timestamp if after else "a"),
            )
        )
    return made


def _gap(history: History, begin: str, end: str) -> Gap:
    inside = Counter(outcome for at, outcome in history.without_text if begin < at < end)
    not_fetched = sum(inside.pop(outcome, 0) for outcome in NOT_FETCHED)
    elsewhere = [language for at, language in history.elsewhere if begin < at < end]
    other = Counter(language for language in elsewhere if language is not None)
    return Gap(not_fetched, inside, other, elsewhere.count(None))


def statements(period: Period) -> list[str]:
    """Return what can be said of a period, a sentence each: itself, before it, after it."""
    first, last, within = period.sightings[0], period.sightings[-1], period.gap_within
    captures = sum(s.captures for s in period.sightings)
    by_digest = sum(s.captures for s in period.sightings if s.outcome == "same_digest")
    versions = len({s.version_key for s in period.sightings})
    of = f"{captures} capture{'s' * (captures > 1)} of {versions} version{'s' * (versions > 1)}"
    of += f", {by_digest} not fetched but of the digest of one that was" if by_digest else ""
    span = (
        f"present in the capture of {moment(first)} ({of})"
        if first.timestamp == last.timestamp
        else f"present from {moment(first)} to {moment(last)},"
        f" in every capture read{within.of} ({of})" + _said("; captures in that time", within)
    ) + _imported(period.sightings)
    before = (
        f"absent in the last capture{period.gap_before.of} before"
        f" ({moment(period.before)}{_caveat(period.before)})"
        if period.before
        else f"present in the first capture{period.gap_before.of or ' known'}"
    )
    after_of = period.gap_after.of and f"{period.gap_after.of},"
    after = (
        f"absent in the next capture{after_of} of {moment(period.after)}{_caveat(period.after)}"
        if period.after
        else f"present in the last capture{period.gap_after.of or ' known'}"
    )
    return [
        span,
        before + _said("; captures in between" if period.before else "; captures before that",
                       period.gap_before),
        after + _said("; captures in between" if period.after else "; captures after that",
                      period.gap_after),
    ]  # fmt: skip


def moment(sighting: Sighting) -> str:
    """Return when a capture was made, as ISO 8601."""
    return timestamps.parse(sighting.timestamp).strftime("%Y-%m-%dT%H:%M:%SZ")


def _caveat(sighting: Sighting) -> str:
    """Return what is to be known of the one capture that an absence rests on."""
    doubt = ", whose text is doubtful: look at the page" if sighting.doubtful else ""
    return (f", imported ({printable(sighting.source)})" if sighting.source else "") + doubt


def _imported(sightings: list[Sighting]) -> str:
    """Return how many captures are known by an import only, or nothing where none is."""
    imported = [s for s in sightings if s.source]
    if not imported:
        return ""
    number, of = (sum(s.captures for s in some) for some in (imported, sightings))
    names = ", ".join(sorted({printable(s.source) for s in imported if s.source}))
    return (
        f"; of {of} capture{'s' * (of > 1)} {number} {'are' if number > 1 else 'is'} imported"
        f" ({names}), not read from the archive"
    )


def _said(where: str, gap: Gap) -> str:
    """Return what is not known of a gap, or nothing where all is."""
    parts = [f"{gap.not_fetched} that nobody has fetched"] if gap.not_fetched else []
    if gap.no_text:
        kinds = ", ".join(f"{number} {outcome}" for outcome, number in sorted(gap.no_text.items()))
        parts.append(f"{gap.no_text.total()} that gave no text ({kinds})")
    if gap.other_language:
        parts.append(f"{gap.other_language.total()} read in {_languages(gap.other_language)}")
    if gap.other_history:
        which = "that is" if gap.other_history == 1 else "that are"
        parts.append(f"{gap.other_history} read {which} of another history of the policy")
    return f"{where}: {' and '.join(parts)}" if parts else ""


def _languages(captures: Counter[str]) -> str:
    """Return the languages of captures in words, with their numbers if they are several."""
    if len(captures) == 1:
        return f"another language ({next(iter(captures))})"
    return f"other languages ({', '.join(f'{n} {name}' for name, n in sorted(captures.items()))})"


def text_fragment(text: str, span: tuple[int, int]) -> str:
    """Return the text directive that leads a browser to a place in a page, percent-encoded.

    A long passage, or one of several blocks, is given by its first and last words, as many as tell
    it from what stands before it.
    """
    passage = text[slice(*span)]
    blocks = [block.split() for block in passage.split("\n")]
    if len(blocks) == 1:  # its two ends must not overlap
        half = len(blocks[0]) // 2
        blocks = [blocks[0][:half], blocks[0][half:]]
        if len(passage) <= LONGEST_EXACT or not half:
            return f"text={_encoded(passage)}"
    head, tail = blocks[0], blocks[-1]
    enough = (n for n in range(EDGE_WORDS, len(head)) if text.find(" ".join(head[:n])) == span[0])
    start, end = " ".join(head[: next(enough, len(head))]), " ".join(tail[-EDGE_WORDS:])
    return f"text={_encoded(start)},{_encoded(end)}"


def with_fragment(address: str, directive: str) -> str:
    """Return an address with a text directive, after the fragment that it may have."""
    return f"{address}{':~:' if '#' in address else '#:~:'}{directive}"


def _encoded(words: str) -> str:
    return quote(words, safe="").replace("-", "%2D")  # a hyphen marks context there


def closest(sentence: str, texts: Iterable[tuple[str, str]], limit: int = 3) -> list[Near]:
    """Return the sentences of texts (identity, plain text) most like one, the most like first.

    Likeness is rapidfuzz's partial ratio, so that a part of a sentence finds it; case aside.
    """
    known: set[str] = set()
    best: list[Near] = []
    for text_id, text in texts:
        new = [s for s in _sentences(text) if len(s) * 2 >= len(sentence) and s not in known]
        known.update(new)
        found = process.extract(
            sentence, new, scorer=fuzz.partial_ratio, processor=str.casefold, limit=limit
        )
        best += [Near(score / 100, near, text_id) for near, score, _ in found]
        best = nlargest(limit, best, key=lambda near: near.likeness)
    return best


def _sentences(text: str) -> Iterator[str]:
    return (piece.strip() for piece in _SENTENCE_END.split(text) if piece.strip())
