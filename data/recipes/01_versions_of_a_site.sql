-- The versions of a site
SELECT archived_on, last_seen::DATE AS last_seen, changed_after::DATE AS changed_after, words,
    returned, title
FROM policies WHERE domain = 'northpantry.example' ORDER BY timestamp
