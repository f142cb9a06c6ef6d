-- The third parties that a site's policy names, version by version (kinds and names of an English list)
SELECT archived_on, list(party ORDER BY party) AS names
FROM policies JOIN read_csv('data/third_parties.csv') AS parties
    ON regexp_matches(text, pattern, 'i')
WHERE domain = 'loopwheel.example' GROUP BY archived_on, timestamp ORDER BY timestamp
