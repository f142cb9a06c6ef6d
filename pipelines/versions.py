"""Step 8: versions, as SQL: longest runs of captures of one policy with the same text.

Only captures with a text count. A text counts at the time of the capture that was served, which
may not be the one asked for; captures that were served the same page are one observation.
"""

from urllib.parse import quote

from crawler import timestamps

HEADER = (
    "> *The following text is extracted and transformed from the {domain} privacy policy that was "
    "archived on {date}. Please check the [original snapshot on the Wayback Machine]({url}) for "
    "the most accurate reproduction.*"
)

POLICIES_VIEW = """
CREATE OR REPLACE VIEW policies AS
WITH seen AS (
    SELECT archive, domain, policy_url,
        coalesce(served_timestamp, timestamp) AS timestamp,
        coalesce(served_url, original) AS original,
        text_id, count(*) AS captures
    FROM captures WHERE text_id IS NOT NULL
    GROUP BY ALL
), numbered AS (
    SELECT *,
        row_number() OVER (history ORDER BY timestamp, original, text_id)
        - row_number() OVER (history_of_text ORDER BY timestamp, original) AS run
    FROM seen
    WINDOW history AS (PARTITION BY archive, domain, policy_url),
        history_of_text AS (PARTITION BY archive, domain, policy_url, text_id)
), versions AS (
    SELECT archive, domain, policy_url, text_id,
        min(timestamp) AS timestamp,
        arg_min(original, (timestamp, original)) AS original,
        strptime(min(timestamp), '%Y%m%d%H%M%S') AS first_seen,
        strptime(max(timestamp), '%Y%m%d%H%M%S') AS last_seen,
        CAST(sum(captures) AS INTEGER) AS captures
    FROM numbered GROUP BY archive, domain, policy_url, text_id, run
), linked AS (
    SELECT *,
        'https://web.archive.org/web/' || timestamp || 'id_/'
        || replace(url_encode(original), '%2F', '/') AS snapshot_url
    FROM versions
)
SELECT domain, policy_url, timestamp,
    CAST(first_seen AS DATE) AS archived_on,
    snapshot_url, title,
    {header} || chr(10) || chr(10) || '# ' || title || chr(10) || chr(10) || body || chr(10)
        AS markdown,
    plain AS text, words, first_seen, last_seen, captures, text_id, archive,
    language, stated_date
FROM linked JOIN texts USING (text_id)
"""


def document(domain: str, timestamp: str, original: str, title: str, body: str) -> str:
    """Return the document of a capture (14-digit timestamp, address), as the view makes it."""
    date = timestamps.parse(timestamp).date().isoformat()
    url = f"https://web.archive.org/web/{timestamp}id_/{quote(original)}"
    header = HEADER.format(domain=domain, date=date, url=url)
    return f"{header}\n\n{untraced(title, body)}"


def untraced(title: str, body: str) -> str:
    """Return a document without its header: of a page of which nobody says where it is from."""
    return f"# {title}\n\n{body}\n"


def policies_view() -> str:
    """Return the statement that makes the view `policies`, with the header of every document."""
    header = (
        "'" + HEADER.replace("{domain}", "' || domain || '")
        .replace("{date}", "' || strftime(first_seen, '%Y-%m-%d') || '")
        .replace("{url}", "' || snapshot_url || '") + "'"
    )  # fmt: skip
    return POLICIES_VIEW.replace("{header}", header)
