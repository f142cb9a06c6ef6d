-- What is known of each year, and what could not be seen
SELECT year, count(DISTINCT domain) AS sites, sum(captures) AS captures, sum(fetched) AS fetched,
    sum(texts) AS with_text, sum(not_found) AS not_found, sum(blocked) AS blocked,
    sum(wrong_capture + not_archived + archive_error) AS not_played
FROM coverage WHERE year IS NOT NULL GROUP BY year ORDER BY year
