"""A policy's history drawn to scale: places on a picture. Pure.

Versions are bars from their first capture to their last; between two, the bracket of the change;
below, a tick for each capture; above, in a lane each, the length of the text from 0 words up and,
where it is known, its reading grade from the lowest to the highest. Sizes are in the units of the
picture, WIDTH by HEIGHT.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from pipelines.browse.site import PolicyHistory, Tick, VersionRow

WIDTH, HEIGHT = 1000, 214
LEFT, RIGHT = 18, 982
LENGTH_TOP, LENGTH_LOW = 16, 66  # the line of lengths
GRADE_TOP, GRADE_LOW = 82, 112  # that of reading grades
BAR_TOP, BAR_HEIGHT = 130, 22
TICK_TOP, TICK_HEIGHT = 166, 16
LEAST = 3.0  # a version seen once is still to be seen


@dataclass(frozen=True, slots=True)
class Bar:
    """A version on the picture; `y` is its length, `grade_y` its reading grade if known."""

    version: VersionRow
    x: float
    width: float
    y: float
    grade_y: float | None


@dataclass(frozen=True, slots=True)
class Bracket:
    """The time in which a change was made."""

    x: float
    width: float
    days: int  # at most
    y: float
    new_y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A capture, or a year, on the picture."""

    x: float
    name: str
    tick: Tick | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn of a history; `grades` are the lowest and the highest, if known."""

    bars: Sequence[Bar]
    brackets: Sequence[Bracket]
    ticks: Sequence[Mark]
    years: Sequence[Mark]
    longest: int
    grades: tuple[float, float] | None


def draw(history: PolicyHistory) -> Drawing:
    """Return a history's picture."""
    moments = [version.first_seen for version in history.versions]
    moments += [version.last_seen for version in history.versions]
    moments += [tick.moment for tick in history.captures]
    first, last = min(moments), max(moments)
    span = max((last - first).total_seconds(), 1.0)

    def place(moment: datetime) -> float:
        share = (moment - first).total_seconds() / span
        return round(LEFT + share * (RIGHT - LEFT), 1)

    longest = max((version.words for version in history.versions), default=0)

    def height(version: VersionRow) -> float:
        share = version.words / max(longest, 1)
        return round(LENGTH_LOW - share * (LENGTH_LOW - LENGTH_TOP), 1)

    known = [version.grade for version in history.versions if version.grade is not None]
    lowest, highest = min(known, default=0.0), max(known, default=0.0)

    def grade_height(version: VersionRow) -> float | None:
        if version.grade is None:
            return None
        share = (version.grade - lowest) / max(highest - lowest, 1.0)
        return round(GRADE_LOW - share * (GRADE_LOW - GRADE_TOP), 1)

    bars = [
        Bar(
            v,
            place(v.first_seen),
            max(place(v.last_seen) - place(v.first_seen), LEAST),
            height(v),
            grade_height(v),
        )
        for v in history.versions
    ]
    brackets = [
        Bracket(
            x=place(old.last_seen),
            width=place(new.first_seen) - place(old.last_seen),
            days=ceil((new.first_seen - old.last_seen) / timedelta(days=1)),
            y=height(old),
            new_y=height(new),
        )
        for old, new in zip(history.versions, history.versions[1:], strict=False)
    ]
    every = max(1, (last.year - first.year) // 12)
    years = [
        Mark(place(datetime(year, 1, 1, tzinfo=first.tzinfo)), str(year))
        for year in range(first.year + 1, last.year + 1, every)
    ]
    ticks = [Mark(place(tick.moment), tick.outcome, tick) for tick in history.captures]
    grades = (lowest, highest) if known else None
    return Drawing(bars, brackets, ticks, years, longest, grades)
