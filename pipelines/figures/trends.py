"""Trends: the policies that stand at the end of each year, after the figures of Amos et al.,
"Privacy Policies over Time" (WWW 2021), which has half-years.

All need `measures.measure` first.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import duckdb

from pipelines.figures.estimates import median, share
from pipelines.figures.lists import Phrase
from pipelines.figures.series import Figure, Point, readable

_OF = (
    "Policies in English that stood at the end of each year (of the last year, when the last of"
    " them was seen), from the first capture with a text to the last; one that nobody saw in a year"
    " is carried over from before. They are not the same policies each year: n says how many."
)
_MEDIANS = (
    "Medians, and the values that one policy in ten is above and below, with their exact 95 %"
    " intervals; where there are too few policies for one, the marker is hollow."
)
_SHARES = "Shares with their 95 % intervals (Wilson)."
_ENDS = """
    least(make_date(year, 12, 31), (SELECT max(seen)::DATE FROM lives))
"""


def length(db: duckdb.DuckDBPyConnection) -> Figure:
    """Return how many words policies have."""
    rows = db.execute(
        f"SELECT year, {_ENDS}, list(words), count(*) FILTER (carried)"
        " FROM standing GROUP BY 1 ORDER BY 1"
    ).fetchall()
    lines = {name: _quantiles(rows, at) for name, at in _SPREAD.items()}
    return Figure("length", "Length of policies", "words", f"{_OF} {_MEDIANS}", lines)


def reading_grade(db: duckdb.DuckDBPyConnection) -> Figure:
    """Return how many years of school policies ask for (Flesch-Kincaid)."""
    rows = db.execute(
        f"SELECT year, {_ENDS}, list(grade), count(*) FILTER (carried)"
        " FROM standing JOIN graded USING (text_id) WHERE grade IS NOT NULL GROUP BY 1 ORDER BY 1"
    ).fetchall()
    lines = {name: _quantiles(rows, at) for name, at in _SPREAD.items()}
    said = (
        f"{_OF} {_MEDIANS} The end of a line ends a sentence,"
        " without which headings and lists would make the grade several years higher."
    )
    return Figure("reading_grade", "Reading grade (Flesch-Kincaid)", "school years", said, lines)


def phrases(db: duckdb.DuckDBPyConnection, vocabulary: Sequence[Phrase], topic: str) -> Figure:
    """Return the share of policies that say each phrase of a topic."""
    wanted = list(dict.fromkeys(p.phrase for p in vocabulary if p.topic == topic))
    lines = {phrase: _shares(db, "topic = ? AND phrase = ?", topic, phrase) for phrase in wanted}
    place = list(dict.fromkeys(p.topic for p in vocabulary)).index(topic) + 1
    name = f"phrases_{place}_{readable(topic)}"
    return Figure(name, f"Phrases: {topic}", "% of policies", f"{_OF} {_SHARES}", lines)


def topics(db: duckdb.DuckDBPyConnection, name: str, title: str, wanted: Iterable[str]) -> Figure:
    """Return the share of policies that say any phrase of each of some topics."""
    lines = {topic: _shares(db, "topic = ?", topic) for topic in wanted}
    return Figure(name, title, "% of policies", f"{_OF} {_SHARES}", lines)


_SPREAD = {"median": 0.5, "90th percentile": 0.9, "10th percentile": 0.1}


def _quantiles(rows: Iterable[tuple[int, date, list[float], int]], at: float) -> list[Point]:
    return [Point(str(year), end, median(values, at), rest) for year, end, values, rest in rows]


def _shares(db: duckdb.DuckDBPyConnection, condition: str, *given: Any) -> list[Point]:
    rows = db.execute(
        f"""SELECT year, {_ENDS},
            count(*) FILTER (text_id IN (SELECT text_id FROM said WHERE {condition})),
            count(*), count(*) FILTER (carried)
        FROM standing GROUP BY 1 ORDER BY 1""",
        given,
    ).fetchall()
    return [Point(str(year), end, share(having, of), rest) for year, end, having, of, rest in rows]
