"""Before and after a law: the same policies, quarter by quarter. Needs `measures.measure` first.

The panel is balanced: the policies known from before its first quarter to after its last. At each
moment the text is taken that was seen last; where a bracket lies around the moment, the new text
may have stood already.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from crawler.errors import InputError
from pipelines.figures.estimates import Estimate, median, share
from pipelines.figures.measures import LANGUAGE
from pipelines.figures.series import Figure, Point

LAWS = Path(__file__).parents[2] / "data" / "laws.csv"
QUARTERS = 4
_PANEL = f"""
CREATE OR REPLACE TEMP TABLE panel AS
WITH moments AS (
    SELECT q, $day::TIMESTAMP + INTERVAL (3 * q) MONTH AS moment
    FROM range(-$quarters, $quarters + 1) AS quarters(q)
), balanced AS (
    SELECT * FROM lives
    WHERE born <= (SELECT min(moment) FROM moments) AND seen >= (SELECT max(moment) FROM moments)
), versions AS (
    SELECT archive, domain, policy_id, first_seen, last_seen, words, text_id
    FROM policies WHERE language = '{LANGUAGE}'
)
SELECT q, moment, cell.domain, cell.policy_id, words, grade, moment > last_seen AS unsure,
    text_id IN (SELECT text_id FROM said WHERE topic = $topic) AS says
FROM (FROM moments CROSS JOIN balanced) AS cell ASOF JOIN versions
    ON cell.archive = versions.archive AND cell.domain = versions.domain
    AND cell.policy_id = versions.policy_id AND cell.moment >= versions.first_seen
JOIN graded USING (text_id)
"""


@dataclass(frozen=True, slots=True)
class Law:
    """A line of the calendar of laws."""

    law: str
    place: str
    in_force: date


@dataclass(frozen=True, slots=True)
class Event:
    """What a balanced panel says of a law.

    `words`, `grade`: the median of the policies' changes from the first moment to the last.
    `unsure`: the percentage of moments that lie in the bracket of a change.
    """

    law: Law
    policies: int
    words: Estimate
    grade: Estimate
    unsure: float
    figure: Figure


def read_laws(db: duckdb.DuckDBPyConnection, file: Path = LAWS) -> list[Law]:
    """Return a calendar of laws: a CSV file with law, place, in_force; InputError if it is none."""
    try:
        rows = db.execute(
            "SELECT law, place, in_force::DATE FROM read_csv(?) ORDER BY in_force, law", [str(file)]
        ).fetchall()
    except duckdb.Error as error:
        raise InputError(f"{file}: {str(error).splitlines()[0]}") from None
    return [Law(*row) for row in rows]


def study(
    db: duckdb.DuckDBPyConnection, law: Law, topic: str = "GDPR", quarters: int = QUARTERS
) -> Event | None:
    """Return what became of policies around a law, from as many quarters before as after it.

    `topic` is one of the vocabulary. None if no policy is known for all of that time.
    """
    given = {"day": law.in_force, "quarters": quarters, "topic": topic}
    db.execute(_PANEL, given)
    rows = db.execute(
        "SELECT moment::DATE, list(words), list(grade), count(*) FILTER (says), count(*),"
        " count(*) FILTER (unsure) FROM panel GROUP BY q, moment ORDER BY q"
    ).fetchall()
    if not rows:
        return None
    cells, unsure = sum(row[4] for row in rows), sum(row[5] for row in rows)
    lines = {
        "words": [Point(row[0], median(row[1]), row[5]) for row in rows],
        "reading grade": [Point(row[0], median(row[2]), row[5]) for row in rows],
        f"% with a phrase of {topic}": [
            Point(row[0], share(row[3], row[4]), row[5]) for row in rows
        ],
    }
    share_unsure = 100 * unsure / cells
    figure = Figure(
        name=f"law_{law.in_force}",
        title=f"Around {law.law} ({law.place}, {law.in_force})",
        unit="",
        said=_said(rows[0][4], quarters, share_unsure),
        lines=lines,
    )
    return Event(law, rows[0][4], *_changes(db, quarters), share_unsure, figure)


def _said(policies: int, quarters: int, unsure: float) -> str:
    of = "The one policy" if policies == 1 else f"The same {policies:,} policies"
    return (
        f"{of} in English at each quarter, known from {quarters} quarters before the law to"
        f" {quarters} after it. Medians (exact) and shares (Wilson) with their 95 % intervals;"
        " a median of fewer than six has none. The text taken is the one that was seen last: of"
        f" {unsure:.0f} % of the moments it is not known whether the next one stood already. What"
        " comes after a law need not come from it."
    )


def _changes(db: duckdb.DuckDBPyConnection, quarters: int) -> tuple[Estimate, Estimate]:
    """Return the median changes of words and of the grade, policy by policy, over the panel."""
    rows = db.execute(
        """SELECT later.words - earlier.words, later.grade - earlier.grade
        FROM panel AS earlier JOIN panel AS later USING (domain, policy_id)
        WHERE earlier.q = -$quarters AND later.q = $quarters""",
        {"quarters": quarters},
    ).fetchall()
    words, grades = zip(*rows, strict=True)
    return median(words), median(grades)
