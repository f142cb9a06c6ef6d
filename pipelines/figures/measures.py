"""What is measured of each text: its reading grade, and which words of a vocabulary it has.

Only texts in English: the grade's formula and the vocabulary are of English.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Any

import duckdb
import syllapy
from tqdm import tqdm

from pipelines.batches import batches
from pipelines.figures.lists import Phrase
from pipelines.storage.duck import columns, unnest

LANGUAGE = "en"
_AT_ONCE = 2000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+\s+|\n+")  # a line ends a sentence, too, as in reading_grade

# A policy that several archives have a history of counts once.
_STANDING = f"""
CREATE OR REPLACE TEMP TABLE standing AS
SELECT year, domain, policy_id, text_id, words, carried
FROM policies_by_year WHERE language = '{LANGUAGE}'
QUALIFY row_number() OVER (
    PARTITION BY domain, policy_id, year
    ORDER BY least(last_seen, make_timestamp(year, 12, 31, 23, 59, 59.0)) DESC, first_seen DESC,
        archive
) = 1
"""
_LIVES = f"""
CREATE OR REPLACE TEMP TABLE lives AS
SELECT archive, domain, policy_id, min(first_seen) AS born, max(last_seen) AS seen
FROM policies WHERE language = '{LANGUAGE}' GROUP BY archive, domain, policy_id
QUALIFY row_number() OVER (PARTITION BY domain, policy_id ORDER BY seen - born DESC, archive) = 1
"""

# as they lie in the file: looked for by their ids, each batch would unpack the texts of all
_WANTED = f"""
SELECT rowid FROM texts
WHERE text_id IN (SELECT text_id FROM policies WHERE language = '{LANGUAGE}') ORDER BY rowid
"""


def measure(db: duckdb.DuckDBPyConnection, phrases: Sequence[Phrase]) -> None:
    """Make the temporary tables that the figures are made of; the corpus stays as it is.

    `standing`: the policy that stood at the end of each year. `lives`: how long each policy is
    known. `graded`: the Flesch-Kincaid grade of each text. `said`: the phrases that it has. Where
    several archives have a policy, `standing` has what was seen last in the year, and `lives` the
    archive that knows it longest.
    """
    db.execute(_STANDING)
    db.execute(_LIVES)
    _read_texts(db, phrases)


def flesch_kincaid(text: str) -> float | None:
    """Return the school year in the United States that a text in English asks for; None if it has
    no words.

    Source: Kincaid et al., "Derivation of new readability formulas" (Naval Technical Training
    Command, report 8-75, 1975).
    """
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    words = Counter(_WORD.findall(text.lower()))
    total = words.total()
    if not total:
        return None
    syllables = sum(count * _syllables(word) for word, count in words.items())
    return 0.39 * total / sentences + 11.8 * syllables / total - 15.59


@lru_cache(maxsize=200_000)
def _syllables(word: str) -> int:
    return max(1, int(syllapy.count(word)))


def _read_texts(db: duckdb.DuckDBPyConnection, phrases: Sequence[Phrase]) -> None:
    """Fill `graded` and `said`, with one look at each text."""
    db.execute("CREATE OR REPLACE TEMP TABLE graded (text_id VARCHAR, grade DOUBLE)")
    db.execute("CREATE OR REPLACE TEMP TABLE said (text_id VARCHAR, topic VARCHAR, phrase VARCHAR)")
    places = [place for (place,) in db.execute(_WANTED).fetchall()]
    matches = "".join(", regexp_matches(plain, ?, 'i')" for _ in phrases)
    query = f"SELECT text_id, plain{matches} FROM texts WHERE rowid IN (SELECT unnest(?::BIGINT[]))"
    patterns = [phrase.pattern for phrase in phrases]
    with tqdm(total=len(places), desc="texts", unit="", disable=None) as bar:
        for batch in batches(places, _AT_ONCE):
            rows = db.execute(query, [*patterns, batch]).fetchall()
            grades = [(key, flesch_kincaid(text)) for key, text, *_ in rows]
            said = [
                (key, phrase.topic, phrase.phrase)
                for key, _, *found in rows
                for phrase in compress(phrases, found)
            ]
            _insert(db, "graded", ["VARCHAR", "DOUBLE"], grades)
            _insert(db, "said", ["VARCHAR"] * 3, said)
            bar.update(len(batch))


def _insert(
    db: duckdb.DuckDBPyConnection, table: str, types: list[str], rows: list[tuple[Any, ...]]
) -> None:
    if rows:
        db.execute(f"INSERT INTO {table} {unnest(types)}", columns(rows))
