-- Median length and reading grade of English policies, by year
SELECT year, count(*) AS policies, median(words)::INTEGER AS words,
    round(median(reading_grade(text)), 1) AS grade
FROM policies_by_year WHERE language = 'en' GROUP BY year ORDER BY year
