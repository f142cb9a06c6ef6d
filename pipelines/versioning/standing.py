"""Step 8, read: which version of a policy stood when. Views over `policies`."""

_COLUMNS = (
    "domain, policy_url, policy_id, archive, language, timestamp, snapshot_url, title, text, words,"
    " text_id, first_seen, last_seen, captures"
)
_HISTORY = "PARTITION BY archive, domain, policy_id, language"
_LATEST = "first_seen DESC, snapshot_url DESC, text_id DESC"

CURRENT_VIEW = f"""
CREATE OR REPLACE VIEW current_policies AS
SELECT {_COLUMNS} FROM policies
QUALIFY row_number() OVER ({_HISTORY} ORDER BY {_LATEST}) = 1
"""

# A version stands until the next is seen: that it ended earlier is not known.
BY_YEAR_VIEW = f"""
CREATE OR REPLACE VIEW policies_by_year AS
WITH following AS (
    SELECT {_COLUMNS},
        lead(first_seen) OVER ({_HISTORY} ORDER BY first_seen, snapshot_url, text_id) AS succeeded
    FROM policies
), standing AS (
    SELECT unnest(range(year(first_seen), year(coalesce(succeeded, last_seen)) + 1)) AS year, *
    FROM following
)
SELECT year, {_COLUMNS}, year > year(last_seen) AS carried FROM standing
QUALIFY row_number() OVER ({_HISTORY}, year ORDER BY {_LATEST}) = 1
"""

# The Automated Readability Index (Smith and Senter, AMRL-TR-66-220, 1967): school years of English.
# A line ends a sentence, too.
READING_GRADE = r"""
CREATE OR REPLACE MACRO reading_grade(given) AS
    4.71 * length(regexp_replace(given, '[^\p{L}\p{N}]+', '', 'g'))
        / nullif(length(regexp_extract_all(given, '[\p{L}\p{N}]+')), 0)
    + 0.5 * length(regexp_extract_all(given, '[\p{L}\p{N}]+')) / nullif(length(list_filter(
        regexp_split_to_array(given, '[.!?]+\s+|\n+'),
        lambda part: regexp_matches(part, '[\p{L}\p{N}]')
    )), 0)
    - 21.43
"""
