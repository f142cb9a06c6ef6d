"""Step 8: versions and changes, as SQL. A version is a longest run of captures of one policy with
the same text, and texts are the same if their fingerprints are. A policy may have moved from one
address to another (`pipelines.versioning.lineage`). Each language that it is in has a history of
its own; a text whose language nobody can tell is of the one that most of the policy's texts are in.

Only captures with a text count. A text counts at the time of the capture that was served, which
may not be the one asked for; captures that were served the same page are one observation.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler import timestamps
from crawler.outcomes import NOT_FETCHED

if TYPE_CHECKING:
    import duckdb

HEADER = (
    "> *The following text is extracted and transformed from the {domain} privacy policy that was "
    "archived on {date}. Please check the [original snapshot on {archive}]({url}) for "
    "the most accurate reproduction.*"
)

# of a row with `timestamp`, `original` and `location`, joined to `archives`
ADDRESS = """coalesce(archives.title, 'the Wayback Machine') AS place,
        timestamp || 'id_/' || replace(url_encode(original), '%2F', '/') AS snapshot,
        CASE WHEN place = 'the Wayback Machine' THEN 'https://web.archive.org/web/' || snapshot
            WHEN snapshots IS NOT NULL THEN snapshots || snapshot
            WHEN location LIKE 'http%' THEN location
            ELSE 'https://data.commoncrawl.org/' || split_part(location, ' ', 1) || '#'
                || split_part(location, ' ', 2) || '+' || split_part(location, ' ', 3)
                || '/' || snapshot
        END AS snapshot_url"""
HEADER_SQL = (
    "'" + HEADER.replace("{domain}", "' || domain || '")
    .replace("{archive}", "' || place || '")
    .replace("{date}", "' || strftime(first_seen, '%Y-%m-%d') || '")
    .replace("{url}", "' || snapshot_url || '") + "'"
)  # fmt: skip

POLICIES_VIEW = """
CREATE OR REPLACE VIEW policies AS
WITH observed AS (
    SELECT archive, domain, policy_url, coalesce(policy_id, policy_url) AS policy_id, until,
        coalesce(served_timestamp, timestamp) AS timestamp,
        coalesce(served_url, original) AS original,
        (captures.timestamp, captures.original, digest) AS capture,
        text_id, fingerprint, language, location
    FROM captures JOIN texts USING (text_id)
    LEFT JOIN lineage USING (archive, domain, policy_url)
), standing AS (
    SELECT *, count(*) OVER (PARTITION BY archive, domain, policy_id, language) AS of_language
    FROM observed
    QUALIFY until IS NULL OR timestamp <= until OR until < min(timestamp) OVER (
        PARTITION BY archive, domain, policy_url, fingerprint
    )
), spoken AS (
    SELECT * REPLACE (coalesce(language, arg_max(language, (of_language, language)) OVER (
        PARTITION BY archive, domain, policy_id
    ), '') AS language)
    FROM standing
), seen AS (
    SELECT archive, domain, policy_id, language, timestamp, original, text_id, fingerprint,
        min(policy_url) AS policy_url, min(location) AS location,
        count(DISTINCT capture) AS captures
    FROM spoken GROUP BY ALL
), numbered AS (
    SELECT *,
        row_number() OVER (history ORDER BY timestamp, original, text_id)
        - row_number() OVER (history_of_text ORDER BY timestamp, original, text_id) AS run
    FROM seen
    WINDOW history AS (PARTITION BY archive, domain, policy_id, language),
        history_of_text AS (PARTITION BY archive, domain, policy_id, language, fingerprint)
), versions AS (
    SELECT archive, domain, policy_id, language, fingerprint,
        min(timestamp) AS timestamp,
        arg_min(policy_url, (timestamp, original, policy_url)) AS policy_url,
        arg_min(original, (timestamp, original)) AS original,
        arg_min(location, (timestamp, original)) AS location,
        arg_min(text_id, (timestamp, original, text_id)) AS text_id,
        strptime(min(timestamp), '%Y%m%d%H%M%S') AS first_seen,
        strptime(max(timestamp), '%Y%m%d%H%M%S') AS last_seen,
        CAST(sum(captures) AS INTEGER) AS captures
    FROM numbered GROUP BY archive, domain, policy_id, language, fingerprint, run
), following AS (
    SELECT * EXCLUDE (title, snapshots),
        lag(last_seen) OVER history AS changed_after,
        row_number() OVER history_of_text > 1 AS returned,
        returned AND coalesce(alternates = lag(alternates) OVER history, false) AS variant,
        {address}
    FROM versions LEFT JOIN archives USING (archive)
    LEFT JOIN variants USING (archive, domain, policy_id, fingerprint)
    WINDOW history AS (
        PARTITION BY archive, domain, policy_id, language ORDER BY timestamp, original, text_id
    ), history_of_text AS (
        PARTITION BY archive, domain, policy_id, language, fingerprint
        ORDER BY timestamp, original, text_id
    )
)
SELECT domain, policy_url, timestamp,
    CAST(first_seen AS DATE) AS archived_on,
    snapshot_url, title,
    {header} || chr(10) || chr(10) || '# ' || title || chr(10) || chr(10) || body || chr(10)
        AS markdown,
    plain AS text, words, first_seen, last_seen, captures, text_id, archive,
    nullif(following.language, '') AS language, stated_date, changed_after,
    CASE WHEN changed_after IS NOT NULL THEN first_seen END AS changed_before, policy_id,
    returned, variant
FROM following JOIN texts USING (text_id)
"""

# versions, each with the text of the one before
FOLLOWING = """
    SELECT * EXCLUDE (markdown, text), lag(text_id) OVER history AS from_text_id,
        lag(stated_date) OVER history AS stated_before
    FROM {policies}
    WINDOW history AS (
        PARTITION BY archive, domain, policy_id, language ORDER BY timestamp, snapshot_url, text_id
    )"""
IS_CHANGE = "from_text_id IS NOT NULL AND NOT variant"  # which of FOLLOWING is a change

# The versions, and what is said of their beginnings. The captures in a bracket are joined, not
# counted version by version, so that DuckDB applies a condition on `domain` first.
BEGINNINGS = f"""
WITH following AS ({FOLLOWING.format(policies="policies")}
), counted AS (
    SELECT following.*, count(unread.timestamp) AS unseen
    FROM following LEFT JOIN captures AS unread ON
        (unread.archive, unread.domain, unread.policy_url) =
        (following.archive, following.domain, following.policy_url)
        AND unread.timestamp > strftime(changed_after, '%Y%m%d%H%M%S')
        AND unread.timestamp < strftime(changed_before, '%Y%m%d%H%M%S')
        AND outcome IN {tuple(map(str, NOT_FETCHED))}
    GROUP BY ALL
)
SELECT counted.*, words_added, words_removed, similarity, kind,
    CASE WHEN stated_date IS NOT NULL THEN stated_date IS DISTINCT FROM stated_before
        AND NOT returned AND stated_date + 1 < CAST(changed_after AS DATE) END AS backdated,
    stated_date = stated_before AND kind = 'substantive' AS silent
FROM counted LEFT JOIN text_changes AS compared
    ON (compared.from_text_id, compared.to_text_id) = (counted.from_text_id, text_id)
"""

CHANGES_VIEW = f"""
CREATE OR REPLACE VIEW changes AS
SELECT domain, policy_url, from_text_id, text_id AS to_text_id, changed_after, changed_before,
    date_diff('second', changed_after, changed_before) / 86400 AS days,
    words_added, words_removed, similarity, kind, stated_date, backdated, silent, archive,
    policy_id, language, returned, unseen
FROM ({BEGINNINGS}) WHERE {IS_CHANGE}
"""

_AT_ONCE = 25_000  # captures with a text, of which `policies` takes 2 kB each in memory
_MOST_RANGES = 250  # each of them is a scan
_RANGES = """
    SELECT min(domain), max(domain) FROM (
        SELECT domain, (sum(n) OVER (ORDER BY domain) - 1)
            // greatest(?, sum(n) OVER () // ?) AS part
        FROM (SELECT domain, count(*) AS n FROM captures WHERE text_id IS NOT NULL GROUP BY domain)
    ) GROUP BY part ORDER BY part"""


def domain_ranges(db: "duckdb.DuckDBPyConnection") -> list[tuple[str, str]]:
    """Return ranges of domains (first, last) to ask `policies` for one after another.

    Together they are all that have a text. Asked of all at once the view takes memory for all.
    """
    return db.execute(_RANGES, [_AT_ONCE, _MOST_RANGES]).fetchall()


def document(domain: str, timestamp: str, original: str, title: str, body: str) -> str:
    """Return the document of a capture (14-digit timestamp, address), as the view makes it."""
    date = timestamps.parse(timestamp).date().isoformat()
    url = f"https://web.archive.org/web/{timestamp}id_/{quote(original)}"
    header = HEADER.format(domain=domain, date=date, archive="the Wayback Machine", url=url)
    return f"{header}\n\n{untraced(title, body)}"


def untraced(title: str, body: str) -> str:
    """Return a document without its header: of a page of which nobody says where it is from."""
    return f"# {title}\n\n{body}\n"


def policies_view() -> str:
    """Return the statement that makes the view `policies`."""
    return POLICIES_VIEW.replace("{header}", HEADER_SQL).replace("{address}", ADDRESS)
