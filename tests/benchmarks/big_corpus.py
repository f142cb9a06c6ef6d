"""A corpus of 100,000 versions: the texts of a real one, repeated with made changes.

Each site has ten versions of two captures each. Its versions are those of a policy of the base
corpus, one after the other, each with a paragraph of its own, so that no text stands twice and
versions that follow one another differ as real ones do.

    python tests/benchmarks/big_corpus.py BASE.duckdb BIG.duckdb [--versions 100000]
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pipelines.storage import schema  # noqa: E402
from pipelines.storage.store import Store  # noqa: E402

OF_SITE = 10
BATCH = 500  # sites
MADE = """
    CREATE OR REPLACE TEMP TABLE made AS
    SELECT site, number, base.*, left(md5(site::VARCHAR), 8) || '.example' AS domain,
        'https://www.' || left(md5(site::VARCHAR), 8) || '.example/privacy' AS url,
        'Clause ' || number || ' of site ' || site || ': we keep what you tell us for '
            || 10 * number + site % 7 || ' days, and share it with nobody else.' AS clause,
        TIMESTAMP '2001-01-01' + INTERVAL (site % 700) DAY + INTERVAL (number * 500) DAY AS moment
    FROM range(?::BIGINT, ?::BIGINT) AS sites(site), range(10) AS numbers(number)
    JOIN base ON base.policy = site % (SELECT max(policy) + 1 FROM base)
        AND base.place = number % base.versions"""
NEW = """
    CREATE OR REPLACE TEMP TABLE new AS
    SELECT site, number, sha256(title || chr(10) || given.body) AS new_id, texts.* REPLACE (
        given.body AS body, texts.plain || chr(10) || clause AS plain, texts.words + 22 AS words,
        left(sha256(clause), 32) AS fingerprint)
    FROM made JOIN base_corpus.texts AS texts USING (text_id),
        LATERAL (SELECT texts.body || chr(10) || chr(10) || clause AS body) AS given"""
TEXTS = "INSERT INTO texts SELECT {columns} FROM (SELECT * REPLACE (new_id AS text_id) FROM new)"
CHANGES = """
    INSERT INTO text_changes SELECT old.new_id, new.new_id, 40, 20, .97, 'substantive'
    FROM new AS old JOIN new ON new.site = old.site AND new.number = old.number + 1"""
CAPTURES = """
    INSERT INTO captures ({names})
    SELECT uuid(), 'wayback', domain, url, 'example,' || left(domain, 8) || ')/privacy', stamp, url,
        'text/html', 200, md5(stamp || url), 5000, 'text', 'versions', new_id, stamp, url,
        now()::TIMESTAMP, 'big'
    FROM (SELECT made.*, new_id,
        strftime(moment + INTERVAL (later * 200) DAY, '%Y%m%d%H%M%S') AS stamp
        FROM made JOIN new USING (site, number), range(2) AS twice(later))"""
CAPTURE_COLUMNS = (
    "capture_id, archive, domain, policy_url, urlkey, timestamp, original, mimetype, statuscode,"
    " digest, length, outcome, chosen_by, text_id, served_timestamp, served_url, fetched_at,"
    " listed_in"
)


def main() -> None:
    """Make it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("big", type=Path)
    parser.add_argument("--versions", type=int, default=100_000)
    given = parser.parse_args()
    make(given.base, given.big, given.versions)


def make(base: Path, big: Path, versions: int) -> None:
    """Write the corpus `big` of so many versions with the texts of the corpus `base`."""
    store = Store(big, "big", publish_seconds=10**9)
    store.take_reader("made")
    db = store.db
    db.execute("ATTACH ? AS base_corpus (READ_ONLY)", [str(base)])
    db.execute("""
        CREATE TEMP TABLE base AS
        SELECT dense_rank() OVER (ORDER BY domain, policy_id, language) - 1 AS policy, text_id,
            row_number() OVER history - 1 AS place,
            least(10, count(*) OVER (PARTITION BY domain, policy_id, language)) AS versions
        FROM base_corpus.policies WINDOW history AS
            (PARTITION BY domain, policy_id, language ORDER BY timestamp, snapshot_url)
        QUALIFY place < 10""")
    columns = ", ".join(column.name for column in schema.TEXTS.columns)
    sites = versions // OF_SITE
    for first in range(0, sites, BATCH):
        db.execute(MADE, [first, min(first + BATCH, sites)])
        db.execute(NEW)
        db.execute(TEXTS.format(columns=columns))
        db.execute(CHANGES)
        db.execute(CAPTURES.format(names=CAPTURE_COLUMNS))
    db.execute("DETACH base_corpus")
    store.close()


if __name__ == "__main__":
    main()
